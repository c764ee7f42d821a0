"""The one comparison: pairs of players on the units that both have, and who may be called better.

Shares of rooms, marks and pairs of twists are compared alike: by the paired difference, its t test and a
sign-flip test, corrected for the number of pairs (Holm 1979). A lead must also hold if the leader's failed
calls count as 0 and the other's get full marks. A lead that does not hold on the rooms where both players'
answers could be read is only "more".
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from escape.stats import Paired, holm, paired
from escape.types import EARLIER, Run

MIN_PUZZLES = 6  # with fewer, the sign-flip test cannot reach p < 0.05

# "more": it leads as "ahead" does, but not where both could be read
Comparison = Literal["ahead", "more", "behind", "cannot tell"]
Values = Mapping[str, Mapping[str, float]]  # player -> what was played -> its share in the figure


@dataclass(frozen=True)
class Pair:
    """Two players and how the first compares with the second.

    `comparison`: by both tests, corrected (Holm 1979), and robust to failed calls. "ahead" also holds without
    unread rooms; "more" does not. `incomparable_reason`: "" if compared. `doubted`: the first leads,
    but not if failed calls are counted against it.
    """

    first: str
    second: str
    paired: Paired
    comparison: Comparison
    incomparable_reason: str = ""
    doubted: bool = False

    @property
    def decided(self) -> bool:
        """True if the first may be called better."""
        return self.comparison == "ahead"


@dataclass(frozen=True)
class RobustnessInputs:
    """Values with which a lead is tested again, and pairs that may not be compared.

    `plain`: as they are. `least`, `most`: failed calls count as 0, or in full. `read`: without rooms that
    were not read. `top`: the highest value. `incomparable`: (first, second) -> why not.
    """

    plain: Values
    least: Values
    most: Values
    read: Values
    top: float
    incomparable: Mapping[tuple[str, str], str] = field(default_factory=dict)


def compared(order: Sequence[str], values: Values, doubts: RobustnessInputs) -> tuple[Pair, ...]:
    """Compare all pairs of players that share a unit. The first of a pair comes first in `order`."""
    gaps = [
        (a, b, _differences(values[a], values[b]))
        for a, b in itertools.combinations(order, 2)
        if values[a].keys() & values[b].keys()
    ]
    estimates = [paired(differences, doubts.top) for _, _, differences in gaps]
    plain, least, most, read = doubts.plain, doubts.least, doubts.most, doubts.read
    hard = list(estimates)  # estimated with failed calls counted against the leader
    seen = list(estimates)  # estimated over the rooms where both players' answers were read
    for n, (a, b, _) in enumerate(gaps):
        if least[a] != plain[a] or most[b] != plain[b]:
            hard[n] = paired(_differences(least[a], most[b]), doubts.top)
        if read[a] != plain[a] or read[b] != plain[b]:
            seen[n] = paired(_differences(read[a], read[b]) or [0.0], doubts.top)
    pairs = []
    decided = zip(_clear(estimates), _clear(hard), _clear(seen), strict=True)
    for (a, b, _), pair, (ahead, survives, holds) in zip(gaps, estimates, decided, strict=True):
        why = doubts.incomparable.get((a, b), "")
        leads: Comparison = "ahead" if holds else "more"
        pairs.append(
            Pair(
                a,
                b,
                pair,
                leads if ahead and survives and not why else "cannot tell",
                why,
                ahead and not survives,
            )
        )
    return tuple(pairs)


def _differences(first: Mapping[str, float], second: Mapping[str, float]) -> list[float]:
    return [value - second[unit] for unit, value in first.items() if unit in second]


def _clear(estimates: Sequence[Paired]) -> list[bool]:
    """Tell for each pair whether its first is clearly better.

    The larger p of the t test and the sign-flip test is corrected for all pairs.
    """
    corrected = holm([1.0 if x.p is None else max(x.p, x.sign_flip_p) for x in estimates])
    return [
        p < 0.05 and x.decided and x.difference.mean > 0 and x.difference.n >= MIN_PUZZLES
        for x, p in zip(estimates, corrected, strict=True)
    ]


def incomparable_reason(run: Run, first: str, second: str) -> str:
    """Say in a few words why two players of a run cannot be compared. "" if they can."""
    with_budget = {spec.name for spec in run.config.players if spec.budget}
    earlier = [name for name in run.versions if name.startswith(EARLIER) and "prompt player" in name]
    if earlier and {first, second} <= with_budget:
        return "they gave answers to other versions of the prompt"
    return ""
