"""Capsules that float up in tubes, filled from one flask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import ClassVar, Self

from pydantic import Field

from escape.houses.choice import Choice, Exact, Many
from escape.houses.dice import Dice
from escape.houses.obstacle import Called
from escape.world import Amounts, Kind


class Tubes(Choice):
    """Upright tubes in a row. What rises above a spout flows on into the next tube; in each floats a capsule.

    Archimedes: a floating body displaces its own mass of water (1 g a ml), so that water V in a tube of section A
    round a capsule of mass m stands at h = (V + m) / A, and a capsule of section a dips in by m / a.
    """

    mechanism: ClassVar[str] = "tubes"
    title: ClassVar[str] = "Capsules in tubes"
    family: ClassVar[str] = "fluids and buoyancy"
    principles: ClassVar[tuple[str, ...]] = (
        "a floating body displaces its own mass of water",
        "a volume of water in a tube stands as high as volume over section",
    )
    law: ClassVar[str] = (
        "Capsules in tubes: the tubes are upright and, but for a capsule each, empty; 1 ml of water weighs 1 g, and "
        "none is lost. A capsule floats upright, displaces its own mass of water and so dips in by that over its own "
        "section; the level round it rises accordingly. Water that would stand above a spout flows into the next "
        "tube; the last, which may be the only one, has no spout and is high enough. Heights are above the tube's own "
        "bottom, with all at rest."
    )
    fixtures: ClassVar[tuple[str, ...]] = ("tube", "ring")
    wordings: ClassVar[tuple[str, ...]] = (
        "A flask is poured into {place}; the water in the last tube must come to {needed} mm or higher. Set {dials}, "
        "in mm, to where the capsules' tops rest.",
        "The latch wants {dials} at the heights of the capsules' tops, in mm, once {place} has its flask, and the last "
        "tube's water at {needed} mm or more.",
        "What is poured into {place} must bring the last tube's water to at least {needed} mm. Set {dials}, in mm, to "
        "where the capsules' tops rest then.",
    )
    plain_wordings: ClassVar[tuple[str, ...]] = (
        "A capsule lies in {place}. The bolt goes back if the water comes to {needed} mm above the bottom or higher.",
        "The bolt wants water in {place}, round the capsule there, that stands {needed} mm above the bottom or higher.",
        "A capsule waits in {place}. Bring the water there to {needed} mm above the bottom or more.",
    )
    kind: ClassVar[Kind] = "flask"
    dial: ClassVar[str] = "ring"
    unit: ClassVar[str] = "mm"
    place: ClassVar[str] = "tube"
    verb: ClassVar[str] = "pour"

    tube_cm2: Many = Field(min_length=1, max_length=3)
    capsule_g: Many = Field(min_length=1, max_length=3)
    capsule_cm2: Many = Field(min_length=1, max_length=3)
    capsule_mm: Many = Field(min_length=1, max_length=3)
    spout_mm: Many = Field(max_length=2)
    needed_mm: int = Field(ge=1, le=10_000)  # of the water in the last tube

    def contradiction(self) -> str:
        n = len(self.tube_cm2)
        if not n == len(self.capsule_g) == len(self.capsule_cm2) == len(self.capsule_mm) == len(self.spout_mm) + 1:
            return "its tubes, capsules and spouts do not belong together"
        if any(a <= b for a, b in zip(self.tube_cm2, self.capsule_cm2, strict=True)):
            return "a capsule is as wide as its tube"
        heights = zip([*self.spout_mm, self.needed_mm], self.tube_cm2, self.capsule_g, strict=True)
        if any(h * area <= 10 * mass for h, area, mass in heights):
            return "a capsule alone fills its tube so far"
        return "" if self.has_dials(n) else "it has another number of dials than tubes"

    @classmethod
    def drawn(cls, dice: Dice, dials: int, thing: Amounts) -> Self:
        """Tubes that this flask fills just far enough."""
        n, volume = max(1, dials), thing["volume_ml"]
        wide = max(1, volume // (80 * n))  # so that the water stands a span high, whatever the flask
        section = [dice.between(3 * wide, 5 * wide) for _ in range(n)]
        tube = [a + dice.between(3 * wide, 6 * wide) for a in section]
        mass = [a * dice.between(2, 4) for a in section]
        share = dice.between(76, 110)
        taken = [volume * share // (100 * n) for _ in section[1:]]
        spouts = [10 * (v + m) // a // 5 * 5 for v, m, a in zip(taken, mass, tube, strict=False)]
        last = volume / (1 + cls.spare(dice)) - sum(h * a / 10 - m for h, a, m in zip(spouts, tube, mass, strict=False))
        return cls(
            tube_cm2=tuple(tube),
            capsule_g=tuple(mass),
            capsule_cm2=tuple(section),
            capsule_mm=tuple(dice.between(8, 16) * 10 for _ in section),
            spout_mm=tuple(spouts),
            needed_mm=max(10 * mass[-1] // tube[-1] + 1, int(10 * (last + mass[-1]) / tube[-1])),
        )

    def is_sensible(self, thing: Amounts) -> bool:
        heights = [*self.spout_mm, self.needed_mm]
        afloat = all(h >= self._draught(i) + 10 for i, h in enumerate(heights))
        shows = all(top >= self._draught(i) + 10 for i, top in enumerate(self.capsule_mm))
        return afloat and shows and all(40 <= h <= 600 for h in heights)

    @property
    def scales(self) -> tuple[Fraction, ...]:
        heights = [*self.spout_mm, self.needed_mm]
        return tuple(Fraction(8 * (h + top), 10) for h, top in zip(heights, self.capsule_mm, strict=True))

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
        """The water that comes just high enough in the last tube."""
        levels = [*self.spout_mm, self.needed_mm]
        return sum(
            (Fraction(h * a, 10) - m for h, a, m in zip(levels, self.tube_cm2, self.capsule_g, strict=True)),
            Fraction(0),
        )

    def level(self, volume_ml: Fraction) -> Fraction:
        """How high the water comes in the last tube, in mm, also where it does not lift the capsule."""
        needed_there = Fraction(self.needed_mm * self.tube_cm2[-1], 10) - self.capsule_g[-1]
        there = max(Fraction(0), volume_ml - self.wanted_ml + needed_there)
        area, section, mass = self.tube_cm2[-1], self.capsule_cm2[-1], self.capsule_g[-1]
        return min(10 * (there + mass) / area, 10 * there / (area - section))

    def exact(self, thing: Amounts) -> Exact:
        volume = Fraction(thing["volume_ml"])
        tops = self.tops(volume)
        reason = f"The water comes to {float(self.level(volume)):.1f} mm in the last tube; {self.needed_mm} are needed."
        if self.dials:
            reason += f" The tops rest at {self.in_words(tops)} mm."
        return Exact(volume / self.wanted_ml - 1, tops, reason)

    @property
    def facts(self) -> Mapping[str, int | str]:
        return {"needed": self.needed_mm}

    def table(self, called: Called) -> Sequence[str]:
        return [
            (called("tube") if i == 0 else "next tube")
            + (f" ({called(self.dials[i])})" if self.dials else "")
            + f": {area} cm2 inside; capsule {self.capsule_mm[i]} mm high, {self.capsule_cm2[i]} cm2 in section, "
            f"{self.capsule_g[i]} g" + (f"; spout {self.spout_mm[i]} mm above the bottom" if self.spout_mm[i:] else "")
            for i, area in enumerate(self.tube_cm2)
        ]
