"""What a finished run would have shown on fewer puzzles, drawn by chance, or with other weights. Only reads a run."""

from __future__ import annotations

import random
from dataclasses import replace

from escape.metrics import Metric
from escape.results.pairs import beside
from escape.types import Run


def units(run: Run) -> list[str]:
    """The run's puzzles that have answers and are ranked on."""
    ids = {r.trial.problem_id for r in run.results} - beside(run)
    return [p.problem_id for p in run.puzzles if p.problem_id in ids]


def drawn(run: Run, puzzles: int, seed: int) -> Run:
    ids = set(random.Random(seed).sample(units(run), puzzles))  # noqa: S311 - not for secrets
    config = run.config.model_copy(update={"problem_ids": tuple(i for i in run.config.problem_ids if i in ids)})
    return run.model_copy(
        update={
            "config": config,
            "puzzles": tuple(p for p in run.puzzles if p.problem_id in ids),
            "results": tuple(r for r in run.results if r.trial.problem_id in ids),
            "opinions": (),
        }
    )


def weighed(metric: Metric, pus: float, sps: float, rhh: float) -> Metric:
    """A metric with these weights on its scores; 1 is as published."""
    return replace(metric, weights=(("pus", pus), ("sps", sps), ("rhh", rhh)))
