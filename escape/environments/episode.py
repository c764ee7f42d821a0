"""Attempts: a plan, or a person's moves, carried out in whatever a puzzle is: a written room or a house.

The one door to both for everything that only wants to know what came of it: runs, replays, Play, exports.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Protocol, TypeVar

from escape.environments.houses import HouseAttempt
from escape.environments.laboratories import LabAttempt
from escape.environments.rooms import Play, gives_up, looking, room_of
from escape.environments.rooms.reading import plan_lines
from escape.types import MoveResult, Outcome, PlayedBy, Puzzle


class Attempt(Protocol):
    """Someone in a room or a house. `lost_at`: the number, from 1, of the step after which there was no way out."""

    puzzle: Puzzle
    steps: list[MoveResult]
    lost_at: int | None

    @property
    def max_lines(self) -> int: ...  # noqa: D102 - the lines of a plan that are read

    @property
    def over(self) -> bool: ...  # noqa: D102 - True once later lines are not carried out

    def do(self, line: str) -> MoveResult: ...  # noqa: D102 - carries out one line

    def fault(self, line: str) -> str: ...  # noqa: D102 - why it cannot be read; "" if it can

    def is_a_move(self, line: str) -> bool: ...  # noqa: D102 - it does something, or tries to: no looking, no giving up

    def is_final(self, line: str) -> bool: ...  # noqa: D102 - what it does here cannot be undone, nor leads it out

    @property
    def outcome(self) -> Outcome: ...  # noqa: D102 - where things stand now


Tried = TypeVar("Tried", bound=Attempt)


def attempt(puzzle: Puzzle, protocol: PlayedBy = "plan") -> Attempt:
    """A new attempt at a puzzle. Raises ValueError for one in which nothing can be done.

    Move by move, the figures on a room's things are read by looking.
    """
    if puzzle.house is not None:
        return HouseAttempt(puzzle)
    if puzzle.lab is not None:
        return LabAttempt(puzzle)
    if protocol == "plan":
        return Play(room_of(puzzle))
    on = looking.on_things(puzzle)
    return Play(room_of(puzzle), lambda thing, state: on.get(thing, ()))


def outcome(puzzle: Puzzle, answer: str, *, asked: bool = False, repair: str = "") -> Outcome | None:
    """The result of an answer's moves; None if nothing can carry them out, or if the answer has no moves and none were
    `asked` for. Where they were, silence does not get out either. `repair`: the reply that wrote unread lines anew.
    """
    if not puzzle.playable:
        return None
    tried = attempt(puzzle)
    lines = plan_lines.lines(answer, tried.max_lines) or []
    if repair:
        lines = mended(lines, unread(tried, lines), repair)[: tried.max_lines]
    return carried_out(tried, lines).outcome if lines or asked else None


def plan(puzzle: Puzzle, answer: str) -> tuple[list[str], dict[int, str]]:
    """An answer's lines, and by their number, from 1, why some of them cannot be read; the first thirty of those."""
    tried = attempt(puzzle)
    lines = plan_lines.lines(answer, tried.max_lines) or []
    return lines, unread(tried, lines)


def with_lines(answer: str, lines: Sequence[str]) -> str:
    """An answer with these lines as its plan."""
    return f"{plan_lines.without(answer).rstrip()}\n\nMoves:\n" + "\n".join(lines)


def unread(tried: Attempt, lines: Sequence[str]) -> dict[int, str]:
    """The numbers, from 1, of the lines that cannot be read, at most thirty, each with why."""
    faults = {number: tried.fault(line) for number, line in enumerate(lines, 1)}
    return dict([(number, why) for number, why in faults.items() if why][:MOST_MENDED])


MOST_MENDED = 30  # lines of one plan that are written anew
_NUMBERED = re.compile(r"(?m)^[^\w\n]{0,12}(?:line )?(\d{1,4})[.:)\]]{1,2}[ \t]*([^\n]*)$", re.I)


def mended(lines: Sequence[str], faulty: Collection[int], reply: str) -> list[str]:
    """A plan in which the faulty lines, by number, stand as a reply writes them: `3. put: ladder -> fence`; several
    moves with `;` between them, and `none` for a line that is no move. Whatever else the reply says changes nothing.
    """
    anew: dict[int, list[str]] = {}
    for found in _NUMBERED.finditer(reply[: MOST_MENDED * 2_000]):
        number, said = int(found[1]), found[2].strip(" `*\"'")
        if number in faulty and number not in anew:
            none = said.casefold().strip(" .") in {"none", "no move", "-", ""}
            anew[number] = [] if none else (plan_lines.lines(f"Moves:\n{said}") or [])
    return [new for number, line in enumerate(lines, 1) for new in anew.get(number, [line])]


def carried_out(tried: Tried, lines: Sequence[str]) -> Tried:
    """A plan's lines, one after the other, until it is over.

    Giving up counts only alone, beside looking; behind a line that could not be read the plan stops before whatever
    cannot be undone, unless that leads out: what was meant is not known.
    """
    alone, unread = not any(map(tried.is_a_move, lines)), False
    for line in lines:
        if tried.over:
            break
        if gives_up(line) and not alone:
            said = "Passed over: giving up counts only as the whole plan."
            tried.steps.append(MoveResult(move=line, said=said, free=True))
        elif unread and tried.is_final(line):
            said = "The plan stops here: a line before this one could not be read, and this move cannot be undone."
            tried.steps.append(MoveResult(move=line, said=said, free=True))
            break
        else:
            unread |= not tried.do(line).understood
    return tried
