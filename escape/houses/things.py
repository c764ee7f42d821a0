"""THINGS: the kinds of thing that lie about in a house: how they are drawn and described."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from escape.houses.dice import Dice
from escape.world import Amounts, Kind, Thing

RUNG = 1.125  # from one size of a kind to the next: enough for one to pass by 6 % where the other fails by 4 %


@dataclass(frozen=True)
class KindOfThing:
    """`smallest`: the size that a ladder of sizes begins with; `amounts`: what is drawn for a size; `told`: in
    words.
    """

    smallest: float
    amounts: Callable[[Dice, int], Amounts]
    told: Callable[[Amounts], str]


THINGS: dict[Kind, KindOfThing] = {
    "flask": KindOfThing(
        300, lambda dice, size: {"volume_ml": size}, lambda a: f"{a['volume_ml']} ml of water at 20 °C"
    ),
    "battery": KindOfThing(
        40,
        lambda dice, size: {"decivolts": size, "deciohms": dice.between(4, 30)},
        lambda a: f"{a['decivolts'] / 10:g} V, {a['deciohms'] / 10:g} ohm inside",
    ),
    "stone": KindOfThing(800, lambda dice, size: {"mass_g": size}, lambda a: f"{a['mass_g']} g"),
    "rope": KindOfThing(150, lambda dice, size: {"length_cm": size}, lambda a: f"{a['length_cm']} cm"),
}


def ladder(dice: Dice, kind: Kind, n: int) -> list[Amounts]:
    """The amounts of n things, each size a rung or a little more above the one before."""
    size, found = THINGS[kind].smallest, []
    for _ in range(n):
        found.append(THINGS[kind].amounts(dice, int(size)))
        size *= RUNG + dice.below(5) / 100
    return found


def told(thing: Thing) -> str:
    """A thing with what it can do: `flask 37 (870 ml of water at 20 °C)`."""
    return f"{thing.name} ({THINGS[thing.kind].told(thing.amounts)})"
