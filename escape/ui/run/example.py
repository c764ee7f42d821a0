"""The examples that a page can open on: recorded or demo players, run once per server.

Readers' stored marks are used. If the demo players lack some, the room alone decides.
"""

import streamlit as st

from escape.puzzles import RECORDED, answered_by, by_difficulty, files, recorded_players, scripted_players
from escape.runs import LOOP, Execution, make_plan, new_run
from escape.runs.file import GrowingRun
from escape.types import JudgeSpec, ModelSpec, Puzzle, Run, RunConfig
from escape.ui.session import EXAMPLE

WAIT_S = 30.0


def of_rooms() -> Run | None:
    """Find or build the example: recorded models, else demo players. None if neither have answers."""
    return _of_recorded(str(files.standard())) or of_script()


def of_script() -> Run | None:
    """Find or build the demo players' run, with readers' marks if they are complete."""
    return _of_script(str(files.standard()))


@st.cache_resource(show_spinner=False)  # who comes second waits for the first instead of doing it again
def _of_script(source: str) -> Run | None:
    """Build the demo players' run. `source` is the cache's key, one for each folder of puzzles."""
    puzzles = list(files.shared(files.standard()))
    players = [s for s in scripted_players(puzzles) if s.provider == "demo"]
    chosen = answered_by(players, puzzles)
    if not players or not chosen:
        return None
    ids = tuple(p.problem_id for p in chosen)
    run = _run_marked(
        RunConfig(players=tuple(players), judge=JudgeSpec(design="readers"), problem_ids=ids), chosen
    )
    if not all(r.verdict for r in run.results):  # puzzles of one's own, or mended ones, have no readers
        return _run_marked(run.config.model_copy(update={"judge": JudgeSpec()}), chosen)
    return run


@st.cache_resource(show_spinner=False)
def _of_recorded(source: str) -> Run | None:
    """Build the run of the first two recorded models on the sets easy and rooms.

    None if other puzzles are in use.
    """
    if source != str(files.BUNDLED) or not recorded_players():
        return None
    players = tuple(ModelSpec(provider=RECORDED, model=name) for name in list(recorded_players())[:2])
    rooms = [p for name in (files.EASY, files.ROOMS) for p in files.shared_set(name)]
    chosen = by_difficulty(answered_by(players, rooms))
    if not chosen:
        return None
    ids = tuple(p.problem_id for p in chosen)
    return _run_marked(RunConfig(players=players, judge=JudgeSpec(design="readers"), problem_ids=ids), chosen)


def _run_marked(config: RunConfig, chosen: list[Puzzle]) -> Run:
    start = new_run(config, chosen, EXAMPLE)
    growing = GrowingRun.of(start)
    LOOP.ask(Execution(make_plan(start, lambda spec: None)).run(growing), WAIT_S)
    by_trial = {r.trial: r for r in growing.run.results}
    return start.model_copy(update={"results": tuple(by_trial[t] for t in config.trials() if t in by_trial)})
