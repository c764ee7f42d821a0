"""The result that a page opens on: the demo players on the puzzles at hand, run once for all visitors, free."""

from __future__ import annotations

import streamlit as st

from escape import models
from escape.puzzles import files
from escape.records import Result, Run, RunConfig, Trial
from escape.runs import LOOP, Assembly, new_run
from escape.ui.session import EXAMPLE

WAIT_S = 30.0


def example() -> Run | None:
    """The example, made at the first visit; None where the demo players have no answer to any puzzle at hand."""
    return _made(str(files.standard()))


@st.cache_resource(show_spinner=False)  # who comes second waits for the first instead of doing it again
def _made(source: str) -> Run | None:
    """`source` tells the examples of different sets apart."""
    known = list(files.shared(files.standard()))
    players = [s for s in models.scripted_players(known) if s.provider == "demo"]
    mute = {p.problem_id for s in players for p in models.unanswered_puzzles(s, known)}
    chosen = [p for p in known if p.problem_id not in mute]
    if not players or not chosen:
        return None
    config = RunConfig(players=tuple(players), problem_ids=tuple(p.problem_id for p in chosen))
    found: dict[Trial, Result] = {}
    work = Assembly(config, chosen, lambda spec: None)
    LOOP.ask(work.run(list(config.trials()), {}, lambda result: found.update({result.trial: result})), WAIT_S)
    in_order = tuple(found[t] for t in config.trials() if t in found)
    return new_run(config, chosen, EXAMPLE).model_copy(update={"results": in_order})
