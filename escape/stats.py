"""Intervals, paired comparison, sample size. Numbers in, numbers out. n counts puzzles, not calls."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist, fmean, median, stdev
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

T = TypeVar("T")

MAX_SAMPLED = 200  # above this many, sign flips are treated as normally distributed
EXACT_SIGN_FLIPS = 14  # up to 2^14 sign patterns are enumerated; beyond that, sampled
SIGN_FLIPS = 20_000  # patterns in a sample


@dataclass(frozen=True)
class Interval:
    """An estimate with its 95 % interval over n units. `low`, `high`: None if n is too small for one."""

    mean: float
    low: float | None
    high: float | None
    n: int

    def __str__(self) -> str:
        """Format it as `0.84 (0.72 to 0.93)`."""
        between = "" if self.low is None or self.high is None else f" ({self.low:.2f} to {self.high:.2f})"
        return f"{self.mean + 0.0:.2f}{between}"  # never "-0.00"


@dataclass(frozen=True)
class Paired:
    """Mean difference (first minus second) over n puzzles, with two tests of "no difference"."""

    difference: Interval
    t: float | None
    p: float | None
    sign_flip_p: float
    sd: float | None

    @property
    def decided(self) -> bool:
        """True if the t interval excludes 0 and the sign-flip test agrees, which takes six puzzles."""
        low, high = self.difference.low, self.difference.high
        return low is not None and high is not None and (low > 0 or high < 0) and self.sign_flip_p < 0.05


def t_cdf(t: float, df: int) -> float:
    """Compute Student's t distribution for integer degrees of freedom.

    Abramowitz and Stegun 26.7.3 and 26.7.4.
    """
    theta = math.atan(t / math.sqrt(df))
    s, c = math.sin(theta), math.cos(theta)
    total, term = 0.0, 1.0 if df % 2 == 0 else c
    for k in range(2 if df % 2 == 0 else 3, df + 1, 2):
        total += term
        term *= c * c * (k - 1) / k
    if df % 2 == 0:
        return 0.5 + s * total / 2
    return 0.5 + (theta + s * total) / math.pi


@lru_cache(maxsize=4096)
def t_quantile(p: float, df: int) -> float:
    """Find the t with t_cdf(t, df) = p, for 0.5 <= p < 1, by bisection to a relative error of 1e-10."""
    low, high = 0.0, 1.0
    while t_cdf(high, df) < p:
        high *= 2
    while high - low > 1e-10 * max(1.0, high):
        mid = (low + high) / 2
        low, high = (mid, high) if t_cdf(mid, df) < p else (low, mid)
    return (low + high) / 2


def mean_interval(values: Sequence[float], among: int = 1) -> Interval:
    """Compute the mean with a 95 % t interval, wide enough for `among` means at once (Bonferroni)."""
    n, mean = len(values), fmean(values)
    if n < 2:
        return Interval(mean, None, None, n)
    half = t_quantile(1 - 0.025 / among, n - 1) * stdev(values) / math.sqrt(n)
    return Interval(mean, mean - half, mean + half, n)


def bounded_interval(values: Sequence[float], top: float) -> Interval:
    """Compute the mean of marks in 0..`top` with a 95 % interval whose coverage also holds near the ends.

    One unit at half marks is added (as Agresti and Coull 1998 do for shares) and t has n - 1 degrees of
    freedom. The interval is then extended to include the mean and clipped to the scale. `python -m
    tools.simulate` shows its coverage.
    """
    n, mean = len(values), fmean(values)
    if n < 2:
        return Interval(mean, None, None, n)
    with_one = [*values, top / 2]
    centre = fmean(with_one)
    half = t_quantile(0.975, n - 1) * stdev(with_one) / math.sqrt(n + 1)
    return Interval(mean, max(0.0, min(mean, centre - half)), min(top, max(mean, centre + half)), n)


def holm(ps: Sequence[float]) -> list[float]:
    """Correct p values for multiple testing (Holm 1979), in the order given."""
    order = sorted(range(len(ps)), key=lambda i: ps[i])
    corrected, highest = [1.0] * len(ps), 0.0
    for rank, i in enumerate(order):
        highest = max(highest, min(1.0, (len(ps) - rank) * ps[i]))
        corrected[i] = highest
    return corrected


@lru_cache(maxsize=4096)
def share_interval(successes: int, n: int) -> Interval:
    """Compute a share with its exact 95 % interval, which covers at least 0.95.

    Clopper and Pearson 1934.
    """

    def at_most(k: int, p: float) -> float:
        """Compute the probability of k successes or fewer, by logarithms: at n = 2,000 a term underflows."""
        won, lost, ways = math.log(p), math.log1p(-p), math.lgamma(n + 1)
        return math.fsum(
            math.exp(ways - math.lgamma(i + 1) - math.lgamma(n - i + 1) + i * won + (n - i) * lost)
            for i in range(k + 1)
        )

    def where(k: int, tail: float) -> float:
        """Find the share at which `at_most(k)` has fallen to `tail`, by bisection."""
        low, high = 0.0, 1.0
        while high - low > 1e-7:
            mid = (low + high) / 2
            low, high = (mid, high) if at_most(k, mid) > tail else (low, mid)
        return (low + high) / 2

    low = where(successes - 1, 0.975) if successes else 0.0
    high = where(successes, 0.025) if successes < n else 1.0
    return Interval(successes / n, low, high, n)


def median_interval(values: Sequence[float]) -> Interval:
    """Compute the median with a 95 % interval between two of the values; none for fewer than six.

    From order statistics and the binomial distribution.
    """
    ordered, n = sorted(values), len(values)
    # the rank of the lower end, and how many of the 2^n above/below patterns lie beyond it on one side
    outside, ways = (0, 1)
    while 40 * ways <= 1 << n:
        outside += 1
        ways += math.comb(n, outside)
    low, high = (ordered[outside - 1], ordered[n - outside]) if outside else (None, None)
    return Interval(median(ordered), low, high, n)


def sign_test_p(differences: Sequence[float]) -> float:
    """Compute the two-sided p of the exact sign test. Zeros do not count; 1 if nothing is left."""
    above, below = sum(d > 0 for d in differences), sum(d < 0 for d in differences)
    n = above + below
    return min(1.0, 2 * sum(math.comb(n, k) for k in range(min(above, below) + 1)) / (1 << n))


def paired(differences: Sequence[float], top: float) -> Paired:
    """Run a paired t test and a sign-flip test on per-puzzle differences, each between -`top` and `top`.

    After Miller, arXiv 2411.00640. The interval is Student's, but no narrower than with two more puzzles, one
    won by each side: by all of `top` where that is 1 (rooms, as Agresti and Min 2005 do for paired shares),
    else by a tenth of it. So it never shrinks to a point where two players did the same. `python -m
    tools.simulate` shows its coverage.
    """
    n, mean, flips = len(differences), fmean(differences), sign_flip_p(tuple(differences))
    if n < 2:
        return Paired(Interval(mean, None, None, n), None, None, flips, None)
    sd = stdev(differences)
    more = top if top == 1 else top / 10
    wider = t_quantile(0.975, n - 1) * stdev([*differences, more, -more]) / math.sqrt(n + 2)
    half = max(wider, t_quantile(0.975, n - 1) * sd / math.sqrt(n))
    interval = Interval(mean, max(-top, mean - half), min(top, mean + half), n)
    t = mean / (sd / math.sqrt(n)) if sd else None
    p = float(mean == 0) if t is None else 2 * (1 - t_cdf(abs(t), n - 1))
    return Paired(interval, t, p, flips, sd)


@lru_cache(maxsize=1024)  # the same differences are tested more than once
def sign_flip_p(differences: tuple[float, ...]) -> float:
    """Compute the two-sided p: the share of sign patterns with a mean at least as far from 0.

    Exact up to EXACT_SIGN_FLIPS differences, then sampled with a fixed seed; above MAX_SAMPLED by the normal
    distribution.
    """
    import numpy as np

    n, seen = len(differences), abs(sum(differences)) - 1e-9
    if n > MAX_SAMPLED:  # with this many terms the sum is approximately normal
        squares = math.fsum(d * d for d in differences)
        return math.erfc(seen / math.sqrt(2 * squares)) if squares and seen > 0 else 1.0
    if n <= EXACT_SIGN_FLIPS:
        sums = np.zeros(1)
        for d in differences:
            sums = np.concatenate((sums + d, sums - d))
        return float(np.mean(np.abs(sums) >= seen))
    hits = np.count_nonzero(np.abs(_signs(n) @ np.array(differences)) >= seen)
    return float((hits + 1) / (SIGN_FLIPS + 1))


@lru_cache(maxsize=4)
def _signs(n: int) -> NDArray[np.int8]:
    """Draw SIGN_FLIPS rows of n signs, with numpy, from the state of Python's `random.Random(0)`."""
    import numpy as np

    _, (*words, position), _ = random.Random(0).getstate()  # noqa: S311 - not for secrets
    draws = np.random.RandomState()
    draws.set_state(("MT19937", np.array(words, np.uint32), position, 0, 0.0))
    return np.where(draws.random_sample((SIGN_FLIPS, n)) < 0.5, 1, -1).astype(np.int8)


def puzzles_needed(sd: float, gap: float, pairs: int = 1) -> int:
    """Find the smallest n, at least six, with `detectable_gap` <= gap: 80 % power at 5 % for all `pairs`."""
    normal = NormalDist()
    z = normal.inv_cdf(1 - 0.025 / pairs) + normal.inv_cdf(0.8)
    n = max(6, math.floor(z**2 * sd**2 / gap**2))  # normal approximation: never too many
    while detectable_gap(sd, n, pairs) > gap:
        n += 1
    return n


def detectable_gap(sd: float, n: int, pairs: int = 1) -> float:
    """Compute the gap that n puzzles detect with 80 % power at 5 %: (t_a + t_0.8) sd / sqrt(n).

    With several `pairs`, at the level of Holm's first step.
    """
    return (t_quantile(1 - 0.025 / pairs, n - 1) + t_quantile(0.8, n - 1)) * sd / math.sqrt(n)


def sd_range(sd: float, n: int) -> tuple[float, float]:
    """Compute the 80 % interval of a standard deviation measured on n units.

    Chi-square after Wilson and Hilferty 1931.
    """
    df = n - 1

    def chi2(z: float) -> float:
        return df * float(max(0.05, 1 - 2 / (9 * df) + z * math.sqrt(2 / (9 * df)))) ** 3

    return sd * math.sqrt(df / chi2(1.2815516)), sd * math.sqrt(df / chi2(-1.2815516))


def bootstrap(
    rows: Sequence[T], statistic: Callable[[Sequence[T]], float | None], draws: int = 1000
) -> Interval:
    """Compute a 95 % percentile bootstrap interval over rows, with a fixed seed.

    Draws for which the statistic is undefined are skipped; with fewer than half left, there is no interval.
    """
    rng, n = random.Random(0), len(rows)  # noqa: S311 - not for secrets
    here = statistic(rows)
    values = sorted(
        v for _ in range(draws) if (v := statistic([rows[rng.randrange(n)] for _ in rows])) is not None
    )
    if here is None or len(values) < draws // 2:
        return Interval(math.nan if here is None else here, None, None, n)
    return Interval(
        here, values[int(0.025 * len(values))], values[min(len(values) - 1, int(0.975 * len(values)))], n
    )
