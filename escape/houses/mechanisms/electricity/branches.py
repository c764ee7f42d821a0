"""Lamps in parallel branches, each with a rheostat, fed by one battery with an inner resistance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import ClassVar, Self

from pydantic import Field

from escape.houses.choice import DIALS, Choice, Exact
from escape.houses.dice import Dice
from escape.houses.obstacle import Called, lettered, listed
from escape.world import Amounts, Kind


class Branches(Choice):
    """Each branch wants its current: what flows through the others lowers the voltage for all.

    Ohm's and Kirchhoff's laws: U = E - r * (sum of all I) at the clips, and U = I * (R + x) in each branch.
    """

    mechanism: ClassVar[str] = "branches"
    title: ClassVar[str] = "Lamps in branches"
    family: ClassVar[str] = "electricity"
    principles: ClassVar[tuple[str, ...]] = (
        "voltage is current times resistance",
        "a battery's own resistance takes part of its voltage",
        "currents add up where branches meet",
    )
    law: ClassVar[str] = (
        "Branches: a battery's voltage at the clips is its own less inner resistance times the whole current; each "
        "branch "
        "carries the voltage at the clips over its resistance, and the currents add up."
    )
    fixtures: ClassVar[tuple[str, ...]] = ("clip", "rheostat")
    wordings: ClassVar[tuple[str, ...]] = (
        "{place} feeds lamps in parallel, each in series with its rheostat. The eye opens the door when every lamp "
        "carries "
        "its current: set {dials} (ohm), then connect.",
        "From {place} branches lead off side by side, a lamp and a rheostat in each. Every lamp must carry exactly "
        "what is "
        "written on it. {dials} are set in ohm beforehand.",
        "A sensor watches lamps that hang in parallel on {place}. With {dials} at the right ohms every lamp has its "
        "current, "
        "and the bolt moves.",
    )
    plain_wordings: ClassVar[tuple[str, ...]] = (
        "A lamp hangs on {place}. The eye opens the door if it carries its current or more.",
        "{place} feeds one lamp, and the sensor beside it wants at least the current that is written there.",
        "The bolt moves when the lamp at {place} carries what is written on it, or more.",
    )
    kind: ClassVar[Kind] = "battery"
    dial: ClassVar[str] = "rheostat"
    unit: ClassVar[str] = "ohm"
    span: ClassVar[int] = 60
    place: ClassVar[str] = "clip"
    verb: ClassVar[str] = "join"

    lamp_ma: tuple[int, ...] = Field(min_length=1, max_length=3)
    lamp_ohm: tuple[int, ...] = Field(min_length=1, max_length=3)

    @classmethod
    def draw(cls, dice: Dice, level: int, thing: Amounts) -> Self:
        """Lamps that this battery can just feed."""
        n, volt, inner = max(1, len(DIALS[level - 1])), thing["decivolts"], Fraction(thing["deciohms"], 10)
        currents = tuple(dice.between(4, 18) * 5 for _ in range(n))
        at_clips = Fraction(volt, 10) - inner * sum(currents) / 1000
        # the first lamp needs nearly all of the voltage, the others leave more to their rheostats
        shares = [1 / (1 + cls.spare(dice)), *(Fraction(dice.between(50, 85), 100) for _ in range(n - 1))]
        ohms = tuple(max(1, int(1000 * at_clips * share / i)) for share, i in zip(shares, currents, strict=True))
        return cls(lamp_ma=currents, lamp_ohm=ohms).placed(dice, thing, level)

    def exact(self, thing: Amounts) -> Exact:
        volt, inner = Fraction(thing["decivolts"], 10), Fraction(thing["deciohms"], 10)
        whole = Fraction(sum(self.lamp_ma), 1000)
        at_clips = volt - inner * whole
        if len(self.lamp_ma) == 1 and not self.dials:
            flows = 1000 * volt / (inner + self.lamp_ohm[0])
            reason = f"{float(flows):.1f} mA flow; {self.lamp_ma[0]} are needed."
        else:
            reason = f"With every lamp at its current the clips have {float(at_clips):.3f} V."
        needed = max(Fraction(i * r, 1000) for i, r in zip(self.lamp_ma, self.lamp_ohm, strict=True)) + inner * whole
        marks = tuple(1000 * at_clips / i - r for i, r in zip(self.lamp_ma, self.lamp_ohm, strict=True))
        if self.dials:
            reason += f" That asks for rheostats of {listed([f'{float(x):.1f}' for x in marks])} ohm."
        return Exact(volt / needed - 1, marks, reason)

    @property
    def facts(self) -> Mapping[str, int | str]:
        return {}

    def table(self, called: Called) -> Sequence[str]:
        return [
            f"lamp {name.removeprefix('lamp')}: {self.lamp_ma[i]} mA, {self.lamp_ohm[i]} ohm".replace("  ", " ")
            for i, name in enumerate(lettered("lamp", len(self.lamp_ma)))
        ]
