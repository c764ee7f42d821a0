"""Small runs made by hand, for tests whose figures can be worked out on paper."""

import asyncio
from collections.abc import Sequence

from escape.models import parse
from escape.puzzles.recorded import FOLDER, recorded_players
from escape.runs import Execution, make_plan, new_run
from escape.runs.file import GrowingRun, jsonl, load
from escape.types import (
    Answer,
    Checklist,
    Failure,
    FailureKind,
    ModelSpec,
    MoveResult,
    Outcome,
    Puzzle,
    Result,
    Run,
    RunConfig,
    Scores,
    Setup,
    Solution,
    Tick,
    Trial,
    Verdict,
    Works,
)

A, B, C = (ModelSpec(provider="demo", model=m) for m in "abc")


def puzzle(name: str, *, herrings: bool = True, family: str = "") -> Puzzle:
    return Puzzle(
        problem_id=name,
        title=f"Room {name}",
        family=family,
        setup=Setup(scenario="a room", available_items=("key", "brick"), constraints=()),
        physical_principles=("force", "friction"),
        red_herrings=("brick",) if herrings else (),
        solution=Solution(steps=("turn it", "pull it"), key_insights=()),
    )


def puzzles(n: int, *, herrings: bool = True) -> list[Puzzle]:
    return [puzzle(f"P{i}", herrings=herrings) for i in range(n)]


def checklist(
    *,
    principles: str = "11",
    steps: str = "11",
    herrings: str = "0",
    works: Works = "yes",
    attempted: bool = True,
) -> Checklist:
    """One sign an item: 1 met, 0 not, ? without evidence."""

    def ticks(signs: str) -> tuple[Tick, ...]:
        return tuple(
            Tick(text=f"item {i}", met=s == "1", evidence_missing=s == "?") for i, s in enumerate(signs)
        )

    return Checklist(
        principles=ticks(principles),
        steps=ticks(steps),
        herrings=ticks(herrings),
        works=works,
        attempted=attempted,
    )


def verdict(
    pus: float, sps: float, rhh: float | None = 1, items: Checklist | None = None, judge: str = "j"
) -> Verdict:
    return Verdict(judge=judge, scores=Scores(pus=pus, sps=sps, rhh=rhh), checklist=items)


def outcome(
    *,
    out: bool = False,
    moves: int = 3,
    shortest: int = 2,
    progress: float = 0.0,
    touched: Sequence[str] = (),
    lost_at: int | None = None,
    gave_up: bool = False,
    unread: int = 0,
    idle: int = 0,
) -> Outcome:
    """What became of a plan: `unread` lines that nobody could read, `idle` moves that changed nothing."""
    steps = [MoveResult(move="?", said="", understood=False)] * unread + [
        MoveResult(move="m", said="", changed=False)
    ] * idle
    return Outcome(
        out=out,
        moves=moves,
        shortest=shortest,
        progress=1.0 if out else progress,
        herrings_touched=tuple(touched),
        lost_at=lost_at,
        gave_up=gave_up,
        steps=tuple(steps),
    )


def result(
    where: str,
    who: ModelSpec | str,
    mark: Verdict | None = None,
    room: Outcome | None = None,
    repeat: int = 1,
    *,
    failed: str = "",
    answer: Answer | None = None,
) -> Result:
    """`failed`: the stage at which it failed, "player" or "judge"."""
    player = who if isinstance(who, str) else who.name
    given = None if failed == "player" else answer or Answer(text="x", cost_usd=0.0)
    failure = (
        Failure(
            stage="judge" if failed == "judge" else "player", kind=FailureKind.TIMEOUT, message="too slow"
        )
        if failed
        else None
    )
    return Result(
        trial=Trial(problem_id=where, player=player, repeat=repeat),
        answer=given,
        outcome=room,
        verdict=mark,
        failure=failure,
    )


def run_of(
    given: Sequence[Puzzle], results: Sequence[Result], players: Sequence[ModelSpec] = (A, B), **more: object
) -> Run:
    config = RunConfig(players=tuple(players), problem_ids=tuple(p.problem_id for p in given), **more)
    return new_run(config, list(given)).model_copy(update={"results": tuple(results)})


def run_with(given: Sequence[Puzzle], names: Sequence[str], **more: object) -> Run:
    """A run in which scripted players really play. `more`: of its configuration."""
    config = RunConfig(
        players=tuple(map(parse, names)), problem_ids=tuple(p.problem_id for p in given)
    ).model_copy(update=more)
    start = new_run(config, given)
    return carried_out(start)


def carried_out(start: Run, execution: Execution | None = None) -> Run:
    """What a run becomes in memory, by its own players and judge."""
    growing = GrowingRun.of(start)
    asyncio.run((execution or Execution(make_plan(start, lambda spec: None))).run(growing))
    return growing.run


def dumps(run: Run) -> str:
    """A run's whole file as text."""
    return b"".join(jsonl.run_lines(run)).decode()


def listed_price(model: str, provider: str, quarter: int, of_input: str = "") -> tuple[float, float] | None:
    """Instead of `prices._listed_price`: some prices that no provider changes."""
    prices = {
        "gpt-4o": (2.5e-6, 1e-5),
        "gpt-5": (1.25e-6, 1e-5),
        "claude-haiku": (1e-6, 5e-6),
        "o3": (2e-6, 8e-6),
    }
    usual = prices.get(model)
    share = 0.1 if of_input.startswith("cache_read") else 1.25 if of_input else 1.0
    return None if usual is None else (usual[0] * share, usual[1])


def recorded_results(name: str) -> list[tuple[Puzzle, Result]]:
    """Every answer in the files of a recorded player, with its puzzle as it was then."""
    runs = [load(str(FOLDER / file)) for file in recorded_players()[name].files]
    return [(run.puzzle_by_id[r.trial.problem_id], r) for run in runs for r in run.results]
