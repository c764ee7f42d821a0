"""Drawings of a room's things: one by kind for nearly everything, none of a name in what the browser gets."""

from __future__ import annotations

import re

from escape.puzzles import files
from escape.rooms.room import room_of
from escape.ui.play import acting


def test_nearly_every_thing_of_the_rooms_has_a_drawing_of_its_kind() -> None:
    rooms = files.load(*files.sets(files.BUNDLED).values())
    things = {thing for room in rooms for thing in room_of(room).things}
    assert sum(not acting.lines_of(thing) for thing in things) <= 0.02 * len(things)


def test_the_noun_decides_which_drawing_it_is() -> None:
    bottle, water = acting.lines_of("bottle"), acting.lines_of("water")
    assert acting.lines_of("bottle of water") == bottle != water
    assert acting.lines_of("Water Jug") == acting.lines_of("jug")
    assert acting.lines_of("cabinet door") == acting.lines_of("door")
    assert acting.lines_of("gizmo") == ""


def test_a_name_is_never_part_of_the_style() -> None:
    style = acting.style(['</style><script>alert("x")</script>', "rope;} body{display:none"])
    assert re.findall(r"script|alert|display:none", style) == []
    assert style.count("nth-child") == 2
