"""How often corrected shares cover, beside those as marked, and how often equals are called *better*.

Items of one room are correlated, and so are a judge's errors in one answer: both are drawn from beta
distributions, with a correlation between two items of one answer (intraclass) of .4 in rooms, .3 in the exam,
.2 among errors.
"""

import itertools
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from escape.judges import Rate, Rates, corrected_difference, corrected_share, rate
from escape.stats import bounded_interval, mean_interval

SHARES = (0.3, 0.5, 0.8)
# of yes, of no
RATES = ((0.55, 0.95), (0.55, 0.8), (0.7, 0.7), (0.85, 0.85), (0.95, 0.95), (0.8, 0.55), (0.95, 0.55))
EXAMS, ROOMS = (60, 180), (12, 30, 54)
IN_ROOMS, IN_EXAM, OF_ERRORS = 0.4, 0.3, 0.2
Ints = NDArray[np.int64]


class Answers(NamedTuple):
    """Items of each answer, how many of them are truly met, and how many of either the judge calls met."""

    items: Ints
    met: Ints
    said_of_met: Ints
    said_of_others: Ints

    @property
    def said(self) -> list[float]:
        return [float(x) for x in (self.said_of_met + self.said_of_others) / self.items]


def drawn(
    rng: np.random.Generator, mean: float | NDArray[np.float64], together: float, n: int
) -> NDArray[np.float64]:
    """Draw n chances with this mean; draws within one answer are correlated by `together`."""
    spread = 1 / together - 1
    return rng.beta(np.maximum(mean * spread, 1e-9), np.maximum((1 - np.asarray(mean)) * spread, 1e-9), n)


def answers(
    rng: np.random.Generator,
    share: float,
    yes: float,
    no: float,
    n: int,
    together: float,
    items: Ints | None = None,
) -> Answers:
    items = rng.integers(3, 6, n) if items is None else items
    met = rng.binomial(items, drawn(rng, share, together, n))
    said_of_met = rng.binomial(met, drawn(rng, yes, OF_ERRORS, n))
    said_of_others = rng.binomial(items - met, 1 - drawn(rng, no, OF_ERRORS, n))
    return Answers(items, met, said_of_met, said_of_others)


def examined(rng: np.random.Generator, yes: float, no: float, n: int) -> Rates | None:
    """Draw an exam of so many answers; return its rates, or None where they cannot correct."""
    a = answers(rng, 0.55, yes, no, n, IN_EXAM)
    others = a.items - a.met
    of_yes = rate(zip(map(int, a.said_of_met), map(int, a.met), strict=True))
    of_no = rate(zip(map(int, others - a.said_of_others), map(int, others), strict=True))
    judge = Rates(of_yes or Rate(0, 0), of_no or Rate(0, 0))
    return judge if judge.tells else None


class Coverage(NamedTuple):
    """Shares of runs in which an interval holds the truth, and its mean width: corrected, then as marked."""

    corrected: float
    width: float
    raw: float
    raw_width: float


def covers(share: float, yes: float, no: float, exam: int, rooms: int, draws: int) -> Coverage:
    rng, seen = np.random.default_rng(14), []
    for _ in range(draws):
        if judge := examined(rng, yes, no, exam):
            said = answers(rng, share, yes, no, rooms, IN_ROOMS).said
            spans = corrected_share(said, judge), bounded_interval(said, 1.0)
            seen.append(
                [
                    x
                    for s in spans
                    for x in ((s.low or 0) <= share <= (s.high or 1), (s.high or 1) - (s.low or 0))
                ]
            )
    return Coverage(*map(float, np.mean(np.array(seen, float), axis=0)))


def covers_difference(
    first: float, second: float, yes: float, no: float, exam: int, rooms: int, draws: int
) -> Coverage:
    """The same of two players over the same rooms."""
    rng, seen, true = np.random.default_rng(15), [], first - second
    for _ in range(draws):
        if judge := examined(rng, yes, no, exam):
            items = rng.integers(3, 6, rooms)
            a, b = (answers(rng, share, yes, no, rooms, IN_ROOMS, items).said for share in (first, second))
            gaps = [x - y for x, y in zip(a, b, strict=True)]
            spans = corrected_difference(gaps, judge), mean_interval(gaps)
            seen.append(
                [
                    x
                    for s in spans
                    for x in ((s.low or 0) <= true <= (s.high or 0), (s.high or 0) - (s.low or 0))
                ]
            )
    return Coverage(*map(float, np.mean(np.array(seen, float), axis=0)))


def main(draws: int) -> None:
    cells = list(itertools.product(EXAMS, ROOMS))
    head = "  ".join(f"{exam:3} and {rooms:2}" for exam, rooms in cells)
    print(f"corrected shares, exam and rooms:      {head}   widths, as marked")
    for share, (yes, no) in itertools.product(SHARES, RATES):
        seen = [covers(share, yes, no, *cell, draws) for cell in cells]
        _line(f"share {share}, finds {yes} and {no}", seen)
    print("corrected differences")
    for (first, second), (yes, no) in itertools.product(((0.5, 0.5), (0.8, 0.5), (0.8, 0.3)), RATES):
        seen = [covers_difference(first, second, yes, no, *cell, draws) for cell in cells]
        _line(f"{first} and {second}, finds {yes} and {no}", seen)


def _line(what: str, seen: list[Coverage]) -> None:
    width, raw_width = (float(np.mean([getattr(c, name) for c in seen])) for name in ("width", "raw_width"))
    print(
        f"{what:38} " + "  ".join(f"{c.corrected:4.3f} {c.raw:4.2f}" for c in seen)
        + f"   {width:.2f}, {raw_width:.2f}"
    )  # fmt: skip
