"""Agreement of any two raters, people included: kappa, alpha, exact agreement, bias, disagreements."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Literal

from escape.metrics import SCALE
from escape.stats import Interval, bootstrap, mean_interval
from escape.types import Estimate, Run, ScoreAgreement, Scores, Trial, Verdict

Score = Literal["pus", "sps", "rhh"]
SCORES: tuple[Score, ...] = ("pus", "sps", "rhh")
Marks = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class VerdictPair:
    trial: Trial
    first: Verdict
    second: Verdict


def raters(run: Run) -> dict[str, dict[Trial, Verdict]]:
    """Collect the verdicts of each rater of a run: its own judge first, then other judges and people."""
    by_rater: dict[str, dict[Trial, Verdict]] = {}
    for result in run.results:
        if result.verdict:
            by_rater.setdefault(result.verdict.judge, {})[result.trial] = result.verdict
    for opinion in run.opinions:
        if opinion.verdict:
            by_rater.setdefault(opinion.rater, {})[opinion.trial] = opinion.verdict
    return by_rater


def pairs(first: dict[Trial, Verdict], second: dict[Trial, Verdict]) -> list[VerdictPair]:
    """Pair the two verdicts on each answer that both raters marked."""
    return [VerdictPair(t, v, second[t]) for t, v in first.items() if t in second]


def paired_marks(of: Sequence[VerdictPair], score: Score) -> list[tuple[float, float]]:
    """Collect both raters' marks for the answers where the score applies to both."""
    both = [(getattr(p.first.scores, score), getattr(p.second.scores, score)) for p in of]
    return [(a, b) for a, b in both if a is not None and b is not None]


def rounded(value: float, score: Score) -> float:
    """Round a computed mark such as 0.67 to the nearest step of its scale, for comparing categories."""
    step = SCALE[score][1]
    return math.floor(value / step + 0.5) * step


def weighted_kappa(values: Marks) -> float | None:
    """Compute Cohen's kappa with quadratic weights (Cohen 1968).

    1 - observed / expected squared difference. None without marks, or if all marks are equal.
    """
    if not values:
        return None
    observed = fmean((a - b) ** 2 for a, b in values)
    # the mean of (a - b)^2 over all pairings, expanded: linear in n, and the bootstrap needs it a thousand
    # times
    means = fmean(a for a, _ in values) * fmean(b for _, b in values)
    expected = fmean(a * a + b * b for a, b in values) - 2 * means
    return None if expected < 1e-12 else 1 - observed / expected


def alpha(rows: Sequence[Sequence[float]]) -> float | None:
    """Compute Krippendorff's alpha at the interval level (Krippendorff 2011).

    One row per answer, one column per rater, NaN if one gave no mark. 1 - observed / expected squared
    difference, over pairs of marks. None if all marks are equal.
    """
    units = [given for row in rows if len(given := [x for x in row if not math.isnan(x)]) > 1]
    every = [x for marks in units for x in marks]
    if len(set(every)) < 2:
        return None
    observed = sum(2 * _squared_differences(marks) / (len(marks) - 1) for marks in units)
    expected = 2 * _squared_differences(every) / (len(every) - 1)
    return 1 - observed / expected


def _squared_differences(values: Sequence[float]) -> float:
    """Sum the squared differences over all pairs, each counted once."""
    return len(values) * sum(x * x for x in values) - sum(values) ** 2


def group(
    verdicts_by_rater: Mapping[str, Mapping[Trial, Verdict]], score: Score
) -> tuple[Estimate, float | None, int]:
    """Compute alpha, the mean spread of marks, and the number of answers with two raters or more."""

    def mark(verdict: Verdict | None) -> float:
        value = getattr(verdict.scores, score) if verdict else None
        return float("nan") if value is None else float(value)

    answers = dict.fromkeys(t for verdicts in verdicts_by_rater.values() for t in verdicts)
    rows, apart = [], []
    for trial in answers:
        row = [mark(verdicts.get(trial)) for verdicts in verdicts_by_rater.values()]
        given = [x for x in row if not math.isnan(x)]
        if len(given) >= 2:
            rows.append(row)
            apart.append(max(given) - min(given))
    if not rows:
        return Estimate(), None, 0
    return _estimate(bootstrap(rows, alpha, draws=300)), fmean(apart), len(rows)


def exact(values: Marks) -> float | None:
    """Compute the share of answers that got the same mark from both raters. None without marks."""
    return fmean(float(a == b) for a, b in values) if values else None


def _estimate(interval: Interval) -> Estimate:
    return Estimate(
        value=None if math.isnan(interval.mean) else interval.mean, low=interval.low, high=interval.high
    )


def on_score(score: Score, raw: Marks) -> ScoreAgreement:
    """Compute all figures for one score, with intervals over answers (bootstrap, but t for the bias)."""
    if not raw:
        return ScoreAgreement(score=score, n=0)
    steps = [(rounded(a, score), rounded(b, score)) for a, b in raw]
    return ScoreAgreement(
        score=score,
        n=len(raw),
        kappa=_estimate(bootstrap(steps, weighted_kappa)),
        exact=_estimate(bootstrap(steps, exact)),
        bias=_estimate(mean_interval([a - b for a, b in raw])),
    )


def agreement(of: Sequence[VerdictPair]) -> tuple[ScoreAgreement, ...]:
    return tuple(on_score(score, paired_marks(of, score)) for score in SCORES)


def disagreements(of: Sequence[VerdictPair]) -> list[tuple[VerdictPair, float]]:
    """List the answers on which the raters differ, with the total difference in marks, worst first."""
    apart = [(p, distance(p.first.scores, p.second.scores)) for p in of]
    return sorted(((p, d) for p, d in apart if d > 1e-9), key=lambda x: -x[1])


def distance(a: Scores, b: Scores) -> float:
    """Sum the absolute differences over the scores that apply to both."""
    both = [(getattr(a, s), getattr(b, s)) for s in SCORES]
    return float(sum(abs(x - y) for x, y in both if x is not None and y is not None))


def as_rated_by(run: Run, verdicts: dict[Trial, Verdict]) -> Run:
    """Copy a run with one rater's verdicts as its marks; answers without one of these get none."""
    results = tuple(r.model_copy(update={"verdict": verdicts.get(r.trial)}) for r in run.results)
    return run.model_copy(update={"results": results})
