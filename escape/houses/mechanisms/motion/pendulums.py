"""One rope cut by given shares into pendulums, whose periods have to be told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import ClassVar, Self

from pydantic import Field

from escape.houses.choice import DIALS, Choice, Exact, root
from escape.houses.dice import Dice
from escape.houses.obstacle import Called, lettered, listed
from escape.world import Amounts, Kind

CM_A_S2 = Fraction(
    2485, 100
)  # g / (4 pi^2) with g = 981 cm a s^2: 24.849; the law tells 24.85, and that is reckoned with


class Pendulums(Choice):
    """Each piece is a share of what is left of the rope; the last piece is all the rest.

    Huygens: for small swings T = 2 pi sqrt(L / g), so L = (g / 4 pi^2) T^2.
    """

    mechanism: ClassVar[str] = "pendulums"
    title: ClassVar[str] = "Pendulums from one rope"
    family: ClassVar[str] = "oscillation"
    principles: ClassVar[tuple[str, ...]] = (
        "a pendulum's period grows with the root of its length",
        "its mass does not matter",
    )
    law: ClassVar[str] = (
        "Pendulums: one that is L cm long swings to and fro once in T s with L = 24.85 T squared. A rope is cut into "
        "pieces, "
        "each a share of what is then left and the last all the rest; each piece loses its knots and swings."
    )
    fixtures: ClassVar[tuple[str, ...]] = ("bracket", "clock")
    wordings: ClassVar[tuple[str, ...]] = (
        "A rope tied to {place} is cut by itself and its pieces swing, each less {knots} cm for knots. Set {dials} "
        "to their "
        "periods in hundredths of a second; the last must take {least} or more.",
        "{place} cuts the rope into pendulums (each loses {knots} cm to knots). {dials} must show how long each "
        "takes to and "
        "fro, in hundredths of a second, and the last no less than {least}.",
        "Pendulums hang from {place}, all from one rope, {knots} cm of each used for knots. Their periods go onto "
        "{dials} in "
        "hundredths of a second; at the last, {least} is the least.",
    )
    plain_wordings: ClassVar[tuple[str, ...]] = (
        "The rope at {place} becomes a pendulum, less {knots} cm for knots. Its period must be {least} hundredths of "
        "a second "
        "or more.",
        "{place} wants a pendulum that takes {least} hundredths of a second or more to and fro; knots use {knots} cm.",
        "Hang a pendulum from {place}: knots take {knots} cm of the rope, and it may not swing faster than {least} "
        "hundredths "
        "of a second to and fro.",
    )
    kind: ClassVar[Kind] = "rope"
    dial: ClassVar[str] = "clock"
    unit: ClassVar[str] = "hundredths of a second"
    span: ClassVar[int] = 40
    place: ClassVar[str] = "bracket"
    verb: ClassVar[str] = "tie"

    percent: tuple[int, ...] = Field(max_length=2)  # of what is left, for each piece but the last
    knots_cm: int = Field(ge=0, le=100)
    least_cs: int = Field(ge=1, le=100_000)

    @classmethod
    def draw(cls, dice: Dice, level: int, thing: Amounts) -> Self:
        """Pieces of this rope of which the last is just slow enough."""
        n = max(1, len(DIALS[level - 1]))
        made = cls(percent=tuple(dice.between(20, 60) for _ in range(n - 1)), knots_cm=dice.between(4, 15), least_cs=1)
        spare = cls.spare(dice)
        least = made.periods(thing["length_cm"] / (1 + spare))[-1]
        return made.model_copy(update={"least_cs": max(1, int(least))}).placed(dice, thing, level)

    def pieces(self, length_cm: Fraction) -> tuple[Fraction, ...]:
        """The lengths of the pieces in cm, knots included."""
        found, left = [], length_cm
        for share in self.percent:
            found.append(left * share / 100)
            left -= found[-1]
        return (*found, left)

    def periods(self, length_cm: Fraction) -> tuple[Fraction, ...]:
        """The periods of the pieces, in hundredths of a second."""
        return tuple(100 * root(max(Fraction(0), piece - self.knots_cm) / CM_A_S2) for piece in self.pieces(length_cm))

    def exact(self, thing: Amounts) -> Exact:
        length = Fraction(thing["length_cm"])
        found = self.periods(length)
        last = Fraction(self.least_cs, 100) ** 2 * CM_A_S2 + self.knots_cm
        rest = Fraction(1)
        for share in self.percent:
            rest *= Fraction(100 - share, 100)
        there = listed([f"{float(x):.1f}" for x in found])
        reason = f"The periods are {there} hundredths of a second; the last must be {self.least_cs} or more."
        return Exact(length / (last / rest) - 1, found, reason)

    @property
    def facts(self) -> Mapping[str, int | str]:
        return {"knots": self.knots_cm, "least": self.least_cs}

    def table(self, called: Called) -> Sequence[str]:
        names = lettered("clock", len(self.percent) + 1)
        shares = [f"{called(n)}: {p} % of what is left" for n, p in zip(names, self.percent, strict=False)]
        return [*shares, f"{called(names[-1])}: all the rest"] if shares else []
