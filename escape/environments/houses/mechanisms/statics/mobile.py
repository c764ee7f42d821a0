"""A mobile: bars that hang below one another and have to balance, with one stone at the bottom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import ClassVar, Self

from pydantic import Field

from escape.environments.dice import Dice
from escape.environments.houses.obstacles import Called, Choice, Exact, Many
from escape.types import Amounts, Kind


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
        "Mobiles: bars are listed from the lowest up. Each hangs by a hook that slides along it, told in mm from its "
        "left end, and is level if the moments about the hook are equal. It has a weight at its left end; at its "
        "right end hangs the stone from the lowest bar, and from every other bar the next lower one with all it "
        "bears. A bar's own weight acts at its middle; threads and hooks weigh nothing."
    )
    fixtures: ClassVar[tuple[str, ...]] = ("thread", "hook")
    wordings: ClassVar[tuple[str, ...]] = (
        "A stone hangs on {place}. Set {dials} (mm from the left) so that every bar is level; all that hangs must "
        "weigh {least} g or more.",
        "Bars hang one from the other, {place} on the lowest. Level all of them with {dials} (mm from the left); the "
        "ceiling must bear {least} g or more.",
        "The ceiling's spring trips at {least} g or more in all, if every bar is level with a stone on {place}. Set "
        "{dials} accordingly, in mm from the left.",
    )
    plain_wordings: ClassVar[tuple[str, ...]] = (
        "A bar is held level under the ceiling, with {place} for a stone. The spring above trips when it bears "
        "{least} g or more in all.",
        "The spring in the ceiling trips at {least} g or more; it bears the bar, its weight, and what is tied to "
        "{place}.",
        "Tie enough to {place}: bar, weight and stone must pull at the ceiling with {least} g or more.",
    )
    kind: ClassVar[Kind] = "stone"
    dial: ClassVar[str] = "hook"
    unit: ClassVar[str] = "mm"
    place: ClassVar[str] = "thread"
    verb: ClassVar[str] = "tie"

    bar_mm: Many = Field(min_length=1, max_length=3)
    bar_g: Many = Field(min_length=1, max_length=3)
    weight_g: Many = Field(min_length=1, max_length=3)
    least_g: int = Field(ge=1, le=10_000_000)

    def contradiction(self) -> str:
        n = len(self.bar_mm)
        if not n == len(self.bar_g) == len(self.weight_g) or not self.has_dials(n):
            return "its bars, weights and dials are not equally many"
        return "it asks for no stone" if self.least_g <= sum(self.bar_g) + sum(self.weight_g) else ""

    @classmethod
    def drawn(cls, dice: Dice, dials: int, thing: Amounts) -> Self:
        """Bars that this stone loads just enough."""
        hanging = thing["mass_g"]
        bars, own, weights = [], [], []
        for _ in range(max(1, dials)):
            bars.append(dice.between(40, 95) * 10)
            own.append(dice.between(5, 40) * 10)
            weights.append(max(50, hanging * dice.between(50, 160) // 1000 * 10))
            hanging += own[-1] + weights[-1]
        least = hanging - thing["mass_g"] + int(thing["mass_g"] / (1 + cls.spare(dice)))
        return cls(bar_mm=tuple(bars), bar_g=tuple(own), weight_g=tuple(weights), least_g=least)

    def is_sensible(self, thing: Amounts) -> bool:
        # no hook lies nearer to an end than a tenth of the bar
        marks = zip(self.exact(thing).marks, self.bar_mm, strict=True)
        return all(length <= 10 * mark <= 9 * length for mark, length in marks)

    @property
    def scales(self) -> tuple[Fraction, ...]:
        return tuple(Fraction(45 * length, 100) for length in self.bar_mm)

    def exact(self, thing: Amounts) -> Exact:
        load, marks = Fraction(thing["mass_g"]), []
        for length, own, weight in zip(self.bar_mm, self.bar_g, self.weight_g, strict=True):
            marks.append((load * length + own * Fraction(length, 2)) / (weight + own + load))
            load += weight + own
        needed = self.least_g - (load - thing["mass_g"])
        reason = f"The ceiling bears {load} g; {self.least_g} are needed."
        if self.dials:
            reason += f" The bars are level with hooks at {self.in_words(marks)} mm."
        return Exact(thing["mass_g"] / Fraction(needed) - 1, tuple(marks), reason)

    @property
    def facts(self) -> Mapping[str, int | str]:
        return {"least": self.least_g}

    def table(self, name_of: Called) -> Sequence[str]:
        which = ["lowest bar" if self.dials else "bar", "next bar up", "next bar up"]
        return [
            which[i]
            + (f" ({name_of(self.dials[i])})" if self.dials else "")
            + f": {length} mm long, {self.bar_g[i]} g; {self.weight_g[i]} g at its left end"
            for i, length in enumerate(self.bar_mm)
        ]
