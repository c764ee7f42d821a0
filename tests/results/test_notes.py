"""What one clause of the rubric would change."""

from __future__ import annotations

from escape.results import CLAUSES
from tests.small_runs import checklist, puzzles
from tests.small_runs import verdict as judged


def test_the_demanding_clause_takes_understanding_from_whoever_leaves_out_a_principle() -> None:
    (room,) = puzzles(1)
    half, whole = (judged(pus, 1, 1, checklist(principles=signs)) for pus, signs in ((1, "10"), (2, "11")))
    demanding = CLAUSES["demanding"].of
    assert demanding(half, room, None).pus == 0
    assert demanding(whole, room, None).pus == 2
