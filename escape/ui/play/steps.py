"""Moves and what the room said to each, as a list."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from escape.types import MoveResult
from escape.ui import text


def steps(moves: Sequence[MoveResult], lost_at: int | None) -> None:
    """Moves and what the room said to each; the one after which there was no way out any more is marked.

    What comes is read out elsewhere, from a place that stays.
    """
    rows = []
    for number, step in enumerate(moves, 1):
        lost = ' <b class="state bad">from here on there was no way out</b>' if number == lost_at else ""
        idle = step.free and step.understood and step.move != "give up"
        free = ' <span class="esc-quiet">(costs no move)</span>' if idle else ""
        kind = "" if step.understood else ' class="esc-quiet"'
        rows.append(f"<li{kind}><b>{text.escaped(step.move)}</b>{free}<br>{text.escaped(step.said)}{lost}</li>")
    st.html(f'<div role="region" aria-label="Moves so far"><ol class="esc-steps">{"".join(rows)}</ol></div>')
