"""The picture of doors: what each says, in which order, and that no name in it can be markup."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

from escape.metrics import METRICS
from escape.results import doors
from escape.types import Run
from escape.ui.results.doors import pressed
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


def test_the_easiest_room_comes_first_and_a_blind_escape_is_hollow() -> None:
    a, b = doors.doors(played(), OUT)
    assert [d.name for d in a.doors] == ["Room P1, a: out", "Room P0, a: out, without understanding"]
    assert [d.share for d in b.doors] == [1, 0]
    assert (a.told, b.told) == ("2 of 2", "1 of 2")
    assert (a.figures, b.figures) == (" (16% to 100%), understands 50%", " (1% to 99%), understands 100%")


def test_under_a_judges_metric_a_door_is_open_as_far_as_its_marks_go() -> None:
    best, a = doors.doors(played(), SCORES)
    assert best.name == "b"  # it scores more, though it escapes from less
    assert [d.share for d in a.doors] == [1.0, 0.6]
    assert "--share:60%" in doors.html_of([a])


def test_a_press_opens_the_answer_behind_the_door_and_a_forged_one_nothing() -> None:
    rows = doors.doors(played(), OUT)
    assert pressed(rows, "1.0") == ("P1", B.name, 1)
    keys = {door.name: door.key for row in rows for door in row.doors}
    drawn = re.findall(r'data-door="(\S+?)".*?title="(.*?)"', doors.html_of(rows, pressed=True))
    assert {name: pressed(rows, place) for place, name in drawn} == keys
    for forged in ("2.0", "0.2", "-1.0", "1", "0.0.0", "", None, 7, "9999.9999", ["0.0"]):
        assert pressed(rows, forged) is None


def test_a_name_is_never_markup() -> None:
    bad = puzzle("P0").model_copy(update={"title": '"><img src=x onerror=alert(1)>'})
    drawn = doors.html_of(doors.doors(run_of([bad], [result("P0", A, verdict(2, 2), outcome(out=True))]), OUT))
    assert "<img" not in drawn
    assert '"&gt;' not in drawn  # the quotation mark is disarmed too


def test_many_puzzles_stand_together_by_family() -> None:
    given = [puzzle(f"P{i}", family="fluids" if i % 2 else "optics") for i in range(doors.MOST + 2)]
    left = [result(p.problem_id, A, verdict(2, 2), outcome(out=p.family == "optics")) for p in given]
    (a,) = doors.doors(run_of(given, left, (A,)), OUT)
    assert [d.name for d in a.doors] == ["optics, a: 100% of 31", "fluids, a: 0% of 31"]
    assert "data-door" not in doors.html_of([a], pressed=True)


def test_doors_are_drawn_to_take_away_with_every_door_named_and_no_markup_from_outside() -> None:
    rows = doors.doors(played(), OUT)
    drawn = ET.fromstring(doors.svg(rows, "what <they> mean"))
    titles = [e.text for e in drawn.iter("{http://www.w3.org/2000/svg}title")]
    assert titles == ["what <they> mean", *(d.name for row in rows for d in row.doors)]
    gold = [e for e in drawn.iter("{http://www.w3.org/2000/svg}rect") if e.get("fill") in ("#c98a1b", "url(#hatch)")]
    assert len(gold) == sum(bool(d.share) for row in rows for d in row.doors) == 3
    assert doors.svg([], "") == ""
