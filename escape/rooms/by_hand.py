"""A person's play of a room, move by move; in practice with undo and hints. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from escape.rooms.play import RoomEpisode
from escape.rooms.reading import MEANINGS, VERBS
from escape.rooms.room import room_of
from escape.rooms.telling import Eyes
from escape.rooms.ways import hints
from escape.types import Outcome, Puzzle, normalized_name


class ByHand:
    """A person's play. `starts`: times begun. `practice`: with undo and hints, and not counted."""

    def __init__(self, puzzle: Puzzle, starts: int = 1) -> None:
        self.puzzle, self.starts = puzzle, starts
        self.practice = False
        self.hints_taken = 0  # since the last move
        self._lines: list[str] = []
        self.play = self._begun()

    def _begun(self) -> RoomEpisode:
        room = room_of(self.puzzle)
        return RoomEpisode(room, Eyes(room))

    def do(self, line: str) -> str:
        """Carry out a line. Return "", or why it cannot be read; then nothing has happened."""
        if self.play.over:
            return ""
        before = len(self.play.steps)
        self.play.do(line)
        unread = [s.said for s in self.play.steps[before:] if not s.understood]
        if unread:
            self._again_with(self._lines)
            return unread[0]
        self._lines.append(line)
        self.hints_taken = 0
        return ""

    def undo(self) -> None:
        self._again_with(self._lines[:-1])

    def _again_with(self, lines: Sequence[str]) -> None:
        self._lines, self.play, self.hints_taken = list(lines), self._begun(), 0
        for line in lines:
            self.play.do(line)

    def again(self) -> ByHand:
        """Start the same puzzle again. Practice stays on."""
        new = ByHand(self.puzzle, self.starts + 1)
        new.practice = self.practice
        return new

    @property
    def hints(self) -> tuple[str, ...]:
        return hints(self.play)


def as_answer(puzzle: Puzzle, outcome: Outcome, why: str) -> str:
    """Write a finished play as a player's answer: the explanation `why`, the steps, items and moves."""
    moves = [s.move for s in outcome.steps if s.understood]
    touched = " ".join(moves).casefold()
    used = [i for i in puzzle.setup.available_items if normalized_name(i) in touched]
    numbered = "\n".join(f"{i}. {m}" for i, m in enumerate(moves, 1))
    steps = "\n".join(f"{i}. {_move_sentence(m)}" for i, m in enumerate(moves, 1))
    items = "\n".join(f"- {i}" for i in used) or "none"
    return (
        "Physical Principles:\n"
        f"{why.strip()}\n\n"
        "Solution Steps:\n"
        f"{steps}\n\n"
        "Required Items:\n"
        f"{items}\n\n"
        "Moves:\n"
        f"{numbered}"
    )


def _move_sentence(move: str) -> str:
    """Write a move as a sentence: `Pour the bottle of water to the tube.`"""
    if ":" not in move:  # who gives up names no thing
        return f"{move.capitalize()}."
    verb, _, things = move.partition(":")
    thing, _, second = things.partition("->")
    name, swapped = MEANINGS.get(verb.strip().casefold(), ("", False))
    link = "with" if swapped or (name and VERBS[name].symmetric) else "to"
    onto = f" {link} the {second.strip()}" if second.strip() else ""
    return (
        f"{verb.strip().capitalize()} the {thing.strip()}{onto}."
        if thing.strip()
        else f"{move.capitalize()}."
    )
