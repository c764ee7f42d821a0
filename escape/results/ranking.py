"""Rankings: which players are compared, on which puzzles and scores.

Figures next to each other come from the same puzzles.
"""

import itertools
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from statistics import fmean

from escape.judges import precomputed
from escape.metrics import METRICS, TOP, Metric
from escape.models import is_scripted
from escape.puzzles import RECORDED
from escape.results.comparing import Comparison, Pair, RobustnessInputs, Values, compared, incomparable_reason
from escape.results.corrected import objection
from escape.results.digest import Tally, digest, names, per_puzzle, shares_by_room
from escape.results.sets import of_main
from escape.stats import Interval, bounded_interval, share_interval
from escape.types import NOT_READ, PlayedBy, Run, Scores

STANDARD = METRICS["standard"]
LEADS = ("ahead", "more")
MOST_UNDECIDED = 0.1  # of a player's marks, that do not say whether the plan works
MIN_HERRINGS = 3  # if fewer puzzles have herrings, Red Herring Handling is left out of the comparison


@dataclass(frozen=True)
class Basis:
    """The basis of a comparison: its metric, scores, puzzles and players.

    `parts`: the scores that are added up (from pus, sps, rhh), or only `out`. `puzzles`: those for which each
    of `players` has a value, out of `judged`, for which anyone has one. `unranked`: players with too few of
    them, and recorded models beside others. `few_herrings`: how many puzzles have red herrings, if too few to
    count. `path_unknown`: the judge cannot tell whether plans work, so Solution Path is left out.
    `precomputed`: a sentence on whose stored marks these are.
    """

    metric: Metric
    parts: tuple[str, ...]
    puzzles: tuple[str, ...]
    judged: int
    players: tuple[str, ...]
    unranked: tuple[str, ...]
    units: int
    few_herrings: int | None = None
    path_unknown: bool = False
    precomputed: str = ""
    protocol: PlayedBy = "plan"

    @property
    def top(self) -> float:
        return sum(self.metric.weight(p) * TOP[p] for p in self.parts)


@dataclass(frozen=True)
class Standing:
    """One player's figures.

    `headline`: the compared sum, 0 to `top`, with its interval. `rooms_out`: rooms escaped every time; None
    if some room was escaped in only some of the repeats. `path_ratio`: mean moves as a multiple of the
    shortest way, over `n_escapes`. `values`: each puzzle's part in the headline. `ranks`: best and worst
    possible.
    """

    player: str
    name: str
    headline: Interval | None
    rooms_out: int | None
    pus: Interval | None
    sps: Interval | None
    rhh: Interval | None
    out: Interval | None
    path_ratio: float | None
    n_escapes: int
    values: Mapping[str, float]
    unranked: bool
    tally: Tally
    ranks: tuple[int, int] | None = None


@dataclass(frozen=True)
class Ranking:
    """Players, best first, followed by those ranked apart, and every pair."""

    basis: Basis
    standings: tuple[Standing, ...]
    pairs: tuple[Pair, ...]
    values: Mapping[str, Mapping[str, float]]  # of the compared players: each puzzle's share in the headline

    @cached_property
    def _found(self) -> dict[frozenset[str], Pair]:
        return {frozenset((p.first, p.second)): p for p in self.pairs}

    def pair(self, first: str, second: str) -> Pair | None:
        """Look up the pair of two players, the better one first. None if they are not compared."""
        return self._found.get(frozenset((first, second)))

    def comparison(self, player: str, other: str) -> Comparison | None:
        pair = self.pair(player, other)
        if pair is None:
            return None
        return "behind" if pair.comparison in LEADS and pair.second == player else pair.comparison


def usual(run: Run) -> Metric:
    """Choose the default metric: rooms escaped, or marks if no room was tried."""
    counts = digest(run)
    return METRICS["verified"] if counts.rooms else STANDARD


def ranking(run: Run, metric: Metric = STANDARD) -> Ranking:
    """Rank all players on the puzzles that they share, then add those that cannot be compared."""
    run = of_main(run)
    counts, marks, escaped = digest(run), per_puzzle(run, metric), shares_by_room(run)
    having = {p: set(counts.values[metric.name].get(p, ())) for p in counts.players}
    basis = _basis(run, metric, having, marks)
    lines = []
    for player in counts.players:
        ids = set(basis.puzzles) if player in basis.players else having[player]
        own_marks = {i: s for i, s in marks.get(player, {}).items() if i in ids}
        outs = {i: v for i, v in escaped.get(player, {}).items() if i in ids}
        lines.append(_standing(run, player, basis, own_marks, outs))
    values = {s.player: s.values for s in lines if not s.unranked}
    pairs = _player_pairs(run, basis, values, marks, escaped)
    before = Counter(p.second for p in pairs if p.comparison in LEADS)
    behind = Counter(p.first for p in pairs if p.comparison in LEADS)
    for n, s in enumerate(lines):
        if s.player in basis.players:
            lines[n] = replace(s, ranks=(1 + before[s.player], len(basis.players) - behind[s.player]))
    lines.sort(key=lambda s: (s.unranked, -(s.headline.mean if s.headline else -1)))
    return Ranking(basis, tuple(lines), pairs, values)


def _basis(
    run: Run, metric: Metric, having: Mapping[str, set[str]], marks: Mapping[str, Mapping[str, Scores]]
) -> Basis:
    apart = references(having)
    group = [p for p, ids in having.items() if ids and p not in apart]
    judged = set().union(*having.values()) if having else set()
    # a player who lacks so much that little is left to compare is ranked apart, the one with the fewest first
    while len(group) > 1 and 2 * len(_shared(group, having)) < len(judged):
        group.remove(min(group, key=lambda p: len(having[p])))
    shared = _shared(group, having)
    by_id = run.puzzle_by_id
    units = len(shared)
    parts: tuple[str, ...] = ("out",)
    few, unknown = None, False
    if metric.needs_judge:
        counts = [i for i in shared if metric.counts_herrings(by_id[i])]
        with_herrings = len(counts)
        enough = with_herrings >= MIN_HERRINGS and 2 * with_herrings >= units
        few = None if enough or "rhh" not in metric.parts else with_herrings
        # too many of a player's marks leave open whether the plan works
        marked = {p: (digest(run).undecided[p], digest(run).tallies[p].judged) for p in group}
        unknown = "sps" in metric.parts and any(
            n > 0 and (n == of or n > max(1, MOST_UNDECIDED * of)) for n, of in marked.values()
        )
        unread = not any(s.pus is not None for p in group for s in marks[p].values())
        left_out = {"pus": unread, "sps": unknown, "rhh": not enough}
        parts = tuple(p for p in metric.parts if not left_out.get(p))
    return Basis(
        metric=metric,
        parts=parts,
        puzzles=tuple(p.problem_id for p in run.puzzles if p.problem_id in shared),
        judged=len(judged),
        players=tuple(group),
        unranked=tuple(p for p in having if p not in group),
        units=units,
        few_herrings=few,
        path_unknown=unknown,
        protocol=run.config.protocol,
        precomputed=whose.precomputed if (whose := precomputed(digest(run).judges)) else "",
    )


def references(players: Iterable[str]) -> set[str]:
    """Select the recorded models that stand only for reference, and are compared with nobody.

    These are all of them if there is another player that is not scripted, else none.
    """
    every = set(players)
    recorded_players = {p for p in every if p.startswith(f"{RECORDED}:")}
    return recorded_players if any(not is_scripted(p) for p in every - recorded_players) else set()


def _shared(players: Sequence[str], having: Mapping[str, set[str]]) -> set[str]:
    return set.intersection(*(having[p] for p in players)) if players else set()


def _headline_parts(basis: Basis, marks: Mapping[str, Scores], outs: Mapping[str, float]) -> dict[str, float]:
    """Compute each puzzle's part in a player's headline, which is the plain mean of these parts.

    Red Herring Handling is a mean over fewer puzzles, so each of those counts for more and the others are set
    to its mean: a puzzle without herrings must not widen the interval (a linearised ratio estimate).
    """
    if not basis.metric.needs_judge:
        return dict(outs)
    applicable = [s.rhh for s in marks.values() if s.rhh is not None] if "rhh" in basis.parts else []
    mean = fmean(applicable) if applicable else 0.0
    weight = len(marks) / len(applicable) if applicable else 0.0
    count = basis.metric.weight

    def value(s: Scores) -> float:
        herrings = weight * (s.rhh - mean) if applicable and s.rhh is not None else 0.0
        path = count("sps") * s.sps if "sps" in basis.parts else 0.0
        physics = count("pus") * (s.pus or 0.0) if "pus" in basis.parts else 0.0
        return physics + path + count("rhh") * (mean + herrings)

    return {i: value(s) for i, s in marks.items()}


def _mean_interval(values: Mapping[str, float], top: float) -> Interval | None:
    """Average values over puzzles, with an interval. None without values.

    Shares that are all 0 or 1 get the interval of a share, other values the bounded one.
    """
    units = list(values.values())
    if not units:
        return None
    if top == 1 and all(v in (0, 1) for v in units):
        return share_interval(round(sum(units)), len(units))
    return bounded_interval(units, top)


def _standing(
    run: Run, player: str, basis: Basis, marks: Mapping[str, Scores], outs: Mapping[str, float]
) -> Standing:
    counts = digest(run)

    def interval(name: str) -> Interval | None:
        got = {i: v for i, s in marks.items() if (v := getattr(s, name)) is not None}
        return _mean_interval(got, TOP[name])

    ratios = [r for i in outs for x in counts.rooms[player][i] if (r := x.path_ratio) is not None]
    values = _headline_parts(basis, marks, outs)
    return Standing(
        player=player,
        name=names(run)[player],
        headline=_mean_interval(values, basis.top),
        rooms_out=sum(v == 1 for v in outs.values()) if all(v in (0, 1) for v in outs.values()) else None,
        pus=interval("pus"),
        sps=interval("sps"),
        rhh=interval("rhh"),
        out=_mean_interval(outs, 1),
        path_ratio=fmean(ratios) if ratios else None,
        n_escapes=len(ratios),
        values=values,
        unranked=player not in basis.players,
        tally=counts.tallies[player],
    )


def _player_pairs(
    run: Run, basis: Basis, values: Values, marks: Mapping[str, Mapping[str, Scores]], escaped: Values
) -> tuple[Pair, ...]:
    order = sorted((p for p in values if values[p]), key=lambda p: -fmean(values[p].values()))
    plain, least, most = _with_failures(run, basis, marks, escaped)
    rooms = {} if basis.metric.needs_judge else digest(run).rooms

    def was_read(player: str, problem_id: str) -> bool:
        return not any(r.result in NOT_READ for r in rooms.get(player, {}).get(problem_id, ()))

    read = {p: {i: v for i, v in own.items() if was_read(p, i)} for p, own in plain.items()}
    incomparable = {(a, b): incomparable_reason(run, a, b) for a, b in itertools.combinations(order, 2)}
    pairs = compared(order, values, RobustnessInputs(plain, least, most, read, basis.top, incomparable))
    return tuple(_objected(run, basis, pair) for pair in pairs) if basis.metric.needs_judge else pairs


def _objected(run: Run, basis: Basis, pair: Pair) -> Pair:
    """Withdraw a lead that its marks do not support, with the reason. Other pairs stay as they are."""
    if pair.comparison not in LEADS:
        return pair
    why = objection(run, pair.first, pair.second, pair.paired.difference, basis.top, basis.puzzles)
    return replace(pair, comparison="cannot tell", incomparable_reason=why) if why else pair


def _with_failures(
    run: Run,
    basis: Basis,
    marks: Mapping[str, Mapping[str, Scores]],
    escaped: Mapping[str, Mapping[str, float]],
) -> tuple[Values, Values, Values]:
    """Compute the values of all compared players, by puzzle, in three ways.

    They are: as they are, with failed calls as 0, and with failed calls in full.
    """
    counts = digest(run)
    without = {p: _headline_parts(basis, marks.get(p, {}), escaped.get(p, {})) for p in basis.players}
    least: dict[str, dict[str, float]] = {}
    most: dict[str, dict[str, float]] = {}
    for player, values in without.items():
        plays = counts.values[basis.metric.name]
        least[player], most[player] = dict(values), dict(values)
        for (who, problem_id), failed in counts.failed_calls.items():
            if who == player:
                n = len(plays.get(player, {}).get(problem_id, ()))
                least[player][problem_id] = values.get(problem_id, 0.0) * n / (n + failed)
                most[player][problem_id] = (values.get(problem_id, 0.0) * n + basis.top * failed) / (
                    n + failed
                )
    return without, least, most
