"""The picture of doors on the page: each opens its answer, by a press or by the arrow keys and Enter."""

from __future__ import annotations

import re
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
_PRESSED = re.compile(r"(\d{1,4})\.(\d{1,4})")
_DOORS = st.components.v2.component(
    "escape_doors", html='<div class="place"></div>', css=doors.STYLE, js=asset("doors.js")
)


def show(state: Session, run: Run, metric: Metric) -> None:
    rows = state.worked_out(run, f"doors {metric.name}", lambda: doors.doors(run, metric))
    picture = state.worked_out(run, f"doors drawn {metric.name}", lambda: doors.html_of(rows, pressed=True))

    def opened() -> None:
        answer = pressed(rows, st.session_state[_KEY].get("opened"))
        if answer:
            state.read(answer)
            bring(state, "answer")

    _DOORS(key=_KEY, data=picture, on_opened_change=opened)
    text.quiet(f"{doors.key(rows, metric)} Press one for its answer.")


def plain(run: Run, metric: Metric) -> None:
    """The same without a press, while a run goes on and its picture changes."""
    st.html(f"<style>{doors.STYLE}</style>{doors.html_of(doors.doors(run, metric))}")


def pressed(rows: list[doors.Row], place: Any) -> TrialKey | None:
    """The answer behind the door that a browser says was pressed; None where there is none."""
    match = _PRESSED.fullmatch(place) if isinstance(place, str) else None
    if not match:
        return None
    row, column = int(match[1]), int(match[2])
    return rows[row].doors[column].key if row < len(rows) and column < len(rows[row].doors) else None
