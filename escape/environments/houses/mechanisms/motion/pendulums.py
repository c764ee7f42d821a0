"""One rope cut by given shares into pendulums, whose periods have to be told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Annotated, ClassVar, Self

from pydantic import Field

from escape.environments.dice import Dice
from escape.environments.houses.obstacles import Called, Choice, Exact, root
from escape.types import Amounts, Kind

# g / (4 pi^2) with g = 981 cm a s^2 is 24.849; the law tells 24.85, and that is reckoned with
CM_A_S2 = Fraction(2485, 100)


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
        "Pendulums: with small swings, one that is L cm long takes T s to and fro (its period), with L = 24.85 T "
        "squared, whatever hangs on it. The rope is cut into pieces, in the order told: each is a share of the bare "
        "rope not yet cut, the last all the rest. Then each piece loses its knots; what remains is its pendulum's "
        "length. Clocks show hundredths of a second."
    )
    fixtures: ClassVar[tuple[str, ...]] = ("bracket", "clock")
    wordings: ClassVar[tuple[str, ...]] = (
        "A rope for {place} is cut, and each piece loses {knots} cm to knots. The last pendulum's period must be "
        "{least} s or more; set {dials} to the others'.",
        "Pendulums from one rope hang on {place}; knots shorten each by {knots} cm. The last one's period must be "
        "{least} s or more; {dials} must show the others'.",
        "One rope on {place} becomes pendulums; each piece leaves {knots} cm in knots. Set {dials} to their periods, "
        "except the last's, which must be {least} s or more.",
    )
    plain_wordings: ClassVar[tuple[str, ...]] = (
        "A rope at {place} becomes a pendulum, less {knots} cm for knots. It must take {least} s or more to and fro.",
        "A pendulum is wanted at {place} that takes {least} s or more to and fro; knots use {knots} cm of its rope.",
        "Hang a pendulum at {place}: knots take {knots} cm of the rope, and to and fro it must need at least {least} "
        "s.",
    )
    kind: ClassVar[Kind] = "rope"
    dial: ClassVar[str] = "clock"
    unit: ClassVar[str] = "hundredths of a second"
    place: ClassVar[str] = "bracket"
    verb: ClassVar[str] = "tie"

    percent: tuple[Annotated[int, Field(ge=1, le=99)], ...] = Field(max_length=3)  # of what is left, but for the last
    knots_cm: int = Field(ge=0, le=100)
    least_cs: int = Field(ge=1, le=100_000)

    def contradiction(self) -> str:
        return "" if self.has_dials(len(self.percent)) else "it has another number of dials than pieces but the last"

    @classmethod
    def drawn(cls, dice: Dice, dials: int, thing: Amounts) -> Self:
        """Pieces of this rope of which the last is just slow enough."""
        pendulum = cls(
            percent=tuple(dice.between(20, 40) for _ in range(dials)),
            knots_cm=dice.between(2, 2 + thing["length_cm"] // 75),
            least_cs=1,
        )
        least = int(pendulum.periods(thing["length_cm"] / (1 + cls.spare(dice)))[-1])
        return pendulum.model_copy(update={"least_cs": max(1, least)})

    def is_sensible(self, thing: Amounts) -> bool:
        # knots use no more than a quarter of any piece
        return min(self.pieces(Fraction(thing["length_cm"]))) >= 4 * self.knots_cm

    @property
    def scales(self) -> tuple[Fraction, ...]:
        *pieces, last = self.pieces(Fraction(1))
        return tuple(9 * self.least_cs * root(piece / last) / 10 for piece in pieces)

    def pieces(self, length_cm: Fraction) -> tuple[Fraction, ...]:
        """The lengths of the pieces in cm, knots included."""
        lengths, length_left = [], length_cm
        for share in self.percent:
            lengths.append(length_left * share / 100)
            length_left -= lengths[-1]
        return (*lengths, length_left)

    def periods(self, length_cm: Fraction) -> tuple[Fraction, ...]:
        """The periods of the pieces, in hundredths of a second."""
        return tuple(100 * root(max(Fraction(0), piece - self.knots_cm) / CM_A_S2) for piece in self.pieces(length_cm))

    def exact(self, thing: Amounts) -> Exact:
        length = Fraction(thing["length_cm"])
        times = self.periods(length)
        last = Fraction(self.least_cs, 100) ** 2 * CM_A_S2 + self.knots_cm
        rest = Fraction(1)
        for share in self.percent:
            rest *= Fraction(100 - share, 100)
        reason = f"The last takes {float(times[-1] / 100):.3f} s; {self.least_cs / 100:g} s are needed."
        if self.dials:
            reason += f" The others take {self.in_words(times[:-1])} hundredths of a second."
        return Exact(length / (last / rest) - 1, times[:-1], reason)

    @property
    def facts(self) -> Mapping[str, int | str]:
        return {"knots": self.knots_cm, "least": f"{self.least_cs / 100:g}"}

    def table(self, name_of: Called) -> Sequence[str]:
        shares = zip(self.dials, self.percent, strict=False)
        pieces = [f"piece ({name_of(name)}): {share} % of what is not yet cut" for name, share in shares]
        return [*pieces, "last piece: all the rest"] if pieces else []
