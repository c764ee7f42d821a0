"""Runs of every kind, and one in which everything goes wrong: for tests of what is made of runs."""

from functools import cache
from random import Random

from escape.puzzles import files
from escape.types import Answer, Failure, FailureKind, ModelSpec, Puzzle, Repair, Result, Run, Trial, Turn
from tests.small_runs import checklist, outcome, run_of, run_with, verdict

# a new puzzle changes nothing
KEPT = "BAL_001 BAL_002 BAL_003 CIPHER_001 COLLAB_001 FLUID_001 UV_001 VAC_001".split()

PLAYERS = (
    ModelSpec(provider="openai", model="large", max_tokens=4_000, own_budget=True),
    ModelSpec(provider="openai", model="large", max_tokens=500, own_budget=True),
    ModelSpec(provider="anthropic", model="small", effort="low"),
    ModelSpec(provider="demo", model="careful"),
)


def signs(random: Random, n: int) -> str:
    return "".join("110?"[int(random.random() * 4)] for _ in range(n))


def happened(random: Random, trial: Trial, puzzle: Puzzle, skill: float) -> Result:
    """What became of one trial, drawn: whatever a run can hold."""
    at = {"trial": trial, "started_at": "2026-01-01T00:00:00+00:00", "ended_at": "2026-01-01T00:01:00+00:00"}
    fate, out = random.random(), random.random() < skill
    if fate < 0.08:
        why = Failure(
            stage="player", kind=random.choice([FailureKind.TIMEOUT, FailureKind.BUDGET]), message="so it was"
        )
        return Result(**at, failure=why)
    if fate < 0.1:
        turn = Turn(number=1, answer=Answer(text="Move: look", cost_usd=0.003), move="look", reply="Nothing.")
        return Result(**at, turns=(turn,))
    answer = Answer(
        text="a plan\n1. pull: it" if fate > 0.2 else "",
        reasoning="I think" if out else "",
        input_tokens=900,
        output_tokens=int(200 + 600 * random.random()),
        cost_usd=round(0.05 * random.random(), 4) if trial.player.startswith("openai") else None,
        finish_reason=random.choice(["stop", "stop", "stop", "length", "filter", "refusal"]),
        latency_s=4.0,
        attempts=1 + (fate > 0.9),
    )
    room = outcome(
        out=out,
        moves=3 + int(4 * random.random()),
        progress=round(random.random(), 2),
        touched=puzzle.red_herrings[:1] if fate > 0.7 else (),
        lost_at=None if out or fate > 0.5 else 2,
        gave_up=0.3 < fate < 0.4,
        unread=int(3 * random.random()),
        idle=int(2 * random.random()),
    )
    if fate < 0.14:
        lost = Failure(stage="judge", kind=FailureKind.OVERLOADED, message="too busy", cost_usd=0.01)
        return Result(**at, answer=answer, outcome=room, failure=lost)
    items = checklist(
        principles=signs(random, len(puzzle.physical_principles)),
        steps=signs(random, len(puzzle.solution.steps)),
        herrings=signs(random, len(puzzle.red_herrings)),
        works=random.choice(["yes", "partly", "no", "undecided"]),
        attempted=fate > 0.2,
    )
    mark = verdict(
        pus=random.choice([0, 0.5, 1, 2]),
        sps=random.choice([0, 1, 1.5, 2]),
        rhh=random.choice([0, 1]) if puzzle.red_herrings else None,
        items=items if fate < 0.9 else None,
        judge="openai:judge",
    )
    return Result(
        **at,
        answer=answer,
        outcome=room,
        verdict=mark,
        repair=Repair(lines=2, answer=Answer(text="pull: it", cost_usd=0.001)) if fate > 0.8 else None,
    )


def rooms(which: str) -> list[Puzzle]:
    """The bundled rooms that tests keep to, or their twists: a new room is none of them."""
    there = files.load(files.sets_in(files.BUNDLED)[which])
    return [p for p in there if {p.problem_id, p.twist_of} & {*KEPT}]


def everything_goes_wrong() -> Run:
    first = rooms(files.ROOMS)
    given = [*first, *rooms(files.TWISTS)]
    run = run_of(given, [], PLAYERS, repeats=3, max_cost_usd=2.0)
    random, skill = Random(33), {player.name: 0.8 - 0.2 * n for n, player in enumerate(PLAYERS)}
    results = [
        happened(random, trial, run.puzzle_by_id[trial.problem_id], skill[trial.player])
        for trial in run.config.trials()
        if random.random() < 0.97
    ]
    return run.model_copy(update={"results": tuple(results)})


KINDS = ["rooms", "rooms by moves", "everything goes wrong"]


@cache
def every_kind() -> dict[str, Run]:
    demo, kept = ["demo:careful", "demo:hasty", "demo:hoarder"], rooms(files.ROOMS)
    return {
        "rooms": run_with(kept, [*demo, "control:guesser"]),
        "rooms by moves": run_with(kept, demo, protocol="move by move"),
        "everything goes wrong": everything_goes_wrong(),
    }
