"""The tables behind the pictures, as DataFrames: standings, fields of the heatmap, faults. Worked out of digest and
ranking only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from escape.metrics import TOP, Metric
from escape.results.digest import MISTAKES, UNKNOWN, digest, names, per_puzzle, rooms
from escape.results.ranking import ranking
from escape.results.wording import titles
from escape.types import Run

if TYPE_CHECKING:
    import pandas as pd


def _frame(rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> pd.DataFrame:
    import pandas as pd  # half a second and 80 MB that the command line does without

    return pd.DataFrame(rows, columns=list(columns))


def standings(run: Run, metric: Metric) -> pd.DataFrame:
    """One row per player with a figure, in the run's order, so that a player keeps its colour in every picture.

    `value`, `low`, `high` of `top`: what players are compared by, or `apart` from the others. Each score, and the share
    of rooms left (`out`).
    """
    name_by_player, order = names(run), digest(run).players
    ranked = ranking(run, metric)
    lines = sorted(ranked.standings, key=lambda s: order.index(s.player))
    return _frame(
        [
            {
                "name": name_by_player[s.player],
                "apart": s.apart,
                "value": s.headline.mean,
                "top": ranked.basis.top,
                "low": s.headline.low,
                "high": s.headline.high,
                **{score: span.mean if (span := getattr(s, score)) else None for score in TOP},
            }
            for s in lines
            if s.headline is not None
        ],
        columns=[*"name apart value top low high".split(), *TOP],
    )


class Cell(NamedTuple):
    """A puzzle and a player. `share`: of the maximum score, or of plays out. None if unknown."""

    problem_id: str
    puzzle: str
    player: str
    name: str
    share: float | None
    label: str
    unread: bool = False  # no answer of the player could be read


def each_cell(run: Run, metric: Metric) -> list[Cell]:
    name_by_player, marks, escaped, counts = names(run), per_puzzle(run, metric), rooms(run), digest(run)
    called_puzzles = titles(run.puzzles)
    cells = []
    for puzzle in run.puzzles:
        for player in counts.players:
            scores = marks[player].get(puzzle.problem_id)
            missing = "failed" if (player, puzzle.problem_id) in counts.failed else "no moves" if scores else "-"
            out = escaped.get(player, {}).get(puzzle.problem_id)
            share, label, unread = None, missing, False
            if metric.by_room and out is not None:
                ended = [x.result for x in counts.rooms[player][puzzle.problem_id]]
                share, unread = out, all(word in UNKNOWN for word in ended)
                label = "out" if out == 1 else f"out {out:.0%}" if out else ended[0] if len({*ended}) == 1 else "stuck"
            elif scores and not metric.by_room:
                share, label = scores.overall / scores.top, f"{scores.overall:.1f} of {scores.top}"
            title = called_puzzles[puzzle.problem_id]
            cells.append(Cell(puzzle.problem_id, title, player, name_by_player[player], share, label, unread))
    return cells


def cells(run: Run, metric: Metric) -> pd.DataFrame:
    """One row per puzzle and player, as in `Cell`."""
    return _frame([cell._asdict() for cell in each_cell(run, metric)], Cell._fields)


UNDERSTOOD = 1.0  # of 2 for Physical Understanding: half of the principles or more


def mistakes(run: Run, metric: Metric) -> pd.DataFrame:
    """Return how often each fault happened, per player, over all trials."""
    counts = digest(run).mistakes
    return _frame(
        [{"name": n, "mistake": m, "count": counts[p, m]} for p, n in names(run).items() for m in MISTAKES],
        columns=["name", "mistake", "count"],
    )


def by_player(table: pd.DataFrame) -> tuple[list[str], list[list[str]]]:
    """Return a table as it is printed: its head and its rows as text. Counts stand with a column for each player."""
    if "count" in table:
        (what,) = set(table.columns) - {"name", "count"}
        table = table.pivot(index=what, columns="name", values="count").reindex(
            index=table[what].unique(), columns=table["name"].unique()
        )
        table = table.reset_index().rename(columns={what: ""})
    return list(map(str, table.columns)), [list(map(str, row)) for row in table.itertuples(index=False)]


TABLES: dict[str, Callable[[Run, Metric], pd.DataFrame]] = {
    "standings": standings,
    "cells": cells,
    "mistakes": mistakes,
}
