"""1,500 random runs: what the sentence says is what table, picture, report and CSV of the same view show.

The figures are worked out once more from the CSV alone. Exits with 1 at the first contradiction, with the run's seed.
"""

from __future__ import annotations

import argparse
import html
import random
import re
import sys
from collections import defaultdict
from statistics import fmean

from escape.errors import FailureKind
from escape.metrics import METRICS, Metric
from escape.records import Failure, Result, Run, Trial
from escape.results import Ranking, Standing, csv, ranking
from escape.results.card import page
from escape.results.sentences import findings
from escape.results.tables import standings
from escape.schema import ModelSpec
from tests.small_runs import checklist, outcome, puzzle, result, run_of, verdict

RUNS = 1_500
PARTS = ("pus", "sps", "rhh", "out")


def random_run(dice: random.Random) -> Run:
    """Players of some skill on some puzzles, with failures, silence, repeats, and puzzles without herrings or rooms."""
    players = [ModelSpec(provider=dice.choice(["openai", "groq"]), model=m) for m in "abcd"[: dice.randint(1, 4)]]
    known = [puzzle(f"P{i}", herrings=dice.random() < 0.8) for i in range(dice.randint(1, 12))]
    repeats, rooms = dice.choice([1, 1, 2]), dice.random() < 0.7
    results = []
    for spec in players:
        skill = dice.random()
        for where in known:
            for repeat in range(1, repeats + 1):
                if dice.random() < 0.06:
                    trial = Trial(problem_id=where.problem_id, player=spec.name, repeat=repeat, budget=spec.budget)
                    lost = Failure(stage="player", kind=FailureKind.TIMEOUT, message="no answer in time")
                    results.append(Result(trial=trial, failure=lost))
                    continue
                out = dice.random() < skill
                marks = [min(2.0, max(0.0, round(2 * (2 * skill + dice.gauss(0, 0.6))) / 2)) for _ in range(2)]
                herring = float(dice.random() < skill) if where.red_herrings else None
                said = verdict(*marks, herring, checklist(works=dice.choice(["yes", "no", "undecided"])))
                left = outcome(out=out, progress=dice.random(), unread=dice.randint(0, 2) if not out else 0)
                results.append(result(where.problem_id, spec, said, left if rooms else None, repeat=repeat))
    return run_of(known, results, tuple(players), repeats=repeats)


def contradiction(run: Run, metric: Metric) -> str:
    """What two of the five say differently; "" if nothing."""
    found = ranking(run, metric)
    said = findings.results_sentence(found)
    if html.escape(said, quote=True) not in page(run, metric):
        return "the report has another sentence"
    lines = [s for s in found.standings if s.headline is not None and not s.apart]
    for line in lines[:2]:
        shown = findings.figure(line, found.basis)
        if not found.basis.ranks_nobody and shown not in said and f"{line.headline.mean:.0%}" not in said:
            return f"{line.name} has {shown} in the table, not in: {said}"
    if len(lines) > 1 and said.index(lines[0].name) > said.index(lines[1].name):
        return "the first in the table is the second in the sentence"
    if gap := re.search(r"gap of (\d+\.\d\d) marks", said):
        a, b = (float(x) for x in re.findall(r"\d+\.\d\d", said)[:2])
        if abs(abs(a - b) - float(gap[1])) > 1e-9:
            return f"{a} and {b} do not give the gap in: {said}"
    drawn = standings(run, metric).set_index("name")["value"].to_dict()
    for line in found.standings:
        if line.headline is not None and abs(drawn[line.name] - line.headline.mean) > 1e-9:
            return f"the picture has {drawn[line.name]} for {line.name}, the table {line.headline.mean}"
    return next((x for line in lines if (x := _against_csv(run, metric, found, line))), "")


def _against_csv(run: Run, metric: Metric, found: Ranking, line: Standing) -> str:
    values: dict[str, dict[str, list[float]]] = {part: defaultdict(list) for part in PARTS}
    for row in csv.rows(run, metric):
        if row["player"] == line.player and row["problem_id"] in found.basis.puzzles:
            for part in PARTS:
                if isinstance(value := row[part], int | float):
                    values[part][str(row["problem_id"])].append(value)
    for part in PARTS:
        shown = getattr(line, part)
        worked = [fmean(x) for x in values[part].values()]
        if shown is not None and worked and abs(shown.mean - fmean(worked)) > 1e-3:
            return f"{part} of {line.name} is {shown.mean:.4f} in the table, {fmean(worked):.4f} by the CSV"
    return ""


def main(o: argparse.Namespace) -> None:
    for seed in range(o.trials or RUNS):
        run = random_run(random.Random(seed))
        for metric in METRICS.values():
            if fault := contradiction(run, metric):
                sys.exit(f"run {seed}, {metric.name}: {fault}")
    print(f"{o.trials or RUNS} runs by {len(METRICS)} metrics: sentence, table, picture, report and CSV say the same")
