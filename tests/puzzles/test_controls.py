"""What is known of control answers, and which marks they allow."""

from __future__ import annotations

import pytest

from escape.puzzles import ELSEWHERE, Control, answer
from escape.puzzles.controls import CONTROLS, DISGUISES, INJECTIONS, every_control
from escape.schema import Puzzle, Scores


def control(expected: str, **more: float) -> Control:
    return Control(problem_id="P", name="n", text="t", expected=expected, **more)


@pytest.mark.parametrize(
    ("made", "marks", "met"),
    [
        (control("full"), (2, 2, 1), True),
        (control("full"), (2, 2, None), True),
        (control("full"), (2, 2, 0), False),
        (control("full"), (2, 1.5, 1), False),
        (control("full"), (1.5, 2, 1), False),
        (control("herrings_used"), (0, 0, 0), True),
        (control("herrings_used"), (2, 2, 1), False),
        (control("herrings_used"), (2, 2, None), False),
        (control("zero"), (0, 0, 0), True),
        (control("zero"), (0, 0, None), True),
        (control("zero"), (0, 0, 1), False),
        (control("zero"), (0.5, 0, 0), False),
        (control("zero"), (0, 0.5, 0), False),
        (control("at_most", pus=0.5, sps=1), (0.5, 1, 1), True),
        (control("at_most", pus=0.5, sps=1), (0.6, 1, 1), False),
        (control("at_most", pus=0.5, sps=1), (0.5, 1.1, 1), False),
    ],
)
def test_a_control_is_met_by_its_marks_alone(
    made: Control, marks: tuple[float, float, float | None], met: bool
) -> None:
    assert made.met_by(Scores(pus=marks[0], sps=marks[1], rhh=marks[2])) is met


def test_every_kind_of_control_is_made_for_a_puzzle_with_herrings_and_those_that_fit_for_one_without(
    by_id: dict[str, Puzzle], every: list[Puzzle]
) -> None:
    with_some = every_control(by_id["FLUID_001"], every)
    names = [c.name for c in with_some]
    assert set(CONTROLS) <= set(names)
    assert names.count("injection") == len(INJECTIONS)
    assert {c.style for c in with_some if c.name == "hidden"} <= set(DISGUISES)
    without = every_control(by_id["CIPHER_001"], every)
    assert "kitchen_sink" not in [c.name for c in without]
    assert {c.expected for c in without if c.name == "reference"} == {"full"}


def test_the_answer_to_another_puzzle_shares_no_thing_with_this_one(
    by_id: dict[str, Puzzle], every: list[Puzzle]
) -> None:
    for puzzle in by_id.values():
        text = answer("wrong_puzzle", puzzle, every)
        assert puzzle.solution.steps[0] not in text
    assert ELSEWHERE.solution.steps[0] in answer("wrong_puzzle", by_id["UV_001"], [])


def test_the_answer_to_another_puzzle_is_of_no_kin(by_id: dict[str, Puzzle], every: list[Puzzle]) -> None:
    here = by_id["FLUID_001"]
    kin = [p for p in every if p.family == here.family and p.problem_id != here.problem_id]
    assert answer("wrong_puzzle", here, kin) == answer("wrong_puzzle", here, [])
