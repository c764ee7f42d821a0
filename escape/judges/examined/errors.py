"""A judge's error rates in its exam, and shares of ticks corrected for them. Numbers in, numbers out.

After Lee et al., How to correctly report LLM-as-a-judge evaluations, arXiv 2511.21140, with rooms and the
answers of the exam as clusters: items of one room are correlated, and so are a judge's errors in one answer.
"""

import math
from collections.abc import Iterable, Sequence
from statistics import fmean, stdev
from typing import Literal, NamedTuple

from escape.stats import Interval, t_quantile
from escape.types import Agreed, ReportCard

ItemKind = Literal["principles", "steps", "herrings"]
ITEM_KINDS: tuple[ItemKind, ...] = ("principles", "steps", "herrings")
Z_95 = 1.96  # of a normal distribution at 95 %
# The least sum of the two rates. Below it a judge hardly tells yes from no, and nothing can be corrected.
WEAKEST = 1.2


class Rate(NamedTuple):
    """A judge's rate of agreement with the annotators.

    `answers`: the effective number of independent answers.
    """

    share: float
    answers: float

    @property
    def smoothed(self) -> float:
        """The share with one more success and one more failure."""
        return (self.share * self.answers + 1) / (self.answers + 2)

    @property
    def variance(self) -> float:
        return self.smoothed * (1 - self.smoothed) / (self.answers + 2)


def rate(answers: Iterable[tuple[int, int]]) -> Rate | None:
    """Estimate a rate from pairs (right, all) of each answer. None for fewer than two answers.

    Items of one answer are correlated, so they count for fewer (Kish's effective number), but at least one an
    answer.
    """
    pairs = [(right, of) for right, of in answers if of]
    if len(pairs) < 2:
        return None
    n, items = len(pairs), sum(of for _, of in pairs)
    share = sum(right for right, _ in pairs) / items
    variance = math.fsum((right - share * of) ** 2 for right, of in pairs) / items**2 * n / (n - 1)
    worth = share * (1 - share) / variance if variance else items
    return Rate(share, min(max(worth, n), items))


class Rates(NamedTuple):
    """A judge's two rates for one kind of item: of what the annotators call yes, and of what they call no."""

    yes: Rate
    no: Rate

    @property
    def tells(self) -> bool:
        """True if the judge tells yes from no well enough for its ticks to be corrected."""
        return min(self.yes.share + self.no.share, self.slope + 1) >= WEAKEST

    @property
    def slope(self) -> float:
        """The part of a true difference that shows in the judge's ticks: 1 at most, possibly below 0."""
        return self.yes.smoothed + self.no.smoothed - 1


def rates(card: ReportCard, kind: ItemKind) -> Rates | None:
    """Compute a card's rates for one kind of item. None if the exam had too few of them."""
    counts: list[Agreed] = [getattr(case, kind) for case in card.cases]
    yes = rate((c.yes_right, c.yes) for c in counts)
    no = rate((c.no_right, c.no) for c in counts)
    return Rates(yes, no) if yes and no else None


def corrected_share(shares: Sequence[float], judge: Rates) -> Interval:
    """Estimate the true share of yeses from a judge's share in each room, with a 95 % interval.

    The interval covers the error of the rooms and of the exam. `python -m tools.simulate` shows its coverage.
    """
    n, (yes, no) = len(shares), judge
    mean = _from_0_to_1((fmean(shares) + no.share - 1) / (yes.share + no.share - 1))
    if n < 2:
        return Interval(mean, None, None, n)
    with_one = [*shares, 0.5]
    share = _from_0_to_1((fmean(with_one) + no.smoothed - 1) / judge.slope)
    of_rooms = (t_quantile(0.975, n - 1) * stdev(with_one)) ** 2 / (n + 1)
    of_exam = Z_95**2 * ((1 - share) ** 2 * no.variance + share**2 * yes.variance)
    half = math.sqrt(of_rooms + of_exam) / judge.slope
    centre = share + 2 * Z_95**2 * (share * yes.variance - (1 - share) * no.variance)
    return Interval(mean, min(mean, _from_0_to_1(centre - half)), max(mean, _from_0_to_1(centre + half)), n)


def corrected_difference(gaps: Sequence[float], judge: Rates) -> Interval:
    """Estimate the true difference of two players from the judge's in each room, with a 95 % interval.

    The exam's error enters once.
    """
    n = len(gaps)
    mean = max(-1.0, min(1.0, fmean(gaps) / (judge.yes.share + judge.no.share - 1)))
    if n < 2:
        return Interval(mean, None, None, n)
    more = [*gaps, 0.5, -0.5]  # so that it never shrinks to a point where both did the same
    of_rooms = t_quantile(0.975, n - 1) ** 2 * max(stdev(more) ** 2 / (n + 2), stdev(gaps) ** 2 / n)
    gap = fmean(gaps) / judge.slope
    half = math.sqrt(of_rooms + Z_95**2 * gap**2 * (judge.yes.variance + judge.no.variance)) / judge.slope
    return Interval(mean, max(-1.0, min(mean, gap - half)), min(1.0, max(mean, gap + half)), n)


def _from_0_to_1(share: float) -> float:
    return min(1.0, max(0.0, share))


class Slope(NamedTuple):
    """The change of a share when an answer doubles in length, and its standard error."""

    each: float
    error: float


def by_length(card: ReportCard) -> list[Slope]:
    """Estimate how a judge's errors grow with the length of an answer, as far as the exam can tell.

    Up to three slopes: of its marks above the annotators', and of its yeses on missing items and on met ones.
    """
    excess = [(case.length, case.excess, 1) for case in card.cases]
    missing, met = list[tuple[int, float, int]](), list[tuple[int, float, int]]()
    for case in card.cases:
        both = (case.principles, case.steps)
        if no := sum(c.no for c in both):
            missing.append((case.length, 1 - sum(c.no_right for c in both) / no, no))
        if yes := sum(c.yes for c in both):
            met.append((case.length, sum(c.yes_right for c in both) / yes, yes))
    return [slope for points in (excess, missing, met) if (slope := _slope(points))]


def _slope(points: Sequence[tuple[int, float, int]]) -> Slope | None:
    """Fit the slope over log2 of the length to points (length, value, weight).

    The error holds for unequal variances (White 1980). None for fewer than three points, or for one length.
    """
    weight, n = sum(w for *_, w in points), len(points)
    if n < 3:
        return None
    logs = [math.log2(length) for length, _, _ in points]
    middle = sum(x * w for x, (*_, w) in zip(logs, points, strict=True)) / weight
    mean = sum(y * w for _, y, w in points) / weight
    spread = sum(w * (x - middle) ** 2 for x, (*_, w) in zip(logs, points, strict=True))
    if not spread:
        return None
    each = sum(w * (x - middle) * y for x, (_, y, w) in zip(logs, points, strict=True)) / spread
    residuals = [
        w * (x - middle) * (y - mean - each * (x - middle)) for x, (_, y, w) in zip(logs, points, strict=True)
    ]
    return Slope(each, math.sqrt(sum(e * e for e in residuals) * n / (n - 2)) / spread)
