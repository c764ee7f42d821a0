"""The draft of a room outlives a reload of the page: the browser's tab keeps it. No file, no database."""

from __future__ import annotations

import streamlit as st
from pydantic import TypeAdapter, ValidationError

from escape.puzzles import EMPTY, Draft
from escape.ui.assets import asset
from escape.ui.session import Session

MOST = 200_000  # characters of a draft that is taken back
_KEY = "draft"
_DRAFT = TypeAdapter(Draft)
_TAB = st.components.v2.component("escape_draft", html="<span hidden></span>", js=asset("draft.js"))


def keep(state: Session) -> None:
    """Let the tab keep the draft as it is now, and take up what it kept where none was begun since the page opened."""
    work = state.workshop
    is_begun = work.draft != EMPTY or work.edition > 0

    def take_up() -> None:
        stored = st.session_state[_KEY].get("kept")
        if is_begun or not isinstance(stored, str) or len(stored) > MOST:
            return
        try:
            work.draft = _DRAFT.validate_json(stored)
        except ValidationError:  # of an earlier version of the form
            return
        work.edition += 1

    draft = _DRAFT.dump_json(work.draft).decode() if work.draft != EMPTY else ""
    _TAB(key=_KEY, data={"draft": draft, "begun": is_begun}, on_kept_change=take_up)
