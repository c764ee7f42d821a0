"""What a page opens on at the first visit: the example, and three next steps."""

from __future__ import annotations

import streamlit as st

from escape.ui.play import call_it
from escape.ui.pressing import bring
from escape.ui.run import example, shelf
from escape.ui.session import PLAY, TEST, Session


def menu(state: Session) -> None:
    """The visitor's own runs, and the example."""
    shelf.menu(state)

    def example_again() -> None:
        if (run := example.of_rooms()) is not None:
            state.open_on(run)

    if not state.opened_on:
        st.button("Show the example", key="example", on_click=example_again, disabled=state.running)


def show(state: Session) -> None:
    def play() -> None:
        state.go_to(PLAY)
        bring(state, "play_told")

    def call() -> None:
        st.session_state["play_what"] = call_it.CALL
        if state.calling is None:
            call_it.begin(state)
        state.go_to(PLAY)

    with st.container(horizontal=True, vertical_alignment="center", key="first_steps"):
        st.button("Test models", key="try_own", type="primary", on_click=lambda: state.go_to(TEST))
        st.button("Call it: out or stuck?", key="try_call", on_click=call)
        st.button("Play a room", key="try_play", on_click=play)
