"""Puzzles of earlier releases, which old runs bring along."""

import hashlib
import json
from functools import lru_cache
from pathlib import Path

from escape.types import Puzzle

EARLIER = Path(__file__).with_name("earlier.txt")


@lru_cache(maxsize=1)
def _earlier() -> frozenset[str]:
    return frozenset(
        line.split()[0] for line in EARLIER.read_text("utf-8").splitlines() if line[:1] not in {"", "#"}
    )


def fingerprint(puzzle: Puzzle) -> str:
    """Return the SHA-256 of a puzzle with its room, by which a file of an earlier release is known."""
    document = json.dumps(puzzle.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(document.encode()).hexdigest()


def of_today(puzzle: Puzzle, today: Puzzle | None) -> Puzzle:
    """Return today's puzzle of the same name, if it tells the same of itself as this one and has the same
    things.
    """
    if today is None or today.setup != puzzle.setup or not (today.world and puzzle.world):
        return puzzle
    return today if today.world.things == puzzle.world.things else puzzle


def is_earlier(puzzle: Puzzle) -> bool:
    """Return whether a puzzle is one that an earlier release had under this name."""
    return fingerprint(puzzle) in _earlier()
