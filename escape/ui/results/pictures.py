"""More pictures of a run than its doors, each with its numbers beside it. Made when they are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import streamlit as st

from escape.metrics import Metric
from escape.results import TABLES, by_player, digest
from escape.results.charts import CHARTS, MAX_ROWS
from escape.types import Run
from escape.ui import text
from escape.ui.session import Session

if TYPE_CHECKING:
    import pandas as pd

CONFIG = {  # one button, where one points or taps: the picture as PNG
    "displaylogo": False,
    "modeBarButtons": [["toImage"]],
    "toImageButtonOptions": {"format": "png", "scale": 2},
}


def render(state: Session, run: Run, metric: Metric) -> None:
    """Those that have something to show, in the order of CHARTS."""
    seen = state.worked_out(run, f"pictures {metric.name}", lambda: figures_of(run, metric))
    for name in seen.figures:
        text.heading(CHARTS[name].title)
        _one(run, name, seen)


def _one(run: Run, name: str, seen: Drawn) -> None:
    if name == "mistakes" and not digest(run).checked and not digest(run).failed:
        text.quiet("Only marks were given, without a checklist behind them, so there is nothing to count.")
    elif CHARTS[name].source == name:  # counts, of which the picture has a table of its own
        _counted(name, seen)
    else:
        if name == "heatmap" and seen.tables["cells"]["puzzle"].nunique() > MAX_ROWS:
            text.quiet(f"The {MAX_ROWS} puzzles on which players differ most; Answers has them all.")
        draw(name, seen)


class Drawn(NamedTuple):
    """The tables of a run under one metric, and the pictures of them."""

    tables: dict[str, pd.DataFrame]
    figures: dict[str, Any]  # Plotly's, whose types come with its import


def figures_of(run: Run, metric: Metric) -> Drawn:
    tables = {name: make(run, metric) for name, make in TABLES.items()}
    if tables["standings"].empty:
        return Drawn(tables, {})
    charts = {n: c for n, c in CHARTS.items() if c.source in tables and not tables[c.source].empty}
    return Drawn(tables, {n: c.draw(tables[c.source]) for n, c in charts.items()})


def _counted(name: str, seen: Drawn) -> None:
    left_half, right = st.columns([3, 2], gap="large")
    with left_half:
        draw(name, seen)
    with right:
        (_, *players), rows = by_player(seen.tables[name])
        text.table([("", ""), *((p, "n") for p in players)], rows)


def draw(name: str, seen: Drawn) -> None:
    st.plotly_chart(seen.figures[name], key=f"chart_{name}", config=CONFIG, alt=CHARTS[name].alt)
