"""1,683 puzzles without rooms, the size of the largest public set: ranked and drawn, then run through the page."""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import tempfile
import time
from pathlib import Path

from streamlit.proto.WidgetStates_pb2 import WidgetState

from escape.judges.ideas.rubric import Rubric
from escape.metrics import METRICS
from escape.puzzles import controls, files
from escape.results import tables as frames
from escape.results.charts.registry import CHARTS
from escape.results.ranking import ranking
from escape.runs.assembly import new_run
from escape.types import Answer, ModelSpec, Puzzle, Result, Run, RunConfig, Trial
from tests.bench.tools import page, peak_mb
from tests.bench.visitor import Visitor

SIZE = 1683
NAMES = ("reference", "blank", "parrot")


def many() -> list[Puzzle]:
    """The bundled puzzles again and again, under new ids and without their rooms."""
    base = [p.model_dump(mode="json", exclude={"world"}) for p in files.load(files.BUNDLED)]
    return files.parse(json.dumps([base[i % len(base)] | {"problem_id": f"P{i}"} for i in range(SIZE)]))


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
        drawn = [c.draw(tables[c.source]) for c in CHARTS.values() if c.source in tables and not tables[c.source].empty]
        took = time.perf_counter() - began
        print(f"{name}: {len(found.standings)} players ranked, {len(drawn)} pictures drawn in {took:.2f} s")
    print(f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "many.json").write_text(files.share(given), "utf-8")
        with page() as (url, server):
            asyncio.run(glance(url))
            usual = peak_mb(server.pid)
        with page(ESCAPE_PUZZLES=folder) as (url, server):
            asyncio.run(visit(url))
            print(f"the page: peak {peak_mb(server.pid):.0f} MB")
            assert peak_mb(server.pid) < MUCH * usual, "too much memory"


MUCH = 2.0  # times the memory of the page with the thirty
SLOW = 10.0  # times a click that changes nothing


async def glance(url: str) -> None:
    """The page with the puzzles that everybody has, looked at once."""
    await (await Visitor(url).open()).close()


async def visit(url: str) -> None:
    """Run three controls on all of them as a visitor does, look at Results, switch the metric."""
    me = await Visitor(url).open()
    me.choose("players", [f"control:{n}" for n in NAMES])
    await me.rerun()
    began = time.monotonic()
    await me.press_run()
    while True:
        me.texts.clear()
        first = await me.rerun()
        if any("The run has ended" in t for t in me.texts):
            break
        await asyncio.sleep(1)
    print(f"the page: run and judged in {time.monotonic() - began:.0f} s")
    again = await me.rerun()
    switch = WidgetState(id=me.ids["metric"])
    switch.string_array_value.data.append(METRICS["as_published"].label)
    me.values["metric"] = switch
    switched = await me.rerun()
    print(f"the page: Results {first:.2f} s, a click {again:.2f} s, metric switched {switched:.2f} s")
    assert first < SLOW * again, "the first look takes too long"
    assert switched < SLOW * again, "another metric takes too long"
    await me.close()
