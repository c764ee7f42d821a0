"""Switches that turn lamps over, each only while its relay lets it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import ClassVar, Self

from pydantic import Field

from escape.environments.dice import Dice
from escape.environments.houses.obstacles import Act, Aim, Called, Machine, State, lettered, listed

# level -> lamps and switches, and about how many presses it takes
SIZES = ((3, 2), (4, 2), (4, 3), (5, 4), (5, 5), (6, 6), (6, 6), (7, 7), (7, 8), (8, 8), (9, 9), (9, 9))


class Relays(Machine):
    """A two-way switch turns its lamps over; a relay in its line closes only while its own lamp is lit, or dark."""

    mechanism: ClassVar[str] = "relays"
    title: ClassVar[str] = "Switches and relays"
    family: ClassVar[str] = "switching"
    principles: ClassVar[tuple[str, ...]] = (
        "a two-way switch turns a lamp over, lit to dark and dark to lit",
        "a relay closes its line only while its own coil has current, or only while it has none",
    )
    law: ClassVar[str] = (
        "Relays: a press turns all lamps of its switch over, lit to dark and dark to lit, if the lamp of its relay "
        "was as said just before the press; otherwise the press counts and does nothing. Lamps are listed in order, "
        "lamp 1 first."
    )
    fixtures: ClassVar[tuple[str, ...]] = ("switch",)
    wordings: ClassVar[tuple[str, ...]] = (
        "Lamps stand in a row; the fuse bears {bound} presses. Now they are: {now}. The door opens when they are: "
        "{wanted}.",
        "A row of lamps now shows: {now}. It must show: {wanted}, after {bound} presses or fewer.",
        "The bolt reads a row of lamps. It now shows: {now}. It must come to show: {wanted}. You have {bound} presses.",
    )
    top: ClassVar[int] = len(SIZES)
    verb: ClassVar[str] = "press"

    lamps: int = Field(ge=2, le=10)
    lit: int = Field(ge=0, lt=1024)  # a bit a lamp, the first lamp the lowest
    wanted: int = Field(ge=0, lt=1024)
    turns_over: tuple[int, ...] = Field(min_length=2, max_length=10)  # for each switch, a bit a lamp
    relay: tuple[int, ...] = Field(min_length=2, max_length=10)  # for each switch, its relay's lamp, from 1
    relay_lit: tuple[int, ...] = Field(min_length=2, max_length=10)  # 1: while that lamp is lit, 0: while it is dark

    @classmethod
    def draw(cls, dice: Dice, level: int) -> Self:
        """Switches whose wanted pattern is as far off as the level says."""
        return cls.fitting(dice, level, cls._bare(dice, level))

    @classmethod
    def _bare(cls, dice: Dice, level: int) -> Iterator[Self]:
        n, presses = SIZES[level - 1]
        for _ in range(80):
            over, relay, when = [], [], []
            for _ in range(n):
                relay.append(dice.between(1, n))
                others = [x for x in range(n) if x != relay[-1] - 1]
                over.append(sum(1 << x for x in dice.some(dice.between(1, min(3, n - 1)), others)))
                when.append(dice.below(2))
            yield cls.bare(
                lamps=n,
                lit=dice.below(1 << n),
                wanted=0,
                turns_over=tuple(over),
                relay=tuple(relay),
                relay_lit=tuple(when),
                bound=presses + 3,
            )

    def aims(self, dice: Dice, states: Sequence[State]) -> Iterator[Aim]:
        for n in dice.in_turn(range(1, len(states))):
            yield {"wanted": states[n]}, frozenset({n})

    def fault(self) -> str:
        if not len(self.turns_over) == len(self.relay) == len(self.relay_lit):
            return "the switches' tables differ in length"
        if any(not 0 <= x < 1 << self.lamps for x in (self.lit, self.wanted, *self.turns_over)) or 0 in self.turns_over:
            return "there is no such lamp"
        if any(not 1 <= x <= self.lamps for x in self.relay) or not {0, 1}.issuperset(self.relay_lit):
            return "there is no such relay"
        return ""

    @property
    def names(self) -> tuple[str, ...]:
        return lettered("switch", len(self.relay))

    @property
    def acts(self) -> tuple[Act, ...]:
        return tuple((name, "") for name in self.names)

    @property
    def first(self) -> State:
        return self.lit

    def step(self, state: State, act: Act) -> State | None:
        if not isinstance(state, int):
            return None
        lamp, lit, over = self._switches[act[0]]
        return state ^ over if state >> lamp & 1 == lit else state

    @cached_property
    def _switches(self) -> dict[str, tuple[int, int, int]]:
        """Of each switch its relay's lamp from 0, how that has to be, and the lamps that it turns over."""
        lamps = [n - 1 for n in self.relay]
        return dict(zip(self.names, zip(lamps, self.relay_lit, self.turns_over, strict=True), strict=True))

    def reached(self, state: State) -> bool:
        return state == self.wanted

    def tell(self, before: State, act: Act, after: State | None, name_of: Called) -> str:
        if before == after:
            return f"Its relay is open: nothing changes. The lamps show {self._shown(int(str(after)))}."
        return f"The lamps show {self._shown(int(str(after)))}."

    def _shown(self, lit: int) -> str:
        return " ".join("lit" if lit >> i & 1 else "dark" for i in range(self.lamps))

    @property
    def facts(self) -> Mapping[str, int | str]:
        return {"now": self._shown(self.lit), "wanted": self._shown(self.wanted)}

    def table(self, name_of: Called) -> Sequence[str]:
        return [
            f"{name_of(name)}: turns over {self._lamps(self.turns_over[i])}, "
            f"only if lamp {self.relay[i]} is {'lit' if self.relay_lit[i] else 'dark'}"
            for i, name in enumerate(self.names)
        ]

    def _lamps(self, which: int) -> str:
        numbers = [str(i + 1) for i in range(self.lamps) if which >> i & 1]
        return f"lamp{'s' if numbers[1:] else ''} {listed(numbers)}"

    def forms(self, name_of: Called) -> tuple[str, ...]:
        return (f"press: SWITCH ({name_of(self.names[0])} to {name_of(self.names[-1])})",)
