"""What a change to puzzles did to a player: twin minus original."""

from __future__ import annotations

import pytest

from escape.results.pairs import twin_gaps
from tests.small_runs import A, B, outcome, puzzle, result, run_of, verdict


def test_a_gap_is_twin_minus_original_in_physics_and_path() -> None:
    given = [
        *(puzzle(f"P{i}") for i in range(3)),
        *(puzzle(f"P{i}-plain", herrings=False, parent=f"P{i}") for i in range(2)),
    ]
    rows = [
        *(result(f"P{i}", A, verdict(1, 0.5, 0), outcome(out=False)) for i in range(3)),
        *(result(f"P{i}-plain", A, verdict(1.5, 1, None), outcome(out=True)) for i in range(2)),
        result("P0", B, verdict(1, 1)),
    ]
    first, second = twin_gaps(run_of(given, rows))
    assert (first.player, first.ending) == (A.name, "plain")
    assert first.marks is not None
    assert first.rooms is not None
    assert (first.marks.difference.n, first.marks.difference.mean) == (2, pytest.approx(1.0))
    assert first.rooms.difference.mean == 1.0
    assert (second.player, second.marks, second.rooms) == (B.name, None, None)
    assert twin_gaps(run_of(given[:3], rows[:3])) == []


def test_kinds_of_twins_are_kept_apart() -> None:
    given = [puzzle("P0"), puzzle("P0-more", parent="P0"), puzzle("P0-order", parent="P0")]
    rows = [result("P0", A, verdict(1, 1)), result("P0-more", A, verdict(0, 1)), result("P0-order", A, verdict(2, 1))]
    found = {g.ending: g.marks.difference.mean for g in twin_gaps(run_of(given, rows, [A])) if g.marks}
    assert found == {"more": -1.0, "order": 1.0}
