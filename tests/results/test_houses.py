"""Reach: medians with intervals that hold, who gets further, and what is said of it."""

from __future__ import annotations

import random
import re
from collections import Counter
from statistics import median

import pytest

from escape.houses import houses as made
from escape.metrics import METRICS
from escape.records import Result, Run, RunConfig, Trial
from escape.results import houses
from escape.results.card import page
from escape.results.csv import rows
from escape.runs import new_run
from escape.schema import Answer, ModelSpec, Puzzle
from escape.world import DoorsOpened, Outcome

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
            trial=Trial(problem_id=p.problem_id, player=spec.name),
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
    assert head == ["Mechanism", "gpt-x", "claude-y"]
    assert all(" of " in cell or cell == "-" for line in lines for cell in line[1:])
    drawn = houses.curve(close)
    assert drawn.startswith("<svg")
    assert "gpt-x" in drawn
    assert drawn.count("<polyline") == 2
    assert "&lt;" in houses.curve(houses.reach(run_of(ten, {A.model_copy(update={"model": "<b>"}): [1] * 10})))


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
