"""A number with its unit, as a move says it, and the ranges in which a room's rules tell numbers apart."""

import itertools
import math
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from pydantic import Field, model_validator

from escape.types.fields import Line, Record

# kind of unit -> unit, as rules and moves write it -> its size in the first unit of its kind, and other words
# for it
_UNITS: dict[str, dict[str, tuple[float, str]]] = {
    "length": {
        "cm": (1, "centimetre centimeter centimetres centimeters"),
        "mm": (0.1, "millimetre millimeter millimetres millimeters"),
        "m": (100, "metre meter metres meters"),
        "inches": (2.54, "inch"),
    },
    "angle": {
        "degrees": (1, "degree deg °"),
        "turns": (360, "turn revolution revolutions rotation rotations round rounds"),
    },
    "volume": {
        "ml": (1, "millilitre milliliter millilitres milliliters cc cm3 cm³"),
        "cl": (10, ""),
        "dl": (100, ""),
        "l": (1000, "litre liter litres liters"),
    },
    "mass": {"g": (1, "gram grams"), "kg": (1000, "kilogram kilograms kilo kilos")},
    "part": {"of it": (1, ""), "%": (0.01, "percent")},
}
_KIND = {unit: kind for kind, units in _UNITS.items() for unit in units}
_SIZE = {unit: size for units in _UNITS.values() for unit, (size, _) in units.items()}
_NAMED = {
    word: u for units in _UNITS.values() for u, (_, also) in units.items() for word in (u, *also.split())
}
UNITS = tuple(_KIND)


def unit_named(word: str) -> str:
    """Look up the unit that a word names: `cm` for `centimetres`. "" if it names none."""
    return _NAMED.get(word, "")


class Amount(NamedTuple):
    """A number with its unit: 20 cm, 2 turns, 0.5 of a whole."""

    number: float
    unit: str

    @property
    def kind(self) -> str:
        """The kind of quantity: length, angle, volume, mass, or part of a whole."""
        return _KIND[self.unit]

    @property
    def size(self) -> float:
        """The number in the first unit of its kind, for comparing amounts of different units."""
        return float(f"{self.number * _SIZE[self.unit]:.9g}")

    def __str__(self) -> str:
        if self.unit == "of it":
            below = next((n for n in range(1, 13) if abs(round(self.number * n) - self.number * n) < 1e-6), 0)
            return f"{round(self.number * below)}/{below}" if below > 1 else f"{100 * self.number:.6g} %"
        return f"{self.number:.6g} {self.unit.removesuffix('s') if self.number == 1 else self.unit}"


class Range(Record):
    """Amounts from `least` to `most`, both included. None means no bound on that side."""

    unit: Line
    least: float | None = Field(None, ge=0, allow_inf_nan=False)
    most: float | None = Field(None, ge=0, allow_inf_nan=False)

    @model_validator(mode="after")
    def _known_and_in_order(self) -> "Range":
        if self.unit not in UNITS:
            raise ValueError(f"{self.unit!r} is not a unit; write one of {', '.join(UNITS)}")
        if self.least is not None and self.most is not None and self.least > self.most:
            raise ValueError(f"least, {self.least:g}, is more than most, {self.most:g}; change one of them")
        return self

    @property
    def kind(self) -> str:
        return _KIND[self.unit]

    @property
    def bounds(self) -> tuple[float, ...]:
        """The bounds that are set, in the first unit of the kind."""
        return tuple(Amount(bound, self.unit).size for bound in (self.least, self.most) if bound is not None)

    def holds(self, amount: Amount) -> bool:
        if amount.kind != self.kind:
            return False
        least, most = (None if b is None else Amount(b, self.unit).size for b in (self.least, self.most))
        return (least is None or least <= amount.size) and (most is None or amount.size <= most)


def stretches(bounds: Iterable[float], unit: str) -> Iterator[tuple[Amount, float]]:
    """Split the scale of amounts at some bounds, in the first unit of their kind. Yield one amount each.

    With it comes the part's share of a logarithmic scale from a tenth of the smallest bound to ten times the
    largest: the chance that a guess falls into it. A bound is a part by itself, with a share of 0.
    """
    size = Amount(1, unit).size
    cuts = sorted({bound for bound in bounds if bound > 0})
    if 0 in bounds:
        yield Amount(0, unit), 0.0
    if not cuts:
        yield Amount(1, unit), 1.0
        return
    ends = [cuts[0] / 10, *cuts, cuts[-1] * 10]
    whole = math.log(ends[-1] / ends[0])
    for n, (low, high) in enumerate(itertools.pairwise(ends)):
        if n:
            yield Amount(low / size, unit), 0.0
        yield Amount(_roundest(low / size, high / size), unit), math.log(high / low) / whole


def _roundest(low: float, high: float) -> float:
    """Find the number between two others with the fewest digits, and of those the most central."""
    middle = math.sqrt(low * high)
    for digits in range(1, 12):
        step = 10.0 ** (math.floor(math.log10(high)) + 1 - digits)
        between = [
            n * step
            for n in range(math.floor(low / step) + 1, math.ceil(high / step))
            if low < n * step < high
        ]
        if between:
            return float(f"{min(between, key=lambda n: abs(n - middle)):.9g}")
    return middle
