"""The picture of doors: what each says, in which order, and that no name in it can be markup."""

import re
import xml.etree.ElementTree as ET

from escape.metrics import METRICS, Metric
from escape.puzzles import files
from escape.results import doors
from escape.rooms.solver import prove
from escape.types import Failure, FailureKind, Puzzle, Result, Run, Trial
from escape.ui.results.pictures import pressed_answer
from tests.small_runs import A, B, outcome, puzzle, puzzles, result, run_of, verdict

OUT, SCORES = METRICS["verified"], METRICS["standard"]


def played() -> Run:
    """A leaves both rooms, P0 without understanding; B leaves P1 alone."""
    left, stuck = outcome(out=True), outcome()
    return run_of(
        puzzles(2),
        [
            result("P0", A, verdict(0, 2), left),
            result("P1", A, verdict(2, 2), left),
            result("P0", B, verdict(2, 1), stuck),
            result("P1", B, verdict(2, 2), left),
        ],
    )


def rows_of(run: Run, metric: Metric = OUT) -> tuple[doors.Row, ...]:
    (band,) = doors.doors(run, metric, reference=False)
    return band.rows


def test_a_row_has_its_figure_its_interval_and_its_explanations() -> None:
    a, b = rows_of(played())
    assert [d.name for d in a.doors] == ["Room P0, a: out", "Room P1, a: out, explanation right"]
    assert [d.known for d in a.doors] == [False, True]
    assert [d.share for d in b.doors] == [0, 1]
    assert (a.figure, b.figure) == ("2 of 2", "1 of 2")
    assert (a.beside, b.beside) == ("(16% to 100%)", "(1% to 99%)")
    assert (a.below, b.below) == ("explanation 50%", "explanation 100%")


def test_rooms_are_ordered_by_their_shortest_way_whatever_anybody_did(bundled: list[Puzzle]) -> None:
    outs = {p.problem_id: n % 2 == 0 for n, p in enumerate(bundled)}
    for flip in (False, True):
        results = [result(i, A, None, outcome(out=out != flip)) for i, out in outs.items()]
        (row,) = rows_of(run_of(bundled, results, (A,)))
        ways = [
            prove(p).shortest
            for d in row.doors
            for p in bundled
            if d.key and p.problem_id == d.key[0] and p.solvable
        ]
        assert ways == sorted(ways)


def test_every_door_is_there_during_a_run_and_a_mark_changes_none() -> None:
    answered = [result("P0", A, None, outcome(out=True)), result("P1", B, None, outcome())]
    (band,) = doors.doors(run_of(puzzles(2), answered), OUT, reference=False, so_far=True)
    assert [[d.share for d in row.doors] for row in band.rows] == [[1, None], [None, 0]]
    assert [row.figure for row in band.rows] == ["1 of 1 so far", "0 of 1 so far"]
    assert [[d.share for d in row.doors] for row in rows_of(played())] == [[1, 1], [0, 1]]


def test_what_could_not_be_read_and_what_failed_look_unlike_a_loss() -> None:
    silent = outcome().model_copy(update={"moves": 0, "steps": ()})
    failed = Failure(stage="player", kind=FailureKind.OVERLOADED, message="gone")
    results = [
        result("P0", A, None, silent),
        Result(trial=Trial(problem_id="P1", player=A.name), failure=failed),
    ]
    (row,) = rows_of(run_of(puzzles(2), results, (A,)))
    assert [d.look for d in row.doors] == ["unread", "failed"]
    assert row.beside == "1 not understood, 1 failed: .00 to .50"
    told = doors.key([doors.Band("rooms", (row,))], OUT)
    assert "? format not understood, cut off, empty or refused" in told
    assert "! failed" in told


def test_recorded_models_and_random_moves_are_a_faint_line_under_ones_own(bundled: list[Puzzle]) -> None:
    results = [result(p.problem_id, A, None, outcome(out=True)) for p in bundled]
    (band,) = doors.doors(run_of(bundled, results, (A,)), OUT)
    own, *faint = band.rows
    assert not own.faint
    assert [(row.name, row.figure) for row in faint if row.faint] == [
        ("unnamed frontier", "5 of 5"),
        ("random moves", "0 of 5"),
    ]
    assert doors.reference_sentence([band], "rooms") == (
        "On these rooms unnamed frontier got out of 5 of 5 and a random player got out of 0 of 5."
    )


def test_under_a_judges_metric_a_door_is_open_as_far_as_its_marks_go() -> None:
    best, a = rows_of(played(), SCORES)
    assert best.name == "b"  # it scores more, though it escapes from less
    assert [d.share for d in a.doors] == [0.6, 1.0]
    assert "--share:60%" in doors.html_of([doors.Band("rooms", (a,))])


def test_a_press_opens_the_answer_behind_the_door_and_a_forged_one_nothing() -> None:
    bands = doors.doors(played(), OUT)
    assert pressed_answer(bands, "0.1.0") == ("P0", B.name, 1)
    keys = {door.name: door.key for band in bands for row in band.rows for door in row.doors if door.key}
    drawn = re.findall(r'data-door="(\S+?)".*?title="(.*?)"', doors.html_of(bands, pressed=True))
    assert {name: pressed_answer(bands, place) for place, name in drawn} == keys
    for forged in ("0.9.0", "0.0.9", "1.0.0", "-1.0", "1", "0.0", "", None, 7, "9.9999.9999", ["0.0.0"]):
        assert pressed_answer(bands, forged) is None


def test_a_name_is_never_markup() -> None:
    bad = puzzle("P0").model_copy(update={"title": '"><img src=x onerror=alert(1)>'})
    drawn = doors.html_of(
        doors.doors(run_of([bad], [result("P0", A, verdict(2, 2), outcome(out=True))]), OUT)
    )
    assert "<img" not in drawn
    assert '"&gt;' not in drawn  # the quotation mark is disarmed too


def test_a_figure_for_a_paper_names_every_door_and_escapes_markup() -> None:
    bands = doors.doors(played(), OUT)
    drawn = ET.fromstring(doors.doors_svg(bands, ["what <they> mean", "and when"]))
    titles = [e.text for e in drawn.iter("{http://www.w3.org/2000/svg}title")]
    own = [row for band in bands for row in band.rows if not row.faint]
    assert titles == ["what <they> mean and when", *(d.name for row in own for d in row.doors)]
    told = "".join(e.text or "" for e in drawn.iter("{http://www.w3.org/2000/svg}text"))
    assert "2 of 2 (16% to 100%)" in told
    assert "what <they> mean" in told
    gold = [e for e in drawn.iter("{http://www.w3.org/2000/svg}rect") if e.get("fill") == "#c98a1b"]
    assert len(gold) == sum(bool(d.share) for row in own for d in row.doors) == 3
    assert doors.doors_svg([], []) == ""


def test_a_list_of_doors_has_nothing_in_it_but_its_lines(every: list[Puzzle]) -> None:
    """As `aria-required-children` asks, with the headings of bands beside the lists."""
    easy = files.shared_set(files.EASY)[:2]
    given = [*easy, *[p for p in every if p.problem_id in ("FLUID_001", "VAC_001")]]
    run = run_of(given, [result(p.problem_id, A, room=outcome(out=True)) for p in given], [A])
    picture = doors.html_of(doors.doors(run, METRICS["verified"]))
    lists = [part for part in ET.fromstring(picture).iter() if part.get("role") == "list"]
    assert all(line.get("role") == "listitem" for part in lists for line in part)
    assert len(lists) == picture.count("<h3>") == 2
