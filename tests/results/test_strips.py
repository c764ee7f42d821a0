"""One way through a room: whose moves, which room, and that no move is markup."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from escape.results import doors, strips
from escape.results.pictures.doors import Row
from escape.results.pictures.strips import Strip
from escape.types import ModelSpec, MoveResult, Outcome, Result, escaped
from tests.small_runs import A, B, puzzles, result, run_of


def way(*moves: str, out: bool = False, lost_at: int | None = None) -> Outcome:
    steps = tuple(MoveResult(move=m, said="", changed=not m.startswith("idle")) for m in moves)
    return Outcome(out=out, moves=len(moves), shortest=1, progress=1.0 if out else 0.0, lost_at=lost_at, steps=steps)


def played(room: str, who: ModelSpec, outcome: Outcome) -> Result:
    return result(room, who, room=outcome)


def test_the_room_is_one_that_one_of_the_two_left_and_the_other_did_not() -> None:
    run = run_of(puzzles(2), [
        played("P0", A, way("take: a", "take: b", out=True)), played("P0", B, way("take: a", "take: b", out=True)),
        played("P1", A, way("take: c", out=True)), played("P1", B, way("idle: x", "pour: y", lost_at=2)),
    ])  # fmt: skip
    room, (first, second) = strips.strips(run, [A.name, B.name])
    assert room == "Room P1"
    assert (first.name, first.kinds, first.ended) == ("a", ("out",), "out")
    assert (second.kinds, second.ended) == (("idle", "lost"), "not out")
    assert "from here on no way out" in strips.html_of([second])


def test_a_long_way_is_cut_and_says_so_and_names_and_moves_are_no_markup() -> None:
    long = way(*["<b>push</b>: it"] * (strips.MOST_MOVES + 3))
    room, ways = strips.strips(run_of(puzzles(1), [played("P0", A, long), played("P0", B, long)]), [A.name, B.name])
    assert room
    assert ways[0].ended == "not out, after 3 more"
    assert "<b>push" not in strips.html_of(ways)


def test_without_two_plays_of_one_room_there_is_no_picture() -> None:
    run = run_of(puzzles(2), [played("P0", A, way("take: a")), played("P1", B, way("take: a"))])
    assert strips.strips(run, [A.name, B.name]) == ("", [])
    assert strips.strips(run, []) == ("", [])


def test_ways_are_drawn_to_take_away_and_moves_that_came_to_nothing_are_counted() -> None:
    way = Strip("<b>ada</b>", ("look", "wait", "pour: a -> b", "take: c"), ("idle", "idle", "did", "out"), "out")
    drawn = ET.fromstring(strips.svg([way], "A <room>"))
    told = [e.text for e in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert told == ["A <room>", "<b>ada</b>: out", "2 moves (no change)", "pour: a -> b", "take: c (out)"]
    assert strips.svg([], "") == ""


def test_a_long_way_goes_on_in_the_next_line_and_none_beyond_the_edge() -> None:
    long = Strip("a", tuple("move number " + "x" * 8 for _ in range(14)), ("did",) * 14, "out")
    root = ET.fromstring(strips.svg([long], "t"))
    boxes = [r.attrib for r in root.iter() if r.tag.endswith("rect") and "%" not in r.attrib["width"]]
    assert all(float(b["x"]) + float(b["width"]) <= 900 for b in boxes)
    assert len({b["y"] for b in boxes}) > 1


def test_a_picture_is_whole_whatever_characters_a_name_has() -> None:
    assert escaped("a\x1b[1m <b> \x0c\ufffe\ud800\n") == "a[1m &lt;b&gt; ?\n"
    seen = [Row("p", "who\x0c\x1b", (), "1 of 1")]
    ET.fromstring(doors.svg(seen, "doors\x00"))
