"""Houses made and proved, many of them: is one refused, how long does one take, and does each obstacle have its level?

An obstacle's ease, log4(1 / a guesser's chance), and its work, log3(states that a plain search looks at), may each lie
a level off. Exits with 1 where one lies further off or a house is refused.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections import Counter
from collections.abc import Iterable
from functools import cached_property
from multiprocessing import Pool
from typing import NamedTuple

from escape.environments.houses.generate import house
from escape.environments.houses.obstacles.choice import THINGS
from escape.environments.houses.obstacles.obstacle import EASE, WORK
from escape.environments.houses.scene import HouseError, HouseScene

OFF = 1.0  # of a level


class Measures(NamedTuple):
    """How hard one obstacle is: each in levels."""

    ease: float
    work: float


class Made(NamedTuple):
    """One house: what it holds, by mechanism and level, or why it was refused; `cpu_s`: what making it took."""

    cpu_s: float
    held: list[tuple[str, int, Measures]]
    refused: str = ""


class Range:
    """The smallest and the largest of what was measured at a level."""

    def __init__(self) -> None:
        self.low, self.high = math.inf, -math.inf

    def add(self, x: float) -> None:
        self.low, self.high = min(self.low, x), max(self.high, x)

    def off(self, level: int) -> float:
        return max(level - self.low, self.high - level)

    def __str__(self) -> str:
        return f"{self.low:5.2f} to {self.high:5.2f}"


def made(recipe: tuple[str, int, int]) -> Made:
    """One house from its seed, number and doors."""
    began = time.process_time()
    try:
        drawn = house(*recipe)
    except HouseError as error:
        return Made(time.process_time() - began, [], str(error))
    cpu_s = time.process_time() - began
    parts = [part for door in drawn.doors for part in door.parts]
    obstacles = HouseScene(drawn).obstacles
    held = [
        (part.mechanism, part.level, Measures(math.log(1 / x.chance(THINGS), EASE), math.log(x.work(THINGS), WORK)))
        for part, x in zip(parts, obstacles, strict=True)
    ]
    return Made(cpu_s, held)


class Tally:
    """What a great many houses came to."""

    def __init__(self, every: Iterable[Made]) -> None:
        self.cpu_s: list[float] = []
        self.refused: list[str] = []
        self.times: Counter[tuple[str, int]] = Counter()
        self.ranges: dict[tuple[str, int], tuple[Range, Range]] = {}
        for one in every:
            self.cpu_s.append(one.cpu_s)
            self.refused += [one.refused] if one.refused else []
            for mechanism, level, measures in one.held:
                self.times[mechanism, level] += 1
                for x, among in zip(
                    measures, self.ranges.setdefault((mechanism, level), (Range(), Range())), strict=True
                ):
                    among.add(x)

    @cached_property
    def astray(self) -> list[tuple[str, int]]:
        """The mechanisms and levels with an obstacle that lies too far off."""
        return [
            (mechanism, level)
            for (mechanism, level), ranges in self.ranges.items()
            if any(among.off(level) > OFF for among in ranges)
        ]


def main(o: argparse.Namespace) -> None:
    began = time.monotonic()
    with Pool() as pool:
        recipes = ((f"bench-{o.seed}", n, o.doors) for n in range(1, o.houses + 1))
        tally = Tally(pool.imap(made, recipes, chunksize=10))
    cpu = sorted(tally.cpu_s)
    print(f"{len(tally.refused)} of {o.houses} houses of {o.doors} doors were refused")
    for why in tally.refused[:10]:
        print(f"  REFUSED {why}")
    print(
        f"seconds of CPU a house: mean {sum(cpu) / len(cpu):.3f}, median {cpu[len(cpu) // 2]:.3f}, "
        f"95 % within {cpu[len(cpu) * 95 // 100]:.3f}, most {cpu[-1]:.3f}; {time.monotonic() - began:.0f} s in all"
    )
    print("mechanism   level  times  ease             work")
    for (mechanism, level), (ease, work) in sorted(tally.ranges.items()):
        mark = "  ASTRAY" if (mechanism, level) in tally.astray else ""
        print(f"{mechanism:11} {level:5} {tally.times[mechanism, level]:6}  {ease}  {work}{mark}")
    sys.exit(bool(tally.refused or tally.astray))
