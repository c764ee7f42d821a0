"""What a finished run would have shown on fewer puzzles, drawn by chance, or with other weights. Only reads a run."""

from __future__ import annotations

import random
from dataclasses import replace

from escape.metrics import Metric
from escape.results.sets import of_main, part
from escape.types import Run


def units(run: Run) -> list[str]:
    """Return the run's puzzles that have answers and are ranked on."""
    ids = {r.trial.problem_id for r in run.results}
    return [p.problem_id for p in of_main(run).puzzles if p.problem_id in ids]


def drawn(run: Run, puzzles: int, seed: int) -> Run:
    """Return the run as it would be with so many of its puzzles, drawn by chance."""
    ids = set(random.Random(seed).sample(units(run), puzzles))  # noqa: S311 - not for secrets
    return part(run, ids).model_copy(update={"opinions": ()})


def weighed(metric: Metric, pus: float, sps: float, rhh: float) -> Metric:
    """Return a metric with these weights on its scores. 1 is as published."""
    return replace(metric, weights=(("pus", pus), ("sps", sps), ("rhh", rhh)))
