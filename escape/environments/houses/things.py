"""THINGS: the kinds of thing that lie about in a house: how they are drawn and described."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from escape.environments.dice import Dice
from escape.types import Amounts, Kind, Thing

RUNG = Fraction(9, 8)  # from one size of a kind to the next: enough for one to pass by 6 % where the other fails by 4 %
LONG = 12  # things of one kind


@dataclass(frozen=True)
class KindOfThing:
    """`smallest`: the size about which a ladder of sizes begins, in the unit of its first amount; `amounts`: what is
    drawn for a size; `told`: the amounts in words.
    """

    smallest: int
    amounts: Callable[[Dice, int], Amounts]
    told: Callable[[Amounts], str]


THINGS: dict[Kind, KindOfThing] = {
    "flask": KindOfThing(
        300, lambda dice, size: {"volume_ml": size}, lambda a: f"{a['volume_ml']} ml of water at 20 °C"
    ),
    "battery": KindOfThing(
        40,
        # the inner resistance grows with the voltage, or the order in which batteries suffice would be too mixed
        lambda dice, size: {"decivolts": size, "deciohms": max(2, size * dice.between(12, 20) // 100)},
        lambda a: f"{a['decivolts'] / 10:g} V, {a['deciohms'] / 10:g} ohm inside",
    ),
    "stone": KindOfThing(800, lambda dice, size: {"mass_g": size}, lambda a: f"{a['mass_g']} g"),
    "rope": KindOfThing(150, lambda dice, size: {"length_cm": size}, lambda a: f"{a['length_cm']} cm"),
}


def ladder(dice: Dice, kind: Kind, n: int) -> list[Amounts]:
    """The amounts of n things, each size a rung or a little more above the one before. Long ladders begin lower and
    have less between rungs, so that their largest is still a thing that somebody could have.
    """
    long = n > LONG
    size, sizes = THINGS[kind].smallest * 2 // (3 if long else 2), []
    for _ in range(n):
        sizes.append(THINGS[kind].amounts(dice, size))
        size = math.ceil(size * (RUNG + Fraction(dice.below(2 if long else 5), 100)))
    return sizes


MOST = 1_000_000  # of any amount


def fault(thing: Thing) -> str:
    """Why there can be no such thing, whatever a file says; "" if there can."""
    amounts = THINGS[thing.kind].amounts(Dice(""), 100)
    if thing.name.split()[0] != thing.kind:
        return f"{thing.name} is no {thing.kind}"
    if set(thing.amounts) != set(amounts):
        return f"{thing.name} has {', '.join(thing.amounts) or 'no amounts'}, not {' and '.join(amounts)}"
    return "" if all(1 <= x <= MOST for x in thing.amounts.values()) else f"{thing.name} has an amount that cannot be"


def told(thing: Thing) -> str:
    """A thing with what it can do: `flask 37 (870 ml of water at 20 °C)`."""
    return f"{thing.name} ({THINGS[thing.kind].told(thing.amounts)})"
