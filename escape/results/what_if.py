"""What a finished run would have shown with fewer puzzles or repeats, or with other weights. Only reads a run."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from statistics import fmean

from escape.metrics import Metric
from escape.results.pairs import beside
from escape.results.ranking import ranking
from escape.types import Run

DRAWS = 200


def units(run: Run) -> list[list[str]]:
    """The run's puzzles that have answers and are ranked on, grouped: twins of one puzzle are drawn together."""
    ids = {r.trial.problem_id for r in run.results} - beside(run)
    grouped: dict[str, list[str]] = {}
    for puzzle in run.puzzles:
        if puzzle.problem_id in ids:
            grouped.setdefault(puzzle.parent or puzzle.problem_id, []).append(puzzle.problem_id)
    return list(grouped.values())


def smaller(run: Run, puzzles: int, repeats: int, seed: int) -> Run:
    """The run with `puzzles` of its units, drawn at random, and the first `repeats` repeats of each."""
    sample = random.Random(seed).sample(units(run), puzzles)  # noqa: S311 - not for secrets
    ids = {i for unit in sample for i in unit}
    return run.model_copy(
        update={
            "config": run.config.model_copy(
                update={"problem_ids": tuple(i for i in run.config.problem_ids if i in ids), "repeats": repeats}
            ),
            "puzzles": tuple(p for p in run.puzzles if p.problem_id in ids),
            "results": tuple(r for r in run.results if r.trial.problem_id in ids and r.trial.repeat <= repeats),
            "opinions": (),
        }
    )


def weighed(metric: Metric, pus: float, sps: float, rhh: float) -> Metric:
    """A metric with these weights on its scores; 1 is as published."""
    return replace(metric, weights=(("pus", pus), ("sps", sps), ("rhh", rhh)))


def leaders(run: Run, metric: Metric, puzzles: int) -> Counter[str]:
    """How often each compared player would have come first in DRAWS draws of `puzzles` units, by what the ranking adds
    up. A tie counts for nobody.
    """
    values = ranking(run, metric).values
    shared = set.intersection(*(set(v) for v in values.values())) if values else set()
    common = [ids for unit in units(run) if (ids := [i for i in unit if i in shared])]
    rng, first = random.Random(0), Counter[str]()  # noqa: S311 - not for secrets
    for _ in range(DRAWS if 0 < puzzles <= len(common) else 0):
        sample = rng.sample(common, puzzles)
        means = {p: fmean(fmean(v[i] for i in unit) for unit in sample) for p, v in values.items()}
        best = max(means.values())
        ahead = [p for p, m in means.items() if m >= best - 1e-9]
        first[ahead[0] if len(ahead) == 1 else ""] += 1
    return first
