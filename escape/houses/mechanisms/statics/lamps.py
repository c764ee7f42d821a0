"""Lamps that hang in the middle of slack ropes between two walls, all cut from one rope."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import ClassVar, Self

from pydantic import Field

from escape.houses.choice import DIALS, Choice, Exact, root
from escape.houses.dice import Dice
from escape.houses.obstacle import Called, lettered, listed
from escape.world import Amounts, Kind


class Lamps(Choice):
    """Each piece of rope spans its gap in a V; the tighter it is, the harder it pulls at the eyes in the walls.

    Pythagoras and the resolution of forces: a rope of length l over a gap d hangs sqrt(l^2 - d^2) / 2 deep, and a
    weight W
    in the middle pulls each half with W l / (4 s), where s is that depth.
    """

    mechanism: ClassVar[str] = "lamps"
    title: ClassVar[str] = "Lamps on slack ropes"
    family: ClassVar[str] = "forces in equilibrium"
    principles: ClassVar[tuple[str, ...]] = (
        "forces on a body at rest cancel out",
        "the flatter a loaded rope, the harder it pulls",
    )
    law: ClassVar[str] = (
        "Lamps: a lamp hangs in the middle of a rope between two eyes at one height, which has then two straight "
        "halves. "
        "Each half pulls with weight times rope over four times the depth. The rope is cut by the given shares of "
        "the whole."
    )
    fixtures: ClassVar[tuple[str, ...]] = ("eye", "gauge")
    wordings: ClassVar[tuple[str, ...]] = (
        "The rope tied to {place} is cut, and each piece holds a lamp. Set {dials} (mm below the eyes) to the lamps' "
        "depths. "
        "The eyes of the last bear {most} N along the rope, no more.",
        "Lamps hang from pieces of one rope, fixed at {place}. {dials} must show how deep each hangs, in mm; in the "
        "last "
        "piece the rope may pull with {most} N at the most.",
        "{place} takes a rope for all lamps. Tell with {dials}, in mm, how deep they hang below their eyes; the last "
        "piece "
        "tears out above {most} N.",
    )
    plain_wordings: ClassVar[tuple[str, ...]] = (
        "The lamp at {place} wants a rope from wall to wall that pulls at its eyes with {most} N or less.",
        "{place} and the eye across tear out above {most} N along the rope. The lamp must hang in its middle.",
        "Hang the lamp in the middle of a rope from {place} to the other wall; the rope may pull with {most} N at "
        "the most.",
    )
    kind: ClassVar[Kind] = "rope"
    dial: ClassVar[str] = "gauge"
    unit: ClassVar[str] = "mm"
    span: ClassVar[int] = 500
    place: ClassVar[str] = "eye"
    verb: ClassVar[str] = "tie"

    percent: tuple[int, ...] = Field(min_length=1, max_length=3)  # of the whole rope
    gap_cm: tuple[int, ...] = Field(min_length=1, max_length=3)
    lamp_n: int = Field(ge=1, le=10_000)  # the last lamp's weight in N
    most_n: int = Field(ge=1, le=100_000)

    @classmethod
    def draw(cls, dice: Dice, level: int, thing: Amounts) -> Self:
        """Gaps that this rope spans with just enough depth at the last."""
        n = max(1, len(DIALS[level - 1]))
        cuts = sorted(
            dice.some(n - 1, range(25, 76, 5)) if n < 3 else [dice.between(5, 7) * 5, dice.between(12, 14) * 5]
        )
        percent = tuple(b - a for a, b in zip([0, *cuts], [*cuts, 100], strict=True))
        pieces = [thing["length_cm"] * p // 100 for p in percent]
        lamp = dice.between(20, 80)
        gaps = tuple(piece * dice.between(70, 88) // 100 for piece in pieces)
        # the pull for a rope shorter by the spare that is wanted
        length = Fraction(thing["length_cm"] * percent[-1], 100) / (1 + cls.spare(dice))
        depth = root(max(Fraction(1), length**2 - gaps[-1] ** 2)) / 2
        most = max(lamp // 2 + 1, -int(-lamp * length / (4 * depth) // 1))
        return cls(percent=percent, gap_cm=gaps, lamp_n=lamp, most_n=most).placed(dice, thing, level)

    def exact(self, thing: Amounts) -> Exact:
        pieces = [Fraction(thing["length_cm"] * p, 100) for p in self.percent]
        depths = [10 * root(max(Fraction(0), long**2 - d**2)) / 2 for long, d in zip(pieces, self.gap_cm, strict=True)]
        # l / s = 4 F / W at the bound, with s^2 = (l^2 - d^2) / 4
        part = Fraction(self.lamp_n, 2 * self.most_n)
        needed = root(self.gap_cm[-1] ** 2 / (1 - part**2)) if part < 1 else Fraction(10**6)
        needed = max(
            needed, *(Fraction(d * self.percent[-1], p) for d, p in zip(self.gap_cm, self.percent, strict=True))
        )
        pull = self.lamp_n * pieces[-1] * 10 / (4 * depths[-1]) if depths[-1] else None
        reason = (
            f"The last rope pulls with {float(pull):.1f} N, of {self.most_n}." if pull else "The rope is too short."
        )
        if self.dials and pull:
            reason += f" The lamps hang {listed([f'{float(x):.1f}' for x in depths])} mm deep."
        return Exact(pieces[-1] / needed - 1, tuple(depths), reason)

    @property
    def facts(self) -> Mapping[str, int | str]:
        return {"most": self.most_n}

    def table(self, called: Called) -> Sequence[str]:
        names = lettered("gauge", len(self.percent))
        return [
            f"lamp{' of ' + called(names[i]) if self.dials else ''}: {share} % of the rope, eyes {gap} cm apart"
            + (f"; it weighs {self.lamp_n} N" if i == len(self.percent) - 1 else "")
            for i, (share, gap) in enumerate(zip(self.percent, self.gap_cm, strict=True))
        ]
