"""`python -m tests.simulate_houses`: how often the interval of reach covers, and how often equals seem to get further.

Attempts are made by other code than the product's: a player goes on at each door with a chance of its own for each
house, which falls from door to door; a house may be too short for it (a ceiling), and few doors make ties.
"""

from __future__ import annotations

import argparse
import random
from statistics import median

from escape.results.houses.reach import MIN_COMPARED, interval
from escape.stats import paired

KINDS = {"weak": (0.3, 0.75), "middle": (0.75, 0.97), "mixed": (0.2, 0.999), "ceiling": (0.97, 0.9999)}


def opened(dice: random.Random, kind: str, doors: int, easier: float = 0.0) -> int:
    """One attempt: the doors that it opens."""
    low, high = KINDS[kind]
    chance = dice.uniform(low, high) ** (1 - easier)
    for door in range(doors):
        if dice.random() > chance ** (1 + door / 12):
            return door
    return doors


def coverage(kind: str, doors: int, houses: int, draws: int) -> float:
    dice, hits = random.Random(f"{kind} {houses}"), 0
    truth = median(opened(dice, kind, doors) for _ in range(40_001))
    for _ in range(draws):
        low, high = interval([float(opened(dice, kind, doors)) for _ in range(houses)], doors)
        hits += low is not None and high is not None and low <= truth <= high
    return hits / draws


def further(kind: str, doors: int, houses: int, draws: int, easier: float) -> float:
    """The share of comparisons that call one of two players further."""
    dice, found = random.Random(f"{kind} {houses} {easier}"), 0
    for _ in range(draws):
        apart = [opened(dice, kind, doors, easier) - opened(dice, kind, doors) for _ in range(houses)]
        x = paired([float(a) for a in apart], doors)
        p = 1.0 if x.p is None else max(x.p, x.sign_flip_p)
        found += p < 0.05 and x.decided and houses >= MIN_COMPARED
    return found / draws


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--draws", type=int, default=2000)
    draws = p.parse_args().draws
    print("houses of 16 doors                     n=5     n=10    n=20")
    for kind in KINDS:
        found = [coverage(kind, 16, n, draws) for n in (5, 10, 20)]
        print(f"median covered, {kind:22}" + "".join(f"{x:8.3f}" for x in found))
    for kind in KINDS:
        found = [further(kind, 16, n, draws // 2, 0.0) for n in (6, 10, 20)]
        print(f'"further" between equals, {kind:10} n=6{found[0]:7.3f}{found[1]:8.3f}{found[2]:8.3f}')
    found = [further("middle", 16, n, draws // 2, 0.5) for n in (6, 10, 20)]
    print(f'"further" where one is better      n=6{found[0]:7.3f}{found[1]:8.3f}{found[2]:8.3f}')


if __name__ == "__main__":
    main()
