"""The one comparison: pairs of players on what both have, and who may be called better. Numbers in, pairs out.

Shares of rooms, marks and doors are compared alike: by the paired difference, its t test and an exact sign-flip test,
corrected for the number of pairs (Holm 1979), and only if it holds as well when the leader's failed calls count for
nothing.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from escape.stats import Paired, holm, paired
from escape.types import EARLIER, Run

MIN_PUZZLES = 6  # with fewer, no pattern of signs is rare enough to say "better"

Comparison = Literal["ahead", "behind", "cannot tell"]
Values = Mapping[str, Mapping[str, float]]  # player -> what was played -> its share in the figure


@dataclass(frozen=True)
class Pair:
    """First against second; `comparison` follows both tests, corrected for the number of pairs (Holm 1979), also with
    the first one's failed calls as not out. `unlike`: why the two are not compared at all, "" if they are; `doubted`:
    the first is ahead only if its failed calls are left out.
    """

    first: str
    second: str
    paired: Paired
    comparison: Comparison
    unlike: str = ""
    doubted: bool = False

    @property
    def decided(self) -> bool:
        """True if the first may be called better."""
        return self.comparison == "ahead"


@dataclass(frozen=True)
class Doubts:
    """What may stand against "better". `plain`: everybody's values wherever they have one; `counted`: the same with
    failed calls as nothing; `top`: the highest value; `unlike`: why two players are not compared, "" if they are.
    """

    plain: Values
    counted: Values
    top: float
    unlike: Callable[[str, str], str]


def compared(order: Sequence[str], values: Values, doubts: Doubts) -> tuple[Pair, ...]:
    """Every pair with a unit in common, the one that stands first in `order` before the other."""
    differences_ = [
        (a, b, _differences(values[a], values[b]))
        for a, b in itertools.combinations(order, 2)
        if values[a].keys() & values[b].keys()
    ]
    estimates = [paired(differences, doubts.top) for _, _, differences in differences_]
    hard = [
        paired(_differences(doubts.counted[a], doubts.plain[b]), doubts.top)
        if doubts.counted[a] != doubts.plain[a]
        else as_shown
        for (a, b, _), as_shown in zip(differences_, estimates, strict=True)
    ]
    pairs = []
    for (a, b, _), pair, ahead, survives in zip(differences_, estimates, _clear(estimates), _clear(hard), strict=True):
        why = doubts.unlike(a, b)
        comparison: Comparison = "ahead" if ahead and survives and not why else "cannot tell"
        pairs.append(Pair(a, b, pair, comparison, why, ahead and not survives))
    return tuple(pairs)


def _differences(first: Mapping[str, float], second: Mapping[str, float]) -> list[float]:
    return [value - second[unit] for unit, value in first.items() if unit in second]


def _clear(estimates: Sequence[Paired]) -> list[bool]:
    """Whether each first is clearly better: the larger p of the t test and the sign-flip test, corrected."""
    corrected = holm([1.0 if x.p is None else max(x.p, x.sign_flip_p) for x in estimates])
    return [
        p < 0.05 and x.decided and x.difference.mean > 0 and x.difference.n >= MIN_PUZZLES
        for x, p in zip(estimates, corrected, strict=True)
    ]


def unlike(run: Run, first: str, second: str) -> str:
    """Why two players of a run cannot be called better or worse than one another, in a few words; "" if they can."""
    asked = {spec.name for spec in run.config.players if spec.budget}
    earlier = [name for name in run.versions if name.startswith(EARLIER) and "prompt player" in name]
    return "answers to other versions of the prompt" if earlier and {first, second} <= asked else ""
