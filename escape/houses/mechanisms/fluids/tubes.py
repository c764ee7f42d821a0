"""Capsules that float up in tubes, filled from one flask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import ClassVar, Self

from pydantic import Field

from escape.houses.choice import DIALS, Choice, Exact
from escape.houses.dice import Dice
from escape.houses.obstacle import Called, lettered, listed
from escape.world import Amounts, Kind


class Tubes(Choice):
    """Upright tubes in a row. What rises above a spout flows on into the next tube; in each floats a capsule.

    Archimedes: a floating body displaces its own mass of water (1 g a ml), so that water V in a tube of section A
    round a
    capsule of mass m stands at h = (V + m) / A, and a capsule of section a dips in by m / a.
    """

    mechanism: ClassVar[str] = "tubes"
    title: ClassVar[str] = "Capsules in tubes"
    family: ClassVar[str] = "fluids and buoyancy"
    principles: ClassVar[tuple[str, ...]] = (
        "a floating body displaces its own mass of water",
        "a volume of water in a tube stands as high as volume over section",
    )
    law: ClassVar[str] = (
        "Capsules in tubes: water weighs 1 g a ml and loses nothing on the way. A capsule floats upright and dips in "
        "by its mass over its own section, and what it displaces raises the level round it. Water above a spout "
        "flows on."
    )
    fixtures: ClassVar[tuple[str, ...]] = ("tube", "ring")
    wordings: ClassVar[tuple[str, ...]] = (
        "Upright tubes in a row, filled from {place}; a spout leads on to the next. Set {dials} (mm above the "
        "bottom) to "
        "where the capsules' tops come to rest. The last top must reach {needed} mm.",
        "Whatever is poured into {place} rises, and flows on at each spout. The latch wants {dials} where the "
        "capsules' "
        "tops come to rest, in mm above the bottom, and the last top at {needed} mm or higher.",
        "A row of tubes begins at {place}, each with a capsule in it. The bolt goes back if the last capsule's top "
        "is at "
        "{needed} mm or above and {dials} mark where the tops rest.",
    )
    plain_wordings: ClassVar[tuple[str, ...]] = (
        "In {place} floats a capsule. The bolt goes back if its top comes up to {needed} mm above the bottom or "
        "higher.",
        "A capsule lies in {place}, too deep for an arm: its top is wanted at {needed} mm above the bottom, or higher.",
        "{place} stands upright, with a capsule in it. Raise the capsule's top to {needed} mm above the bottom or "
        "more.",
    )
    kind: ClassVar[Kind] = "flask"
    dial: ClassVar[str] = "ring"
    unit: ClassVar[str] = "mm"
    span: ClassVar[int] = 200
    place: ClassVar[str] = "tube"
    verb: ClassVar[str] = "pour"

    tube_cm2: tuple[int, ...] = Field(min_length=1, max_length=3)
    capsule_g: tuple[int, ...] = Field(min_length=1, max_length=3)
    capsule_cm2: tuple[int, ...] = Field(min_length=1, max_length=3)
    capsule_mm: tuple[int, ...] = Field(min_length=1, max_length=3)
    spout_mm: tuple[int, ...] = Field(max_length=2)
    needed_mm: int = Field(ge=1, le=10_000)

    @classmethod
    def draw(cls, dice: Dice, level: int, thing: Amounts) -> Self:
        """Tubes that this flask fills just far enough."""
        n = max(1, len(DIALS[level - 1]))
        section = [dice.between(3, 6) for _ in range(n)]
        made = cls(
            tube_cm2=tuple(dice.between(a + 3, a + 9) for a in section),
            capsule_g=tuple(a * dice.between(2, 6) for a in section),
            capsule_cm2=tuple(section),
            capsule_mm=tuple(dice.between(8, 16) * 10 for _ in section),
            spout_mm=tuple(dice.between(9, 16) * 10 for _ in section[1:]),
            needed_mm=1,
        )
        spare = cls.spare(dice)
        needed = int(made.tops(thing["volume_ml"] / (1 + spare))[-1])
        return made.model_copy(update={"needed_mm": max(1, needed)}).placed(dice, thing, level)

    def tops(self, volume_ml: Fraction) -> tuple[Fraction, ...]:
        """How high each capsule's top comes to rest, in mm above the bottom."""
        found, left = [], volume_ml
        for i, area in enumerate(self.tube_cm2):
            level = 10 * (left + self.capsule_g[i]) / area
            if i < len(self.spout_mm) and level > self.spout_mm[i]:
                level = Fraction(self.spout_mm[i])
            left -= level * area / 10 - self.capsule_g[i]
            found.append(self.capsule_mm[i] + max(Fraction(0), level - self._draught(i)))
        return tuple(found)

    def _draught(self, i: int) -> Fraction:
        return Fraction(10 * self.capsule_g[i], self.capsule_cm2[i])

    @property
    def wanted_ml(self) -> Fraction:
        """The water that raises the last capsule's top just far enough."""
        levels = [*map(Fraction, self.spout_mm), self.needed_mm - self.capsule_mm[-1] + self._draught(-1)]
        return sum((h * a / 10 - m for h, a, m in zip(levels, self.tube_cm2, self.capsule_g, strict=True)), Fraction(0))

    def exact(self, thing: Amounts) -> Exact:
        volume = Fraction(thing["volume_ml"])
        tops = self.tops(volume)
        there = listed([f"{float(x):.1f}" for x in tops])
        reason = f"{volume} ml bring the tops to {there} mm; {self.needed_mm} mm are needed at the last."
        return Exact(volume / self.wanted_ml - 1, tops, reason)

    @property
    def facts(self) -> Mapping[str, int | str]:
        return {"needed": self.needed_mm}

    def table(self, called: Called) -> Sequence[str]:
        return [
            f"{called(name)}: {self.tube_cm2[i]} cm2 inside; capsule {self.capsule_mm[i]} mm high, "
            f"{self.capsule_cm2[i]} cm2 in section, {self.capsule_g[i]} g"
            + (f"; spout {self.spout_mm[i]} mm above the bottom" if i < len(self.spout_mm) else "")
            for i, name in enumerate(lettered("tube", len(self.tube_cm2)))
        ]
