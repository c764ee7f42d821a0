"""1,683 puzzles without rooms, the size of the largest public set: load, rank, draw; time and memory."""

from __future__ import annotations

import argparse
import json
import resource
import time

from escape import controls, frames, puzzles
from escape.assembly import new_run
from escape.charts import CHARTS
from escape.judges.offline import Rubric
from escape.metrics import METRICS
from escape.ranking import ranking
from escape.records import Result, Run, RunConfig, Trial
from escape.schema import Answer, ModelSpec, Puzzle

SIZE = 1683
NAMES = ("reference", "blank", "parrot")


def many() -> list[Puzzle]:
    """The bundled puzzles again and again, under new ids and without their rooms."""
    base = [p.model_dump(mode="json", exclude={"world"}) for p in puzzles.load(puzzles.BUNDLED)]
    return puzzles.parse(json.dumps([base[i % len(base)] | {"problem_id": f"P{i}"} for i in range(SIZE)]))


def run_of(given: list[Puzzle]) -> Run:
    """Three controls on every puzzle, judged offline."""
    judge, texts = Rubric(given[:30]), {p.setup.scenario: p for p in given[:30]}
    specs = tuple(ModelSpec(provider="control", model=n) for n in NAMES)
    run = new_run(RunConfig(players=specs, problem_ids=tuple(p.problem_id for p in given)), given)
    known = {
        (s, n): judge.verdict(p, controls.answer(n, p, given[:30]) or " ") for s, p in texts.items() for n in NAMES
    }
    results = tuple(
        Result(
            trial=Trial(problem_id=p.problem_id, player=f"control:{n}"),
            answer=Answer(text=n),
            verdict=known[p.setup.scenario, n],
        )
        for p in given
        for n in NAMES
    )
    return run.model_copy(update={"results": results})


def main(o: argparse.Namespace) -> None:
    began = time.perf_counter()
    given = many()
    print(f"{len(given)} puzzles made and loaded in {time.perf_counter() - began:.2f} s")
    run = run_of(given)
    for name in ("standard", "sps_strict"):
        began = time.perf_counter()
        found = ranking(run, METRICS[name])
        tables = {n: make(run, METRICS[name]) for n, make in frames.TABLES.items()}
        drawn = [
            c.draw(tables[c.source])
            for c in CHARTS.values()
            if c.source in tables and c.has_something(tables[c.source])
        ]
        took = time.perf_counter() - began
        print(f"{name}: {len(found.standings)} players ranked, {len(drawn)} pictures drawn in {took:.2f} s")
    print(f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
