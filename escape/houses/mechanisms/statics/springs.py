"""Plates that hang on springs below one another, drawn down by one stone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import ClassVar, Self

from pydantic import Field

from escape.houses.choice import DIALS, Choice, Exact
from escape.houses.dice import Dice
from escape.houses.obstacle import Called, listed
from escape.world import Amounts, Kind


class Springs(Choice):
    """Each spring carries every plate below it and the stone, so that each stretches by another load.

    Hooke's law: a spring stretches by its load over its stiffness, here in g and g a mm.
    """

    mechanism: ClassVar[str] = "springs"
    title: ClassVar[str] = "Plates on springs"
    family: ClassVar[str] = "elasticity"
    principles: ClassVar[tuple[str, ...]] = (
        "a spring stretches in proportion to its load",
        "in a chain each link carries all that hangs below it",
    )
    law: ClassVar[str] = (
        "Springs: a spring is longer than when slack by its load over its stiffness. Each hangs from the plate "
        "above, the "
        "first from the ceiling, and carries its own plate and all below. Plates are thin, springs weigh nothing."
    )
    fixtures: ClassVar[tuple[str, ...]] = ("pan", "pointer")
    wordings: ClassVar[tuple[str, ...]] = (
        "Plates hang on springs, one below the other; {place} is the lowest plate. Set {dials} (mm below the "
        "ceiling) to "
        "where the plates come to rest with a stone on it. The last must be at {needed} mm or lower.",
        "A stone on {place} draws the whole chain down. {dials} must stand, in mm below the ceiling, where the "
        "plates come "
        "to rest, and the lowest at {needed} mm or deeper.",
        "The contact lies {needed} mm below the ceiling or deeper: {place}, the lowest plate, has to come down to "
        "it, and "
        "{dials} (mm below the ceiling) have to mark every plate.",
    )
    plain_wordings: ClassVar[tuple[str, ...]] = (
        "{place} hangs on a spring from the ceiling. It closes the contact {needed} mm below the ceiling, or deeper.",
        "Draw {place} down to {needed} mm below the ceiling or deeper: there it meets the contact.",
        "A contact waits {needed} mm below the ceiling, and {place} on its spring must come as far or farther.",
    )
    kind: ClassVar[Kind] = "stone"
    dial: ClassVar[str] = "pointer"
    unit: ClassVar[str] = "mm"
    span: ClassVar[int] = 300
    place: ClassVar[str] = "pan"
    verb: ClassVar[str] = "put"

    slack_mm: tuple[int, ...] = Field(min_length=1, max_length=3)
    stiff_g: tuple[int, ...] = Field(min_length=1, max_length=3)  # g a mm
    plate_g: tuple[int, ...] = Field(min_length=1, max_length=3)
    needed_mm: int = Field(ge=1, le=100_000)

    @classmethod
    def draw(cls, dice: Dice, level: int, thing: Amounts) -> Self:
        """Springs that this stone draws down just far enough."""
        n, mass = max(1, len(DIALS[level - 1])), thing["mass_g"]
        made = cls(
            slack_mm=tuple(dice.between(10, 30) * 10 for _ in range(n)),
            stiff_g=tuple(max(2, mass // dice.between(150, 500)) for _ in range(n)),
            plate_g=tuple(dice.between(5, 40) * 10 for _ in range(n)),
            needed_mm=1,
        )
        spare = cls.spare(dice)
        needed = made.rests(mass / (1 + spare))[-1]
        return made.model_copy(update={"needed_mm": int(needed)}).placed(dice, thing, level)

    def rests(self, mass_g: Fraction) -> tuple[Fraction, ...]:
        """How far below the ceiling each plate comes to rest, in mm."""
        found, depth = [], Fraction(0)
        for i, (slack, stiff) in enumerate(zip(self.slack_mm, self.stiff_g, strict=True)):
            depth += slack + (sum(self.plate_g[i:]) + mass_g) / stiff
            found.append(depth)
        return tuple(found)

    def exact(self, thing: Amounts) -> Exact:
        mass = Fraction(thing["mass_g"])
        found = self.rests(mass)
        for_each_g = sum((Fraction(1, stiff) for stiff in self.stiff_g), Fraction(0))
        needed = (self.needed_mm - self.rests(Fraction(0))[-1]) / for_each_g
        there = listed([f"{float(x):.1f}" for x in found])
        reason = f"{mass} g bring the plates to {there} mm; the last is wanted at {self.needed_mm} or deeper."
        return Exact(mass / needed - 1, found, reason)

    @property
    def facts(self) -> Mapping[str, int | str]:
        return {"needed": self.needed_mm}

    def table(self, called: Called) -> Sequence[str]:
        return [
            f"spring {i + 1} from the top: {self.slack_mm[i]} mm slack, {self.stiff_g[i]} g a mm; its plate "
            f"{self.plate_g[i]} g" + (f" ({called(self.dials[i])})" if self.dials else "")
            for i in range(len(self.slack_mm))
        ]
