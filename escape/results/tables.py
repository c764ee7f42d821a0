"""The tables behind the pictures, and the cells of the doors. A table is a function and an entry in `TABLES`.

In: digest and ranking. Out: pandas tables, which the page and the report also show as text.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from escape.metrics import METRICS, TOP, Metric
from escape.results.digest import MISTAKES, digest, names, per_puzzle, shares_by_room
from escape.results.ranking import ranking
from escape.results.took import typical
from escape.results.wording import count_of, titles, two_digits
from escape.types import NOT_READ, Run

if TYPE_CHECKING:
    import pandas as pd


def _data_frame(rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> pd.DataFrame:
    import pandas as pd  # half a second and 80 MB that the command line does without

    return pd.DataFrame(rows, columns=list(columns))


def standings(run: Run, metric: Metric) -> pd.DataFrame:
    """Tabulate players with a figure, in the run's order, so that each keeps its colour everywhere.

    `value`, `low`, `high`: the figure that players are compared by, out of `top`. `unranked`: ranked apart.
    The other columns are the mean of each score and the share of rooms escaped (`out`).
    """
    name_by_player, order = names(run), digest(run).players
    ranked = ranking(run, metric)
    lines = sorted(ranked.standings, key=lambda s: order.index(s.player))
    return _data_frame(
        [
            {
                "name": name_by_player[s.player],
                "unranked": s.unranked,
                "value": s.headline.mean,
                "top": ranked.basis.top,
                "low": s.headline.low,
                "high": s.headline.high,
                **{score: span.mean if (span := getattr(s, score)) else None for score in TOP},
            }
            for s in lines
            if s.headline is not None
        ],
        columns=[*"name unranked value top low high".split(), *TOP],
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
    counts, marks, escaped = digest(run), per_puzzle(run, metric), shares_by_room(run)
    name_by_player, title_by_id = names(run), titles(run.puzzles)
    every = []
    for puzzle in run.puzzles:
        for player in counts.players:
            scores = marks[player].get(puzzle.problem_id)
            missing = "no moves" if scores else "-"
            if (player, puzzle.problem_id) in counts.failed:
                missing = "failed"
            out = escaped.get(player, {}).get(puzzle.problem_id)
            share, label, unread = None, missing, False
            if not metric.needs_judge and out is not None:
                ended = [x.result for x in counts.rooms[player][puzzle.problem_id]]
                share, unread = out, all(word in NOT_READ for word in ended)
                if out:
                    label = "out" if out == 1 else f"out {out:.0%}"
                elif len({*ended}) == 1:
                    label = ended[0]
                else:
                    label = "not read" if unread else "stuck"
            elif scores and metric.needs_judge:
                share, label = scores.overall / scores.top, f"{scores.overall:.1f} of {scores.top}"
            title = title_by_id[puzzle.problem_id]
            every.append(Cell(puzzle.problem_id, title, player, name_by_player[player], share, label, unread))
    return every


def cells(run: Run, metric: Metric) -> pd.DataFrame:
    return _data_frame([cell._asdict() for cell in each_cell(run, metric)], Cell._fields)


def costs(run: Run, metric: Metric) -> pd.DataFrame:
    """Tabulate what a room took each player that escaped, and its share of rooms escaped.

    The measure is USD, over players known to have paid, or seconds where no price is known or all are 0.
    """
    medians = typical(run)
    known = {s.player: s.out for s in ranking(run, METRICS["verified"]).standings}
    paid = {p: t.usd for p, t in medians.items() if t.usd and t.usd.mean}
    spans = paid or {p: t.seconds for p, t in medians.items() if t.seconds}
    measure = "USD a room" if paid else "seconds a room"
    columns = [
        "name",
        "Rooms escaped",
        measure,
        *"_out _out_low _out_high _took _took_low _took_high".split(),
    ]
    rows = []
    for player, span in spans.items():
        if out := known.get(player):
            took = two_digits(span.mean)
            if span.low is not None and span.high is not None:
                took += f" ({two_digits(span.low)} to {two_digits(span.high)})"
            share = (out.mean, out.low or 0.0, 1.0 if out.high is None else out.high)
            rows.append([names(run)[player], count_of(out), took, *share, span.mean, span.low, span.high])
    return _data_frame([dict(zip(columns, row, strict=True)) for row in rows], columns)


def mistakes(run: Run, metric: Metric) -> pd.DataFrame:
    counts = digest(run).mistakes
    return _data_frame(
        [{"name": n, "mistake": m, "count": counts[p, m]} for p, n in names(run).items() for m in MISTAKES],
        columns=["name", "mistake", "count"],
    )


def by_player(table: pd.DataFrame) -> tuple[list[str], list[list[str]]]:
    """Format a table as text: its head and its rows. A table of counts gets one column per player.

    Columns whose names begin with `_` are only for drawing, and are left out.
    """
    if "count" in table:
        (what,) = set(table.columns) - {"name", "count"}
        table = table.pivot(index=what, columns="name", values="count").reindex(
            index=table[what].unique(), columns=table["name"].unique()
        )
        table = table.reset_index().rename(columns={what: ""})
    table = table[[name for name in table.columns if not str(name).startswith("_")]]
    return list(map(str, table.columns)), [list(map(str, row)) for row in table.itertuples(index=False)]


TABLES: dict[str, Callable[[Run, Metric], pd.DataFrame]] = {
    "standings": standings,
    "cells": cells,
    "cost": costs,
    "mistakes": mistakes,
}
