"""Cold water from one flask, mixed into basins of hot water."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import ClassVar, Self

from pydantic import Field

from escape.houses.choice import DIALS, Choice, Exact
from escape.houses.dice import Dice
from escape.houses.obstacle import Called, lettered, listed
from escape.world import Amounts, Kind

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
        "Basins: mixed water comes to the mean of its temperatures, weighted by mass; 1 ml weighs 1 g, and nothing "
        "is lost "
        "to vessels or air. A dipper is filled from a mixture and emptied into the next basin, which then mixes."
    )
    fixtures: ClassVar[tuple[str, ...]] = ("basin", "needle")
    wordings: ClassVar[tuple[str, ...]] = (
        "Cold water goes into {place}; a dipper of each mixture goes on into the next basin. The last must come to "
        "{most} "
        "tenths of a degree or less, and {dials} must show each mixture in tenths of a degree.",
        "The lock wants {dials} set to what each basin comes to, in tenths of a degree, once a flask is in {place} "
        "and the "
        "dippers are through. The last basin: at most {most} tenths.",
        "{place} takes a flask, the next basins a dipper each of the one before. Set {dials} to the temperatures "
        "that come "
        "of it, in tenths of a degree; the last may have {most} at most.",
    )
    plain_wordings: ClassVar[tuple[str, ...]] = (
        "The water in {place} is too hot. The bolt goes back once it is at {most} tenths of a degree or colder.",
        "{place} holds the bolt by its heat: at {most} tenths of a degree or less it lets go.",
        "Cool {place} down to {most} tenths of a degree or below, and the door is free.",
    )
    kind: ClassVar[Kind] = "flask"
    dial: ClassVar[str] = "needle"
    unit: ClassVar[str] = "tenths of a degree"
    span: ClassVar[int] = 60
    place: ClassVar[str] = "basin"
    verb: ClassVar[str] = "pour"

    hot_g: tuple[int, ...] = Field(min_length=1, max_length=3)
    hot_c: tuple[int, ...] = Field(min_length=1, max_length=3)
    dipper_ml: tuple[int, ...] = Field(max_length=2)
    most_dc: int = Field(ge=201, le=1000)  # tenths of °C

    @classmethod
    def draw(cls, dice: Dice, level: int, thing: Amounts) -> Self:
        """Basins that this flask cools just far enough."""
        n, volume = max(1, len(DIALS[level - 1])), thing["volume_ml"]
        made = cls(
            hot_g=(volume * dice.between(40, 130) // 1000 * 10, *(dice.between(20, 60) * 10 for _ in range(n - 1))),
            hot_c=tuple(dice.between(60, 95) for _ in range(n)),
            dipper_ml=tuple(dice.between(15, 30) * 10 for _ in range(n - 1)),
            most_dc=1000,
        )
        spare = cls.spare(dice)
        most = made.mixtures(volume / (1 + spare))[-1]
        return made.model_copy(update={"most_dc": -int(-most // 1)}).placed(dice, thing, level)

    def mixtures(self, volume_ml: Fraction) -> tuple[Fraction, ...]:
        """What each basin comes to, in tenths of a degree."""
        found, poured, cold = [], volume_ml, Fraction(COLD)
        for i, (mass, hot) in enumerate(zip(self.hot_g, self.hot_c, strict=True)):
            cold = (mass * hot + poured * cold) / (mass + poured)
            found.append(10 * cold)
            poured = Fraction(self.dipper_ml[i]) if i < len(self.dipper_ml) else Fraction(0)
        return tuple(found)

    @property
    def wanted_ml(self) -> Fraction:
        """The cold water that brings the last basin just down to what is asked for."""
        want = Fraction(self.most_dc, 10)
        for mass, hot, dipper in zip(self.hot_g[:0:-1], self.hot_c[:0:-1], self.dipper_ml[::-1], strict=True):
            want = (want * (mass + dipper) - mass * hot) / dipper
        return self.hot_g[0] * (self.hot_c[0] - want) / (want - COLD) if want > COLD else Fraction(10**9)

    def exact(self, thing: Amounts) -> Exact:
        volume = Fraction(thing["volume_ml"])
        found = self.mixtures(volume)
        there = listed([f"{float(x):.1f}" for x in found])
        reason = f"{volume} g bring the mixtures to {there} tenths of a degree; {self.most_dc} is the most at the last."
        return Exact(volume / self.wanted_ml - 1, found, reason)

    @property
    def facts(self) -> Mapping[str, int | str]:
        return {"most": self.most_dc}

    def table(self, called: Called) -> Sequence[str]:
        return [
            f"{called(name)}: {self.hot_g[i]} g of water at {self.hot_c[i]} °C"
            + (f"; dipper to the next: {self.dipper_ml[i]} ml" if i < len(self.dipper_ml) else "")
            for i, name in enumerate(lettered("basin", len(self.hot_g)))
        ]
