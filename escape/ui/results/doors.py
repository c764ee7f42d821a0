"""The picture of doors on the page: each opens its answer, by a press or by the arrow keys and Enter."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

import streamlit as st

from escape.metrics import Metric
from escape.results import doors
from escape.types import Run, TrialKey
from escape.ui import text
from escape.ui.assets import asset
from escape.ui.pressing import bring
from escape.ui.session import Session

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


def render(state: Session, run: Run, metric: Metric) -> None:
    bands = bands_of(state, run, metric)
    picture = state.worked_out(
        run, f"doors drawn {metric.name} {state.page.reference}", partial(doors.html_of, bands, pressed=True)
    )

    def opened() -> None:
        answer = pressed(bands, st.session_state[_KEY].get("opened"))
        if answer:
            state.read(answer)
            bring(state, "answer")

    _DOORS(key=_KEY, data=picture, on_opened_change=opened)
    st.html(f'<p class="esc-quiet esc-legend">{text.escaped(doors.key(bands, metric))} Press one for its answer.</p>')


def live(run: Run, metric: Metric, *, reference: bool) -> None:
    """The same without a press, while a run goes on: all doors are there from the start, and open one by one."""
    picture = doors.html_of(doors.doors(run, metric, reference=reference, so_far=True))
    _DOORS(key="doors_live", data=picture)


def pressed(bands: list[doors.Band], place: Any) -> TrialKey | None:
    """Return the answer behind the door that a browser says was pressed. None where there is none."""
    match = _PRESSED.fullmatch(place) if isinstance(place, str) else None
    if not match:
        return None
    band, row, column = map(int, match.groups())
    rows = bands[band].rows if band < len(bands) else ()
    return rows[row].doors[column].key if row < len(rows) and column < len(rows[row].doors) else None
