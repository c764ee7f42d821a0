"""The tables behind the pictures, worked by hand."""

from __future__ import annotations

import pytest

from escape.metrics import METRICS
from escape.results import charts
from escape.types import Answer
from tests.small_runs import A, B, checklist, outcome, puzzle, puzzles, result, run_of, verdict

STANDARD, ROOMS = METRICS["standard"], METRICS["verified"]


def test_a_cells_share_is_of_what_its_puzzle_can_give() -> None:
    given = [puzzle("P0"), puzzle("P1", herrings=False)]
    run = run_of(given, [result("P0", A, verdict(2, 2, 1)), result("P1", A, verdict(2, 2, None))], [A])
    table = charts.cells(run, STANDARD).set_index("problem_id")
    assert table["share"].to_dict() == {"P0": 1.0, "P1": 1.0}
    assert table["label"].to_dict() == {"P0": "5.0 of 5", "P1": "4.0 of 4"}


def test_a_cell_without_a_figure_says_why() -> None:
    rows = [
        result("P0", A, failed="player"),
        result("P2", A, verdict(1, 1), outcome(moves=0, unread=2)),
        result("P3", A, verdict(1, 1), outcome(out=True)),
        result("P4", A, verdict(1, 1), outcome(out=False)),
        result("P5", A, verdict(1, 1), outcome(out=False)),
        result("P5", A, verdict(1, 1), outcome(out=True), repeat=2),
    ]
    labels = charts.cells(run_of(puzzles(6), rows, [A], repeats=2), ROOMS).set_index("problem_id")["label"].to_dict()
    assert labels == {"P0": "failed", "P1": "-", "P2": "unread", "P3": "out", "P4": "stuck", "P5": "out 50%"}


def test_standings_hold_every_score_and_keep_the_runs_order() -> None:
    rows = [result(f"P{i}", who, verdict(m, m, 1), outcome(out=m > 1)) for i in range(3) for who, m in ((A, 1), (B, 2))]
    table = charts.standings(run_of(puzzles(3), rows), STANDARD)
    assert table["name"].tolist() == ["a", "b"]
    assert table["value"].tolist() == [pytest.approx(3), pytest.approx(5)]
    assert table["pus"].tolist() == [1.0, 2.0]
    assert (table["low"] <= table["value"]).all()
    assert (table["value"] <= table["high"]).all()
    assert table["out"].tolist() == [0.0, 1.0]


def test_players_of_one_short_name_keep_their_provider() -> None:
    run = run_of(puzzles(1), [result("P0", w, verdict(1, 1)) for w in ("x:a", "y:a", "z:b")], [])
    assert charts.names(run) == {"x:a": "x:a", "y:a": "y:a", "z:b": "b"}


def test_faults_are_those_of_each_player() -> None:
    rows = [result("P0", A, verdict(1, 1, items=checklist(steps="00"))), result("P0", B, failed="player")]
    found = charts.mistakes(run_of(puzzles(1), rows), STANDARD).set_index(["name", "mistake"])["count"]
    assert (found["a", "step missing"], found["b", "step missing"], found["b", "failed"]) == (2, 0, 1)


def test_a_room_of_several_plays_is_stuck_unless_none_of_them_had_a_move() -> None:
    silent, stuck = outcome(moves=0), outcome()
    for plays, label in (((silent, stuck), "stuck"), ((stuck, silent), "stuck"), ((silent, silent), "refused")):
        rows = [result("P0", A, room=play, repeat=n, answer=Answer(text="")) for n, play in enumerate(plays, 1)]
        (cell,) = charts.each_cell(run_of(puzzles(1), rows, [A], repeats=2), METRICS["verified"])
        assert cell.label == label
