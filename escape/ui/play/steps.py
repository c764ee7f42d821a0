"""Moves and what the room said to each, as a list. With a drawing of what is moved, as they are carried out."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from escape.types import MoveResult
from escape.ui import text
from escape.ui.play import drawings


def steps(moves: Sequence[MoveResult], lost_at: int | None, *, out: bool | None = None) -> None:
    """Moves and what the room said to each. The one after which there was no way out any more is marked. With `out`,
    they come one after the other, with drawings, and at the end the door opens or stays shut.

    What comes is read out elsewhere, from a place that stays.
    """
    sheet, drawings_html = (
        drawings.of_moves(step.move for step in moves) if out is not None else ("", [""] * len(moves))
    )
    rows = []
    for number, step in enumerate(moves, 1):
        lost = ' <b class="state bad">from here on there was no way out</b>' if number == lost_at else ""
        idle = step.free and step.understood and step.move != "give up"
        free = ' <span class="esc-quiet">(costs no move)</span>' if idle else ""
        read = "" if step.understood else ' class="esc-quiet"'
        things = drawings_html[number - 1]
        rows.append(f"<li{read}>{things}<b>{text.escaped(step.move)}</b>{free}<br>{text.escaped(step.said)}{lost}</li>")
    kind = "esc-steps"
    if out is not None:
        rows.append(f'<li class="esc-end"><span class="esc-door{" out" if out else ""}"></span></li>')
        kind = "esc-steps esc-drawn"
    st.html(f'{sheet}<div role="region" aria-label="Moves so far"><ol class="{kind}">{"".join(rows)}</ol></div>')
