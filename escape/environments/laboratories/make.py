"""Laboratories generated from a seed: doors whose disturbances can be told, and whose targets follow from readings."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache

from pydantic import Field

from escape.environments.dice import Dice
from escape.environments.laboratories.apparatus import APPARATUSES, Apparatus, At, Choice, Strengths
from escape.environments.laboratories.fitting import POOL, design, settings
from escape.types import MAX_LAB_DOORS, Record

VERSION = 2
TOLD_UNTIL = 3  # doors: how many are at work is told
OTHER_FROM = MORE_FROM = 6  # doors: one that is not listed may be at work; there is a measurement more
SURE, PLAIN = 0.4, 3.0  # of the tolerance: what errors leave at most; what disturbances change at least
SEEN = 10.0  # standard deviations by which each disturbance shows in some measurement
TRIES = 60
OTHER = "other"


class LabError(ValueError):
    """A laboratory that cannot be made, or is not what it says."""


class ApparatusDoor(Record):
    """One door. `at_work`: disturbances and their strengths; `listed`: those that may be at work, as is told;
    `how_many`: at work, if it is told; `others`: one that is not listed may be among
    them; `target`: the setting whose reading must be predicted.
    """

    apparatus: str = Field(max_length=40)
    at_work: Mapping[str, float]
    listed: tuple[str, ...] = Field(min_length=1, max_length=10)
    how_many: int | None
    others: bool
    target: Mapping[str, float | str]
    measurements: int = Field(ge=1, le=20)

    @property
    def answer(self) -> frozenset[str]:
        """What is at work, by the names that are listed; `other` for one that is not."""
        return frozenset(name if name in self.listed else OTHER for name in self.at_work)

    @property
    def truth(self) -> float:
        """What the target reads."""
        return APPARATUSES[self.apparatus].reading(self.target, self.at_work)


class LaboratoryDoors(Record):
    """A row of apparatuses made from a seed."""

    version: int = Field(ge=1, le=1000)
    seed: str = Field(max_length=40)
    number: int = Field(ge=1)
    doors: tuple[ApparatusDoor, ...] = Field(min_length=1, max_length=MAX_LAB_DOORS)

    def met(self, doors: int) -> set[str]:
        """The apparatuses of the first so many doors."""
        return {door.apparatus for door in self.doors[:doors]}


@lru_cache(maxsize=200)
def laboratory(seed: str, number: int, doors: int) -> LaboratoryDoors:
    """A seed's laboratory of a number. Raises LabError."""
    if not 1 <= doors <= MAX_LAB_DOORS:
        raise LabError(f"a laboratory has 1 to {MAX_LAB_DOORS} doors, not {doors}")
    dice = Dice(f"laboratory {VERSION} {seed} {number}")
    order = dice.shuffled(list(APPARATUSES))
    made = [_door(dice, APPARATUSES[order[n % len(order)]], n + 1) for n in range(doors)]
    return LaboratoryDoors(version=VERSION, seed=seed, number=number, doors=tuple(made))


def _door(dice: Dice, apparatus: Apparatus, number: int) -> ApparatusDoor:
    """Drawn until disturbances matter and the target follows from what can be measured."""
    for _ in range(TRIES):
        listed = _listed(dice, apparatus)
        most = min(5, len(listed) - 1)
        n = number if number <= TOLD_UNTIL else 2 + dice.below(most - 1)
        at_work = {name: _strength(dice, apparatus, name) for name in dice.some(n, listed)}
        hidden = number >= OTHER_FROM and n > 1 and dice.below(2)
        shown = [name for name in listed if not (hidden and name == next(iter(at_work)))]
        door = ApparatusDoor(
            apparatus=apparatus.name, at_work=at_work, listed=tuple(shown),
            how_many=n if number <= TOLD_UNTIL else None, target=_target(dice, apparatus),
            measurements=9 + (number >= MORE_FROM), others=number >= OTHER_FROM,
        )  # fmt: skip
        if _is_fair(apparatus, door, dice):
            return door
    raise LabError(f"door {number} of this seed cannot be made; choose another seed")


def _listed(dice: Dice, apparatus: Apparatus) -> list[str]:
    """Disturbances in a random order, of those that nobody can tell apart one at most."""
    names: list[str] = []
    for name in dice.shuffled(list(apparatus.disturbances)):
        if not any(name in group and group & set(names) for group in apparatus.alike):
            names.append(name)
    return names


def _strength(dice: Dice, apparatus: Apparatus, name: str) -> float:
    kind = apparatus.disturbances[name]
    value = kind.low + (kind.high - kind.low) * dice.below(1001) / 1000
    return round(-value if kind.signed and dice.below(2) else value, 4)


def _target(dice: Dice, apparatus: Apparatus) -> At:
    """A setting outside of the ranges in one respect, in which it cannot be measured."""
    beyond = dice.pick([n for n, k in apparatus.knobs.items() if not isinstance(k, Choice) and k.beyond > k.high])
    at: dict[str, float | str] = {}
    for name, knob in apparatus.knobs.items():
        if isinstance(knob, Choice):
            at[name] = dice.pick(knob.words)
            continue
        low, high = (
            (knob.high + (knob.beyond - knob.high) / 3, knob.beyond) if name == beyond else (knob.low, knob.high)
        )
        at[name] = round(knob.step * (math.ceil(low / knob.step) + dice.below(int((high - low) / knob.step) + 1)), 6)
    return at


def _is_fair(apparatus: Apparatus, door: ApparatusDoor, dice: Dice) -> bool:
    """Whether textbook physics alone errs plainly, each disturbance matters, and errors of reading do not decide."""
    plain, truth = apparatus.reading(door.target, {}), door.truth
    unit = apparatus.tolerance * apparatus.scale(truth)
    if abs(plain - truth) < PLAIN * unit or not truth > 0:
        return False
    pool = settings(apparatus, dice, POOL)
    chosen, left = design(apparatus, door.at_work, pool, door.measurements, door.target)
    if left > SURE:
        return False
    for name in door.at_work:  # each is seen in what can be measured
        without = {n: s for n, s in door.at_work.items() if n != name}
        if max(_deviations(apparatus, at, without, door.at_work) for at in chosen) < SEEN:
            return False
    return True


def _deviations(apparatus: Apparatus, at: At, one: Strengths, other: Strengths) -> float:
    """How far two readings are apart, in standard deviations of their error."""
    reading = apparatus.reading(at, other)
    return abs(apparatus.reading(at, one) - reading) / (apparatus.spread * apparatus.scale(reading))
