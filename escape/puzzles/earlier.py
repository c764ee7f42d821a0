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
    """Compute the SHA-256 of a puzzle with its room, which identifies files of earlier releases."""
    document = json.dumps(puzzle.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(document.encode()).hexdigest()


def of_today(puzzle: Puzzle, today: Puzzle | None) -> Puzzle:
    """Replace a puzzle by today's version if both have the same text and things, else return it."""
    if today is None or today.setup != puzzle.setup or not (today.world and puzzle.world):
        return puzzle
    return today if today.world.things == puzzle.world.things else puzzle


def is_earlier(puzzle: Puzzle) -> bool:
    """Check whether an earlier release had exactly this puzzle under this id."""
    return fingerprint(puzzle) in _earlier()
