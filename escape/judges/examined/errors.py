"""A judge's errors, as its exam shows them, and shares of ticks corrected for them. Numbers in, numbers out.

After Lee et al., How to correctly report LLM-as-a-judge evaluations, arXiv 2511.21140, with rooms and the answers of
the exam as clusters: items of one room hang together, and so do a judge's errors in one answer.
"""

import math
from collections.abc import Iterable, Sequence
from statistics import fmean, stdev
from typing import Literal, NamedTuple

from escape.stats import Interval, t_quantile
from escape.types import Agreed, ReportCard

ItemKind = Literal["principles", "steps", "herrings"]
ITEM_KINDS: tuple[ItemKind, ...] = ("principles", "steps", "herrings")
Z = 1.96  # of a normal distribution at 95 %
WEAKEST = 1.2  # yeses and noes found, added: below that a judge hardly tells them apart, and nothing can be corrected


class Rate(NamedTuple):
    """How often a judge says what the annotators say. `answers`: how many independent ones its items are worth."""

    share: float
    answers: float

    @property
    def smoothed(self) -> float:
        """Return the share with one answer more on either side."""
        return (self.share * self.answers + 1) / (self.answers + 2)

    @property
    def variance(self) -> float:
        return self.smoothed * (1 - self.smoothed) / (self.answers + 2)


def rate(answers: Iterable[tuple[int, int]]) -> Rate | None:
    """Return a rate from pairs (right, of) an answer: items of one answer hang together, so that they are worth fewer
    (Kish's effective number), at least one an answer. None of fewer than two answers.
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
        """Return whether it tells yes from no well enough for its ticks to be corrected."""
        return self.yes.share + self.no.share >= WEAKEST

    @property
    def slope(self) -> float:
        """Return how much of a true difference is left in the judge's ticks, 0 to 1."""
        return self.yes.smoothed + self.no.smoothed - 1


def rates(card: ReportCard, kind: ItemKind) -> Rates | None:
    """Return what a card says of one kind of item. None where the exam had too few of them."""
    counts: list[Agreed] = [getattr(case, kind) for case in card.cases]
    yes = rate((c.yes_right, c.yes) for c in counts)
    no = rate((c.no_right, c.no) for c in counts)
    return Rates(yes, no) if yes and no else None


def corrected_share(shares: Sequence[float], judge: Rates) -> Interval:
    """Return the true share of yeses from a judge's share of them in each room, with a 95 % interval that holds the
    rooms' error and the exam's. `python -m tools.simulate` shows its coverage.
    """
    n, (yes, no) = len(shares), judge
    mean = _cut((fmean(shares) + no.share - 1) / (yes.share + no.share - 1))
    if n < 2:
        return Interval(mean, None, None, n)
    with_one = [*shares, 0.5]
    share = _cut((fmean(with_one) + no.smoothed - 1) / judge.slope)
    of_rooms = (t_quantile(0.975, n - 1) * stdev(with_one)) ** 2 / (n + 1)
    of_exam = Z**2 * ((1 - share) ** 2 * no.variance + share**2 * yes.variance)
    half = math.sqrt(of_rooms + of_exam) / judge.slope
    centre = share + 2 * Z**2 * (share * yes.variance - (1 - share) * no.variance)
    return Interval(mean, min(mean, _cut(centre - half)), max(mean, _cut(centre + half)), n)


def corrected_difference(gaps: Sequence[float], judge: Rates) -> Interval:
    """Return the true difference of two players from the judge's in each room. Its exam's error enters once."""
    n = len(gaps)
    mean = max(-1.0, min(1.0, fmean(gaps) / (judge.yes.share + judge.no.share - 1)))
    if n < 2:
        return Interval(mean, None, None, n)
    more = [*gaps, 0.5, -0.5]  # so that it never shrinks to a point where both did the same
    of_rooms = t_quantile(0.975, n - 1) ** 2 * max(stdev(more) ** 2 / (n + 2), stdev(gaps) ** 2 / n)
    gap = fmean(gaps) / judge.slope
    half = math.sqrt(of_rooms + Z**2 * gap**2 * (judge.yes.variance + judge.no.variance)) / judge.slope
    return Interval(mean, max(-1.0, min(mean, gap - half)), min(1.0, max(mean, gap + half)), n)


def _cut(share: float) -> float:
    return min(1.0, max(0.0, share))


class Slope(NamedTuple):
    """How much more a judge gives an answer of twice the length, as a share of full marks, and its standard error."""

    each: float
    error: float


def by_length(card: ReportCard) -> Slope | None:
    """Return how a judge's excess over the annotators grows with the length of an answer (least squares over the exam).

    None where the exam had too few answers, or all of one length.
    """
    lengths, n = [math.log2(case.length) for case in card.cases], len(card.cases)
    if n < 3:
        return None
    middle, excess = fmean(lengths), fmean(case.excess for case in card.cases)
    spread = sum((x - middle) ** 2 for x in lengths)
    if not spread:
        return None
    each = sum((x - middle) * case.excess for x, case in zip(lengths, card.cases, strict=True)) / spread
    left = [case.excess - excess - each * (x - middle) for x, case in zip(lengths, card.cases, strict=True)]
    return Slope(each, math.sqrt(sum(e * e for e in left) / (n - 2) / spread))
