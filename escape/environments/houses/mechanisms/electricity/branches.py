"""Lamps in parallel branches, each with a rheostat, fed by one battery with an inner resistance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import ClassVar, Self

from pydantic import Field

from escape.environments.dice import Dice
from escape.environments.houses.obstacles import Called, Choice, Exact, Many
from escape.types import Amounts, Kind


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
        "Branches: the voltage at a battery's clips is its own less its inner resistance times the whole current. "
        "Each branch is a lamp and its rheostat, if it has one, in series, and takes the voltage at the clips over "
        "the sum of their resistances; the whole current is the sum of the branches'. Resistances never change, wires "
        "have none, and no lamp burns out."
    )
    fixtures: ClassVar[tuple[str, ...]] = ("clip", "rheostat")
    wordings: ClassVar[tuple[str, ...]] = (
        "Lamps hang in parallel on {place}, each with its rheostat. Set {dials} (ohm) so that every lamp carries its "
        "current; the clips must then have {least} V or more.",
        "The sensor wants every lamp on {place} at its current, all at once, and then {least} V or more at the clips. "
        "Set {dials} accordingly, in ohm.",
        "Branches lead off side by side from {place}. With {dials} (ohm), bring every lamp to its current; the clips "
        "must then have no less than {least} V.",
    )
    plain_wordings: ClassVar[tuple[str, ...]] = (
        "A lamp hangs on {place}. The eye opens the door if it carries the current written on it, or more.",
        "From {place} one lamp is fed, and the sensor beside it wants the current that is written there, or more.",
        "The bolt moves when the lamp on {place} carries at least the current that is written on it.",
    )
    kind: ClassVar[Kind] = "battery"
    dial: ClassVar[str] = "rheostat"
    unit: ClassVar[str] = "ohm"
    place: ClassVar[str] = "clip"
    verb: ClassVar[str] = "join"

    lamp_ma: Many = Field(min_length=1, max_length=3)
    lamp_ohm: Many = Field(min_length=1, max_length=3)
    least_cv: int = Field(ge=0, le=1_000_000)  # hundredths of a volt at the clips; a lamp without a rheostat asks none

    def contradiction(self) -> str:
        n = len(self.lamp_ma)
        if n != len(self.lamp_ohm) or not self.has_dials(n):
            return "its currents, resistances and dials are not equally many"
        return ""

    @classmethod
    def drawn(cls, dice: Dice, dials: int, thing: Amounts) -> Self:
        """Lamps that this battery can just feed, of some ten to hundreds of ohms."""
        volt, inner = Fraction(thing["decivolts"], 10), Fraction(thing["deciohms"], 10)
        low, high = min(150, thing["decivolts"] // 3), min(250, thing["decivolts"])
        currents = tuple(dice.between(low // 5, high // 5) * 5 for _ in range(max(1, dials)))
        current, meant = Fraction(sum(currents), 1000), volt / (1 + cls.spare(dice))
        if not dials:
            return cls(lamp_ma=currents, lamp_ohm=(max(1, int(meant / current - inner)),), least_cv=0)
        at_clips = volt - inner * current
        shares = [Fraction(dice.between(20, 42), 100) for _ in currents]
        return cls(
            lamp_ma=currents,
            lamp_ohm=tuple(max(1, int(1000 * at_clips * share / i)) for share, i in zip(shares, currents, strict=True)),
            least_cv=max(0, int(100 * (meant - inner * current))),
        )

    def is_sensible(self, thing: Amounts) -> bool:
        # no more than two fifths of the voltage is lost inside the battery, no lamp has a thousand ohms
        lost = thing["deciohms"] * sum(self.lamp_ma)  # tenths of a mV
        return 5 * lost <= 2 * 1000 * thing["decivolts"] and all(10 <= r <= 500 for r in self.lamp_ohm)

    @property
    def scales(self) -> tuple[Fraction, ...]:
        # the rheostat has what the lamp leaves of the least voltage, and more
        return tuple(
            max(Fraction(1), Fraction(10 * self.least_cv, i) - r)
            for i, r in zip(self.lamp_ma, self.lamp_ohm, strict=True)
        )

    def exact(self, thing: Amounts) -> Exact:
        volt, inner = Fraction(thing["decivolts"], 10), Fraction(thing["deciohms"], 10)
        current = Fraction(sum(self.lamp_ma), 1000)
        at_clips = volt - inner * current
        lamps = [Fraction(i * r, 1000) for i, r in zip(self.lamp_ma, self.lamp_ohm, strict=True)]
        needed = max(Fraction(self.least_cv, 100), *lamps) + inner * current
        marks = tuple((at_clips - u) * 1000 / i for u, i in zip(lamps, self.lamp_ma, strict=True))
        if self.dials:
            reason = f"With every lamp at its current the clips have {float(at_clips):.3f} V"
            reason += f"; {self.least_cv / 100:g} are needed. That asks for rheostats of {self.in_words(marks)} ohm."
        else:
            flows = 1000 * volt / (inner + self.lamp_ohm[0])
            reason = f"{float(flows):.1f} mA flow; {self.lamp_ma[0]} are needed."
        return Exact(volt / needed - 1, marks, reason)

    @property
    def facts(self) -> Mapping[str, int | str]:
        return {"least": f"{self.least_cv / 100:g}"}

    def table(self, name_of: Called) -> Sequence[str]:
        return [
            f"lamp{f' ({name_of(self.dials[i])})' if self.dials else ''}: {ohm} ohm, wants {self.lamp_ma[i]} mA"
            for i, ohm in enumerate(self.lamp_ohm)
        ]
