"""Reach: medians with intervals that hold, who gets further, and what is said of it."""

from __future__ import annotations

import random
import re
from collections import Counter
from statistics import median

import pytest

from escape.cli.leaderboard import leaderboard
from escape.environments import counts_doors
from escape.environments.houses import houses as made
from escape.metrics import METRICS
from escape.results import houses, spending
from escape.results.card import page
from escape.results.csv import rows
from escape.runs import new_run
from escape.types import (
    Answer,
    DoorsOpened,
    Failure,
    FailureKind,
    Foresight,
    ModelSpec,
    Outcome,
    Puzzle,
    Repair,
    Result,
    Run,
    RunConfig,
    Trial,
)
from tests.small_runs import puzzles as rooms

A, B = (ModelSpec(provider="openai", model=m, max_tokens=8192) for m in ("gpt-x", "claude-y"))


@pytest.fixture(scope="module")
def ten() -> list[Puzzle]:
    return made("reach", 10, 4)


def mechanism(puzzle: Puzzle, door: int) -> str:
    """What keeps a door shut; "" behind the last one."""
    assert puzzle.house
    return puzzle.house.doors[door - 1].parts[0].mechanism if door <= len(puzzle.house.doors) else ""


def run_of(puzzles: list[Puzzle], doors: dict[ModelSpec, list[int]], *, tokens: int = 500, usd: float = 0.01) -> Run:
    config = RunConfig(players=tuple(doors), problem_ids=tuple(p.problem_id for p in puzzles))
    results = tuple(
        Result(
            trial=Trial(problem_id=p.problem_id, player=spec.name, budget=spec.budget),
            answer=Answer(text="Moves:", output_tokens=tokens, cost_usd=usd),
            outcome=Outcome(
                out=opened == 4,
                moves=3,
                shortest=9,
                progress=opened / 4,
                doors=DoorsOpened(total=4, opened=opened, ended_at=mechanism(p, opened + 1)),
            ),
        )
        for spec, each in doors.items()
        for p, opened in zip(puzzles, each, strict=True)
    )
    return new_run(config, puzzles).model_copy(update={"results": results})


def test_reach_is_the_median_over_houses_with_the_interval_of_order_statistics(ten: list[Puzzle]) -> None:
    found = houses.reach(run_of(ten, {A: [0, 1, 1, 2, 2, 2, 3, 3, 4, 4]}))
    (line,) = found.lines
    assert (line.median, line.low, line.high) == (2, 1, 4)  # the second smallest and the second largest of ten
    assert houses.doors_text(line) == "2 (1 to 4 or more)"
    assert line.share_at(3) == 0.4
    assert line.doors_per_1000_tokens == pytest.approx(1000 * 22 / 5000)
    assert line.doors_per_usd == pytest.approx(220)


def test_an_interval_is_never_of_zero_width_and_is_open_where_the_house_was_too_short(ten: list[Puzzle]) -> None:
    low = houses.reach(run_of(ten, {A: [2] * 10})).lines[0]
    assert (low.low, low.high) == (1, 3)
    top = houses.reach(run_of(ten, {A: [4] * 10})).lines[0]
    assert houses.doors_text(top) == "4 or more (3 to 4 or more)"
    few = houses.reach(run_of(ten[:4], {A: [1, 2, 3, 4]})).lines[0]
    assert houses.doors_text(few) == "2.5"


@pytest.mark.parametrize("n", [5, 6, 8, 10, 20])
def test_the_interval_covers_the_median_as_often_as_it_says(n: int) -> None:
    # doors as models open them: a chance to go on that differs from house to house, a ceiling, ties
    dice, hits, draws = random.Random(n), 0, 2000
    everyone = sorted(doors_of(dice) for _ in range(20_001))
    truth = median(everyone)
    for _ in range(draws):
        low, high = houses.interval([float(doors_of(dice)) for _ in range(n)], 16)
        assert low is not None
        assert high is not None
        hits += low <= truth <= high
    assert hits / draws >= 0.935


def doors_of(dice: random.Random) -> int:
    chance, opened = dice.uniform(0.6, 0.97), 0
    while opened < 16 and dice.random() < chance:
        opened += 1
    return opened


def test_equals_are_seldom_told_apart_and_a_clear_difference_is(ten: list[Puzzle]) -> None:
    dice, wrong = random.Random(7), 0
    for _ in range(120):
        apart = houses.reach(run_of(ten, {s: [min(4, doors_of(dice) // 3) for _ in ten] for s in (A, B)}))
        wrong += any(p.decided for p in apart.pairs)
    assert wrong / 120 <= 0.055
    clear = houses.reach(run_of(ten, {A: [3, 4, 3, 4, 4, 3, 4, 3, 4, 4], B: [1, 1, 0, 2, 1, 1, 0, 1, 2, 1]}))
    assert clear.pairs[0].decided
    assert houses.reach_sentence(clear).endswith("gpt-x gets further on these 10 houses.")


def test_what_is_said_is_built_from_the_figures(ten: list[Puzzle]) -> None:
    close = houses.reach(run_of(ten, {A: [2, 3, 2, 1, 4, 2, 3, 2, 2, 3], B: [2, 2, 3, 1, 3, 2, 2, 2, 3, 2]}))
    said = houses.reach_sentence(close)
    assert said.startswith("gpt-x opens 2 (2 to 3) doors in the median, claude-y 2 (2 to 3): too close to call")
    assert "houses would settle it" in said
    assert houses.budget_sentence(close).startswith("One answer for a whole house, of 8,192 tokens at most")
    head, lines = houses.ended_table(close)
    assert head == ["Mechanism", "All", "gpt-x", "claude-y"]
    assert all(" of " in cell or cell == "-" for line in lines for cell in line[1:])
    drawn = houses.curve(close)
    assert drawn.startswith("<svg")
    assert "gpt-x" in drawn
    assert drawn.count("<polyline") == 2
    forged = houses.curve(houses.reach(run_of(ten, {A.model_copy(update={"model": "<b>&"}): [1] * 10})))
    assert "<b>" not in forged
    assert forged.count("&lt;b&gt;&amp;") >= 2  # beside its curve and in the description


def test_the_door_at_which_an_attempt_ended_is_among_those_it_met(ten: list[Puzzle]) -> None:
    doors = [0, 1, 2, 3, 4, 4, 3, 2, 1, 0]
    found = houses.reach(run_of(ten, {A: doors}))
    (line,) = found.lines
    met = [
        mechanism(p, door) for p, opened in zip(ten, doors, strict=True) for door in range(1, min(opened + 1, 4) + 1)
    ]
    assert line.met == Counter(met)
    assert line.ended == Counter(mechanism(p, x + 1) for p, x in zip(ten, doors, strict=True) if x < 4)
    assert [line.ended[m] for m in found.mechanisms] == sorted((line.ended[m] for m in set(met)), reverse=True)


def test_where_one_attempt_has_no_price_nothing_is_said_of_doors_for_a_dollar(ten: list[Puzzle]) -> None:
    run = run_of(ten, {A: [2] * 10})
    first, *rest = run.results
    assert first.answer
    for unknown in ("cost_usd", "output_tokens"):
        bare = first.model_copy(update={"answer": first.answer.model_copy(update={unknown: None})})
        (line,) = houses.reach(run.model_copy(update={"results": (bare, *rest)})).lines
        assert (line.doors_per_usd is None) == (unknown == "cost_usd")
        assert (line.doors_per_1000_tokens is None) == (unknown == "output_tokens")


def test_the_curve_begins_at_the_top_and_falls_to_the_share_that_got_out(ten: list[Puzzle]) -> None:
    third = A.model_copy(update={"model": "third"})
    drawn = houses.curve(houses.reach(run_of(ten, {A: [4] * 10, B: [0] * 8 + [4] * 2, third: [0] * 10})))
    heights = [[float(xy.split(",")[1]) for xy in points.split()] for points in re.findall(r'points="(.*?)"', drawn)]
    (top, *all_out), (_, *few_out), (_, *none_out) = heights
    (bottom,) = set(none_out)
    assert top < bottom  # heights are counted from the top of the picture
    assert set(all_out) == {top}
    assert few_out == pytest.approx([bottom - 0.2 * (bottom - top)] * 4, abs=0.1)


def test_who_is_ahead_by_the_median_and_behind_by_the_mean_is_not_said_to_get_further(ten: list[Puzzle]) -> None:
    first, second = [2, 2, 2, 2, 2, 2, 0, 0, 0, 0], [1, 1, 1, 1, 1, 1, 4, 4, 4, 4]
    found = houses.reach(run_of(ten, {A: first, B: second}))
    assert found.lines[0].name == "gpt-x"
    assert found.pairs[0].paired.difference.mean < 0
    assert not found.pairs[0].decided


def test_sentences_count_the_houses_that_both_played_and_doors_as_people_do(ten: list[Puzzle]) -> None:
    whole = run_of(ten, {A: [2] * 10, B: [1, 2] * 5})
    six = {p.problem_id for p in ten[:6]}

    def only(n: int) -> Run:
        kept = [r for r in whole.results if r.trial.player == A.name or r.trial.problem_id in sorted(six)[:n]]
        return whole.model_copy(update={"results": tuple(kept), "run_id": f"of {n}"})

    assert "too close to call on 6 houses" in houses.reach_sentence(houses.reach(only(6)))
    assert "fewer than two houses in common" in houses.reach_sentence(houses.reach(only(1)))
    alone = houses.reach_sentence(houses.reach(run_of(ten[:1], {A: [1]})))
    assert alone == "gpt-x opens 1 door in the median, in 1 house of 4 doors."


def test_players_who_are_called_alike_are_told_apart(ten: list[Puzzle]) -> None:
    other = ModelSpec(provider="openrouter", model=A.model)
    found = houses.reach(run_of(ten, {A: [2] * 10, other: [1] * 10}))
    assert len({line.name for line in found.lines}) == 2


def test_houses_that_a_run_had_before_and_rooms_have_no_part_in_its_reach(ten: list[Puzzle]) -> None:
    run = run_of(ten, {A: [1] * 5 + [3] * 5})
    later = run.config.model_copy(update={"problem_ids": tuple(p.problem_id for p in ten[5:])})
    assert houses.reach(run.model_copy(update={"config": later, "run_id": "later"})).lines[0].median == 3
    mixed = run.model_copy(update={"puzzles": (*run.puzzles, *rooms(1)), "run_id": "mixed"})
    assert counts_doors(mixed)
    assert houses.reach(mixed).houses == 10


def test_a_run_without_an_answer_says_so(ten: list[Puzzle]) -> None:
    run = new_run(RunConfig(players=(A,), problem_ids=tuple(p.problem_id for p in ten)), ten)
    assert leaderboard(run, METRICS["verified"]) == "No house has been tried yet."
    assert "No house has been tried yet." in page(run, METRICS["verified"])
    assert houses.curve(houses.reach(run)) == ""


def test_an_attempt_that_met_a_mechanism_twice_counts_once() -> None:
    run = run_of(made("twice", 1, 30), {A: [4]})
    (tried,) = run.results
    assert tried.outcome
    far = tried.outcome.model_copy(update={"doors": DoorsOpened(total=30, opened=29, ended_at="ice")})
    found = houses.reach(run.model_copy(update={"results": (tried.model_copy(update={"outcome": far}),)}))
    assert set(found.lines[0].met.values()) == {1}


def test_report_and_csv_carry_the_doors(ten: list[Puzzle]) -> None:
    run = run_of(ten, {A: [2] * 10, B: [1] * 10})
    report = page(run, METRICS["verified"])
    assert houses.reach_sentence(houses.reach(run)) in report
    assert "<svg" in report
    assert "version 1, 4 doors, seed reach" in report
    first = next(rows(run))
    columns = "doors_total doors_opened ended_at answer_budget".split()
    assert [first[c] for c in columns] == [4, 2, mechanism(ten[0], 3), 8192]
    assert first["status"] == "played"
    assert first["pus"] is None


def test_a_class_stands_as_one_player_and_nobody_is_named(ten: list[Puzzle]) -> None:
    ada, bob = (ModelSpec(provider="person", model=m) for m in ("Ada", "Bob"))
    one = run_of(ten[:1], {A: [4], ada: [3], bob: [0]})
    found = houses.reach(houses.as_one(one))
    assert [line.player for line in found.lines] == [A.name, houses.CLASS]
    assert houses.class_sentence(found, 2) == "2 people opened 1.5 of 4 doors on average, the furthest 3."
    two = houses.reach(run_of(ten[:1], {A: [4], B: [1]}))
    assert houses.reach_sentence(two) == "gpt-x opens 4 of 4 doors, claude-y 1. One house cannot say who gets further."


def test_the_sentence_is_about_models_and_not_about_a_control_that_knows_the_way(ten: list[Puzzle]) -> None:
    reference = ModelSpec(provider="control", model="reference")
    said = houses.reach_sentence(houses.reach(run_of(ten, {reference: [4] * 10, A: [2] * 10})))
    assert said.startswith("gpt-x opens 2")
    assert "reference" not in said


def test_what_an_attempt_took_is_by_attempt_and_not_by_house(ten: list[Puzzle]) -> None:
    run = run_of(ten, {A: [2] * 10, B: [3] * 10}, tokens=500)
    again = tuple(r.model_copy(update={"trial": r.trial.model_copy(update={"repeat": 2})}) for r in run.results)
    twice = run.model_copy(
        update={"results": (*run.results, *again), "config": run.config.model_copy(update={"repeats": 2})}
    )
    for each in (run, twice):
        assert {dot.spent for dot in spending.dots(houses.reach(each), "tokens")} == {500}


def test_attempts_with_another_answer_budget_have_no_part_in_its_reach(ten: list[Puzzle]) -> None:
    run = run_of(ten, {A: [1] * 10})
    more = A.model_copy(update={"max_tokens": 4 * A.max_tokens})
    later = run_of(ten, {more: [4] * 10})
    both = later.model_copy(update={"results": (*run.results, *later.results), "run_id": "resumed"})
    (line,) = houses.reach(both).lines
    assert (line.median, len(line.attempts), line.budget) == (4, 10, more.budget)


def test_who_failed_where_it_might_have_stuck_is_not_said_to_get_further(ten: list[Puzzle]) -> None:
    run = run_of(ten, {A: [3] * 10, B: [1] * 7 + [4] * 3})
    failure = Failure(stage="player", kind=FailureKind.TIMEOUT, message="x")
    results = [
        Result(trial=r.trial, failure=failure) if r.trial.player == A.name and n >= 7 else r
        for n, r in enumerate(run.results)
    ]
    found = houses.reach(run.model_copy(update={"results": tuple(results)}))
    assert found.pairs[0].doubted
    assert "count as no door" in houses.reach_sentence(found)


def test_a_cheap_attempt_costs_more_than_nothing(ten: list[Puzzle]) -> None:
    found = houses.reach(run_of(ten, {A: [2] * 10, B: [1] * 10}, usd=0.0004))
    _, rows = spending.table(found)
    assert rows[0] == ["gpt-x", "2", "500 tokens", "$0.0004"]
    assert "$0.0004" in spending.pictures(found)[1][1]


def test_every_figure_of_a_line_is_over_the_same_attempts(ten: list[Puzzle]) -> None:
    run = run_of(ten[:4], {A: [1, 2, 3, 4]})
    first, second, third, fourth = run.results
    answer = Answer(text="1. look", output_tokens=100, cost_usd=0.02)
    results = (
        first.model_copy(update={"repair": Repair(lines=1, answer=answer)}),
        second.model_copy(update={"foresight": Foresight(answer=answer)}),  # which is no attempt
        third,
        fourth,  # of a set that the run had before
    )
    ids = [p.problem_id for p in ten[:3]]
    config = run.config.model_copy(update={"problem_ids": tuple(ids)})
    (line,) = houses.reach(run.model_copy(update={"results": results, "config": config})).lines
    assert (line.attempts, line.tally.plans, line.tally.repaired) == ((1, 2, 3), 3, 1)
    assert (line.tokens, line.usd) == (1600, pytest.approx(0.05))
    failed = third.model_copy(
        update={"failure": Failure(stage="player", kind=FailureKind.TIMEOUT, message="its repair")}
    )
    (line,) = houses.reach(run.model_copy(update={"results": (first, second, failed)})).lines
    assert (line.attempts, line.tally.unasked) == ((1, 2), 1)
