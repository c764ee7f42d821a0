"""The picture of understanding against getting out, and foresight in figures."""

from __future__ import annotations

from base64 import b64encode

import streamlit as st

from escape.records import Run
from escape.results import foresight, names, understanding
from escape.ui import text
from escape.ui.session import Session


def show(state: Session, run: Run) -> None:
    """The picture where both are known, else nothing. Drawn as an image, since Streamlit takes SVG out of HTML."""
    drawn = state.worked_out(run, "dots", lambda: understanding.picture(run))
    if not drawn:
        return
    text.heading("Understanding against getting out")
    packed = b64encode(text.without_surrogates(drawn).encode()).decode()
    st.html(
        f'<img class="esc-curve" alt="{text.escape(understanding.said(run))}" src="data:image/svg+xml;base64,{packed}">'
    )
    known = foresight(run)
    if known:
        told = "; ".join(f"{name} {understanding.summary(known, p)}" for p, name in names(run).items() if p in known)
        text.quiet(f"Foresight, 0 for a guess and 1 for all right, asked of rooms and answered by code: {told}.")
