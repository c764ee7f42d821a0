"""Capsules that float up in tubes, filled from one flask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import ClassVar, Self

from pydantic import Field

from escape.environments.dice import Dice
from escape.environments.houses.obstacles import Called, Choice, Exact, Many
from escape.types import Amounts, Kind


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
        "Once {place} has its flask, the last tube's water must stand at {needed} mm or higher, and {dials}, in mm, "
        "at the heights of the capsules' tops.",
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
            needed_mm=max(1, int(10 * (last + mass[-1]) / tube[-1])),
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

    def _holds(self, i: int, height_mm: Fraction) -> Fraction:
        """The water in a tube up to a height, in ml, round a capsule that floats or still stands on the bottom."""
        area, section = self.tube_cm2[i], self.capsule_cm2[i]
        return max(height_mm * area / 10 - self.capsule_g[i], height_mm * (area - section) / 10)

    def levels(self, volume_ml: Fraction) -> tuple[Fraction, ...]:
        """How high the water comes in each tube, in mm."""
        heights, volume_left = [], volume_ml
        for i, (area, section, mass) in enumerate(zip(self.tube_cm2, self.capsule_cm2, self.capsule_g, strict=True)):
            level = min(10 * (volume_left + mass) / area, 10 * volume_left / (area - section))
            heights.append(min([level, *map(Fraction, self.spout_mm[i : i + 1])]))
            volume_left -= self._holds(i, heights[-1])
        return tuple(heights)

    def tops(self, volume_ml: Fraction) -> tuple[Fraction, ...]:
        """How high each capsule's top comes to rest, in mm above the bottom."""
        rises = [max(Fraction(0), level - self._draught(i)) for i, level in enumerate(self.levels(volume_ml))]
        return tuple(top + rise for top, rise in zip(self.capsule_mm, rises, strict=True))

    def _draught(self, i: int) -> Fraction:
        return Fraction(10 * self.capsule_g[i], self.capsule_cm2[i])

    def exact(self, thing: Amounts) -> Exact:
        volume = Fraction(thing["volume_ml"])
        tops, last = self.tops(volume), self.levels(volume)[-1]
        heights = sum(self._holds(i, Fraction(h)) for i, h in enumerate([*self.spout_mm, self.needed_mm]))
        reason = f"The water comes to {float(last):.1f} mm in the last tube; {self.needed_mm} are needed."
        reason += f" The tops rest at {self.in_words(tops)} mm." if self.dials else ""
        return Exact(volume / heights - 1, tops, reason)

    @property
    def facts(self) -> Mapping[str, int | str]:
        return {"needed": self.needed_mm}

    def table(self, name_of: Called) -> Sequence[str]:
        return [
            (name_of("tube") if i == 0 else "next tube")
            + (f" ({name_of(self.dials[i])})" if self.dials else "")
            + f": {area} cm2 inside; capsule {self.capsule_mm[i]} mm high, {self.capsule_cm2[i]} cm2 in section, "
            f"{self.capsule_g[i]} g" + (f"; spout {self.spout_mm[i]} mm above the bottom" if self.spout_mm[i:] else "")
            for i, area in enumerate(self.tube_cm2)
        ]
