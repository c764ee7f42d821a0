"""The set a room belongs to, and the order of rooms: by the shortest way, never by anybody's results."""

import threading
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from escape.puzzles.files import BUNDLED, ROOMS, SETS, TOLD, TWISTS, sets_in, standard
from escape.rooms import guesser_chance, room_of
from escape.types import Puzzle


@lru_cache(maxsize=4)
def _of_their_own(*paths: Path) -> dict[str, str]:
    """Map the file names of puzzles in a set's own folder (easy, hard, told) to the name of the set."""
    folders = [(n, folder) for path in paths for n, folder in sets_in(path).items() if folder.name == n]
    return {file.stem: name for name, folder in folders for file in folder.glob("*.json")}


def band_of(puzzle: Puzzle) -> str:
    """Name the set that a puzzle belongs to; ROOMS for one that no set has."""
    return TWISTS if puzzle.twist_of else _of_their_own(BUNDLED, standard()).get(puzzle.problem_id, ROOMS)


def is_told(puzzle: Puzzle) -> bool:
    """Check whether a puzzle says what to do. It tests only the form, so it is in no share."""
    return band_of(puzzle) == TOLD


# a class that opens a server which has just started explores each room once, not once a visitor
_EXPLORING = threading.Lock()


@lru_cache(maxsize=2048)
def _difficulty(puzzle: Puzzle) -> tuple[bool, bool, int, float, str]:
    """Build the sort key of a puzzle. Unsolvable rooms come after the others, roomless puzzles last."""
    if puzzle.world is None:
        return True, True, 0, 0.0, puzzle.problem_id
    room = room_of(puzzle)
    shortest = room.graph.moves_left.get(room.start, 0)
    return False, not puzzle.solvable, shortest, -guesser_chance(puzzle), puzzle.problem_id


def by_difficulty(puzzles: Iterable[Puzzle]) -> list[Puzzle]:
    """Sort the easiest first: by the proven shortest way, then by the chance of guessing a rule."""
    with _EXPLORING:
        return sorted(puzzles, key=_difficulty)


def banded(puzzles: Iterable[Puzzle]) -> dict[str, list[Puzzle]]:
    """Group puzzles by set, in the order of SETS, the easiest first in each. Empty sets are left out."""
    by_set: dict[str, list[Puzzle]] = {name: [] for name in SETS}
    for puzzle in by_difficulty(puzzles):
        by_set[band_of(puzzle)].append(puzzle)
    return {name: members for name, members in by_set.items() if members}


def spread(puzzles: Iterable[Puzzle], n: int) -> list[Puzzle]:
    """Pick `n` puzzles evenly spread over difficulty, the same for everybody. All if there are no more.

    `n` is at least 2.
    """
    ordered = by_difficulty(puzzles)
    if len(ordered) <= n:
        return ordered
    return [ordered[round(i * (len(ordered) - 1) / (n - 1))] for i in range(n)]
