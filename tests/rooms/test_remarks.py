"""A remark beside a move changes nothing, unless it takes the move back: said of every bundled way out."""

from __future__ import annotations

import pytest

from escape.puzzles import files
from escape.rooms import plans as attempts
from escape.rooms.reading import remarks
from escape.types import Puzzle

REMARKS = (
    "because that is how buoyancy works",
    "so that it gets closer",
    "in order to get out",
    "this is the decisive step",
    "carefully",
    "slowly and with great care",
    "as the constraints allow",
    "see the first principle",
    "Newton's third law",
    "the force is enough for that",
    "it will take a few seconds",
    "and watch what happens",
)
FORMS = {
    "in brackets": "{} ({})",
    "in square brackets": "{} [{}]",
    "behind a dash": "{} - {}",
    "behind a long dash": "{} — {}",
    "behind a comma": "{}, {}",
}


@pytest.fixture(scope="module")
def solvable() -> list[Puzzle]:
    every = files.load(files.sets(files.BUNDLED)[files.ROOMS])
    return [p for p in every if p.solvable and p.world and p.world.moves]


def plan(puzzle: Puzzle, form: str, remark: str) -> str:
    assert puzzle.world
    return "\n".join(["Moves:", *(form.format(move, remark) for move in puzzle.world.moves)])


@pytest.mark.parametrize("form", FORMS)
def test_no_remark_of_twelve_kinds_keeps_anybody_in_a_room(form: str, solvable: list[Puzzle]) -> None:
    assert len(solvable) >= 27
    kept_in = []
    for remark in REMARKS:
        for puzzle in solvable:
            found = attempts.outcome(puzzle, plan(puzzle, FORMS[form], remark))
            assert found
            if not found.out or found.not_understood:
                kept_in.append((remark, puzzle.problem_id, [s.move for s in found.steps if not s.understood][:1]))
    assert kept_in == []


TAKEN_BACK = (
    "{} (not {} but something else)",
    "{} - not {}",
    "{} — never {}",
    "{} (the other one instead)",
    "{} - do not do this",
    "{} (rather than {})",
)


@pytest.mark.parametrize("form", TAKEN_BACK)
def test_a_remark_that_takes_its_own_move_back_leaves_the_line_unread(form: str, solvable: list[Puzzle]) -> None:
    for puzzle in solvable:
        assert puzzle.world
        for move in puzzle.world.moves:
            thing, _, place = move.partition(": ")[2].partition(" -> ")
            if move.startswith(("say", "enter", "wait", "look")) or not thing:
                continue
            for own in filter(None, (thing, place)):
                found = attempts.outcome(puzzle, "Moves:\n" + form.format(move, own))
                assert found
                assert found.not_understood == 1, form.format(move, own)


def test_what_a_remark_says_of_other_things_takes_nothing_back(solvable: list[Puzzle]) -> None:
    room = next(p for p in solvable if p.problem_id == "FLUID_001")
    for remark in ("(not the floor)", "- the ball does not sink", "(it will not overflow)", "(instead of the floor)"):
        found = attempts.outcome(room, f"Moves:\npour: bottle of water -> tube {remark}\ntake: ping pong ball")
        assert found
        assert (found.out, found.not_understood) == (True, 0), remark


def test_of_what_is_said_a_remark_is_no_part_and_a_code_is_whole() -> None:
    assert remarks.is_talk("because that opens it")
    assert remarks.is_talk("carefully")
    assert not any(map(remarks.is_talk, ("34", "green, blue", "B, C, D", "green", "green, blue, red, white")))
