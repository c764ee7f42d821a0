"""Plans in every layout that models write: each style must say the same to the room."""

from __future__ import annotations

import pytest

from escape.rooms.reading import plan_lines
from escape.rooms.reading.moves import read
from escape.rooms.room import room_of
from escape.types import Puzzle
from tests.rooms.test_rooms import outcome

ARROWS = "-> → ⟶ ⟹ ➡ ➡️ ► ⇒ > -&gt; &rarr; $\\rightarrow$ \\to $\\to$ \\Rightarrow".split()


@pytest.mark.parametrize("arrow", ARROWS)
def test_every_arrow_is_one(arrow: str) -> None:
    assert outcome(f"pour: bottle of water {arrow} narrow tube\ntake: ball").out


LAYOUTS = {
    "moves by number": "Move 1: pour: bottle of water -> tube\nMove 2: take: ball",
    "numbered steps": "Step 1. pour: bottle of water -> tube\nstep 2) take: ball",
    "a speaker in front": "Ana: pour: bottle of water -> tube\nBen: take: ball",
    "a speaker and a sentence": "Ana: pour the water into the tube\nBen: take the ball",
    "together": "Together we pour the bottle of water into the tube.\nTogether we take the ball.",
    "both of us": "We both pour the water into the tube\nWe take the ball",
    "calls": "pour(bottle of water, narrow tube)\ntake(ball)",
    "calls with names": "pour(thing=bottle of water, second=narrow tube);\ntake(thing=ball);",
    "a fence": "```\npour: bottle of water -> tube\ntake: ball\n```",
    "a named fence": "```text\npour: bottle of water -> tube\ntake: ball\n```",
    "underscores": "pour: bottle_of_water -> narrow_tube\ntake: ball_",
    "italics": "_pour_: _bottle of water_ -> _tube_\n__take__: ball",
    "JSON strings": '["pour: bottle of water -> tube", "take: ball"]',
    "JSON strings on lines": '[\n  "pour: bottle of water -> tube",\n  "take: ball"\n]',
    "JSON objects": '[{"verb": "pour", "thing": "bottle of water", "second": "tube"},\n'
    '{"verb": "take", "thing": "ball", "second": null}]',
    "a table": "| # | Verb | Thing | Second thing |\n|---|---|---|---|\n| 1 | pour | bottle of water | tube |\n"
    "| 2 | take | ball | - |",
    "a table of moves": "| Move |\n| --- |\n| pour: bottle of water -> tube |\n| take: ball |",
    "one line": "pour: bottle of water -> tube; take: ball",
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_plan_says_the_same_in_every_layout(layout: str) -> None:
    found = outcome(LAYOUTS[layout])
    assert found.out, [(s.move, s.said) for s in found.steps]
    assert (found.moves, found.not_understood) == (2, 0)


@pytest.mark.parametrize("line", ["I give up", "We give up.", "give up", "Give up: there is no way.", "So I concede"])
def test_giving_up_is_heard(line: str) -> None:
    assert outcome(line).gave_up is not line.startswith("So")


def test_layout_alone_is_no_line() -> None:
    assert plan_lines.lines("Moves:\n```\n| --- |\n| Verb | Thing |\n```\n[\n]\n") == []
    assert plan_lines.lines('Moves:\n{"note": 3}') == ['{"note": 3}']


@pytest.mark.parametrize("beside", ["(eight turns)", "- eight turns", ", eight turns"])
def test_a_number_that_stands_beside_a_move_is_part_of_it(beside: str, every: list[Puzzle]) -> None:
    names = room_of(next(p for p in every if p.problem_id == "MECH_002")).names
    (move,) = read(f"turn: nut -> spanner {beside}", names)
    assert (move.second, move.number) == ("spanner (20 cm)", "eight turns")


def test_a_number_that_the_room_does_not_know_is_not_read_as_none(by_id: dict[str, Puzzle]) -> None:
    names = room_of(by_id["MECH_002"]).names
    (move,) = read("turn: nut -> spanner, three turns", names)
    assert move.number == "three turns"


@pytest.mark.parametrize("mark", ["", "1. ", "12) ", "- ", "* ", "• "])
def test_a_call_is_read_behind_any_mark_of_a_list(mark: str) -> None:
    assert plan_lines.lines(f"Moves:\n{mark}pour(bottle of water, tube)") == ["pour: bottle of water -> tube"]


@pytest.mark.parametrize(
    "line", ["Hold the rope (do not let the stone fall)", "Take ball (not the carton)", "Pull (gently)"]
)
def test_a_bracketed_remark_behind_a_list_mark_is_no_call(line: str) -> None:
    assert plan_lines.lines(f"Moves:\n4. {line}") == [f"4. {line}"]
