"""Which players are real, how each was asked, and where each stops."""

from __future__ import annotations

import streamlit as st

from escape.puzzles import RECORDED, recorded
from escape.results import every_stop
from escape.types import Run
from escape.ui import text
from escape.ui.session import Session


def show(state: Session, run: Run) -> None:
    """A line for each recorded player, where the run has any, and how they were asked."""
    here = [about for name, about in recorded().items() if f"{RECORDED}:{name}" in run.players]
    if not here:
        return
    lines = state.worked_out(run, "stops", every_stop)
    kinds = list(dict.fromkeys(kind for _, own in lines for kind in own))
    text.heading("Where each recorded model stops")
    rows = (
        f"<li><b>{text.escaped(label[:1].upper() + label[1:])}</b>"
        + "".join(f"<span><i>{text.escaped(k)}</i> {text.escaped(own.get(k, 'not asked'))}</span>" for k in kinds)
        for label, own in lines
    )
    st.html(f'<ul class="esc-stops">{"</li>".join(rows)}</li></ul>')
    with st.expander("How these were recorded"):
        for about in recorded().values():
            text.heading(about.label[:1].upper() + about.label[1:])
            text.quiet(f"{about.model[:1].upper()}{about.model[1:]}. Asked on {about.asked_on}. {about.asked}")
            if about.unknown:
                text.quiet(f"Not known: {'; '.join(about.unknown)}.")
            if about.again:
                text.quiet("Made anew by:")
                st.code(about.again, language=None, wrap_lines=True)
