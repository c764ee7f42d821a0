"""Vessels joined by pipes with valves: an open valve evens out the two levels."""

from __future__ import annotations

import math
from bisect import bisect
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import ClassVar, Self

from pydantic import Field

from escape.environments.dice import Dice
from escape.environments.houses.obstacles import Act, Aim, Called, Machine, State, lettered

# level -> vessels, pipes, and about how many valves are opened
SIZES = ((3, 3, 1), (4, 4, 2), (4, 4, 3), (4, 5, 4), (4, 5, 5))
WINDOW = 2  # mm between the bounds of what is wanted
MOST = 12  # openings


class Valves(Machine):
    """Communicating vessels: in two that are joined, water stands equally high (Stevin, Pascal)."""

    mechanism: ClassVar[str] = "valves"
    title: ClassVar[str] = "Communicating vessels"
    family: ClassVar[str] = "pressure in water"
    principles: ClassVar[tuple[str, ...]] = ("water stands equally high in vessels that are joined",)
    law: ClassVar[str] = (
        "Vessels: when a valve is opened, water flows until it stands equally high in the two vessels that it joins; "
        "then the valve is shut again. Pipes lie at the bottom and hold no water, nothing is lost or overflows, and an "
        "opening counts even if nothing flows."
    )
    fixtures: ClassVar[tuple[str, ...]] = ("valve",)
    wordings: ClassVar[tuple[str, ...]] = (
        "Pipes join upright vessels. The float in vessel {which} opens the door at {low} to {high} mm, both bounds "
        "included. The handle lasts for {bound} openings.",
        "In vessel {which} the water must stand at {low} to {high} mm, bounds included, after {bound} openings or "
        "fewer.",
        "The door waits for {low} to {high} mm in vessel {which}, both bounds included. Valves may be opened {bound} "
        "times in all.",
    )
    top: ClassVar[int] = len(SIZES)
    slacks: ClassVar[tuple[int, ...]] = (1, 0)  # many orders of opening come to the same
    verb: ClassVar[str] = "open"

    section_cm2: tuple[int, ...] = Field(min_length=2, max_length=6)
    level_mm: tuple[int, ...] = Field(min_length=2, max_length=6)
    pipes: tuple[int, ...] = Field(min_length=2, max_length=20)  # two vessels a pipe, numbered from 0
    which: int = Field(ge=0, le=5)
    low_mm: int = Field(ge=0, le=10_000)
    high_mm: int = Field(ge=0, le=10_000)

    @classmethod
    def draw(cls, dice: Dice, level: int) -> Self:
        """Vessels whose wanted level is as many openings away as the level says."""
        return cls.fitting(dice, level, cls._bare(dice, level))

    @classmethod
    def _bare(cls, dice: Dice, level: int) -> Iterator[Self]:
        vessels, pipes, openings = SIZES[level - 1]
        pairs = [(a, b) for a in range(vessels) for b in range(a + 1, vessels)]
        for _ in range(60):
            sections = tuple(dice.between(1, 9) for _ in range(vessels))
            levels = tuple(dice.between(0, 30) * 20 for _ in range(vessels))
            joins = tuple(x for pair in dice.some(pipes, pairs) for x in pair)
            yield cls.bare(section_cm2=sections, level_mm=levels, pipes=joins, bound=openings)

    def aims(self, dice: Dice, states: Sequence[State]) -> Iterator[Aim]:
        vessels = range(len(self.section_cm2))
        values = [[state[v] if isinstance(state, tuple) else 0 for state in states] for v in vessels]
        upwards = [sorted((level, n) for n, level in enumerate(levels)) for levels in values]
        for n in dice.in_turn(range(1, len(states))):
            which = dice.below(len(vessels))
            low = max(0, values[which][n] // self._fine - dice.below(2))
            least, most = low * self._fine, (low + WINDOW) * self._fine
            inside = upwards[which][bisect(upwards[which], (least,)) : bisect(upwards[which], (most, len(states)))]
            where = frozenset(i for _, i in inside)
            yield {"which": which, "low_mm": low, "high_mm": low + WINDOW}, where

    def fault(self) -> str:
        n = len(self.section_cm2)
        if len(self.level_mm) != n or len(self.pipes) % 2 or not all(0 <= x < n for x in (self.which, *self.pipes)):
            return "the vessels' tables do not belong together"
        if any(a == b for a, b in self._pairs):
            return "a pipe joins a vessel to itself"
        inside = all(1 <= x <= 100 for x in self.section_cm2) and all(0 <= x <= 10_000 for x in self.level_mm)
        return "" if inside and self.bound <= MOST else "a number is too large or too small"

    @property
    def _pairs(self) -> tuple[tuple[int, int], ...]:
        return tuple(zip(self.pipes[::2], self.pipes[1::2], strict=True))

    @property
    def names(self) -> tuple[str, ...]:
        return lettered("valve", len(self.pipes) // 2)

    @property
    def acts(self) -> tuple[Act, ...]:
        return tuple((name, "") for name in self.names)

    @property
    def first(self) -> State:
        return tuple(self._fine * level for level in self.level_mm)

    @cached_property
    def _fine(self) -> int:
        """Parts of a millimetre, so many that every opening comes out even: levels are exact."""
        fine = 1
        for _ in range(MOST):
            fine *= math.lcm(*(self.section_cm2[a] + self.section_cm2[b] for a, b in self._pairs))
        return fine

    def step(self, state: State, act: Act) -> State | None:
        levels = list(state) if isinstance(state, tuple) else []
        a, b, of_a, of_b = self._joined[act[0]]
        levels[a] = levels[b] = (levels[a] * of_a + levels[b] * of_b) // (of_a + of_b)
        return tuple(levels)

    @cached_property
    def _joined(self) -> dict[str, tuple[int, int, int, int]]:
        """The two vessels that each valve joins, and their sections."""
        ends = [(a, b, self.section_cm2[a], self.section_cm2[b]) for a, b in self._pairs]
        return dict(zip(self.names, ends, strict=True))

    def reached(self, state: State) -> bool:
        return isinstance(state, tuple) and self.low_mm * self._fine <= state[self.which] <= self.high_mm * self._fine

    def tell(self, before: State, act: Act, after: State | None, name_of: Called) -> str:
        levels = after if isinstance(after, tuple) else ()
        levels_text = ", ".join(f"{x / self._fine:.1f}" for x in levels)
        return f"The vessels stand at {levels_text} mm."

    @property
    def facts(self) -> Mapping[str, int | str]:
        return {"which": self.which + 1, "low": self.low_mm, "high": self.high_mm}

    def table(self, name_of: Called) -> Sequence[str]:
        vessels = enumerate(zip(self.section_cm2, self.level_mm, strict=True), 1)
        pipes = zip(self.names, self._pairs, strict=True)
        levels_text = "; ".join(f"{i}: {section} cm2, water {level} mm high" for i, (section, level) in vessels)
        joined = "; ".join(f"{name_of(n)} joins {a + 1} and {b + 1}" for n, (a, b) in pipes)
        return [f"Vessels: {levels_text}.", f"Valves: {joined}."]

    def forms(self, name_of: Called) -> tuple[str, ...]:
        return (f"open: VALVE ({name_of(self.names[0])} to {name_of(self.names[-1])})",)
