"""What one clause of the rubric would change."""

from __future__ import annotations

from escape.results import CLAUSES, notes_table
from escape.types import Note
from tests.small_runs import A, checklist, puzzles, result, run_of
from tests.small_runs import verdict as judged


def test_the_demanding_clause_takes_understanding_from_whoever_leaves_out_a_principle() -> None:
    (room,) = puzzles(1)
    half, whole = (judged(pus, 1, 1, checklist(principles=signs)) for pus, signs in ((1, "10"), (2, "11")))
    demanding = CLAUSES["demanding"].of
    assert demanding(half, room, None).pus == 0
    assert demanding(whole, room, None).pus == 2


def test_a_note_without_a_kind_is_of_something_else() -> None:
    run = run_of(puzzles(1), [result("P0", A, judged(1, 1))], [A])
    _, rows = notes_table(run, [Note(trial=run.results[0].trial, text="odd")])
    assert rows == [["something else", "1"]]
