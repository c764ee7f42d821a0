"""Vessels joined by pipes with valves: an open valve evens out the two levels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar, Self

from pydantic import Field

from escape.houses.dice import Dice
from escape.houses.machine import Act, Machine
from escape.houses.obstacle import Called, State, lettered

# level -> vessels, pipes, and about how many valves are opened
SIZES = ((3, 3, 1), (4, 4, 2), (4, 4, 3), (4, 5, 4), (4, 5, 5))
FINE = 10**6  # levels are reckoned in nanometres


class Valves(Machine):
    """Communicating vessels: in two that are joined, water stands equally high (Stevin, Pascal)."""

    mechanism: ClassVar[str] = "valves"
    title: ClassVar[str] = "Communicating vessels"
    family: ClassVar[str] = "pressure in water"
    principles: ClassVar[tuple[str, ...]] = ("water stands equally high in vessels that are joined",)
    law: ClassVar[str] = (
        "Vessels: while a valve is open, water flows until it stands equally high on both sides; then the valve is "
        "shut "
        "again. Pipes lie at the bottom and hold no water, and nothing is lost."
    )
    fixtures: ClassVar[tuple[str, ...]] = ("valve",)
    wordings: ClassVar[tuple[str, ...]] = (
        "Pipes join upright vessels. The float in vessel {which} opens the door between {low} and {high} mm, both "
        "included. "
        "The handle lasts for {bound} openings.",
        "In vessel {which} the water must stand at {low} to {high} mm, bounds included, after {bound} openings or "
        "fewer.",
        "The door waits for {low} to {high} mm in vessel {which}, either bound counting. A valve may be opened {bound} "
        "times in all.",
    )
    top: ClassVar[int] = len(SIZES)
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
            yield cls(
                section_cm2=tuple(dice.between(1, 9) for _ in range(vessels)),
                level_mm=tuple(dice.between(0, 30) * 20 for _ in range(vessels)),
                pipes=tuple(x for pair in dice.some(pipes, pairs) for x in pair),
                which=0,
                low_mm=0,
                high_mm=0,
                bound=openings,
            )

    def aims(self, dice: Dice, states: Sequence[State]) -> Iterator[tuple[Self, frozenset[int]]]:
        for n in reversed(dice.shuffled(range(1, len(states)))[:40]):
            end, which = states[n], dice.below(len(self.section_cm2))
            low = max(0, (end[which] if isinstance(end, tuple) else 0) // FINE - dice.below(2))
            aimed = self.model_copy(update={"which": which, "low_mm": low, "high_mm": low + 2})
            yield aimed, frozenset(i for i, state in enumerate(states) if aimed.reached(state))

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
        return tuple(FINE * level for level in self.level_mm)

    def step(self, state: State, act: Act) -> State | None:
        levels = list(state) if isinstance(state, tuple) else []
        a, b = self._pairs[self.names.index(act[0])]
        whole = levels[a] * self.section_cm2[a] + levels[b] * self.section_cm2[b]
        levels[a] = levels[b] = whole // (self.section_cm2[a] + self.section_cm2[b])
        return tuple(levels)

    def reached(self, state: State) -> bool:
        return isinstance(state, tuple) and self.low_mm * FINE <= state[self.which] <= self.high_mm * FINE

    def tell(self, before: State, act: Act, after: State | None, called: Called) -> str:
        levels = after if isinstance(after, tuple) else ()
        there = ", ".join(f"{x / FINE:.1f}" for x in levels)
        return f"The vessels stand at {there} mm."

    @property
    def facts(self) -> Mapping[str, int | str]:
        return {"which": self.which + 1, "low": self.low_mm, "high": self.high_mm}

    def table(self, called: Called) -> Sequence[str]:
        vessels = enumerate(zip(self.section_cm2, self.level_mm, strict=True), 1)
        pipes = zip(self.names, self._pairs, strict=True)
        return [
            "Vessels: "
            + "; ".join(f"{i}: {section} cm2, water {level} mm high" for i, (section, level) in vessels)
            + ".",
            "Valves: " + "; ".join(f"{called(n)} joins {a + 1} and {b + 1}" for n, (a, b) in pipes) + ".",
        ]

    def forms(self, called: Called) -> tuple[str, ...]:
        return (f"open: VALVE ({called(self.names[0])} to {called(self.names[-1])})",)
