"""Pictures show the figures of their tables: each end on its side, each player by its own."""

import pandas as pd
import pytest

from escape.metrics import METRICS
from escape.results import charts, names, tables
from escape.types import Answer
from tests.small_runs import A, B, checklist, outcome, puzzle, puzzles, result, run_of, verdict

ROW = {
    "name": "p",
    "unranked": False,
    "value": 3.0,
    "top": 5.0,
    "low": 1.0,
    "high": 3.5,
    "pus": 1.0,
    "sps": 1.5,
    "rhh": 0.5,
    "out": 0.5,
}


def table(*rows: dict[str, object]) -> pd.DataFrame:
    return pd.DataFrame([ROW | r for r in rows] or [ROW])


def test_a_bars_whiskers_reach_from_the_low_to_the_high_end() -> None:
    (bar,) = charts.CHARTS["leaderboard"].draw(table()).data
    assert (bar.x[0], bar.error_x.array[0], bar.error_x.arrayminus[0]) == (3.0, 0.5, 2.0)


def test_the_best_bar_is_on_top_and_those_apart_below() -> None:
    rows = [
        {"name": "low", "value": 1.0},
        {"name": "high", "value": 4.0},
        {"name": "apart", "value": 5.0, "unranked": True},
    ]
    made = charts.CHARTS["leaderboard"].draw(table(*rows))
    assert list(made.layout.yaxis.categoryarray) == ["apart", "low", "high"]  # Plotly counts from below
    assert [b.name for b in made.data] == ["low", "high", "apart"]
    assert list(made.layout.yaxis.ticktext) == ["apart <b>5.00</b>", "low <b>1.00</b>", "high <b>4.00</b>"]


def test_the_radar_shows_shares_and_rooms_only_where_there_are_some() -> None:
    (line,) = charts.CHARTS["radar"].draw(table()).data
    assert tuple(line.r) == (0.5, 0.75, 0.5, 0.5, 0.5)
    (line,) = charts.CHARTS["radar"].draw(table({"out": None})).data
    assert len(line.r) == 4


def test_of_many_puzzles_those_are_shown_on_which_players_differ_most() -> None:
    n = charts.MAX_ROWS + 5
    cells = pd.DataFrame(
        [
            {"problem_id": f"P{i}", "puzzle": f"P{i}", "player": who, "name": who, "share": x, "label": "-"}
            for i in range(n)
            for who, x in (("a", 0.0), ("b", 1.0 if i % 2 or i < 5 else 0.1))
        ]
    )
    shown = set(charts.most_discriminating(cells)["problem_id"])
    assert len(shown) == charts.MAX_ROWS
    assert {f"P{i}" for i in range(n) if i % 2 or i < 5} <= shown


def test_a_grid_has_its_puzzles_as_rows_and_its_players_as_columns() -> None:
    rows = [
        ("P0", "a", 1.0, "out"),
        ("P0", "b", None, "failed"),
        ("P1", "a", 0.25, "25"),
        ("P1", "b", 0.5, "50"),
    ]
    cells = pd.DataFrame(
        [
            {"problem_id": p, "puzzle": p, "player": n, "name": n, "share": x, "label": t}
            for p, n, x, t in rows
        ]
    )
    colours, words = charts.CHARTS["heatmap"].draw(cells).data
    assert [list(row) for row in colours.z] == [[1.0, None], [0.25, 0.5]]
    assert list(zip(words.y, words.x, words.text, strict=True)) == [(p, n, t) for p, n, _, t in rows]


def test_a_classs_marks_stand_beside_their_median_and_the_judge() -> None:
    rows = [("class", 0.5, 4), ("median", 1.0, 1), ("judge", 2.0, 1)]
    table = pd.DataFrame([{"answer": "a1", "mark": m, "who": w, "times": n, "top": 2.0} for w, m, n in rows])
    given = charts.CHARTS["class_marks"].draw(table).data
    assert [(d.name, d.x[0]) for d in given] == [
        ("marks of the class", 0.5),
        ("their median", 1.0),
        ("the judge", 2.0),
    ]


def test_faults_that_never_happened_are_not_drawn() -> None:
    table = pd.DataFrame(
        [{"name": n, "mistake": m, "count": c} for n, m, c in (("a", "x", 0), ("a", "y", 2), ("b", "y", 1))]
    )
    made = charts.CHARTS["mistakes"].draw(table)
    assert [(bar.name, list(bar.y), list(bar.x)) for bar in made.data] == [("y", ["a", "b"], [2, 1])]


STANDARD, ROOMS = METRICS["standard"], METRICS["verified"]


def test_a_cells_share_is_of_what_its_puzzle_can_give() -> None:
    given = [puzzle("P0"), puzzle("P1", herrings=False)]
    run = run_of(given, [result("P0", A, verdict(2, 2, 1)), result("P1", A, verdict(2, 2, None))], [A])
    table = tables.cells(run, STANDARD).set_index("problem_id")
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
    labels = (
        tables.cells(run_of(puzzles(6), rows, [A], repeats=2), ROOMS)
        .set_index("problem_id")["label"]
        .to_dict()
    )
    assert labels == {"P0": "failed", "P1": "-", "P2": "unread", "P3": "out", "P4": "stuck", "P5": "out 50%"}


def test_standings_hold_every_score_and_keep_the_runs_order() -> None:
    rows = [
        result(f"P{i}", who, verdict(m, m, 1), outcome(out=m > 1))
        for i in range(3)
        for who, m in ((A, 1), (B, 2))
    ]
    table = tables.standings(run_of(puzzles(3), rows), STANDARD)
    assert table["name"].tolist() == ["a", "b"]
    assert table["value"].tolist() == [pytest.approx(3), pytest.approx(5)]
    assert table["pus"].tolist() == [1.0, 2.0]
    assert (table["low"] <= table["value"]).all()
    assert (table["value"] <= table["high"]).all()
    assert table["out"].tolist() == [0.0, 1.0]


def test_players_of_one_short_name_keep_their_provider() -> None:
    run = run_of(puzzles(1), [result("P0", w, verdict(1, 1)) for w in ("x:a", "y:a", "z:b")], [])
    assert names(run) == {"x:a": "x:a", "y:a": "y:a", "z:b": "b"}


def test_faults_are_those_of_each_player() -> None:
    rows = [result("P0", A, verdict(1, 1, items=checklist(steps="00"))), result("P0", B, failed="player")]
    found = tables.mistakes(run_of(puzzles(1), rows), STANDARD).set_index(["name", "mistake"])["count"]
    assert (found["a", "step missing"], found["b", "step missing"], found["b", "failed"]) == (2, 0, 1)


def test_a_room_of_several_plays_is_stuck_unless_none_of_them_had_a_move() -> None:
    silent, stuck = outcome(moves=0), outcome()
    for plays, label in (((silent, stuck), "stuck"), ((stuck, silent), "stuck"), ((silent, silent), "empty")):
        rows = [
            result("P0", A, room=play, repeat=n, answer=Answer(text="")) for n, play in enumerate(plays, 1)
        ]
        (cell,) = tables.each_cell(run_of(puzzles(1), rows, [A], repeats=2), METRICS["verified"])
        assert cell.label == label


def test_plays_that_were_not_read_for_several_reasons_are_not_called_stuck() -> None:
    texts = ("", "I would think of something")
    rows = [
        result("P0", A, room=outcome(moves=0), repeat=n, answer=Answer(text=t))
        for n, t in enumerate(texts, 1)
    ]
    (cell,) = tables.each_cell(run_of(puzzles(1), rows, [A], repeats=2), METRICS["verified"])
    assert (cell.label, cell.unread) == ("not read", True)
