"""The rooms that students hand in."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from escape.classes.rounds import member_label
from escape.puzzles import CONTROLS, answer
from escape.rooms import plans, solver
from escape.store import Entry
from escape.types import Puzzle


def puzzles(entries: Sequence[Entry]) -> list[Puzzle]:
    """Read the puzzles of a writing round, each under an id that begins with its author's label."""
    theirs = []
    for entry in entries:
        puzzle = Puzzle.model_validate_json(entry.body)
        name = f"{member_label(entry.member)}-{puzzle.problem_id}"[:64]
        theirs.append(puzzle.model_copy(update={"problem_id": name}))
    return theirs


def tried_with_controls(puzzle: Puzzle, everybody: Sequence[Puzzle]) -> list[tuple[str, str]]:
    """Carry out each control answer in a room; list its name with "out", "stuck" or "not tried"."""
    everything = [p for p in everybody if p.problem_id != puzzle.problem_id] + [puzzle]
    rows = []
    for name in CONTROLS:
        outcome = plans.outcome(puzzle, answer(name, puzzle, everything))
        end = "not tried"
        if outcome is not None:
            end = "out" if outcome.out else "stuck"
        rows.append((CONTROLS[name].called, end))
    return rows


@dataclass(frozen=True)
class Handed:
    """A room that a student handed in. `key`: its name for reviewers.

    `missing`: why it is not proved, "" if it is.
    """

    member: int
    key: str
    puzzle: Puzzle
    missing: str

    @property
    def room_id(self) -> str:
        """The id in the class's set, which begins with the author's label."""
        return f"{member_label(self.member)}-{self.puzzle.problem_id}"[:64]


def rooms_handed_in(secret: str, entries: Sequence[Entry]) -> list[Handed]:
    """Read the rooms of a writing round. `secret`: the class's, so that no key reveals its author."""
    rooms = []
    for entry in entries:
        key = hashlib.sha256(f"{secret} {entry.member} {entry.item}".encode()).hexdigest()[:12]
        rooms.append(Handed(entry.member, key, *_proved(entry.body)))
    return rooms


@lru_cache(maxsize=512)
def _proved(body: str) -> tuple[Puzzle, str]:
    """Read a room and try to prove it; return what is missing, or "".

    Cached, since every student's page asks for all rooms.
    """
    puzzle = Puzzle.model_validate_json(body)
    if puzzle.world is None:
        return puzzle, "it has no rules"
    return puzzle, next((f"{fault.where} {fault.remedy}" for fault in solver.prove(puzzle).faults), "")
