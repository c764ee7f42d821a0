"""Scripted players of laboratories: one that knows every disturbance and fits, one that believes in none, and one that
guesses. Each is given what every player is told.
"""

from __future__ import annotations

from collections.abc import Callable

from escape.environments.dice import Dice
from escape.environments.laboratories.apparatus import APPARATUSES, Apparatus
from escape.environments.laboratories.attempt import LabAttempt
from escape.environments.laboratories.fitting import design, explained, settings
from escape.environments.laboratories.make import OTHER, ApparatusDoor
from escape.types import Puzzle

FIRST = 6  # measurements that are planned before anything is known


def _candidates(apparatus: Apparatus, door: ApparatusDoor) -> list[str]:
    """What may be at work: what is listed, and where others may be too, those that can be told from it."""
    names = list(door.listed)
    if door.others:
        for name in apparatus.disturbances:
            if name not in names and not any(name in g and g & set(names) for g in apparatus.alike):
                names.append(name)
    return names


def experimenter(puzzle: Puzzle) -> list[str]:
    """Plans measurements for everything that may be at work, then for the prediction, and fits by least squares."""
    episode, dice, lines = LabAttempt(puzzle), Dice(f"experimenter {puzzle.problem_id}"), list[str]()

    def do(line: str) -> None:
        lines.append(line)
        episode.do(line)

    while not episode.over:
        door = episode.door
        apparatus = APPARATUSES[door.apparatus]
        names, pool = _candidates(apparatus, door), settings(apparatus, dice, 60)
        sizes = [door.how_many] if door.how_many else list(range(2, min(5, len(names)) + 1))
        middle = {n: (k.low + k.high) / 2 for n, k in apparatus.disturbances.items() if n in names}
        for at in design(apparatus, middle, pool, FIRST)[0]:
            do(f"measure: {apparatus.written(at)}")
        strengths = explained(apparatus, names, sizes, episode.readings)
        for at in design(apparatus, middle | strengths, pool, episode.left, door.target)[0]:
            do(f"measure: {apparatus.written(at)}")
        strengths = explained(apparatus, names, sizes, episode.readings)
        named = dict.fromkeys(n if n in door.listed else OTHER for n in strengths)
        value = apparatus.reading(door.target, strengths)
        do(f"predict: {apparatus.shown(value)} | {', '.join(named) or 'none'}")
    return lines


def textbook(puzzle: Puzzle) -> list[str]:
    """Believes in no disturbance, and measures nothing."""
    return _at_once(puzzle, lambda apparatus, door: apparatus.reading(door.target, {}))


def at_random(puzzle: Puzzle) -> list[str]:
    """Guesses a reading between nothing and twice the textbook's."""
    dice = Dice(f"random {puzzle.problem_id}")

    def guess(apparatus: Apparatus, door: ApparatusDoor) -> float:
        return apparatus.reading(door.target, {}) * (2 * dice.below(10_001) / 10_000)

    return _at_once(puzzle, guess)


def _at_once(puzzle: Puzzle, value: Callable[[Apparatus, ApparatusDoor], float]) -> list[str]:
    episode, lines = LabAttempt(puzzle), list[str]()
    while not episode.over:
        apparatus = APPARATUSES[episode.door.apparatus]
        lines.append(f"predict: {apparatus.shown(value(apparatus, episode.door))} | none")
        episode.do(lines[-1])
    return lines


LAB_WAYS: dict[str, Callable[[Puzzle], list[str]]] = {
    "experimenter": experimenter,
    "textbook": textbook,
    "random": at_random,
}
