"""The doors, each of which opens its answer, and the charts, made when they are asked for."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import streamlit as st

from escape.metrics import Metric
from escape.results import CHARTS, MAX_ROWS, TABLES, by_player, digest, doors
from escape.types import Run, TrialKey
from escape.ui import text
from escape.ui.assets import asset
from escape.ui.pressing import bring
from escape.ui.session import Session

if TYPE_CHECKING:
    import pandas as pd


CONFIG = {  # one button, where one points or taps: the picture as PNG
    "displaylogo": False,
    "modeBarButtons": [["toImage"]],
    "toImageButtonOptions": {"format": "png", "scale": 2},
}


def render(state: Session, run: Run, metric: Metric) -> None:
    """Draw the charts that have something to show, in the order of CHARTS."""
    seen = state.worked_out(run, f"pictures {metric.name}", lambda: figures_of(run, metric))
    for name in seen.figures:
        text.heading(CHARTS[name].title)
        if name == "mistakes" and not digest(run).checked and not digest(run).failed:
            text.quiet("No checklist was filled in for these answers, so there is nothing to count.")
        elif CHARTS[name].source == name:  # counts, of which the picture has a table of its own
            left_half, right = st.columns([3, 2], gap="large")
            with left_half:
                render_chart(name, seen)
            with right:
                (_, *players), rows = by_player(seen.tables[name])
                text.table([("", ""), *((p, "n") for p in players)], rows)
        else:
            if name == "heatmap" and seen.tables["cells"]["puzzle"].nunique() > MAX_ROWS:
                text.quiet(f"The {MAX_ROWS} puzzles on which players differ most; Answers has them all.")
            render_chart(name, seen)


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


def render_chart(name: str, seen: Drawn) -> None:
    st.plotly_chart(seen.figures[name], key=f"chart_{name}", config=CONFIG, alt=CHARTS[name].alt)


_KEY = "doors"
_PRESSED = re.compile(r"(\d)\.(\d{1,4})\.(\d{1,4})")
_DOORS = st.components.v2.component(
    "escape_doors", html='<div class="place"></div>', css=doors.STYLE, js=asset("doors.js")
)


def bands_of(state: Session, run: Run, metric: Metric) -> list[doors.Band]:
    reference = state.page.reference
    return state.worked_out(
        run, f"doors {metric.name} {reference}", partial(doors.doors, run, metric, reference=reference)
    )


def render_doors(state: Session, run: Run, metric: Metric) -> None:
    bands = bands_of(state, run, metric)
    picture = state.worked_out(
        run, f"doors drawn {metric.name} {state.page.reference}", partial(doors.html_of, bands, pressed=True)
    )

    def opened() -> None:
        answer = pressed_answer(bands, st.session_state[_KEY].get("opened"))
        if answer:
            state.read(answer)
            bring(state, "answer")

    _DOORS(key=_KEY, data=picture, on_opened_change=opened)
    legend = " ".join(
        filter(None, (doors.key(bands, metric), "Press one for its answer.", doors.explanation_notes(bands)))
    )
    st.html(f'<p class="esc-quiet esc-legend">{text.escaped(legend)}</p>')


def render_live_doors(run: Run, metric: Metric, *, reference: bool) -> None:
    """Draw the doors of a run in progress: all are there from the start and open one by one.

    They cannot be pressed.
    """
    picture = doors.html_of(doors.doors(run, metric, reference=reference, so_far=True))
    _DOORS(key="doors_live", data=picture)


def pressed_answer(bands: list[doors.Band], place: Any) -> TrialKey | None:
    """Find the answer behind the door that a browser says was pressed. None if there is none."""
    match = _PRESSED.fullmatch(place) if isinstance(place, str) else None
    if not match:
        return None
    band, row, column = map(int, match.groups())
    rows = bands[band].rows if band < len(bands) else ()
    return rows[row].doors[column].key if row < len(rows) and column < len(rows[row].doors) else None
