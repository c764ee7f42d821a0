"""Pairs and by heart: what a run with twists says, where it says it, and what it does not mix up."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Sequence
from html import escape

import pytest

from escape.metrics import METRICS
from escape.puzzles import files
from escape.results import card, doors, pairs, ranking, results_sentence, twists_sentence, twists_table, what_if
from escape.results.comparing import Doubts, compared
from escape.results.csv import to_csv
from escape.results.pairs import twisted
from escape.results.pictures.understanding import dots
from escape.runs import new_run
from escape.stats import share_interval
from escape.types import (
    Answer,
    Failure,
    FailureKind,
    Foreseen,
    Foresight,
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


def played(puzzles: Sequence[Puzzle], out: dict[str, set[str]], by_heart: set[str]) -> Run:
    """A run in which each player gets out of these rooms, and loses some of the others by heart."""
    players = tuple(ModelSpec(provider="openai", model=name) for name in out)
    config = RunConfig(players=players, problem_ids=tuple(p.problem_id for p in puzzles))
    results = tuple(
        Result(
            trial=Trial(problem_id=p.problem_id, player=f"openai:{name}", budget=players[0].budget),
            answer=Answer(text="Moves:\ntake: it", model=name, cost_usd=0.0),
            outcome=Outcome(
                out=p.problem_id in rooms,
                moves=3,
                shortest=2,
                progress=0.0,
                by_heart=p.problem_id in by_heart and p.problem_id not in rooms,
            ),
        )
        for name, rooms in out.items()
        for p in puzzles
    )
    return new_run(config, puzzles).model_copy(update={"results": results})


@pytest.fixture(scope="module")
def run(puzzles: list[Puzzle]) -> Run:
    every = {p.problem_id for p in puzzles}
    originals = {i for i in every if not i.endswith(".twist")}
    lost = {"VAC_001.twist", "BAL_002.twist"}
    return played(puzzles, {"deep": every - {"MAG_001.twist"}, "rote": originals}, lost | {"MAG_001.twist"})


def test_a_pair_counts_where_both_are_right_and_losses_by_heart_are_told_apart(run: Run) -> None:
    deep, rote = twisted(run).lines
    assert (deep.name, deep.out, deep.twists, deep.no_way, deep.of_no_way) == ("deep", 11, 12, 2, 3)
    assert deep.pairs == share_interval(11, 12)
    assert rote.pairs == share_interval(0, 12)
    assert (deep.lost, deep.by_heart, rote.lost, rote.by_heart) == (1, 1, 12, 3)
    sentence = twists_sentence(run)
    assert "deep gets out of 11 of 12 (the one it lost by doing what opens the original)" in sentence
    assert "rote gets out of 0 of 12 (3 of the 12 it lost, by doing what opens the original)" in sentence
    assert "In pairs deep is clearly better than rote." in sentence
    head, rows = twists_table(run)
    assert len(head) == len(rows[0])
    assert rows[0][:3] == ["deep", "92% of 12 rooms (62% to 100%)", "11 of 12"]


def test_failed_calls_on_twists_count_against_a_leader_in_pairs(puzzles: list[Puzzle]) -> None:
    every = {p.problem_id for p in puzzles}
    five = {f"{i}.twist" for i in ("VAC_001", "BAL_002", "FLUID_001", "HEAT_001", "MAG_002")}
    run = played(puzzles, {"deep": every, "rote": {i for i in every if not i.endswith(".twist")} | five}, set())
    failure = Failure(stage="player", kind=FailureKind.TIMEOUT, message="too slow")

    def gone(result: Result) -> bool:
        return result.trial.player == "openai:deep" and result.trial.problem_id in five

    left = run.model_copy(update={"results": tuple(r for r in run.results if not gone(r))})
    failed = tuple(Result(trial=r.trial, failure=failure) if gone(r) else r for r in run.results)
    assert twisted(left).pairs[0].decided  # 7 to 0 where both answered
    assert not twisted(run.model_copy(update={"results": failed})).pairs[0].decided  # and perhaps 7 to 5


def test_twists_have_no_part_in_the_share_of_rooms_and_a_row_of_doors_of_their_own(run: Run) -> None:
    verified = METRICS["verified"]
    assert "deep gets out of 12 of 12 rooms, rote 12 of 12" in results_sentence(ranking(run, verified))
    rows = doors.doors(run, verified)
    assert [(r.name, r.told) for r in rows] == [
        ("deep", "12 of 12"), ("deep, twists", "11 of 12"), ("rote", "12 of 12"), ("rote, twists", "0 of 12"),
    ]  # fmt: skip


def test_alone_twists_are_rooms_like_any_others(puzzles: list[Puzzle]) -> None:
    alone = [p for p in puzzles if p.twist]
    run = played(alone, {"deep": {"VAC_001.twist"}}, set())
    assert "deep gets out of 1 of 12 rooms" in results_sentence(ranking(run, METRICS["verified"]))
    assert twisted(run).lines[0].pairs is None


def test_the_csv_names_the_original_and_the_loss_by_heart(run: Run) -> None:
    rows = {(r["player"], r["problem_id"]): r for r in csv.DictReader(io.StringIO(to_csv(run)))}
    lost = rows["openai:deep", "MAG_001.twist"]
    assert (lost["twist_of"], lost["by_heart"]) == ("MAG_001", "1")
    assert rows["openai:deep", "VAC_001.twist"]["by_heart"] == "0"
    assert rows["openai:deep", "VAC_001"]["twist_of"] == ""
    assert rows["openai:deep", "VAC_001"]["by_heart"] == ""


def test_equal_players_are_seldom_called_different_in_pairs_and_the_interval_covers() -> None:
    dice, rooms, times = random.Random(5), 12, 600
    different = covered = 0
    for _ in range(times):
        hard = [dice.random() for _ in range(rooms)]  # both players find the same rooms hard
        draw = [{str(n): float(dice.random() < p) for n, p in enumerate(hard)} for _ in range(2)]
        values = {"a": draw[0], "b": draw[1]}
        order = sorted(values, key=lambda p: -sum(values[p].values()))
        (pair,) = compared(order, values, Doubts(values, values, 1.0, lambda a, b: ""))
        different += pair.decided
        share = dice.uniform(0.1, 0.9)
        hits = sum(dice.random() < share for _ in range(rooms))
        span = share_interval(hits, rooms)
        covered += span.low is not None and span.high is not None and span.low <= share <= span.high
    assert different / times <= 0.055
    assert covered / times >= 0.935


def test_the_better_one_comes_first_whoever_was_entered_first(puzzles: list[Puzzle]) -> None:
    every = {p.problem_id for p in puzzles}
    originals = {i for i in every if not i.endswith(".twist")}
    run = played(puzzles, {"rote": originals, "deep": every}, set())
    assert [line.name for line in twisted(run).lines] == ["deep", "rote"]
    assert "In pairs deep is clearly better than rote." in twists_sentence(run)
    report = card.page(run, METRICS["verified"])
    assert "<h2>Twists</h2>" in report
    assert escape(twists_sentence(run)) in report


def lost_call(run: Run, problem_id: str, player: str = "openai:deep", repeat: int = 1) -> Result:
    trial = Trial(problem_id=problem_id, player=player, repeat=repeat, budget=run.config.players[0].budget)
    return Result(trial=trial, failure=Failure(stage="player", kind=FailureKind.TIMEOUT, message="m"))


def test_a_failed_call_on_a_twist_says_nothing_of_rooms(puzzles: list[Puzzle]) -> None:
    every = {p.problem_id for p in puzzles}
    plain = played(puzzles, {"deep": every, "rote": set()}, set())
    gone = plain.results[[r.trial.problem_id for r in plain.results].index("VAC_001.twist")].trial
    kept = [r for r in plain.results if r.trial != gone]
    run = plain.model_copy(update={"results": (*kept, lost_call(plain, gone.problem_id))})
    (pair,) = ranking(run, METRICS["verified"]).pairs
    assert (pair.comparison, pair.doubted) == ("ahead", False)


def test_both_forms_are_joined_by_their_repeat_and_one_lost_call_of_three_is_a_third(puzzles: list[Puzzle]) -> None:
    two = [p for p in puzzles if p.problem_id in {"VAC_001", "VAC_001.twist"}]
    one = played(two, {"deep": set()}, set())
    spec = one.config.players[0].budget

    def play(problem_id: str, repeat: int, *, out: bool) -> Result:
        trial = Trial(problem_id=problem_id, player="openai:deep", repeat=repeat, budget=spec)
        way = Outcome(out=out, moves=1, shortest=1, progress=0.0)
        return Result(trial=trial, answer=Answer(text="Moves:\nlook"), outcome=way)

    plays = [
        play("VAC_001", 2, out=True),  # as they came in
        play("VAC_001", 1, out=False),
        play("VAC_001.twist", 1, out=False),
        play("VAC_001.twist", 2, out=True),
    ]
    run = one.model_copy(update={"results": tuple(plays)})
    assert pairs.pair_values(run) == {"openai:deep": {"VAC_001": 0.5}}
    lost = one.model_copy(update={"results": (*plays, lost_call(one, "VAC_001.twist", repeat=3))})
    assert pairs._with_failures(lost, pairs.pair_values(lost)) == {"openai:deep": {"VAC_001": pytest.approx(1 / 3)}}
    both = lost.model_copy(update={"results": (*lost.results, lost_call(one, "VAC_001", repeat=3))})
    assert pairs._with_failures(both, pairs.pair_values(both)) == {"openai:deep": {"VAC_001": pytest.approx(1 / 3)}}
    first_gone = one.model_copy(update={"results": (plays[0], plays[2], plays[3])})
    assert pairs.pair_values(first_gone) == {"openai:deep": {"VAC_001": 1.0}}


def test_the_picture_of_understanding_and_the_draws_leave_twists_out(puzzles: list[Puzzle]) -> None:
    originals = {p.problem_id for p in puzzles if not p.twist}
    run = played(puzzles, {"rote": originals}, set())
    foreseen = Foresight(items=(Foreseen(kind="happens", said="yes", wanted="yes", right=True, chance=0.5),))
    run = run.model_copy(update={"results": tuple(r.model_copy(update={"foresight": foreseen}) for r in run.results)})
    (dot,), _ = dots(run)
    assert (dot.out.mean, dot.out.n) == (1.0, len(originals))
    assert {i for unit in what_if.units(run) for i in unit} == originals
