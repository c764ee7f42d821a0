"""Pairs and by heart: what a run with twists says, where it says it, and what it does not mix up."""

import random
from collections.abc import Sequence

import pytest

from escape.metrics import METRICS
from escape.puzzles import files
from escape.results import doors, ranking, results_sentence, twists_sentence
from escape.results.comparing import RobustnessInputs, compared
from escape.results.sets import twisted
from escape.runs import new_run
from escape.stats import share_interval
from escape.types import (
    Answer,
    Failure,
    FailureKind,
    ModelSpec,
    Outcome,
    Puzzle,
    Result,
    Run,
    RunConfig,
    Trial,
)


@pytest.fixture(scope="module")
def puzzles() -> list[Puzzle]:
    return files.in_set(files.BUNDLED, files.TWISTS)


def played(puzzles: Sequence[Puzzle], out: dict[str, set[str]], repeats: int = 1) -> Run:
    """A run in which each player gets out of these rooms."""
    players = tuple(ModelSpec(provider="openai", model=name) for name in out)
    config = RunConfig(players=players, problem_ids=tuple(p.problem_id for p in puzzles), repeats=repeats)
    results = tuple(
        Result(
            trial=Trial(problem_id=p.problem_id, player=f"openai:{name}", repeat=repeat),
            answer=Answer(text="Moves:\ntake: it", model=name, cost_usd=0.0),
            outcome=Outcome(out=p.problem_id in rooms, moves=3, shortest=2, progress=0.0),
        )
        for repeat in range(1, repeats + 1)
        for name, rooms in out.items()
        for p in puzzles
    )
    return new_run(config, puzzles).model_copy(update={"results": results})


def test_originals_twists_and_both_are_counted_and_memory_is_named_if_sure(puzzles: list[Puzzle]) -> None:
    every = {p.problem_id for p in puzzles}
    originals = {i for i in every if not i.endswith(".twist")}
    run = played(puzzles, {"deep": every - {"MAG_001.twist"}, "rote": originals})
    deep, rote = twisted(run)
    assert (deep.originals, deep.twists, deep.both, deep.of, deep.remembers) == (12, 11, 11, 12, False)
    assert (rote.originals, rote.twists, rote.both, rote.remembers) == (12, 0, 0, True)
    told = twists_sentence(run)
    assert "deep 12, 11, 11 of 12; rote 12, 0, 0 of 12" in told
    assert "rote may have memorised the originals" in told


def test_of_two_twists_of_one_room_the_last_counts_and_one_that_nobody_played_harms_nothing(
    puzzles: list[Puzzle],
) -> None:
    twist = next(p for p in puzzles if p.twist_of)
    own = twist.model_copy(update={"problem_id": "MINE"})
    run = played([*puzzles, own], {"a": {p.problem_id for p in puzzles}})
    without = [r for r in run.results if r.trial.problem_id != "MINE"]
    (line,) = twisted(run.model_copy(update={"results": tuple(without)}))
    assert line.of == sum(bool(p.twist_of) for p in puzzles) - 1


def test_twists_have_no_part_in_the_share_of_rooms_nor_in_its_doors(puzzles: list[Puzzle]) -> None:
    every = {p.problem_id for p in puzzles}
    run = played(puzzles, {"deep": every, "rote": {i for i in every if not i.endswith(".twist")}})
    found = ranking(run, METRICS["verified"])
    assert [s.rooms_out for s in found.standings] == [12, 12]
    bands = doors.doors(run, METRICS["verified"])
    assert [(band.name, {len(row.doors) for row in band.rows}) for band in bands] == [
        ("rooms", {12}),
        ("twists", {12}),
    ]


def test_both_forms_are_joined_by_their_repeat(puzzles: list[Puzzle]) -> None:
    pair = [p for p in puzzles if p.problem_id in ("VAC_001", "VAC_001.twist")]
    run = played(pair, {"deep": set()}, repeats=2)
    gone = [
        r.model_copy(update={"outcome": r.outcome.model_copy(update={"out": out})})
        for r, out in zip(run.results, (True, False, False, True), strict=True)
        if r.outcome
    ]
    (line,) = twisted(run.model_copy(update={"results": tuple(gone)}))
    assert (line.originals, line.twists, line.both) == (0.5, 0.5, 0.0)


def test_alone_twists_are_rooms_like_any_others(puzzles: list[Puzzle]) -> None:
    alone = [p for p in puzzles if p.twist_of]
    run = played(alone, {"deep": {"VAC_001.twist"}})
    assert "deep gets out of 1 of 12 rooms" in results_sentence(ranking(run, METRICS["verified"]))
    assert twisted(run) == []


def test_equal_players_seldom_differ_in_pairs_and_the_interval_covers() -> None:
    dice, rooms, times = random.Random(5), 12, 600
    different = covered = 0
    for _ in range(times):
        hard = [dice.random() for _ in range(rooms)]  # both players find the same rooms hard
        draw = [{str(n): float(dice.random() < p) for n, p in enumerate(hard)} for _ in range(2)]
        values = {"a": draw[0], "b": draw[1]}
        order = sorted(values, key=lambda p: -sum(values[p].values()))
        (pair,) = compared(order, values, RobustnessInputs(values, values, values, values, 1.0))
        different += pair.decided
        share = dice.uniform(0.1, 0.9)
        hits = sum(dice.random() < share for _ in range(rooms))
        span = share_interval(hits, rooms)
        covered += span.low is not None and span.high is not None and span.low <= share <= span.high
    assert different / times <= 0.055
    assert covered / times >= 0.935


def lost_call(run: Run, problem_id: str, player: str = "openai:deep", repeat: int = 1) -> Result:
    trial = Trial(problem_id=problem_id, player=player, repeat=repeat)
    return Result(trial=trial, failure=Failure(stage="player", kind=FailureKind.TIMEOUT, message="m"))


def test_a_failed_call_on_a_twist_says_nothing_of_rooms(puzzles: list[Puzzle]) -> None:
    every = {p.problem_id for p in puzzles}
    plain = played(puzzles, {"deep": every, "rote": set()})
    gone = plain.results[[r.trial.problem_id for r in plain.results].index("VAC_001.twist")].trial
    kept = [r for r in plain.results if r.trial != gone]
    run = plain.model_copy(update={"results": (*kept, lost_call(plain, gone.problem_id))})
    (pair,) = ranking(run, METRICS["verified"]).pairs
    assert (pair.comparison, pair.doubted) == ("ahead", False)
