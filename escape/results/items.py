"""What the puzzles are worth as a test, and where the noise in the marks comes from. Reads a run."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import StatisticsError, correlation, fmean, variance

from escape.judges import raters
from escape.metrics import TOP, Metric
from escape.results.digest import per_puzzle, rooms
from escape.types import Run, Trial, Verdict

TAKERS = 10  # minimum number of players and people for a meaningful correlation


@dataclass(frozen=True)
class QuestionStats:
    """One puzzle as a question. `easy`: mean score as a share of the maximum, 0 to 1; `apart`: best minus worst;
    `discrimination`: how its share goes with that of all others, -1 to 1, None where too few took it.
    """

    problem_id: str
    easy: float
    apart: float
    discrimination: float | None


def shares(run: Run, metric: Metric) -> dict[str, dict[str, float]]:
    """Player -> puzzle -> share of what it can give."""
    if metric.by_room:
        return {p: dict(v) for p, v in rooms(run).items()}
    return {p: {i: s.overall / s.top for i, s in v.items()} for p, v in per_puzzle(run, metric).items()}


def analysis(run: Run, metric: Metric) -> tuple[list[QuestionStats], float | None]:
    """Every puzzle as a question, hardest first, and Cronbach's alpha of the set (1951) from ten takers on."""
    got = {p: v for p, v in shares(run, metric).items() if v}
    sums = {p: sum(v.values()) for p, v in got.items()}
    rows = []
    for puzzle in run.puzzles:
        i = puzzle.problem_id
        values = {p: v[i] for p, v in got.items() if i in v}
        if not values:
            continue
        rest = {p: (sums[p] - x) / (len(got[p]) - 1) for p, x in values.items() if len(got[p]) > 1}
        correlation_ = _correlation([(values[p], rest[p]) for p in rest]) if len(rest) >= TAKERS else None
        rows.append(QuestionStats(i, fmean(values.values()), max(values.values()) - min(values.values()), correlation_))
    return sorted(rows, key=lambda x: x.easy), _cronbach(got)


def _correlation(rows: Sequence[tuple[float, float]]) -> float | None:
    """None where one side is the same throughout."""
    try:
        return correlation([a for a, _ in rows], [b for _, b in rows])
    except StatisticsError:
        return None


def _cronbach(got: Mapping[str, Mapping[str, float]]) -> float | None:
    """Over the puzzles that everybody took."""
    common = sorted(set.intersection(*(set(v) for v in got.values()))) if got else []
    if len(got) < TAKERS or len(common) < 2:
        return None
    total_variance = variance([sum(v[i] for i in common) for v in got.values()])
    if total_variance < 1e-12:
        return None
    parts = sum(variance([v[i] for v in got.values()]) for i in common)
    return len(common) / (len(common) - 1) * (1 - parts / total_variance)


def spread_sentences(run: Run) -> list[str]:
    """What is not the player's skill, in marks of Physical Understanding and Solution Path together, or of the latter
    alone where some judge does not mark the former: how much a player varies over repeats, and how far judges are apart
    on the same answer; where there is something to say.
    """
    repeats: dict[tuple[str, str], list[Verdict]] = defaultdict(list)
    marked: dict[Trial, list[Verdict]] = defaultdict(list)
    for result in run.results if run.config.repeats > 1 else ():
        if result.verdict and run.config.has_its_budget(result.trial):
            repeats[result.trial.player, result.trial.problem_id].append(result.verdict)
    for verdicts in raters(run).values() if run.opinions else ():
        for trial, verdict in verdicts.items():
            marked[trial].append(verdict)
    sources = {
        "From repeat to repeat, a player's marks on one puzzle": _spread(repeats.values()),
        "From judge to judge, marks on one answer": _spread(marked.values()),
    }
    return [f"{what} vary by {spread} (standard deviation)." for what, spread in sources.items() if spread]


def _spread(groups: Iterable[Sequence[Verdict]]) -> str:
    """The pooled standard deviation within groups of two or more, and of how many marks; "" without such a group."""
    several = [[v.scores for v in g] for g in groups if len(g) > 1]
    if not several:
        return ""
    physics = all(s.pus is not None for g in several for s in g)
    marks = [[s.sps + ((s.pus or 0.0) if physics else 0.0) for s in g] for g in several]
    squares = sum(variance(g) * (len(g) - 1) for g in marks)
    top = TOP["sps"] + (TOP["pus"] if physics else 0)
    return f"{math.sqrt(squares / sum(len(g) - 1 for g in marks)):.1f} of {top:g}"
