"""Looking: limits that name a thing, and how things stand. Move by move, figures are told by it alone."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from escape.rooms.room import Room, State
from escape.types import Puzzle, normalized_name

_FIGURE, _WORDS = re.compile(r"\d"), re.compile(r"[^\W_]+")
_NO_STATE = {"yes", "no", "none"}  # of a fact that says whether something was done, not how a thing stands


def on_things(puzzle: Puzzle, *, figures: bool = True) -> dict[str, tuple[str, ...]]:
    """Thing -> the limits that are read on it. With `figures`, only those with a figure."""
    things = [*puzzle.setup.available_items, *(puzzle.world.things if puzzle.world else ())]
    by_thing: dict[str, tuple[str, ...]] = {}
    for limit in puzzle.setup.constraints:
        if _FIGURE.search(limit) or not figures:
            for thing in dict.fromkeys(map(normalized_name, things)):
                if _spaced(thing) in _spaced(limit.casefold()):
                    by_thing[thing] = (*by_thing.get(thing, ()), limit)
    return by_thing


def _spaced(text: str) -> str:
    return f" {' '.join(_WORDS.findall(text))} "


def at_once(puzzle: Puzzle, on: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return the limits that a player is told from the start."""
    hidden = {limit for limits in on.values() for limit in limits}
    return tuple(limit for limit in puzzle.setup.constraints if limit not in hidden)


def stands(room: Room, state: State) -> dict[str, str]:
    """Thing -> how it stands, where a fact of the room is named after it: `ping pong ball` -> `at the rim`."""
    facts = ((room.names.find(fact, loose=False), fact, value) for fact, value in zip(room.facts, state, strict=True))
    return {
        normalized_name(thing): value
        for thing, fact, value in facts
        if thing and value not in _NO_STATE and not _is_inside(fact, normalized_name(thing))
    }


def _is_inside(fact: str, thing: str) -> bool:
    """Return whether a fact is about what is in a thing: `water`, of a `bottle of water`."""
    holder, _, content = thing.partition(" of ")
    fact = normalized_name(fact)
    return bool(content) and _spaced(fact) in _spaced(content) and _spaced(fact) not in _spaced(holder)


class Eyes:
    """A person's looking: what a thing is and how it stands now. Without a thing, everything that is there."""

    def __init__(self, room: Room) -> None:
        self._room, self._limits = room, on_things(room.puzzle, figures=False)

    def __call__(self, thing: str, state: State) -> Sequence[str]:
        now = stands(self._room, state)
        if not thing:
            return [f"there are {', '.join(t + (f' ({now[t]})' if t in now else '') for t in self._room.things)}"]
        lines = [f"{thing}: {now[thing]}"] if thing in now else []
        return [*lines, *self._limits.get(thing, ())] or [f"{thing}: nothing about it that you were not told"]
