"""Rooms and their twists. Only reads a run.

A twist's pair counts where original and twist are both right. Twists stand beside the share of rooms and never in it.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from escape.metrics import Metric
from escape.results.comparing import RobustnessInputs, compared
from escape.results.digest import RoomResult, digest, names, rooms
from escape.results.sets import of_main, part
from escape.stats import Interval, bounded_interval, share_interval
from escape.types import Run


@dataclass(frozen=True)
class TwistLine:
    """One player on rooms played in both forms: `originals`, `twists` and `both` right, `of` how many. `pairs`: share
    of both. `no_way`, `of_no_way`: twists without a way out. `remembers`: better on originals.
    """

    player: str
    name: str
    originals: float
    twists: float
    both: float
    of: int
    pairs: Interval | None
    no_way: float
    of_no_way: int
    remembers: bool


def pair_values(run: Run) -> dict[str, dict[str, float]]:
    """Player -> original's id -> the share of repeats in which both forms were right."""
    twists = [(p.twist_of, p.problem_id) for p in run.puzzles if p.twist_of]
    return {
        player: {
            original: fmean(both)
            for original, twist in twists
            if (both := _both_right(shares.get(original, ()), shares.get(twist, ())))
        }
        for player, shares in digest(run).rooms.items()
    }


def _both_right(first: Sequence[RoomResult], second: Sequence[RoomResult]) -> list[bool]:
    outs = {play.repeat: play.out for play in first}
    return [outs[play.repeat] and play.out for play in second if play.repeat in outs]


def twisted(run: Run) -> list[TwistLine]:
    """Return a line for each player that played both forms of a room, in the run's order."""
    both_right, shares = pair_values(run), rooms(run)
    twists = {p.twist_of: p for p in run.puzzles if p.twist_of}
    lines = []
    for player, name in names(run).items():
        both, means = both_right.get(player, {}), shares.get(player, {})
        if not both:
            continue
        originals = {i: means[i] for i in both}
        in_twist = {i: means[twists[i].problem_id] for i in both}
        no_way = [in_twist[i] for i in both if not twists[i].solvable]
        values = {"original": originals, "twist": in_twist}
        pairs = compared(["original", "twist"], values, RobustnessInputs(values, values, values, values, 1.0))
        lines.append(
            TwistLine(
                player=player,
                name=name,
                originals=sum(originals.values()),
                twists=sum(in_twist.values()),
                both=sum(both.values()),
                of=len(both),
                pairs=share_of(list(both.values())),
                no_way=sum(no_way),
                of_no_way=len(no_way),
                remembers=any(p.decided and p.first == "original" for p in pairs),
            )
        )
    return lines


def share_of(values: Sequence[float]) -> Interval | None:
    """Return the mean of shares with its 95 % interval over puzzles. None of none."""
    if not values:
        return None
    if all(v in (0, 1) for v in values):
        return share_interval(round(sum(values)), len(values))
    return bounded_interval(values, 1.0)


def units(run: Run) -> list[str]:
    """Return the run's puzzles that have answers and are ranked on."""
    ids = {r.trial.problem_id for r in run.results}
    return [p.problem_id for p in of_main(run).puzzles if p.problem_id in ids]


def sample_rooms(run: Run, puzzles: int, seed: int) -> Run:
    """Return the run as it would be with so many of its puzzles, drawn by chance."""
    ids = set(random.Random(seed).sample(units(run), puzzles))  # noqa: S311 - not for secrets
    return part(run, ids).model_copy(update={"opinions": ()})


def weighed(metric: Metric, pus: float, sps: float, rhh: float) -> Metric:
    """Return a metric with these weights on its scores. 1 is as published."""
    return replace(metric, weights=(("pus", pus), ("sps", sps), ("rhh", rhh)))
