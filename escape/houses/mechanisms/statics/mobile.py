"""A mobile: bars that hang below one another and have to balance, with one stone at the bottom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import ClassVar, Self

from pydantic import Field

from escape.houses.choice import DIALS, Choice, Exact
from escape.houses.dice import Dice
from escape.houses.obstacle import Called, lettered, listed
from escape.world import Amounts, Kind


class Mobile(Choice):
    """Bar a is the lowest; each further bar carries all that hangs below at its right end and a weight at its left.

    Archimedes' law of the lever: in balance the moments about the hook are equal. With W at the left end, B at the
    right, the bar's own G at its middle and the hook x from the left: W x + G (x - L/2) = B (L - x).
    """

    mechanism: ClassVar[str] = "mobile"
    title: ClassVar[str] = "A mobile"
    family: ClassVar[str] = "levers and balance"
    principles: ClassVar[tuple[str, ...]] = (
        "in balance the moments on both sides of a pivot are equal",
        "a bar's weight acts at its middle",
    )
    law: ClassVar[str] = (
        "Mobiles: each bar hangs by a hook on it, the lowest first, with a weight at its left end; the stone hangs "
        "at the "
        "lowest bar's right end, and each bar with its whole load at the right end of the next above. A bar's own "
        "weight acts "
        "at its middle."
    )
    fixtures: ClassVar[tuple[str, ...]] = ("thread", "hook")
    wordings: ClassVar[tuple[str, ...]] = (
        "A stone on {place} hangs from the lowest bar. Set {dials} (mm from the left end) so that every bar is "
        "level; the "
        "ceiling must carry {least} g or more in all.",
        "Bars hang one below the other, the lowest with {place} at its right end. {dials} slide along them, in mm "
        "from the "
        "left: all level, and {least} g or more on the ceiling's spring.",
        "The mobile's spring in the ceiling trips at {least} g, if no bar tilts. {place} takes a stone; {dials} are "
        "set in mm "
        "from each bar's left end.",
    )
    plain_wordings: ClassVar[tuple[str, ...]] = (
        "A bar hangs from the ceiling, with {place} for a stone. The spring above trips when it bears {least} g or "
        "more.",
        "The spring in the ceiling trips at {least} g; it bears the bar, its weight, and what is tied to {place}.",
        "Tie enough to {place}: bar, weight and stone must pull at the ceiling with {least} g or more.",
    )
    kind: ClassVar[Kind] = "stone"
    dial: ClassVar[str] = "hook"
    unit: ClassVar[str] = "mm"
    span: ClassVar[int] = 80
    place: ClassVar[str] = "thread"
    verb: ClassVar[str] = "tie"

    bar_mm: tuple[int, ...] = Field(min_length=1, max_length=3)
    bar_g: tuple[int, ...] = Field(min_length=1, max_length=3)
    weight_g: tuple[int, ...] = Field(min_length=1, max_length=3)
    least_g: int = Field(ge=1, le=10_000_000)

    @classmethod
    def draw(cls, dice: Dice, level: int, thing: Amounts) -> Self:
        """Bars that this stone loads just enough."""
        n, hanging = max(1, len(DIALS[level - 1])), thing["mass_g"]
        bars, own, weights = [], [], []
        for _ in range(n):
            bars.append(dice.between(40, 95) * 10)
            own.append(dice.between(5, 40) * 10)
            weights.append(max(50, hanging * dice.between(50, 160) // 1000 * 10))
            hanging += own[-1] + weights[-1]
        others = hanging - thing["mass_g"]
        least = others + int(thing["mass_g"] / (1 + cls.spare(dice)))
        made = cls(bar_mm=tuple(bars), bar_g=tuple(own), weight_g=tuple(weights), least_g=least)
        return made.placed(dice, thing, level)

    def exact(self, thing: Amounts) -> Exact:
        load, marks = Fraction(thing["mass_g"]), []
        for length, own, weight in zip(self.bar_mm, self.bar_g, self.weight_g, strict=True):
            marks.append((load * length + own * Fraction(length, 2)) / (weight + own + load))
            load += weight + own
        needed = self.least_g - (load - thing["mass_g"])
        reason = f"The ceiling bears {load} g; {self.least_g} are needed."
        if self.dials:
            reason += f" The bars are level with hooks at {listed([f'{float(x):.1f}' for x in marks])} mm."
        return Exact(thing["mass_g"] / Fraction(needed) - 1, tuple(marks), reason)

    @property
    def facts(self) -> Mapping[str, int | str]:
        return {"least": self.least_g}

    def table(self, called: Called) -> Sequence[str]:
        return [
            f"bar of {called(name)}: {self.bar_mm[i]} mm, {self.bar_g[i]} g; {self.weight_g[i]} g at its left end"
            for i, name in enumerate(lettered("hook", len(self.bar_mm)))
        ]
