"""Handing in on a student's page, and choosing which of several things is at hand."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TypeVar

import streamlit as st

from escape.types import EscapeError
from escape.ui.pressing import bring
from escape.ui.session import Session

T = TypeVar("T")


def hand_in(state: Session, write: Callable[[], None], thanks: str) -> bool:
    """Return whether it was taken."""
    bring(state, "task")  # on a phone the button stands two screens below
    try:
        write()
    except EscapeError as error:
        state.say("task", str(error))
        return False
    state.say("task", thanks, good=True)
    return True


def pick(label: str, key: str, name_by_item: Mapping[T, str], finished: Collection[T]) -> T:
    """Return what a student is at: the first that is not done yet, until they choose another."""
    if st.session_state.get(key) is None:
        st.session_state[key] = next((i for i in name_by_item if i not in finished), next(iter(name_by_item)))
    st.pills(label, list(name_by_item), key=key, required=True,
             format_func=lambda i: f"{name_by_item[i]}{' ✓' if i in finished else ''}")  # fmt: skip
    chosen: T = st.session_state[key]
    return chosen
