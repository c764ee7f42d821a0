"""Where recorded players stop: each kind of what they were asked by itself."""

from __future__ import annotations

import importlib

import pytest

from escape.types import Puzzle, Result
from tests.small_runs import A, outcome, puzzle, result


def test_hard_rooms_are_not_counted_among_the_rooms(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[Puzzle, Result]] = [
        (puzzle("P0"), result("P0", A, room=outcome(out=True))),
        (puzzle("HARD_001"), result("HARD_001", A, room=outcome(progress=0.5))),
    ]
    stops = importlib.import_module("escape.results.stops")
    monkeypatch.setattr(stops, "kept_results", lambda name: asked)
    assert [(s.kind, s.said) for s in stops.stops("x")] == [
        ("Rooms", "1 of 1"), ("Hard rooms", "0 of 1, 50% of the way on average"),
    ]  # fmt: skip
