"""Draws that come out the same on every Python and platform: everything rests on `Random.random()` alone."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


class Dice:
    def __init__(self, seed: str) -> None:
        self._random = random.Random(seed).random  # noqa: S311 - a puzzle, not a secret

    def below(self, n: int) -> int:
        """Return a whole number from 0 to n - 1."""
        return int(self._random() * n)

    def pick(self, of: Sequence[T]) -> T:
        return of[self.below(len(of))]

    def in_turn(self, of: Sequence[T]) -> Iterator[T]:
        """All of them in a random order, each drawn when it is asked for."""
        remaining = list(of)
        while remaining:
            n = self.below(len(remaining))
            remaining[n], remaining[-1] = remaining[-1], remaining[n]
            yield remaining.pop()
