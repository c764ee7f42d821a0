"""Attempts: a plan, or a person's moves, carried out in whatever a puzzle is: a written room or a house.

The one door to both for everything that only wants to know what came of it: runs, replays, Play, exports.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

from escape.houses import HouseAttempt
from escape.labs import LabAttempt
from escape.puzzles import looking
from escape.rooms import Play, gives_up, plan_lines, room_of
from escape.schema import Puzzle
from escape.world import MoveResult, Outcome, PlayedBy


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


def outcome(puzzle: Puzzle, answer: str, *, asked: bool = False) -> Outcome | None:
    """The result of an answer's moves; None if nothing can carry them out, or if the answer has no moves and none were
    `asked` for. Where they were, silence does not get out either.
    """
    if not puzzle.playable:
        return None
    tried = attempt(puzzle)
    lines = plan_lines.lines(answer, tried.max_lines) or []
    return carried_out(tried, lines).outcome if lines or asked else None


def carried_out(tried: Tried, lines: Sequence[str]) -> Tried:
    """A plan's lines, one after the other, until it is over; giving up before the last line is passed over."""
    for n, line in enumerate(lines, 1):
        if tried.over:
            break
        if n < len(lines) and gives_up(line):
            said = "Passed over: giving up is the last move of a plan."
            tried.steps.append(MoveResult(move=line, said=said, understood=False, free=True))
        else:
            tried.do(line)
    return tried
