"""What only looking tells, where a room is played move by move: limits with a figure that name one of its things."""

from __future__ import annotations

import re
from collections.abc import Mapping

from escape.fields import normalized_name
from escape.schema import Puzzle

_FIGURE, _WORDS = re.compile(r"\d"), re.compile(r"[^\W_]+")


def on_things(puzzle: Puzzle) -> dict[str, tuple[str, ...]]:
    """Thing -> the limits that are read on it."""
    things = [*puzzle.setup.available_items, *(puzzle.world.things if puzzle.world else ())]
    found: dict[str, tuple[str, ...]] = {}
    for limit in puzzle.setup.constraints:
        if _FIGURE.search(limit):
            for thing in dict.fromkeys(map(normalized_name, things)):
                if _spaced(thing) in _spaced(limit.casefold()):
                    found[thing] = (*found.get(thing, ()), limit)
    return found


def _spaced(text: str) -> str:
    return f" {' '.join(_WORDS.findall(text))} "


def at_once(puzzle: Puzzle, on: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The limits that a player is told from the start."""
    hidden = {limit for limits in on.values() for limit in limits}
    return tuple(limit for limit in puzzle.setup.constraints if limit not in hidden)
