"""Laboratories made from a seed, each proved fair: trials within the bound can decide. Draws by Dice alone."""

from __future__ import annotations

import math
from collections.abc import Iterator

from escape.environments.dice import Dice
from escape.environments.laboratories.apparatus import APPARATUSES, Apparatus, Setting
from escape.environments.laboratories.laws import (
    MOST_LAWS,
    Laws,
    Trial,
    best,
    complete,
    deciding,
    reading,
    right_for_all,
    size,
    trials_of,
)
from escape.types import MAX_LAB_DOORS, LabDoor, Laboratory

VERSION = 1
# trials there are, as a multiple of those that the best experimenter needs, from the numbered door on: readers without
# a budget opened all ten doors while it was 1.5 throughout
MARGINS = {1: 1.5, 4: 1.25, 7: 1.1}
MOST_TRIALS = 18  # that the best experimenter may need
AMONG = 120  # trials that it chooses from at each step, and laws that it looks at
LOOKED_AT = 1_500
TRIES, PATIENCE = 480, 120  # laws that are drawn for a door, and after how many of them it has a cause less


class LabError(ValueError):
    """A laboratory that cannot be made, or is not what it says."""


def laboratory(seed: str, number: int, doors: int) -> Laboratory:
    """The numbered laboratory of a seed. Raises LabError."""
    if not 1 <= doors <= MAX_LAB_DOORS:
        raise LabError(f"a laboratory has 1 to {MAX_LAB_DOORS} doors, not {doors}")
    dice = Dice(f"laboratory {VERSION} {seed} {number}")
    order = dice.shuffled(list(APPARATUSES))
    doors_, way = [], []
    for n in range(1, doors + 1):
        door, door_way = _door(dice, APPARATUSES[order[(n - 1) % len(order)]], n)
        doors_.append(door)
        way += door_way
    return Laboratory(version=VERSION, seed=seed, number=number, doors=tuple(doors_), way=tuple(way))


DIM_FROM = 4  # the door from which readings are rough


def _grown(apparatus: Apparatus, n: int) -> tuple[int, int]:
    """How many causes are at work at the n-th door, and how many numbers each may have: a cause more at each door, then
    more numbers, as far as there are at most MOST_LAWS laws.
    """
    causes, values = min(n, len(apparatus.causes)), 2 if n <= 2 else 3 if n <= 4 else 4
    while size(apparatus, causes, values) > MOST_LAWS:
        values -= 1
    return causes, values


def _door(dice: Dice, apparatus: Apparatus, n: int) -> tuple[LabDoor, list[str]]:
    most, values = _grown(apparatus, n)
    margin = max((door, times) for door, times in MARGINS.items() if door <= n)[1]
    dim = n >= DIM_FROM and apparatus.dim is not None
    for tries in range(TRIES):
        causes = max(1, most - tries // PATIENCE)
        starts = dice.shuffled(list(apparatus.starts))
        at_work = {c: dice.pick(apparatus.causes[c].values[:values]) for c in dice.some(causes, list(apparatus.causes))}
        door = LabDoor(
            apparatus=apparatus.name,
            law=dict(dice.pick(apparatus.bases)) | at_work,
            causes=causes,
            values=values,
            dim=dim,
            starts=tuple(starts[1:]),
            start=starts[0],
            wanted=0,
            trials=1,
        )
        target = _wanted(dice, door)
        if target is None or not _counts(door):
            continue
        door = door.model_copy(update={"wanted": target})
        steps_taken = experiment(door, dice)
        if steps_taken is None:
            continue
        trials, setting = steps_taken
        bound = max(3, math.ceil(margin * len(trials)))
        way = [f"try: {start} | {apparatus.written(s)}" for start, s in trials] + [f"set: {apparatus.written(setting)}"]
        return door.model_copy(update={"trials": bound}), way
    raise LabError(f"no fair law was found for door {n}; take another seed")


def _wanted(dice: Dice, door: LabDoor) -> int | None:
    """Something that the law can lead to, but few settings do, none of a step or two or of one step again and again,
    and none for which not half of the causes at work matter.
    """
    apparatus = APPARATUSES[door.apparatus]
    law, start = complete(apparatus, door.law), apparatus.starts[door.start]
    ends: dict[int, list[Setting]] = {}  # every setting that leads there
    for setting in deciding(apparatus):
        ends.setdefault(apparatus.decide(law, start, setting), []).append(setting)
    most = apparatus.most_guessed * sum(map(len, ends.values()))
    rare = [end for end, ways in sorted(ends.items()) if len(ways) <= most and all(map(_varied, ways))]
    without = [law | {cause: 0} for cause in apparatus.causes if law[cause]]
    needed = -(-len(without) // 2)
    for end in dice.shuffled(rare):
        if all(sum(apparatus.decide(x, start, s) != end for x in without) >= needed for s in ends[end]):
            return end
    return None


def _varied(setting: Setting) -> bool:
    """Whether it has more than two steps, and not the same one throughout."""
    steps = [step for step in setting if step]
    return len(steps) > 2 and len(set(steps)) > 1


def _counts(door: LabDoor) -> bool:
    """Whether each cause at work changes what trials show and what the setting that decides leads to: one that does not
    makes nothing harder.
    """
    apparatus = APPARATUSES[door.apparatus]
    law, start = complete(apparatus, door.law), apparatus.starts[door.start]
    trials, settings = trials_of(door)[::3], deciding(apparatus)[::2]
    rough = apparatus.dim if door.dim and apparatus.dim else int
    values = [rough(apparatus.respond(law, apparatus.starts[s], x)) for s, x in trials]
    ends = [apparatus.decide(law, start, x) for x in settings]
    for cause in (c for c in apparatus.causes if law[c]):
        without = law | {cause: 0}
        differs = sum(
            rough(apparatus.respond(without, apparatus.starts[s], x)) != y
            for (s, x), y in zip(trials, values, strict=True)
        )
        decides = sum(apparatus.decide(without, start, x) != y for x, y in zip(settings, ends, strict=True))
        if differs < len(trials) // 50 or not decides:
            return False
    return True


def experiment(door: LabDoor, dice: Dice) -> tuple[list[Trial], tuple[int, ...]] | None:
    """The best experimenter's trials and setting: each trial splits the laws that are left best, until one setting is
    right under all of them. None if no trials can tell apart what matters.
    """
    laws, trials, every = Laws(door), list[Trial](), trials_of(door)
    for trial in steps(laws, every, dice):
        laws.saw(trial, reading(door, *trial))
        trials.append(trial)
        setting = right_for_all(laws) if len(laws) <= LOOKED_AT else None
        if setting is not None:
            return trials, setting
        if len(trials) >= MOST_TRIALS:
            break
    return None


def steps(laws: Laws, every: list[Trial], dice: Dice) -> Iterator[Trial]:
    """One trial after the other, each the best of some; it ends when none tells anything apart. `laws` shrinks between
    them, as their readings rule laws out.
    """
    while len(laws) > 1:
        many = len(laws) > LOOKED_AT
        looked = laws.sample([dice.below(len(laws)) for _ in range(LOOKED_AT)]) if many else laws
        trial, expected = best(looked, [dice.pick(every) for _ in range(AMONG)])
        if expected >= len(looked) - 1e-9:
            trial, expected = best(looked, every)
            if expected >= len(looked) - 1e-9:
                return
        yield trial
