"""Buttons whose action runs in the page script, with the fields' current values."""

from __future__ import annotations

from typing import Any

import streamlit as st

from escape.ui.session import Session


def pressed(state: Session, label: str, key: str, *, disabled: bool = False, opens: str = "", **how: Any) -> bool:
    """A button; true once for each press of it, in the drawing of the page that follows. `opens`: the tab it leads to.

    For a press that goes by what fields say. A callback knows them as they were when its button was last drawn: whoever
    types and presses at once is ahead of that, and would run without the cap just written, or keep a text without its
    last word. The press is noted by a callback all the same, so that it is not lost where a drawing of the page is
    broken off; one whose button is not drawn again, or no longer takes presses, is passed over.
    """

    def note() -> None:
        state.page.presses.add(key)
        if opens and st.session_state.get("view") != opens:  # at once: whoever opens another tab then, stays there
            st.session_state["view"] = opens

    st.button(label, key=key, disabled=disabled, on_click=note, **how)
    if disabled or key not in state.page.presses:
        return False
    state.page.presses.discard(key)
    return True
