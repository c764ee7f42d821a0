"""Coils in series, of which more or fewer turns are switched in, pulled by one battery's current."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import ClassVar, Self

from pydantic import Field

from escape.houses.choice import DIALS, Choice, Exact
from escape.houses.dice import Dice
from escape.houses.obstacle import Called, lettered, listed
from escape.world import Amounts, Kind


class Coils(Choice):
    """Each coil wants its ampere-turns, and each turn switched in adds resistance for all of them.

    An electromagnet pulls by turns times current (Ampere). With N I = Q for each coil and rho ohm a turn, Ohm's law
    I (r + R + sum of rho N) = E gives I (r + R) = E - sum of rho Q.
    """

    mechanism: ClassVar[str] = "coils"
    title: ClassVar[str] = "Coils in series"
    family: ClassVar[str] = "magnetism"
    principles: ClassVar[tuple[str, ...]] = (
        "a coil pulls by its turns times its current",
        "resistances in series add up, the battery's own included",
    )
    law: ClassVar[str] = (
        "Coils: a coil's pull is its turns times the current in amperes (ampere-turns). The current is the battery's "
        "voltage "
        "over all resistance in series: its inner one, the line, and each turn that is switched in."
    )
    fixtures: ClassVar[tuple[str, ...]] = ("terminal", "slider")
    wordings: ClassVar[tuple[str, ...]] = (
        "{place} sends one current through the line ({line} tenths of an ohm) and every coil in turn. Set {dials} to "
        "the "
        "turns switched in, so that each coil has its ampere-turns; the current must be {least} mA or more.",
        "Coils in series on {place}, with a line of {line} tenths of an ohm. {dials} switch turns in: every coil "
        "must come "
        "to its ampere-turns, with a current of at least {least} mA.",
        "The armatures fall in when each coil at {place} has its ampere-turns, by {dials} (turns), and {least} mA or "
        "more "
        "flow; the line has {line} tenths of an ohm.",
    )
    plain_wordings: ClassVar[tuple[str, ...]] = (
        "A coil on {place} pulls the bolt if {least} mA or more flow; coil and line have {line} tenths of an ohm "
        "together.",
        "{place} leads to a magnet of {line} tenths of an ohm with its line. It draws the bolt from {least} mA on.",
        "The bolt's magnet at {place}, {line} tenths of an ohm with its line, needs {least} mA at the least.",
    )
    kind: ClassVar[Kind] = "battery"
    dial: ClassVar[str] = "slider"
    unit: ClassVar[str] = "turns"
    span: ClassVar[int] = 120
    place: ClassVar[str] = "terminal"
    verb: ClassVar[str] = "join"

    line_dohm: int = Field(ge=1, le=100_000)  # tenths of an ohm
    least_ma: int = Field(ge=1, le=100_000)
    wanted_at: tuple[int, ...] = Field(max_length=3)  # ampere-turns
    turn_mohm: tuple[int, ...] = Field(max_length=3)  # thousandths of an ohm a turn

    @classmethod
    def draw(cls, dice: Dice, level: int, thing: Amounts) -> Self:
        """Coils that this battery can just supply."""
        n, volt = len(DIALS[level - 1]), Fraction(thing["decivolts"], 10)
        wanted = tuple(dice.between(8, 24) * 5 for _ in range(n))
        # the wire of all coils takes up to half of the voltage
        wire = tuple(max(1, int(volt * dice.between(8, 16) * 10 / (q * max(1, n)))) for q in wanted)
        line = dice.between(40, 240)
        in_wire = sum((Fraction(w * q, 1000) for w, q in zip(wire, wanted, strict=True)), Fraction(0))
        least = 1000 * (volt / (1 + cls.spare(dice)) - in_wire) / (Fraction(thing["deciohms"], 10) + Fraction(line, 10))
        made = cls(line_dohm=line, least_ma=max(1, int(least)), wanted_at=wanted, turn_mohm=wire)
        return made.placed(dice, thing, level)

    def exact(self, thing: Amounts) -> Exact:
        volt, inner = Fraction(thing["decivolts"], 10), Fraction(thing["deciohms"], 10)
        in_wire = sum((Fraction(w * q, 1000) for w, q in zip(self.turn_mohm, self.wanted_at, strict=True)), Fraction(0))
        fixed = inner + Fraction(self.line_dohm, 10)
        flows = (volt - in_wire) / fixed
        needed = Fraction(self.least_ma, 1000) * fixed + in_wire
        reason = f"{float(1000 * flows):.1f} mA flow; {self.least_ma} are needed."
        marks = tuple(q / flows if flows > 0 else Fraction(10**6) for q in self.wanted_at)
        if self.dials:
            reason += f" That asks for {listed([f'{float(x):.1f}' for x in marks])} turns."
        return Exact(volt / needed - 1, marks, reason)

    @property
    def facts(self) -> Mapping[str, int | str]:
        return {"line": self.line_dohm, "least": self.least_ma}

    def table(self, called: Called) -> Sequence[str]:
        return [
            f"coil of {called(name)}: {self.wanted_at[i]} ampere-turns wanted, {self.turn_mohm[i]} thousandths of an "
            "ohm a turn"
            for i, name in enumerate(lettered("slider", len(self.wanted_at)) if self.wanted_at else ())
        ]
