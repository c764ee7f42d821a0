"""A person in a room, house or laboratory: moves one by one, and in practice undo and hints. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from escape.environments.episode import Attempt, attempt
from escape.environments.houses import HouseAttempt
from escape.environments.laboratories import APPARATUSES, LabAttempt
from escape.environments.rooms import MEANINGS, VERBS, Edge, Play, move_text, room_of
from escape.environments.rooms.looking import Eyes
from escape.types import Outcome, Puzzle, normalized_name

NO_WAY = "There is no way out of this room from here."


class ByHand:
    """Someone who plays by hand. `starts`: how often the puzzle was begun, which nobody can undo; `practice`: undo and
    hints are to be had, and the play counts in no table.
    """

    def __init__(self, puzzle: Puzzle, starts: int = 1) -> None:
        self.puzzle, self.starts = puzzle, starts
        self.practice = False
        self.hints_taken = 0  # since the last move
        self._lines: list[str] = []
        self.play = self._begun()

    def _begun(self) -> Attempt:
        if self.puzzle.drawn:
            return attempt(self.puzzle)
        room = room_of(self.puzzle)
        return Play(room, Eyes(room))

    def do(self, line: str) -> str:
        """Carry out a line. Returns why it cannot be read, and then nothing has happened; "" if it was carried out."""
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
        """Take the last line back."""
        self._again_with(self._lines[:-1])

    def _again_with(self, lines: Sequence[str]) -> None:
        self._lines, self.play, self.hints_taken = list(lines), self._begun(), 0
        for line in lines:
            self.play.do(line)

    def again(self) -> ByHand:
        """The same puzzle from its beginning; practice goes on."""
        new = ByHand(self.puzzle, self.starts + 1)
        new.practice = self.practice
        return new

    @property
    def hints(self) -> tuple[str, ...]:
        """What helps from here, each saying more: the principle, in a room the next thing to touch, then what to do."""
        if isinstance(self.play, HouseAttempt):
            return _in_house(self.play)
        if isinstance(self.play, LabAttempt):
            return _in_lab(self.play)
        return self._in_room()

    def _in_room(self) -> tuple[str, ...]:
        principle = f"The idea: {self.puzzle.physical_principles[0]}."
        if not self.puzzle.solvable:
            return "Ask yourself first whether there is a way out at all.", f"{NO_WAY} Give up."
        way = shortest(self.puzzle, self.play) if isinstance(self.play, Play) else []
        if not way:
            return principle, f"{NO_WAY} Undo a move."
        thing = way[0].partition(": ")[2].partition(" -> ")[0]
        return principle, f"The next thing to touch: {thing or 'none'}", f"Next: {way[0]}"


def _in_house(house: HouseAttempt) -> tuple[str, str]:
    scene, place = house.scene, house.place
    principles = dict.fromkeys(p for made in scene.doors[place.opened] for p in made.principles)
    lines = scene.door_way(place, scene.matching(place))
    told = f"From its start, this opens door {place.opened + 1}: {'; '.join(lines)}"
    return f"The idea: {'; '.join(principles)}.", NO_WAY if house.lost_at else told


def _in_lab(lab: LabAttempt) -> tuple[str, str]:
    principles = "; ".join(APPARATUSES[lab.door.apparatus].principles)
    lines = lab.puzzle.solution.steps[min(lab.opened, len(lab.lab.doors) - 1)].partition(": ")[2]
    return f"The idea: {principles}.", f"Trials that tell the law, and the setting: {lines}"


def shortest(puzzle: Puzzle, play: Play | None = None) -> list[str]:
    """A shortest way out, as moves: from where a play stands, or from the start. Empty if there is none."""
    room = room_of(puzzle)
    authors = {normalized_name(line) for line in (puzzle.world.moves if puzzle.world else ())}

    def plainest(edge: Edge) -> str:
        """Of moves that do the same, the author's own, else the one with the verb that the rule names first."""
        order = room.world.rules[edge.rule].verbs
        return min(
            (move_text(*act) for act in edge.acts),
            key=lambda text: (text not in authors, order.index(text.partition(":")[0])),
        )

    return [plainest(edge) for edge in room.way(play.state if play else room.start)]


def as_answer(puzzle: Puzzle, outcome: Outcome, why: str) -> str:
    """A finished play in the form that players answer in: the explanation, then what was done, once as steps."""
    moves = [s.move for s in outcome.steps if s.understood]
    if puzzle.drawn:  # nobody marks it
        return f"Physical Principles:\n{why.strip()}\n\nMoves:\n" + "\n".join(moves)
    touched = " ".join(moves).casefold()
    used = [i for i in puzzle.setup.available_items if normalized_name(i) in touched]
    numbered = "\n".join(f"{i}. {m}" for i, m in enumerate(moves, 1))
    told = "\n".join(f"{i}. {_told(m)}" for i, m in enumerate(moves, 1))
    items = "\n".join(f"- {i}" for i in used) or "none"
    return (
        f"Physical Principles:\n{why.strip()}\n\nSolution Steps:\n{told}\n\nRequired Items:\n{items}\n\n"
        f"Moves:\n{numbered}"
    )


def _told(move: str) -> str:
    """A move as a sentence: `Pour the bottle of water to the tube.`"""
    if ":" not in move:  # who gives up names no thing
        return f"{move.capitalize()}."
    verb, _, rest = move.partition(":")
    thing, _, second = rest.partition("->")
    name, swapped = next(iter(MEANINGS.get(verb.strip().casefold(), ())), ("", False))
    link = "with" if swapped or (name and VERBS[name].symmetric) else "to"
    onto = f" {link} the {second.strip()}" if second.strip() else ""
    return f"{verb.strip().capitalize()} the {thing.strip()}{onto}." if thing.strip() else f"{move.capitalize()}."
