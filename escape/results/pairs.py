"""Pairs of puzzles: twins against their originals, and rooms with a twist. Only reads a run.

A twist's pair counts where original and twist are both right. Twists stand beside the share of rooms and never in it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from escape.metrics import METRICS, TOP, Metric
from escape.results.comparing import Doubts, Pair, compared, unlike
from escape.results.digest import RoomResult, digest, names, per_puzzle, rooms
from escape.stats import Interval, Paired, bounded_interval, paired, share_interval
from escape.types import Run


@dataclass(frozen=True)
class TwinGap:
    """What a change to puzzles did to a player: twin minus original, over the pairs for which it has both."""

    player: str
    ending: str
    marks: Paired | None
    rooms: Paired | None


def twin_gaps(run: Run, metric: Metric = METRICS["standard"]) -> list[TwinGap]:
    """For each player and kind of twin: the paired difference in marks (PUS and SPS, of 4) and in rooms got out of."""
    kinds: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for puzzle in run.puzzles:
        if puzzle.parent:
            kinds[puzzle.problem_id.rpartition("-")[2]].append((puzzle.parent, puzzle.problem_id))

    if not kinds:
        return []
    marks, escaped = per_puzzle(run, metric), rooms(run)

    def gap(values: Mapping[str, float], pairs: Sequence[tuple[str, str]], top: float) -> Paired | None:
        both = [values[twin] - values[origin] for origin, twin in pairs if twin in values and origin in values]
        return paired(both, top) if both else None

    return [
        TwinGap(
            player,
            ending,
            gap({i: (s.pus or 0.0) + s.sps for i, s in marks.get(player, {}).items()}, pairs, TOP["pus"] + TOP["sps"]),
            gap(escaped.get(player, {}), pairs, TOP["out"]),
        )
        for ending, pairs in kinds.items()
        for player in digest(run).players
    ]


@dataclass(frozen=True)
class TwistLine:
    """One player. `pairs`: the share of rooms that it got out of in both forms, with its interval over rooms; None if
    it tried no pair. `out`, `twists`: twists it was right on, of how many; `no_way`, `of_no_way`: the same of those
    without a way out; `lost`, `by_heart`: plays of twists that were lost, and how many of them by doing what decides
    the original.
    """

    player: str
    name: str
    pairs: Interval | None
    out: float
    twists: int
    no_way: float
    of_no_way: int
    lost: int
    by_heart: int


@dataclass(frozen=True)
class Twisted:
    """What a run says of twists: a line a player, best first, and every two compared on the pairs they share."""

    lines: tuple[TwistLine, ...]
    pairs: tuple[Pair, ...]


def beside(run: Run) -> frozenset[str]:
    """The twists of a run that has other rooms as well: they are counted apart from those."""
    twisted = frozenset(p.problem_id for p in run.puzzles if p.twist)
    return twisted if len(twisted) < len(run.puzzles) else frozenset()


def pair_values(run: Run) -> dict[str, dict[str, float]]:
    """Player -> original's id -> the share of repeats in which both forms were right."""
    twists = [(p.twist.of, p.problem_id) for p in run.puzzles if p.twist]
    return {
        player: {
            original: fmean(both)
            for original, twist in twists
            if (both := _both_right(own.get(original, ()), own.get(twist, ())))
        }
        for player, own in digest(run).rooms.items()
    }


def _both_right(first: Sequence[RoomResult], second: Sequence[RoomResult]) -> list[bool]:
    """For each repeat that has both forms, whether both were right."""
    outs = {play.repeat: play.out for play in first}
    return [outs[play.repeat] and play.out for play in second if play.repeat in outs]


def twisted(run: Run) -> Twisted:
    """The figures; without lines where nobody played a twist."""
    values, outs, plays = pair_values(run), rooms(run), digest(run).rooms
    by_id = {p.problem_id: p for p in run.puzzles if p.twist}
    lines = []
    for player, name in names(run).items():
        own = {i: share for i, share in outs.get(player, {}).items() if i in by_id}
        if not own:
            continue
        no_way = [share for i, share in own.items() if not by_id[i].solvable]
        lost = [play for i in own for play in plays[player][i] if not play.out]
        lines.append(
            TwistLine(
                player=player,
                name=name,
                pairs=share_of(list(values.get(player, {}).values())),
                out=sum(own.values()),
                twists=len(own),
                no_way=sum(no_way),
                of_no_way=len(no_way),
                lost=len(lost),
                by_heart=sum(play.by_heart for play in lost),
            )
        )
    lines.sort(key=lambda line: -(line.pairs.mean if line.pairs else line.out / line.twists))
    order = [line.player for line in lines if values.get(line.player)]
    doubts = Doubts(values, _with_failures(run, values), 1.0, lambda a, b: unlike(run, a, b))
    return Twisted(tuple(lines), compared(order, values, doubts))


def share_of(values: Sequence[float]) -> Interval | None:
    """The mean of shares with its 95 % interval over puzzles; None of none."""
    if not values:
        return None
    if all(v in (0, 1) for v in values):
        return share_interval(round(sum(values)), len(values))
    return bounded_interval(values, 1.0)


def _with_failures(run: Run, values: Mapping[str, Mapping[str, float]]) -> dict[str, dict[str, float]]:
    """The same where a call that brought no reply counts as not out."""
    counts, counted = digest(run), {player: dict(own) for player, own in values.items()}
    for both_ids in ((p.twist.of, p.problem_id) for p in run.puzzles if p.twist):
        for player, own in counted.items():
            lost = sum(counts.unasked[player, i] for i in both_ids)
            n = len(_both_right(*(counts.rooms[player].get(i, ()) for i in both_ids)))
            if failed := min(lost, max(1, run.config.repeats - n)):  # both forms may have failed in one repeat
                own[both_ids[0]] = own.get(both_ids[0], 0.0) * n / (n + failed)
    return counted
