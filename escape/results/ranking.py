"""Who is compared with whom, on which puzzles and scores. Figures next to each other come from the same puzzles."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from statistics import fmean
from typing import Literal

from escape.judges import by_words, kept, offline
from escape.metrics import METRICS, TOP, Metric
from escape.records import Run
from escape.results.digest import Tally, digest, names, per_puzzle, rooms
from escape.schema import Puzzle, Scores
from escape.stats import Interval, Paired, bounded_interval, holm, paired, share_interval
from escape.world import PlayedBy

STANDARD = METRICS["standard"]
MIN_HERRINGS = 3  # if fewer puzzles have herrings, Red Herring Handling is left out of the comparison
MIN_PUZZLES = 6  # puzzles: with fewer, no pattern of signs is rare enough to say "better"

Comparison = Literal["ahead", "behind", "cannot tell"]


@dataclass(frozen=True)
class Basis:
    """What players are compared on.

    `parts`: the scores that are added up (from pus, sps, rhh), or only `out`; `puzzles`: those for which each of
    `players` has a value, out of `judged`, for which anyone has one; `apart`: players who lack too many of them;
    `few_herrings`: how many puzzles have herrings, if too few to count; `path_unknown`: the judge cannot tell whether
    plans work, so Solution Path is left out; `by_words`: every mark comes from a judge that only detects which ideas
    are mentioned, so marks have no interval and cannot rank players; `kept`: whose marks they are, if they were kept.
    """

    metric: Metric
    parts: tuple[str, ...]
    puzzles: tuple[str, ...]
    judged: int
    players: tuple[str, ...]
    apart: tuple[str, ...]
    units: int
    few_herrings: int | None = None
    path_unknown: bool = False
    by_words: bool = False
    kept: str = ""
    protocol: PlayedBy = "plan"

    @property
    def ranks_nobody(self) -> bool:
        """True if the marks shown side by side are not good enough to compare players."""
        return self.by_words and not self.metric.by_room

    @property
    def top(self) -> float:
        """The maximum of the sum."""
        return sum(self.metric.weight(p) * TOP[p] for p in self.parts)


@dataclass(frozen=True)
class Standing:
    """One player's line. `headline`: the sum that players are compared by, 0 to `top`, with its interval over puzzles;
    `pus`, `sps`, `rhh`, `out` over the same puzzles, repeats averaged first; `rooms_out`: how many rooms it got out of,
    None if in some room it did so sometimes. `over`: moves as a multiple of the shortest way, over the `ways` out;
    `values`: each puzzle's share in the headline; `tally`: its trials, plans and cost; `ranks`: best, worst.
    """

    player: str
    name: str
    headline: Interval | None
    rooms_out: int | None
    pus: Interval | None
    sps: Interval | None
    rhh: Interval | None
    out: Interval | None
    over: float | None
    ways: int
    values: Mapping[str, float]
    apart: bool
    tally: Tally
    ranks: tuple[int, int] | None = None


@dataclass(frozen=True)
class Pair:
    """First against second; `comparison` follows both tests, corrected for the number of pairs (Holm 1979)."""

    first: str
    second: str
    paired: Paired
    comparison: Comparison


@dataclass(frozen=True)
class Ranking:
    """Players, best first, followed by those ranked apart; and every pair."""

    basis: Basis
    standings: tuple[Standing, ...]
    pairs: tuple[Pair, ...]
    values: Mapping[str, Mapping[str, float]]  # of the compared players: each puzzle's share in the headline

    @cached_property
    def _found(self) -> dict[frozenset[str], Pair]:
        return {frozenset((p.first, p.second)): p for p in self.pairs}

    def pair(self, first: str, second: str) -> Pair | None:
        """These two, the better one first; None if they are not compared."""
        return self._found.get(frozenset((first, second)))

    def comparison(self, player: str, other: str) -> Comparison | None:
        """How a player stands relative to another."""
        pair = self.pair(player, other)
        if pair is None:
            return None
        return "behind" if pair.comparison == "ahead" and pair.second == player else pair.comparison


def usual(run: Run) -> Metric:
    """The default metric: the marks if a model judged that can tell whether plans work, else rooms got out of."""
    made = digest(run)
    by_room = made.rooms and (offline(made.judges) or made.mute == sum(made.judges.values()))
    return METRICS["verified"] if by_room else STANDARD


def ranking(run: Run, metric: Metric = STANDARD) -> Ranking:
    """Everyone with a mark, compared on what they share; then everyone else."""
    marks, left, made = per_puzzle(run, metric), rooms(run), digest(run)
    having = {p: set(left.get(p, ())) if metric.by_room else set(marks.get(p, ())) for p in made.players}
    basis = _basis(run, metric, having, marks)
    lines = []
    for player in made.players:
        ids = set(basis.puzzles) if player in basis.players else having[player]
        mine = {i: s for i, s in marks.get(player, {}).items() if i in ids}
        outs = {i: v for i, v in left.get(player, {}).items() if i in ids}
        lines.append(_standing(run, player, basis, mine, outs))
    compared = {s.player: s.values for s in lines if not s.apart}
    pairs = () if basis.ranks_nobody else _pairs(compared, run.puzzle_by_id, basis.top)
    lines = [replace(s, ranks=_ranks(s.player, basis, pairs)) for s in lines]
    lines.sort(key=lambda s: (s.apart, -(s.headline.mean if s.headline else -1)))
    return Ranking(basis, tuple(lines), pairs, compared)


def _basis(
    run: Run, metric: Metric, having: Mapping[str, set[str]], marks: Mapping[str, Mapping[str, Scores]]
) -> Basis:
    group = [p for p, ids in having.items() if ids]
    judged = set().union(*having.values()) if having else set()
    # a player who lacks so much that little is left to compare is ranked apart, the one with the fewest first
    while len(group) > 1 and 2 * len(_shared(group, having)) < len(judged):
        group.remove(min(group, key=lambda p: len(having[p])))
    shared = _shared(group, having)
    by_id = run.puzzle_by_id
    units = len({by_id[i].parent or i for i in shared})
    parts: tuple[str, ...] = ("out",)
    few, unknown = None, False
    if not metric.by_room:
        with_herrings = len({by_id[i].parent or i for p in group for i in shared if marks[p][i].rhh is not None})
        enough = with_herrings >= MIN_HERRINGS and 2 * with_herrings >= units
        few = None if enough else with_herrings
        unknown = bool(digest(run).undecided)
        parts = tuple(p for p, kept in (("pus", True), ("sps", not unknown), ("rhh", enough)) if kept)
    return Basis(
        metric=metric,
        parts=parts,
        puzzles=tuple(p.problem_id for p in run.puzzles if p.problem_id in shared),
        judged=len(judged),
        players=tuple(group),
        apart=tuple(p for p in having if p not in group),
        units=units,
        few_herrings=few,
        path_unknown=unknown,
        by_words=bool(digest(run).judges) and all(map(by_words, digest(run).judges)),
        protocol=run.config.protocol,
        kept=whose.kept if (whose := kept(digest(run).judges)) else "",
    )


def _shared(players: Sequence[str], having: Mapping[str, set[str]]) -> set[str]:
    return set.intersection(*(having[p] for p in players)) if players else set()


def _clusters(values: Mapping[str, float], puzzles: Mapping[str, Puzzle]) -> dict[str, float]:
    """Variants of one puzzle count as one unit: their mean."""
    grouped: dict[str, list[float]] = defaultdict(list)
    for problem_id, value in values.items():
        grouped[puzzles[problem_id].parent or problem_id].append(value)
    return {unit: fmean(g) for unit, g in grouped.items()}


def _values(basis: Basis, marks: Mapping[str, Scores], outs: Mapping[str, float]) -> dict[str, float]:
    """Each puzzle's share in a player's headline, which is their plain mean.

    Red Herring Handling is a mean over fewer puzzles, so each of those counts for more and the others are set to its
    mean: a puzzle without herrings must not widen the interval (a linearised ratio estimate).
    """
    if basis.metric.by_room:
        return dict(outs)
    applicable = [s.rhh for s in marks.values() if s.rhh is not None] if "rhh" in basis.parts else []
    mean = fmean(applicable) if applicable else 0.0
    weight = len(marks) / len(applicable) if applicable else 0.0
    count = basis.metric.weight

    def value(s: Scores) -> float:
        herrings = weight * (s.rhh - mean) if applicable and s.rhh is not None else 0.0
        path = count("sps") * s.sps if "sps" in basis.parts else 0.0
        return count("pus") * s.pus + path + count("rhh") * (mean + herrings)

    return {i: value(s) for i, s in marks.items()}


def _interval(values: Mapping[str, float], puzzles: Mapping[str, Puzzle], top: float) -> Interval | None:
    """The mean over units with its interval: a share's if the values are 0 or 1, else the bounded one."""
    units = list(_clusters(values, puzzles).values())
    if not units:
        return None
    if top == 1 and all(v in (0, 1) for v in units):
        return share_interval(round(sum(units)), len(units))
    return bounded_interval(units, top)


def _standing(run: Run, player: str, basis: Basis, marks: Mapping[str, Scores], outs: Mapping[str, float]) -> Standing:
    puzzles, made = run.puzzle_by_id, digest(run)

    def bare(found: Interval | None, *, without_ends: bool) -> Interval | None:
        return replace(found, low=None, high=None) if found and without_ends else found

    def interval(name: str) -> Interval | None:
        got = {i: v for i, s in marks.items() if (v := getattr(s, name)) is not None}
        return bare(_interval(got, puzzles, TOP[name]), without_ends=basis.by_words)

    over = [x.over for i in outs for x in made.rooms[player][i] if x.over is not None]
    values = _values(basis, marks, outs)
    return Standing(
        player=player,
        name=names(run)[player],
        headline=bare(_interval(values, puzzles, basis.top), without_ends=basis.ranks_nobody),
        rooms_out=sum(v == 1 for v in outs.values()) if all(v in (0, 1) for v in outs.values()) else None,
        pus=interval("pus"),
        sps=interval("sps"),
        rhh=interval("rhh"),
        out=_interval(outs, puzzles, 1),
        over=fmean(over) if over else None,
        ways=len(over),
        values=values,
        apart=player not in basis.players,
        tally=made.tallies[player],
    )


def _pairs(values: Mapping[str, Mapping[str, float]], puzzles: Mapping[str, Puzzle], top: float) -> tuple[Pair, ...]:
    """Every pair of compared players, the better one first."""
    units = {player: _clusters(v, puzzles) for player, v in values.items()}
    best_first = sorted(units, key=lambda p: -fmean(units[p].values()) if units[p] else 0.0)
    found = [
        (a, b, paired([units[a][u] - units[b][u] for u in units[a]], top))
        for a, b in itertools.combinations(best_first, 2)
        if units[a]
    ]
    # the larger p of the t test and the sign-flip test: both must agree
    corrected = holm([1.0 if x.p is None else max(x.p, x.sign_flip_p) for _, _, x in found])
    return tuple(
        Pair(a, b, x, "ahead" if p < 0.05 and x.decided and x.difference.n >= MIN_PUZZLES else "cannot tell")
        for (a, b, x), p in zip(found, corrected, strict=True)
    )


def _ranks(player: str, basis: Basis, pairs: Sequence[Pair]) -> tuple[int, int] | None:
    if player not in basis.players or basis.ranks_nobody:
        return None
    before = sum(p.second == player and p.comparison == "ahead" for p in pairs)
    behind = sum(p.first == player and p.comparison == "ahead" for p in pairs)
    return 1 + before, len(basis.players) - behind
