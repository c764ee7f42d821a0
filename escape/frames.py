"""The tables behind the pictures, as DataFrames: standings, fields of the heatmap, faults. Derived from report only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pandas as pd

from escape.digest import MISTAKES, digest
from escape.metrics import Metric
from escape.records import Run
from escape.report import leaderboard, per_puzzle
from escape.sentences import short, titles


def names(run: Run) -> dict[str, str]:
    """How players are called in pictures: without their provider where that is clear."""
    players = digest(run).players
    shorts = Counter(map(short, players))
    return {p: short(p) if shorts[short(p)] == 1 else p for p in players}


def standings(run: Run, metric: Metric) -> pd.DataFrame:
    """One row per player with a mark, in the run's order, so that a player keeps its colour in every picture."""
    called, order = names(run), digest(run).players
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
    called, marks, made = names(run), per_puzzle(run, metric), digest(run)
    called_puzzles = titles(run.puzzles)
    rows = []
    for puzzle in run.puzzles:
        for player in made.players:
            scores = marks[player].get(puzzle.problem_id)
            missing = "failed" if (player, puzzle.problem_id) in made.failed else "-"
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
    counts = digest(run).mistakes
    return pd.DataFrame(
        [{"name": n, "mistake": m, "count": counts[p, m]} for p, n in names(run).items() for m in MISTAKES],
        columns=["name", "mistake", "count"],
    )


TABLES: dict[str, Callable[[Run, Metric], pd.DataFrame]] = {
    "standings": standings,
    "cells": cells,
    "mistakes": mistakes,
}
