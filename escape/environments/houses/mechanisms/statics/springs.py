"""Plates that hang on springs below one another, drawn down by one stone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import ClassVar, Self

from pydantic import Field

from escape.environments.dice import Dice
from escape.environments.houses.obstacles import Called, Choice, Exact, Many
from escape.types import Amounts, Kind


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
        "Springs: a loaded spring is as long as when slack, and longer by load over stiffness, however far. The first "
        "hangs from the ceiling, each other one from the plate above; each carries its own plate, all plates below "
        "and what lies on the lowest. Plates are thin, springs weigh nothing. Depths are below the ceiling, with all "
        "at rest."
    )
    fixtures: ClassVar[tuple[str, ...]] = ("pan", "pointer")
    wordings: ClassVar[tuple[str, ...]] = (
        "Plates hang on springs, {place} the lowest: with a stone it must rest {needed} mm below the ceiling or "
        "deeper. Set {dials} to the other plates' depths, in mm.",
        "With a stone on {place}, the lowest plate, the lock wants it {needed} mm below the ceiling or deeper, and "
        "{dials} at the other plates' depths, in mm.",
        "A contact lies {needed} mm below the ceiling; {place}, the lowest plate, must rest there or deeper under its "
        "stone. Set {dials} to the other plates' depths, in mm.",
    )
    plain_wordings: ClassVar[tuple[str, ...]] = (
        "From the ceiling {place} hangs on a spring. The door opens if it rests {needed} mm below the ceiling, or "
        "deeper.",
        "Draw {place} down: the door opens if it comes to rest {needed} mm below the ceiling or deeper.",
        "A contact lies {needed} mm below the ceiling, and {place} on its spring must rest there or deeper.",
    )
    kind: ClassVar[Kind] = "stone"
    dial: ClassVar[str] = "pointer"
    unit: ClassVar[str] = "mm"
    place: ClassVar[str] = "pan"
    verb: ClassVar[str] = "put"

    slack_mm: Many = Field(min_length=1, max_length=4)
    stiff_g: Many = Field(min_length=1, max_length=4)  # g a mm
    plate_g: Many = Field(min_length=1, max_length=4)
    needed_mm: int = Field(ge=1, le=100_000)  # of the lowest plate

    def contradiction(self) -> str:
        n = len(self.slack_mm)
        if not n == len(self.stiff_g) == len(self.plate_g) or not self.has_dials(n - 1):
            return "its springs, plates and dials do not belong together"
        return "it asks for no stone" if self.needed_mm <= self.rests(Fraction(0))[-1] else ""

    @classmethod
    def drawn(cls, dice: Dice, dials: int, thing: Amounts) -> Self:
        """Springs that this stone draws down just far enough."""
        mass = thing["mass_g"]
        springs = cls(
            slack_mm=tuple(dice.between(8, 20) * 10 for _ in range(dials + 1)),
            stiff_g=tuple(max(2, mass // dice.between(70, 190)) for _ in range(dials + 1)),
            plate_g=tuple(max(50, mass * dice.between(60, 250) // 10_000 * 10) for _ in range(dials + 1)),
            needed_mm=100_000,
        )
        needed = int(springs.rests(mass / (1 + cls.spare(dice)))[-1])
        return springs.model_copy(update={"needed_mm": needed})

    def is_sensible(self, thing: Amounts) -> bool:
        # all fit into a room, and the stone draws the lowest plate down by a tenth of its depth or more
        depth, without = self.rests(Fraction(thing["mass_g"]))[-1], self.rests(Fraction(0))[-1]
        return depth <= 2200 and 10 * (depth - without) >= depth

    @property
    def scales(self) -> tuple[Fraction, ...]:
        n = len(self.slack_mm)
        return tuple(Fraction(8 * self.needed_mm * (i + 1), 10 * n) for i in range(n - 1))

    def rests(self, mass_g: Fraction) -> tuple[Fraction, ...]:
        """How far below the ceiling each plate comes to rest, in mm."""
        depths, depth = [], Fraction(0)
        for i, (slack, stiff) in enumerate(zip(self.slack_mm, self.stiff_g, strict=True)):
            depth += slack + (sum(self.plate_g[i:]) + mass_g) / stiff
            depths.append(depth)
        return tuple(depths)

    def exact(self, thing: Amounts) -> Exact:
        mass = Fraction(thing["mass_g"])
        depths = self.rests(mass)
        for_each_g = sum((Fraction(1, stiff) for stiff in self.stiff_g), Fraction(0))
        needed = (self.needed_mm - self.rests(Fraction(0))[-1]) / for_each_g
        reason = f"{mass} g bring the lowest plate to {float(depths[-1]):.1f} mm; {self.needed_mm} are needed."
        if self.dials:
            reason += f" The others rest at {self.in_words(depths[:-1])} mm."
        return Exact(mass / needed - 1, depths[:-1], reason)

    @property
    def facts(self) -> Mapping[str, int | str]:
        return {"needed": self.needed_mm}

    def table(self, name_of: Called) -> Sequence[str]:
        plates = [*self.dials, self.place]
        return [
            (f"spring {i + 1} from the top" if self.dials else "spring")
            + f": {slack} mm slack, {self.stiff_g[i]} g a mm; its plate {self.plate_g[i]} g"
            + (f" ({name_of(plates[i])})" if self.dials else "")
            for i, slack in enumerate(self.slack_mm)
        ]
