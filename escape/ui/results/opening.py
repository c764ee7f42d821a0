"""The first visit: the example, and three next steps."""

from __future__ import annotations

import streamlit as st

from escape.ui.play import call_it
from escape.ui.pressing import bring
from escape.ui.run import example
from escape.ui.session import PLAY, TEST, Session


def example_again(state: Session) -> None:

    def show_it() -> None:
        if (run := example.of_rooms()) is not None:
            state.open_on(run)

    if not state.opened_on:
        st.button("Show the example", key="example", on_click=show_it, disabled=state.running)


def render(state: Session) -> None:
    """On a phone the second of these is the first, and has the accent."""

    def play() -> None:
        state.go_to(PLAY)
        bring(state, "play_told")

    def call() -> None:
        st.session_state["play_what"] = call_it.CALL
        if state.calling is None:
            call_it.begin(state)
        state.go_to(PLAY)

    with st.container(horizontal=True, vertical_alignment="center", key="first_steps"):
        st.button("Test your model", key="try_own", type="primary", on_click=state.go_to, args=(TEST,))
        st.button("Would this plan work?", key="try_call", on_click=call)
        st.button("Play a room", key="try_play", on_click=play)
