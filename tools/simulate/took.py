"""How often what a room took tells equal players apart, and how often it finds a real ratio."""

import math
import random

from escape.results.took import ratio


def found(true: float, sd: float, rooms: int, draws: int) -> float:
    """Return the share of runs in which two players with this true ratio differ clearly.

    `sd`: of log ratios.
    """
    rng, clear = random.Random(13), 0
    for _ in range(draws):
        hard = [rng.gauss(0, 1) for _ in range(rooms)]
        one, other = (
            {str(i): at * math.exp(h + rng.gauss(0, sd / 2**0.5)) for i, h in enumerate(hard)}
            for at in (true, 1.0)
        )
        pair = ratio(one, other)
        clear += pair is not None and pair.clear
    return clear / draws


def main(draws: int) -> None:
    print("what a room took, clearly apart                    n=6    n=12    n=30")
    for true, sd in ((1.0, 0.5), (1.0, 0.8), (1.5, 0.5), (1.5, 0.8), (2.0, 0.8)):
        cells = [found(true, sd, rooms, draws) for rooms in (6, 12, 30)]
        print(
            f"true ratio {true}, sd of log ratios {sd}              " + "   ".join(f"{c:5.3f}" for c in cells)
        )
