"""The picture of understanding against getting out, and foresight in figures."""

from __future__ import annotations

from base64 import b64encode

import streamlit as st

from escape.results import foresight, names, understanding
from escape.types import Run
from escape.ui import text
from escape.ui.session import Session


def known(state: Session, run: Run) -> str:
    """The picture; "" where understanding or getting out is not known of anybody."""
    return state.worked_out(run, "dots", lambda: understanding.picture(run))


def show(state: Session, run: Run) -> None:
    """The picture where both are known, else nothing. Drawn as an image, since Streamlit takes SVG out of HTML."""
    picture = known(state, run)
    if not picture:
        return
    text.heading("Understanding against getting out")
    packed = b64encode(text.without_surrogates(picture).encode()).decode()
    st.html(
        f'<img class="esc-curve" alt="{text.escape(understanding.said(run))}" src="data:image/svg+xml;base64,{packed}">'
    )
    by_player = foresight(run)
    if by_player:
        figures = "; ".join(
            f"{name} {understanding.summary(by_player, p)}" for p, name in names(run).items() if p in by_player
        )
        text.quiet(f"Foresight, 0 for a guess and 1 for all right, asked of rooms and answered by code: {figures}.")
