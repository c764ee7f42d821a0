"""The cost of getting out: money, seconds and tokens per room, and ratios between two players.

Medians are over the rooms that a player escaped, ratios over those that both escaped. Nobody is ranked by
them.
"""

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean, stdev
from typing import Literal, NamedTuple

from escape.models import is_scripted
from escape.results.comparing import MIN_PUZZLES
from escape.results.digest import digest, names, own_players
from escape.results.sets import of_main
from escape.results.wording import cents, join_and, seconds, two_digits
from escape.stats import Interval, holm, mean_interval, median_interval, sign_test_p, t_cdf
from escape.types import Run

Measure = Literal["usd", "seconds", "tokens"]
MEASURES: tuple[Measure, ...] = ("usd", "seconds", "tokens")
COMPARED: tuple[Measure, ...] = ("usd", "seconds")  # tokens are counted by each maker's own tokenizer
LEAST = 1e-12  # a smaller cost counts as nothing
MOST_LOG = 60.0  # the logarithm at which the interval of a ratio is cut off
FEW_S = 9.95  # below this, tenths of a second are shown
ByRoom = Mapping[str, float]  # problem_id -> the mean over the attempts that got out


class Typical(NamedTuple):
    """One player's medians over the `rooms` it escaped, with intervals. None: not known."""

    rooms: int
    usd: Interval | None
    seconds: Interval | None
    tokens: Interval | None

    @property
    def short(self) -> str:
        """The medians in short: `0.02 ct · 3 s`. "" if nothing was measured, as for a script."""
        if self.seconds is None:
            return ""
        price = ""
        if self.usd is not None:
            price = f"{cents(self.usd.mean)} · " if self.usd.mean else "free · "
        time = self.seconds.mean
        return price + (seconds(time) if time >= FEW_S else f"{time:.1f} s".replace(".0 s", " s"))


@dataclass(frozen=True)
class Ratio:
    """The ratio of two players' costs: the geometric mean over rooms, with its t interval.

    `p`: the larger of a t test's and an exact sign test's.
    """

    times: Interval
    p: float

    @property
    def clear(self) -> bool:
        """True if the interval excludes 1 and both tests agree, over six rooms at least."""
        low, high = self.times.low, self.times.high
        apart = low is not None and high is not None and (low > 1 or high < 1)
        return apart and self.p < 0.05 and self.times.n >= MIN_PUZZLES


def means_by_room(run: Run, measure: Measure) -> dict[str, ByRoom]:
    """Average what each room took, over the attempts that escaped: player -> problem_id -> mean.

    A room is absent if the player did not escape it, or if what an attempt took is not known.
    """
    means: dict[str, ByRoom] = {}
    for player, rooms in digest(of_main(run)).rooms.items():
        values = {
            room: [getattr(play.took, measure) for play in plays if play.out] for room, plays in rooms.items()
        }
        means[player] = {room: fmean(took) for room, took in values.items() if took and None not in took}
    return means


def typical(run: Run) -> dict[str, Typical]:
    """Compute the median cost of a room for every player that escaped one."""
    by_measure = {measure: means_by_room(run, measure) for measure in MEASURES}
    rooms: dict[str, int] = {}
    for player, plays in digest(of_main(run)).rooms.items():
        rooms[player] = len([repeats for repeats in plays.values() if any(r.out for r in repeats)])

    def median(measure: Measure, player: str) -> Interval | None:
        means = by_measure[measure][player]
        return median_interval([*means.values()]) if means else None

    return {
        player: Typical(n, *(median(measure, player) for measure in MEASURES))
        for player, n in rooms.items()
        if n
    }


def ratio(first: ByRoom, second: ByRoom) -> Ratio | None:
    """Compute the ratio of the first to the second over rooms that both have.

    None for fewer than two rooms, or if one of them cost nothing.
    """
    both = [
        (took, second[room])
        for room, took in first.items()
        if took >= LEAST and second.get(room, 0.0) >= LEAST
    ]
    logs = [math.log(one) - math.log(other) for one, other in both]
    if len(logs) < 2 or len(logs) < len(first.keys() & second.keys()):
        return None
    span, sd = mean_interval(logs), stdev(logs)
    if sd:
        t = span.mean / (sd / math.sqrt(span.n))
    elif span.mean:
        t = math.inf
    else:
        t = 0.0
    p = max(2 * (1 - t_cdf(abs(t), span.n - 1)), sign_test_p(logs))
    low, high = (math.exp(max(-MOST_LOG, min(MOST_LOG, end or 0.0))) for end in (span.low, span.high))
    return Ratio(Interval(math.exp(span.mean), low, high, span.n), p)


def ratios(run: Run, players: Sequence[str], measure: Measure) -> dict[tuple[str, str], Ratio]:
    """Compute the ratio of every pair that has one, with p corrected for all of them (Holm 1979)."""
    values = means_by_room(run, measure)
    found = {
        (a, b): one
        for a, b in itertools.combinations(players, 2)
        if (one := ratio(values.get(a, {}), values.get(b, {})))
    }
    corrected = holm([one.p for one in found.values()])
    return {pair: replace(one, p=p) for (pair, one), p in zip(found.items(), corrected, strict=True)}


def took_clause(run: Run, first: str, second: str) -> str:
    """Say which of two players is clearly cheaper or faster. "" if neither is.

    Such as `gpt-5-nano costs about 9 times less (7 to 12) and is about twice as fast`. Money comes first, and
    time is tested only once money is clear, so that there is no more than one chance to be wrong (a fixed
    sequence of tests); where no price is known, or both are free, time stands alone.
    """
    prices = means_by_room(run, "usd")
    free = [p for p in (first, second) if prices.get(p) and not any(prices[p].values())]
    if len(free) == 1:
        return f"{names(run)[free[0]]} is free"
    others = [p for p in own_players(run) if p not in (first, second) and not is_scripted(p)]
    usd, time = (ratios(run, [first, second, *others], measure).get((first, second)) for measure in COMPARED)
    main = usd or time
    if main is None or not main.clear:
        return ""
    less = names(run)[first if main.times.mean < 1 else second]
    if usd is None:
        return f"{less} is {_times(main)} as fast {_between(main)}"
    pace = ""
    if time and time.clear and _above_one(time)[0] >= WORTH_SAYING:
        faster = (time.times.mean < 1) == (usd.times.mean < 1)
        pace = f" and is {_times(time)} as fast" if faster else f" but takes {_times(time)} as long"
    return f"{less} costs {_less(usd)}{pace}"


def ratios_sentence(run: Run) -> str:
    """State the ratios of the first own player to each other one, clear or not. "" if there are none.

    Such as `Over rooms that both escaped, gpt-5 took 9.1 times the USD (7.5 to 11, 30 rooms) and 1.9 times
    the seconds (1.7 to 2.2, 30 rooms) of gpt-5-nano.`
    """
    first, *others = [p for p in own_players(run) if not is_scripted(p)] or [""]
    by_measure = {measure: ratios(run, [first, *others], measure) for measure in COMPARED}
    called, each = names(run), []
    for other in others:
        figures = [
            f"{two_digits(one.times.mean)} times the {UNITS[measure]} "
            f"({two_digits(low)} to {two_digits(high)}, {one.times.n} rooms)"
            for measure, found in by_measure.items()
            if (one := found.get((first, other))) and (low := one.times.low) and (high := one.times.high)
        ]
        if figures:
            each.append(f"{join_and(figures)} of {called[other]}")
    return f"Over rooms that both escaped, {called[first]} took {'; '.join(each)}." if each else ""


UNITS: dict[Measure, str] = {"usd": "USD", "seconds": "seconds"}


def _above_one(one: Ratio) -> tuple[float, float, float]:
    """Give a ratio and its interval as numbers of at least 1, inverted if the ratio is below 1."""
    low, high = one.times.low or one.times.mean, one.times.high or one.times.mean
    return (one.times.mean, low, high) if one.times.mean >= 1 else (1 / one.times.mean, 1 / high, 1 / low)


WORTH_SAYING = 1.15  # the least ratio of times that is mentioned beside a ratio of costs
IN_TIMES = 1.5  # below this ratio, a difference in cost is given in per cent


def _less(one: Ratio) -> str:
    often, low, high = _above_one(one)
    if often >= IN_TIMES:
        return f"about {_often(one)} times less {_between(one)}"
    return f"about {1 - 1 / often:.0%} less ({1 - 1 / low:.0%} to {1 - 1 / high:.0%})"


def _times(one: Ratio) -> str:
    often = _often(one)
    return "about twice" if 1.85 <= _above_one(one)[0] <= 2.15 else f"about {often} times"


def _often(one: Ratio) -> str:
    often = _above_one(one)[0]
    return f"{often:.0f}" if often >= 4.95 or abs(often - round(often)) < 0.1 else f"{often:.1f}"


def _between(one: Ratio) -> str:
    _, low, high = _above_one(one)
    return f"({_ratio_bound(low)} to {_ratio_bound(high)})"


def _ratio_bound(value: float) -> str:
    """Format a bound of a ratio: `9`, `1.5`, `140`."""
    return f"{value:.0f}" if value >= 4.95 else f"{value:.1f}".removesuffix(".0")
