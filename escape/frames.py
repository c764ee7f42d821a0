"""The tables behind the pictures, as DataFrames: standings, fields of the heatmap, faults. Derived from report only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pandas as pd

from escape.metrics import Metric
from escape.records import Run
from escape.report import complete, leaderboard, per_puzzle
from escape.sentences import short, titles

MISTAKES = (
    "principle not shown",
    "step missing",
    "herring used",
    "thing invented",
    "no attempt",
    "not judged",
    "failed",
)


def names(run: Run) -> dict[str, str]:
    """How players are called in pictures: without their provider where that is clear."""
    shorts = Counter(short(p) for p in run.players)
    return {p: short(p) if shorts[short(p)] == 1 else p for p in run.players}


def standings(run: Run, metric: Metric) -> pd.DataFrame:
    """One row per player with a mark, in the run's order, so that a player keeps its colour in every picture."""
    called, order = names(run), run.players
    lines = sorted(leaderboard(run, metric), key=lambda s: order.index(s.player))
    return pd.DataFrame(
        [
            {
                "player": s.player,
                "name": called[s.player],
                "overall": s.means.overall,
                "of": s.means.maximum,
                "low": s.overall.low if s.overall else None,
                "high": s.overall.high if s.overall else None,
                "pus": s.means.pus,
                "sps": s.means.sps,
                "rhh": s.means.rhh,
                "judged": s.judged,
                "failed": s.failed,
                "cost_usd": s.cost_usd,
            }
            for s in lines
            if s.means.overall is not None
        ],
        columns=["player", "name", "overall", "of", "low", "high", "pus", "sps", "rhh", "judged", "failed", "cost_usd"],
    )


def cells(run: Run, metric: Metric) -> pd.DataFrame:
    """One row per puzzle and player: the mean over repeats as a share of what the puzzle can give."""
    called, marks, players = names(run), per_puzzle(run, metric), run.players
    called_puzzles = titles(run.puzzles)
    failed = {(r.trial.player, r.trial.problem_id) for r in run.results if r.failure}
    rows = []
    for puzzle in run.puzzles:
        for player in players:
            scores = marks[player].get(puzzle.problem_id)
            missing = "failed" if (player, puzzle.problem_id) in failed else "-"
            rows.append(
                {
                    "problem_id": puzzle.problem_id,
                    "puzzle": called_puzzles[puzzle.problem_id],
                    "player": player,
                    "name": called[player],
                    "share": scores.overall / scores.top if scores else None,
                    "label": f"{scores.overall:.1f} of {scores.top}" if scores else missing,
                }
            )
    return pd.DataFrame(rows, columns=["problem_id", "puzzle", "player", "name", "share", "label"])


def mistakes(run: Run, metric: Metric) -> pd.DataFrame:
    """How often each fault happened, per player, over all trials."""
    called = names(run)
    counts: Counter[tuple[str, str]] = Counter()
    for result in complete(run):
        player = called[result.trial.player]
        items = result.verdict.checklist if result.verdict else None
        if result.failure:
            counts[player, "not judged" if result.answer else "failed"] += 1
        if items is None:
            continue
        if not items.attempted:
            counts[player, "no attempt"] += 1
            continue
        counts[player, "principle not shown"] += sum(not t.met for t in items.principles)
        counts[player, "step missing"] += sum(not t.met for t in items.steps)
        counts[player, "herring used"] += sum(t.met for t in items.herrings)
        counts[player, "thing invented"] += len(items.invented_items)
    return pd.DataFrame(
        [
            {"name": name, "mistake": mistake, "count": counts[name, mistake]}
            for name in called.values()
            for mistake in MISTAKES
        ],
        columns=["name", "mistake", "count"],
    )


TABLES: dict[str, Callable[[Run, Metric], pd.DataFrame]] = {
    "standings": standings,
    "cells": cells,
    "mistakes": mistakes,
}
