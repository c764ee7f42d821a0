"""Scripted players of laboratories: the best experimenter, one that varies one thing at a time, and one that learns
nothing. Each is given what every player is told, never a law.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from escape.environments.dice import Dice
from escape.environments.laboratories.apparatus import APPARATUSES
from escape.environments.laboratories.attempt import LabAttempt
from escape.environments.laboratories.laws import Laws, Trial, deciding, likeliest, reading, right_for_all, trials_of
from escape.environments.laboratories.make import LOOKED_AT, steps
from escape.types import LabDoor, Puzzle

Choose = Callable[[LabDoor, Laws, Dice], Iterator[Trial]]


def _best(door: LabDoor, laws: Laws, dice: Dice) -> Iterator[Trial]:
    return steps(laws, trials_of(door), dice)


def _one_thing(door: LabDoor, laws: Laws, dice: Dice) -> Iterator[Trial]:
    """Trials that differ from the one before in one respect: a step more, or another start."""
    settings = APPARATUSES[door.apparatus].settings[: APPARATUSES[door.apparatus].first]
    setting = settings[0]
    while True:
        near = [s for s in settings if sum(a != b for a, b in zip(s, setting, strict=True)) == 1]
        yield door.starts[0], setting
        setting = dice.pick(near)


def _way(puzzle: Puzzle, name: str, choose: Choose) -> list[str]:
    """Every line until it is over: trials as long as they tell something, then the likeliest setting."""
    episode, dice, lines = LabAttempt(puzzle), Dice(f"{name} {puzzle.problem_id}"), list[str]()
    while not episode.over:
        door, laws = episode.door, Laws(episode.door)
        apparatus = APPARATUSES[door.apparatus]
        setting = None
        for start, trial in choose(door, laws, dice):
            if not episode.trials_left or setting is not None:
                break
            lines.append(f"try: {start} | {apparatus.written(trial)}")
            episode.do(lines[-1])
            laws.saw((start, trial), reading(door, start, trial))  # what the reply told
            setting = right_for_all(laws) if len(laws) <= LOOKED_AT else None
        lines.append(f"set: {apparatus.written(setting or likeliest(laws))}")
        episode.do(lines[-1])
    return lines


def experimenter(puzzle: Puzzle) -> list[str]:
    """The best: each trial splits the laws that are left best."""
    return _way(puzzle, "experimenter", _best)


def one_thing(puzzle: Puzzle) -> list[str]:
    """Varies one thing at a time, and reckons as well as the best."""
    return _way(puzzle, "one-thing", _one_thing)


def at_random(puzzle: Puzzle) -> list[str]:
    """Draws trials and setting, and learns nothing."""
    episode, dice, lines = LabAttempt(puzzle), Dice(f"random {puzzle.problem_id}"), list[str]()
    while not episode.over:
        apparatus, every = APPARATUSES[episode.door.apparatus], trials_of(episode.door)
        for start, setting in dice.some(episode.trials_left, every):
            lines.append(f"try: {start} | {apparatus.written(setting)}")
            episode.do(lines[-1])
        lines.append(f"set: {apparatus.written(dice.pick(deciding(apparatus)))}")
        episode.do(lines[-1])
    return lines


LAB_WAYS: dict[str, Callable[[Puzzle], list[str]]] = {
    "experimenter": experimenter,
    "one-thing": one_thing,
    "random": at_random,
}
