"""What a page opens on at the first visit: an example of what is being set up, and three next steps."""

from __future__ import annotations

import streamlit as st

from escape.environments import ENVIRONMENTS, environment_in
from escape.ui.play import call_it
from escape.ui.pressing import bring
from escape.ui.run import example, shelf
from escape.ui.session import PLAY, TEST, Session
from escape.ui.setup import generated


def follow(state: Session) -> bool:
    """While an example is on show, let it be one of what is being set up. Returns whether it had to be changed."""
    kind = st.session_state.get("kind", next(iter(example.EXAMPLES)))
    if state.run is None or not state.opened_on or kind not in example.EXAMPLES:
        return False
    if environment_in(state.run).name == kind:
        return False
    run = example.EXAMPLES[kind]()
    if run is not None:
        state.open_on(run)
        state.page.touched = True
    return run is not None


def menu(state: Session) -> None:
    """The visitor's own runs, and the examples, one for each kind of thing that is played."""
    shelf.menu(state)

    def switch() -> None:
        kind = st.session_state["example"]
        if (run_shown := example.EXAMPLES[kind]()) is not None:
            state.open_on(run_shown)
            st.session_state["kind"] = kind  # Run goes on with the same

    run = state.run
    st.session_state["example"] = environment_in(run).name if run and state.opened_on else None
    st.segmented_control("An example, for", list(example.EXAMPLES), key="example", on_change=switch,
                         disabled=state.running, format_func=lambda name: ENVIRONMENTS[name].label)  # fmt: skip


def show(state: Session) -> None:
    """The next steps."""

    def play() -> None:
        state.go_to(PLAY)
        bring(state, "play_told")

    def call() -> None:
        st.session_state["play_what"] = call_it.CALL
        if state.calling is None:
            call_it.begin(state, generated.today())
        state.go_to(PLAY)

    with st.container(horizontal=True, vertical_alignment="center", key="first_steps"):
        st.button("Test models", key="try_own", type="primary", on_click=lambda: state.go_to(TEST))
        st.button("Call it: out or stuck?", key="try_call", on_click=call)
        st.button("Play a room", key="try_play", on_click=play)
