"""The pictures of a run, each with its numbers beside or below it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pandas as pd
import streamlit as st

from escape.metrics import Metric
from escape.records import Run
from escape.results import TABLES, by_player, digest, names, titles
from escape.results.charts import CHARTS, MAX_ROWS
from escape.ui import text
from escape.ui.results import grid
from escape.ui.session import Session

CONFIG = {  # one button, where one points or taps: the picture as PNG
    "displaylogo": False,
    "modeBarButtons": [["toImage"]],
    "toImageButtonOptions": {"format": "png", "scale": 2},
}


def show(state: Session, run: Run, metric: Metric) -> None:
    """Those that have something to show, in the order of CHARTS."""
    seen = state.worked_out(run, f"pictures {metric.name}", lambda: drawn(run, metric))
    for name in seen.figures:
        text.heading(CHARTS[name].title)
        BESIDE.get(name, _alone)(state, run, name, seen)


class Drawn(NamedTuple):
    """The tables of a run under one metric, and the pictures of them."""

    tables: dict[str, pd.DataFrame]
    figures: dict[str, Any]  # Plotly's, whose types come with its import


def drawn(run: Run, metric: Metric) -> Drawn:
    """All that there is to draw of a run."""
    tables = {name: make(run, metric) for name, make in TABLES.items()}
    if tables["standings"].empty:
        return Drawn(tables, {})
    shown = {n: c for n, c in CHARTS.items() if c.source in tables and not tables[c.source].empty}
    return Drawn(tables, {n: c.draw(tables[c.source]) for n, c in shown.items()})


def _alone(state: Session, run: Run, name: str, seen: Drawn) -> None:
    """A picture without anything beside it."""
    chart(name, seen)


def _mistakes(state: Session, run: Run, name: str, seen: Drawn) -> None:
    """The picture and its numbers."""
    made = digest(run)
    if not made.checked and not made.failed:
        text.quiet("Only marks were given, without a checklist behind them, so there is nothing to count.")
        return
    _counted(name, seen, "Mistake")


def _counted(name: str, seen: Drawn, head: str) -> None:
    """A picture of counts, and its numbers beside it."""
    left, right = st.columns([3, 2], gap="large")
    with left:
        chart(name, seen)
    with right:
        (_, *players), rows = by_player(seen.tables[name])
        text.table([(head, ""), *((p, "n") for p in players)], rows)


def chart(name: str, seen: Drawn) -> None:
    """One picture."""
    st.plotly_chart(seen.figures[name], key=f"chart_{name}", config=CONFIG, alt=CHARTS[name].alt)


def _heatmap(state: Session, run: Run, name: str, seen: Drawn) -> None:
    """A grid of buttons, of which each opens an answer; the same as an image to save, drawn when asked for."""
    cells = seen.tables["cells"]
    more = f" These are the {MAX_ROWS} puzzles on which players differ most; Answers has them all."
    text.quiet("Each button opens its answer." + (more if cells["puzzle"].nunique() > MAX_ROWS else ""))
    grid.show(state, cells)
    picture = st.expander("As an image", key="grid_picture", on_change="rerun")
    if picture.open:
        with picture:
            chart(name, seen)


def _deeds(state: Session, run: Run, name: str, seen: Drawn) -> None:
    """The picture with its numbers, and the answers of which judge and room say something else, worst first: rules to
    add, or luck.
    """
    _counted(name, seen, "")
    found = sorted(digest(run).contradicted, key=lambda c: (c.out, c.progress))
    if not found:
        return
    called, players = titles(run.puzzles), names(run)
    text.heading("Where judge and room disagree")
    text.quiet(
        "The room knows only what its author foresaw; any other solution has no effect there. If the judge says yes "
        "and the room says no, a rule may be missing."
    )
    text.table(
        [("Player", ""), ("Puzzle", ""), ("Would it work? The judge", ""), ("The room", "")],
        [
            [
                players[c.key[1]],
                called[c.key[0]],
                c.judge_says,
                "out" if c.out else f"stuck, {c.progress:.0%} of the way",
            ]
            for c in found[:20]
        ],
    )
    if len(found) > 20:
        text.quiet(f"and {len(found) - 20} more")


BESIDE: dict[str, Callable[[Session, Run, str, Drawn], None]] = {
    "heatmap": _heatmap,
    "mistakes": _mistakes,
    "deeds": _deeds,
}
