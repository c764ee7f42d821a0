"""Reviewing a class's rooms: which two each student gets, and what the class found of each. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from escape.classes.rounds import Review, label
from escape.results import unscripted
from escape.rooms import plans as attempts
from escape.rooms import solver
from escape.store import Entry
from escape.types import PLAYED, Puzzle, Run

EACH = 2  # rooms that a student reviews


@dataclass(frozen=True)
class Handed:
    """A student's room. `key`: by which reviewers know it. `missing`: why it is not proved, "" if it is."""

    member: int
    key: str
    puzzle: Puzzle
    missing: str

    @property
    def room_id(self) -> str:
        """Its id in the class's set, which begins with its author's label."""
        return f"{label(self.member)}-{self.puzzle.problem_id}"[:64]


def handed_in(secret: str, entries: Sequence[Entry]) -> list[Handed]:
    """Return a writing round's rooms by author. `secret`: the class's, so that no key gives a number away."""
    rooms = []
    for entry in entries:
        key = hashlib.sha256(f"{secret} {entry.member} {entry.item}".encode()).hexdigest()[:12]
        rooms.append(Handed(entry.member, key, *_proved(entry.body)))
    return rooms


@lru_cache(maxsize=512)
def _proved(body: str) -> tuple[Puzzle, str]:
    """Return a room as it was handed in, and why it is not proved: every student's page asks for all of them."""
    puzzle = Puzzle.model_validate_json(body)
    if puzzle.world is None:
        return puzzle, "it has no rules"
    return puzzle, next((f"{fault.where} {fault.remedy}" for fault in solver.prove(puzzle).faults), "")


def assigned(rooms: Sequence[Handed], member: int) -> list[Handed]:
    """Return two proved rooms of classmates for a student. By turns, so that each is read about as often."""
    theirs = [room for room in rooms if not room.missing and room.member != member]
    first = EACH * member % max(1, len(theirs))
    return [*theirs[first:], *theirs[:first]][:EACH]


@dataclass(frozen=True)
class Reviewed:
    """A class's findings on one room: whether each reader got out, and each one's word with a line."""

    room: Handed
    outs: tuple[bool, ...]
    remarks: tuple[tuple[str, str], ...]


def reviewed(rooms: Sequence[Handed], entries: Sequence[Entry]) -> list[Reviewed]:
    reviews_by_room: dict[str, list[Review]] = {}
    for entry in entries:
        reviews_by_room.setdefault(entry.item, []).append(Review.model_validate_json(entry.body))
    findings = []
    for room in rooms:
        reviews = reviews_by_room.get(room.key, [])
        findings.append(Reviewed(room, tuple(r.out for r in reviews), tuple((r.word, r.line) for r in reviews)))
    return findings


def gets_out(puzzle: Puzzle, review: Review) -> bool:
    outcome = attempts.outcome(puzzle, f"Moves:\n{review.moves}", requested=True)
    return outcome is not None and outcome.out


ENOUGH = 10  # test-takers, from which on a room may be said to separate them


@dataclass(frozen=True)
class Takers:
    """People and models that tried a room, and whether each got out. A model counts once."""

    people: Sequence[bool] = ()
    models: Sequence[bool] = ()

    @property
    def verdict(self) -> str:
        """All, some or none out, and whether that separates anybody. "" where nobody tried the room."""
        everybody = [*self.people, *self.models]
        if not everybody:
            return ""
        if all(everybody) or not any(everybody):
            return "all out" if everybody[0] else "none out"
        if len(everybody) < ENOUGH:
            return f"some out; {len(everybody)} test-takers are too few to say more"
        return "some out: it separates"


def models_of(run: Run, problem_id: str) -> list[bool]:
    """Return for each model of a run whether it got out of a room, in at least half of its answers."""
    ends: dict[str, list[bool]] = {}
    models = {player for player in unscripted(run) if not player.startswith(PLAYED)}
    for result in run.results:
        player = result.trial.player
        is_model = player in models
        was_read = result.trial.problem_id == problem_id and result.outcome and not result.outcome.unread
        if is_model and was_read and result.outcome:
            ends.setdefault(player, []).append(result.outcome.out)
    return [2 * sum(outs) >= len(outs) for outs in ends.values()]
