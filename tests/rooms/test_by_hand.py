"""A person who plays by hand: what is taken back, what counts as a start, what a mistyped line leaves behind."""

from __future__ import annotations

import pytest

from escape.rooms import ByHand, ways
from escape.types import Puzzle

POUR = "pour: bottle of water -> tube"


@pytest.fixture
def by(by_id: dict[str, Puzzle]) -> ByHand:
    return ByHand(by_id["FLUID_001"])


def test_one_move_is_taken_back_and_no_more(by: ByHand) -> None:
    by.do("take: bottle of water")
    by.hints_taken = 2
    by.do(POUR)
    assert by.hints_taken == 0
    by.undo()
    assert [step.move for step in by.play.steps] == ["take: bottle of water"]


def test_every_start_counts_and_practice_goes_on(by: ByHand) -> None:
    by.practice = True
    by.do(POUR)
    again = by.again()
    assert (again.starts, again.practice, [*again.play.steps], again.again().starts) == (2, True, [], 3)


def test_looking_tells_how_things_stand_now(by: ByHand) -> None:
    def told(line: str) -> str:
        by.do(line)
        return by.play.steps[-1].said

    before = told("look: ping pong ball"), told("look")
    by.do(POUR)
    after = told("look: ping pong ball"), told("look")
    assert before[0] != after[0]
    standing = after[0].partition(": ")[2].rstrip(".")
    assert standing in after[1]
    assert standing not in before[1]


def test_the_last_hint_is_to_give_up_or_to_undo_where_all_is_lost(by_id: dict[str, Puzzle]) -> None:
    nowhere, lost = ByHand(by_id["BAL_003"]), ByHand(by_id["FLUID_001"])
    assert nowhere.hints[-1] == f"{ways.NO_WAY} Give up."
    lost.do("pour: bottle of water -> floor")
    assert lost.hints[-1].endswith("Undo a move.")
