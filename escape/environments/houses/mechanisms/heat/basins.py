"""Cold water from one flask, mixed into basins of hot water."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Annotated, ClassVar, Self

from pydantic import Field

from escape.environments.dice import Dice
from escape.environments.houses.obstacles import Called, Choice, Exact, Many
from escape.types import Amounts, Kind

COLD = 20  # °C: of the water in every flask


class Basins(Choice):
    """Basins in a row: the flask goes into the first, then a dipper of each mixture into the next.

    Calorimetry: with one substance and no loss, masses m at temperatures t come to the mean of t weighted by m
    (Richmann's law, 1750).
    """

    mechanism: ClassVar[str] = "basins"
    title: ClassVar[str] = "Mixing to a temperature"
    family: ClassVar[str] = "heat"
    principles: ClassVar[tuple[str, ...]] = (
        "heat given is heat taken",
        "mixed water comes to the mean of its temperatures, weighted by mass",
    )
    law: ClassVar[str] = (
        "Basins: mixed water comes to the mean of its temperatures, weighted by mass; 1 ml weighs 1 g at every "
        "temperature, no heat is lost to vessels or air, and nothing overflows. The flask goes into the first basin; "
        "then one full dipper of each mixture goes into the next basin, which mixes in turn."
    )
    fixtures: ClassVar[tuple[str, ...]] = ("basin", "needle")
    wordings: ClassVar[tuple[str, ...]] = (
        "With a flask, {place} must come to {most} °C or less. Set {dials} to what the next basins come to with their "
        "dippers, in tenths of a degree.",
        "The lock wants {place} with its flask at {most} °C or colder, and {dials} at the next basins' temperatures, "
        "dippers mixed in, in tenths of a degree.",
        "Cold water goes into {place}, dippers into the next: the first mixture may have {most} °C at most; {dials} "
        "must show those that follow, in tenths of a degree.",
    )
    plain_wordings: ClassVar[tuple[str, ...]] = (
        "The water in {place} is too hot. The bolt goes back if a flask, mixed in, brings it to {most} °C or less.",
        "Heat in {place} holds the bolt: if the mixture with a flask comes to {most} °C or less, it lets go.",
        "Cool the water in {place} with a flask: the mixture must come to {most} °C or below.",
    )
    kind: ClassVar[Kind] = "flask"
    dial: ClassVar[str] = "needle"
    unit: ClassVar[str] = "tenths of a degree"
    place: ClassVar[str] = "basin"
    verb: ClassVar[str] = "pour"

    hot_g: Many = Field(min_length=1, max_length=4)
    hot_c: tuple[Annotated[int, Field(gt=COLD, lt=100)], ...] = Field(min_length=1, max_length=4)
    dipper_ml: Many = Field(max_length=3)
    most_dc: int = Field(gt=10 * COLD, le=1000)  # tenths of °C, of the first mixture

    def contradiction(self) -> str:
        if not len(self.hot_g) == len(self.hot_c) == len(self.dipper_ml) + 1:
            return "its basins and dippers do not belong together"
        if self.most_dc >= 10 * self.hot_c[0] or not self.has_dials(len(self.dipper_ml)):
            return "it is cold enough already, or has another number of dials than dippers"
        return ""

    @classmethod
    def drawn(cls, dice: Dice, dials: int, thing: Amounts) -> Self:
        """Basins of which this flask cools the first just far enough."""
        volume = thing["volume_ml"]
        hot_g = tuple(volume * dice.between(low, high) // 1000 * 10 for low, high in [(60, 130), *[(40, 75)] * dials])
        hot_c = tuple(dice.between(60, 95) for _ in hot_g)
        meant = volume / (1 + cls.spare(dice))
        most = 10 * (hot_g[0] * hot_c[0] + meant * COLD) / (hot_g[0] + meant)
        return cls(
            hot_g=hot_g,
            hot_c=hot_c,
            dipper_ml=tuple(volume * dice.between(50, 85) // 1000 * 10 for _ in range(dials)),
            most_dc=math.ceil(most),
        )

    def is_sensible(self, thing: Amounts) -> bool:
        # a dipper never takes more than four fifths of what is there
        masses = [
            thing["volume_ml"] + self.hot_g[0],
            *(a + b for a, b in zip(self.dipper_ml, self.hot_g[1:], strict=True)),
        ]
        return all(5 * out <= 4 * full for out, full in zip(self.dipper_ml, masses, strict=False))

    @property
    def scales(self) -> tuple[Fraction, ...]:
        return tuple(Fraction(9 * self.most_dc, 10) for _ in self.dipper_ml)

    def mixtures(self, volume_ml: Fraction) -> tuple[Fraction, ...]:
        """What each basin comes to, in tenths of a degree."""
        temperatures, poured, cold = [], volume_ml, Fraction(COLD)
        for i, (mass, hot) in enumerate(zip(self.hot_g, self.hot_c, strict=True)):
            cold = (mass * hot + poured * cold) / (mass + poured)
            temperatures.append(10 * cold)
            poured = Fraction(self.dipper_ml[i]) if i < len(self.dipper_ml) else Fraction(0)
        return tuple(temperatures)

    @property
    def wanted_ml(self) -> Fraction:
        """The cold water that brings the first basin just down to what is asked for."""
        want = Fraction(self.most_dc, 10)
        return self.hot_g[0] * (self.hot_c[0] - want) / (want - COLD)

    def exact(self, thing: Amounts) -> Exact:
        volume = Fraction(thing["volume_ml"])
        temperatures = self.mixtures(volume)
        reason = f"The first mixture comes to {float(temperatures[0] / 10):.2f} °C; {self.most_dc / 10:g} is the most."
        if self.dials:
            reason += f" The next come to {self.in_words(temperatures[1:])} tenths of °C."
        return Exact(volume / self.wanted_ml - 1, temperatures[1:], reason)

    @property
    def facts(self) -> Mapping[str, int | str]:
        return {"most": f"{self.most_dc / 10:g}"}

    def table(self, name_of: Called) -> Sequence[str]:
        return [
            (name_of("basin") if i == 0 else "next basin")
            + (f" ({name_of(self.dials[i - 1])})" if i and self.dials else "")
            + f": {mass} g of water at {self.hot_c[i]} °C"
            + (f"; dipper to the next: {self.dipper_ml[i]} ml" if self.dipper_ml[i:] else "")
            for i, mass in enumerate(self.hot_g)
        ]
