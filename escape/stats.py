"""Intervals, paired comparison, sample size. Numbers in, numbers out; n counts puzzles, not calls."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import TypeVar

T = TypeVar("T")

Z95 = 1.959963984540054
EXACT_SIGN_FLIPS = 16  # up to 2^16 sign patterns are counted; beyond, drawn


@dataclass(frozen=True)
class Interval:
    """An estimate with its 95 % interval over n units; low and high are None where n < 2."""

    mean: float
    low: float | None
    high: float | None
    n: int


@dataclass(frozen=True)
class Paired:
    """Mean difference (first minus second) over n puzzles, with two tests of "no difference"."""

    difference: Interval
    t: float | None
    df: int
    p: float | None
    sign_flip_p: float
    sd: float | None

    @property
    def decided(self) -> bool:
        """True where the interval leaves out 0: enough to say who is better."""
        low, high = self.difference.low, self.difference.high
        if self.sd == 0 and self.sign_flip_p > 0.05:
            return False  # a few equal differences have no spread to measure, which is not certainty
        return low is not None and high is not None and (low > 0 or high < 0)


def t_cdf(t: float, df: int) -> float:
    """Student's t distribution for whole degrees of freedom (Abramowitz and Stegun 26.7.3 and 26.7.4)."""
    theta = math.atan(t / math.sqrt(df))
    s, c = math.sin(theta), math.cos(theta)
    total, term = 0.0, 1.0 if df % 2 == 0 else c
    for k in range(2 if df % 2 == 0 else 3, df + 1, 2):
        total += term
        term *= c * c * (k - 1) / k
    if df % 2 == 0:
        return 0.5 + s * total / 2
    return 0.5 + (theta + s * total) / math.pi


def t_quantile(p: float, df: int) -> float:
    """The t with t_cdf(t, df) = p, for 0.5 <= p < 1, by bisection to 1e-10."""
    low, high = 0.0, 1.0
    while t_cdf(high, df) < p:
        high *= 2
    while high - low > 1e-10 * max(1.0, high):
        mid = (low + high) / 2
        low, high = (mid, high) if t_cdf(mid, df) < p else (low, mid)
    return (low + high) / 2


def mean_interval(values: Sequence[float]) -> Interval:
    """Mean with a 95 % t interval."""
    n, mean = len(values), fmean(values)
    if n < 2:
        return Interval(mean, None, None, n)
    half = t_quantile(0.975, n - 1) * stdev(values) / math.sqrt(n)
    return Interval(mean, mean - half, mean + half, n)


def wilson(successes: float, n: int) -> Interval:
    """A share with Wilson's 95 % interval (Wilson 1927); for 0/1 marks. Shares of repeats may be fractions."""
    share, z2 = successes / n, Z95 * Z95
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = Z95 / (1 + z2 / n) * math.sqrt(max(0.0, share * (1 - share) / n + z2 / (4 * n * n)))
    return Interval(share, max(0.0, centre - half), min(1.0, centre + half), n)


def paired(differences: Sequence[float]) -> Paired:
    """Paired t and sign-flip permutation test on per-puzzle differences (Miller, arXiv 2411.00640)."""
    interval = mean_interval(differences)
    n = interval.n
    sd = stdev(differences) if n > 1 else None
    if not sd:
        same = interval.mean == 0
        low, high = (None, None) if n < 2 else (interval.mean, interval.mean)
        p = None if n < 2 else (1.0 if same else 0.0)
        return Paired(Interval(interval.mean, low, high, n), None, n - 1, p, sign_flip_p(differences), sd)
    t = interval.mean / (sd / math.sqrt(n))
    return Paired(interval, t, n - 1, 2 * (1 - t_cdf(abs(t), n - 1)), sign_flip_p(differences), sd)


def sign_flip_p(differences: Sequence[float]) -> float:
    """Two-sided: the share of sign patterns whose mean is at least as far from 0. Drawn with a fixed seed above 16."""
    seen = abs(sum(differences)) - 1e-9
    if len(differences) <= EXACT_SIGN_FLIPS:
        sums = [
            abs(sum(s * d for s, d in zip(signs, differences, strict=True)))
            for signs in itertools.product((1, -1), repeat=len(differences))
        ]
        return sum(s >= seen for s in sums) / len(sums)
    rng, draws = random.Random(0), 20_000  # noqa: S311 - chance, not secrets
    hits = sum(abs(sum(d if rng.random() < 0.5 else -d for d in differences)) >= seen for _ in range(draws))
    return (hits + 1) / (draws + 1)


def puzzles_needed(sd: float, gap: float) -> int:
    """How many puzzles show a gap with 80 % power at 5 %: (1.96 + 0.84)^2 sd^2 / gap^2, rounded to the nearest."""
    return max(2, round((1.96 + 0.84) ** 2 * sd**2 / gap**2))


def bootstrap(rows: Sequence[T], statistic: Callable[[Sequence[T]], float | None], draws: int = 1000) -> Interval:
    """Percentile bootstrap over rows with a fixed seed; draws whose statistic is undefined are left out."""
    rng, n = random.Random(0), len(rows)  # noqa: S311 - chance, not secrets
    here = statistic(rows)
    values = sorted(v for _ in range(draws) if (v := statistic([rows[rng.randrange(n)] for _ in rows])) is not None)
    if here is None or len(values) < draws // 2:
        return Interval(math.nan if here is None else here, None, None, n)
    return Interval(here, values[int(0.025 * len(values))], values[min(len(values) - 1, int(0.975 * len(values)))], n)
