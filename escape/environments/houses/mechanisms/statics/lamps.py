"""Lamps that hang in the middle of slack ropes between two walls, all cut from one rope."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import ClassVar, Self

from pydantic import Field

from escape.environments.dice import Dice
from escape.environments.houses.obstacles import Called, Choice, Exact, Many, root
from escape.types import Amounts, Kind


class Lamps(Choice):
    """Each piece of rope spans its gap in a V; the tighter it is, the harder it pulls at the eyes in the walls.

    Pythagoras and the resolution of forces: a rope of length l over a gap d hangs sqrt(l^2 - d^2) / 2 deep, and a
    weight W in the middle pulls each half with W l / (4 s), where s is that depth.
    """

    mechanism: ClassVar[str] = "lamps"
    title: ClassVar[str] = "Lamps on slack ropes"
    family: ClassVar[str] = "forces in equilibrium"
    principles: ClassVar[tuple[str, ...]] = (
        "forces on a body at rest cancel out",
        "the flatter a loaded rope, the harder it pulls",
    )
    law: ClassVar[str] = (
        "Lamps: the rope is cut into the given shares of its whole length, and each piece tied between two eyes at "
        "one height, with a lamp in its middle, so that its halves are straight. Ropes neither stretch nor weigh "
        "anything, and knots use none. Each half pulls along itself, at its eye, with the lamp's weight times the "
        "piece's length over four times the lamp's depth below its eyes. Bounds are for one half. A piece must be "
        "longer than its gap; an only piece is also the last."
    )
    fixtures: ClassVar[tuple[str, ...]] = ("eye", "gauge")
    wordings: ClassVar[tuple[str, ...]] = (
        "A rope tied to {place} serves all lamps. Set {dials} to the lamps' depths below their eyes, in mm; the last "
        "piece may pull with {most} N at most.",
        "Lamps hang from one rope, which begins at {place}. The lock wants {dials} at the lamps' depths, in mm, and "
        "{most} N or less along the last piece.",
        "Each eye of the last lamp tears out above {most} N along the rope; {place} takes the rope for all. Set "
        "{dials} to the lamps' depths, in mm.",
    )
    plain_wordings: ClassVar[tuple[str, ...]] = (
        "The lamp needs a rope from {place} to the eye across; each half of it may pull with {most} N or less.",
        "The eye across and {place} each tear out above {most} N along the rope. The lamp hangs in its middle.",
        "Hang the lamp in the middle of a rope from {place} to the eye across; the pull along the rope may be {most} "
        "N at most.",
    )
    kind: ClassVar[Kind] = "rope"
    dial: ClassVar[str] = "gauge"
    unit: ClassVar[str] = "mm"
    place: ClassVar[str] = "eye"
    verb: ClassVar[str] = "tie"

    percent: Many = Field(min_length=1, max_length=3)  # of the whole rope
    gap_cm: Many = Field(min_length=1, max_length=3)
    lamp_n: int = Field(ge=1, le=10_000)  # the last lamp's weight in N
    most_dn: int = Field(ge=1, le=100_000)  # tenths of N

    def contradiction(self) -> str:
        n = len(self.percent)
        if n != len(self.gap_cm) or not self.has_dials(n):
            return "its shares, gaps and dials are not equally many"
        if self.most_dn <= 5 * self.lamp_n:
            return "no rope pulls with so little"
        return "" if sum(self.percent) == 100 else "its shares do not add up to 100 %"

    @classmethod
    def drawn(cls, dice: Dice, dials: int, thing: Amounts) -> Self:
        """Gaps that this rope spans with just enough depth at the last."""
        cuts = {
            2: [5 * dice.between(6, 14)],
            3: [5 * dice.between(5, 7), 5 * dice.between(12, 14)],
        }.get(dials, [])
        percent = tuple(b - a for a, b in zip([0, *cuts], [*cuts, 100], strict=True))
        gaps = tuple(thing["length_cm"] * p * dice.between(60, 77) // 10_000 for p in percent)
        lamp = dice.between(80, 240)
        # the pull for a rope shorter by the spare that is wanted
        length = Fraction(thing["length_cm"] * percent[-1], 100) / (1 + cls.spare(dice))
        depth = root(length**2 - gaps[-1] ** 2) / 2
        return cls(percent=percent, gap_cm=gaps, lamp_n=lamp, most_dn=math.ceil(10 * lamp * length / (4 * depth)))

    def is_sensible(self, thing: Amounts) -> bool:
        # a piece has a sixth to spare, so that also the next shorter rope can be tied
        pieces = [Fraction(thing["length_cm"] * p, 100) for p in self.percent]
        return all(6 * long >= 7 * gap and gap >= 12 for long, gap in zip(pieces, self.gap_cm, strict=True))

    @property
    def scales(self) -> tuple[Fraction, ...]:
        return tuple(Fraction(17 * gap, 4) for gap in self.gap_cm)

    def exact(self, thing: Amounts) -> Exact:
        pieces = [Fraction(thing["length_cm"] * p, 100) for p in self.percent]
        gaps = [Fraction(d) for d in self.gap_cm]
        depths = [10 * root(max(Fraction(0), long**2 - d**2)) / 2 for long, d in zip(pieces, gaps, strict=True)]
        # l / s = 4 F / W at the bound, with s^2 = (l^2 - d^2) / 4
        needed = root(gaps[-1] ** 2 / (1 - Fraction(5 * self.lamp_n, self.most_dn) ** 2))
        needed = max(needed, *(d * self.percent[-1] / p for d, p in zip(gaps, self.percent, strict=True)))
        if 0 in depths:
            short = depths.index(Fraction(0))
            reason = f"A piece of {float(pieces[short]):g} cm cannot span {self.gap_cm[short]} cm."
        else:
            pull = self.lamp_n * pieces[-1] * 10 / (4 * depths[-1])
            reason = f"The last rope pulls with {float(pull):.1f} N; {self.most_dn / 10:g} is the most."
            reason += f" The lamps hang {self.in_words(depths)} mm deep." if self.dials else ""
        return Exact(pieces[-1] / needed - 1, tuple(depths), reason)

    @property
    def facts(self) -> Mapping[str, int | str]:
        return {"most": f"{self.most_dn / 10:g}"}

    def table(self, name_of: Called) -> Sequence[str]:
        rows = enumerate(zip(self.percent, self.gap_cm, strict=True))
        return [
            f"lamp{f' ({name_of(self.dials[i])})' if self.dials else ''}: {share} % of the rope, eyes {gap} cm apart"
            + (f"; it weighs {self.lamp_n} N" if i == len(self.percent) - 1 else "")
            for i, (share, gap) in rows
        ]
