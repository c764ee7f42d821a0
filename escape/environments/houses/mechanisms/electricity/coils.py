"""Coils in series, of which more or fewer turns are switched in, pulled by one battery's current."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import ClassVar, Self

from pydantic import Field

from escape.environments.dice import Dice
from escape.environments.houses.obstacles import Called, Choice, Exact, Many
from escape.types import Amounts, Kind


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
        "Coils: a coil's pull is its turns times the current in amperes (ampere-turns). All is in series: the current "
        "is the battery's voltage over the sum of its inner resistance, the line's, and that of every turn that is "
        "switched in. Other turns have no part in it, and nothing burns out. The right turns are those with which, "
        "not yet rounded, all coils have what they want at once."
    )
    fixtures: ClassVar[tuple[str, ...]] = ("terminal", "slider")
    wordings: ClassVar[tuple[str, ...]] = (
        "Coils and a line of {line} ohm are in series on {place}. Set {dials} (turns) so that every coil has its "
        "ampere-turns; {least} mA or more must flow.",
        "On {place} hang coils in series, with a line of {line} ohm. The lock wants {dials} at the turns that give "
        "each its ampere-turns, and {least} mA or more.",
        "A line of {line} ohm and coils are in series on {place}. Bring each coil to its ampere-turns with {dials} "
        "(turns), while {least} mA or more flow.",
    )
    plain_wordings: ClassVar[tuple[str, ...]] = (
        "A coil on {place} pulls the bolt if {least} mA or more flow; coil and line have {line} ohm together.",
        "A magnet hangs on {place}, of {line} ohm together with its line. It draws the bolt with {least} mA or more.",
        "The bolt's magnet on {place} and its line, {line} ohm together, need a current of {least} mA at the least.",
    )
    kind: ClassVar[Kind] = "battery"
    dial: ClassVar[str] = "slider"
    unit: ClassVar[str] = "turns"
    place: ClassVar[str] = "terminal"
    verb: ClassVar[str] = "join"

    line_dohm: int = Field(ge=1, le=100_000)  # tenths of an ohm
    least_ma: int = Field(ge=1, le=100_000)
    wanted_at: Many = Field(max_length=3)  # ampere-turns
    turn_mohm: Many = Field(max_length=3)  # thousandths of an ohm a turn

    def contradiction(self) -> str:
        n = len(self.wanted_at)
        if n != len(self.turn_mohm) or not self.has_dials(n):
            return "its coils, their wire and its dials are not equally many"
        return ""

    @classmethod
    def drawn(cls, dice: Dice, dials: int, thing: Amounts) -> Self:
        """Coils that this battery can just supply, with some tenths of an ampere."""
        volt, inner = Fraction(thing["decivolts"], 10), Fraction(thing["deciohms"], 10)
        meant = volt / (1 + cls.spare(dice))
        flows = Fraction(dice.between(120, 450), 1000)
        turns = tuple(dice.between(8, 24) * 5 for _ in range(dials))
        # the wire of all coils together takes a fifth to three fifths of the voltage
        in_all = dice.between(20, 60)
        wire = tuple(max(1, round(volt * 10 * in_all / (q * dials))) for q in turns)
        in_wire = sum((Fraction(w * q, 1000) for w, q in zip(wire, turns, strict=True)), Fraction(0))
        line = max(1, round(10 * (meant - in_wire) / flows - 10 * inner))
        least = 1000 * (meant - in_wire) / (inner + Fraction(line, 10))
        return cls(line_dohm=line, least_ma=max(1, int(least)), wanted_at=turns, turn_mohm=wire)

    def is_sensible(self, thing: Amounts) -> bool:
        # the line has an ohm or more, and the current is one that a battery gives
        return self.line_dohm >= 10 and 80 <= self.least_ma <= 1000

    @property
    def scales(self) -> tuple[Fraction, ...]:
        return tuple(Fraction(700 * q, self.least_ma) for q in self.wanted_at)

    def exact(self, thing: Amounts) -> Exact:
        volt, inner = Fraction(thing["decivolts"], 10), Fraction(thing["deciohms"], 10)
        in_wire = sum((Fraction(w * q, 1000) for w, q in zip(self.turn_mohm, self.wanted_at, strict=True)), Fraction(0))
        fixed = inner + Fraction(self.line_dohm, 10)
        flows = (volt - in_wire) / fixed
        needed = Fraction(self.least_ma, 1000) * fixed + in_wire
        reason = f"{float(1000 * flows):.1f} mA flow; {self.least_ma} are needed."
        marks = tuple(q / flows for q in self.wanted_at) if flows > 0 else ()
        if marks:
            reason += f" That asks for {self.in_words(marks)} turns."
        return Exact(volt / needed - 1, marks, reason)

    @property
    def facts(self) -> Mapping[str, int | str]:
        return {"line": f"{self.line_dohm / 10:g}", "least": self.least_ma}

    def table(self, name_of: Called) -> Sequence[str]:
        return [
            f"coil ({name_of(name)}): {self.wanted_at[i]} ampere-turns wanted, {self.turn_mohm[i] / 1000:g} ohm a turn"
            for i, name in enumerate(self.dials)
        ]
