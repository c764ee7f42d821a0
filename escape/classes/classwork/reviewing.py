"""Reviews of classmates' rooms: who gets which room, and what readers found."""

from collections.abc import Sequence
from dataclasses import dataclass

from escape.classes.classwork.writing import Handed
from escape.classes.rounds import Review
from escape.rooms import plans
from escape.store import Entry
from escape.types import Puzzle

ROOMS_EACH = 2  # rooms that a student reviews


def assigned(rooms: Sequence[Handed], member: int) -> list[Handed]:
    """Choose two proved rooms of classmates for a student, in rotation to spread reviews evenly."""
    theirs = [room for room in rooms if not room.missing and room.member != member]
    first = ROOMS_EACH * member % max(1, len(theirs))
    return [*theirs[first:], *theirs[:first]][:ROOMS_EACH]


@dataclass(frozen=True)
class Reviewed:
    """The reviews of one room: whether each reviewer got out, and each one's verdict word and line."""

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
        findings.append(
            Reviewed(room, tuple(r.out for r in reviews), tuple((r.word, r.line) for r in reviews))
        )
    return findings


def gets_out(puzzle: Puzzle, review: Review) -> bool:
    outcome = plans.outcome(puzzle, f"Moves:\n{review.moves}", requested=True)
    return outcome is not None and outcome.out
