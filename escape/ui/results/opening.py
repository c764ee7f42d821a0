"""What a page opens on at the first visit: an example, of rooms or of houses, and one next step."""

from __future__ import annotations

import streamlit as st

from escape.environments import ENVIRONMENTS, ByHand, counts_doors, environment_in
from escape.types import Puzzle, Run
from escape.ui import text
from escape.ui.pressing import bring
from escape.ui.run import example
from escape.ui.session import Session
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


def show(state: Session, run: Run) -> None:
    """What is on show, the other example, and the next step."""

    def switch() -> None:
        kind = st.session_state["example"]
        if (run_shown := example.EXAMPLES[kind]()) is not None:
            state.open_on(run_shown)
            st.session_state["kind"] = kind  # Run goes on with the same

    def play(puzzle: Puzzle | None = None) -> None:
        if puzzle is not None and not (state.playing and state.playing.puzzle is puzzle):  # who is in it stays in it
            state.playing = ByHand(puzzle)
        state.go_to("Play")
        bring(state, "play_told")

    st.session_state["example"] = environment_in(run).name
    with st.container(horizontal=True, vertical_alignment="bottom", key="first_steps"):
        st.button("Play a room", key="try_play", type="secondary" if state.page.touched else "primary", on_click=play)
        st.button("Test a model", key="try_own", on_click=state.open_door, args=("a model",))
        st.button("House of the day", key="try_day", on_click=lambda: play(generated.of_the_day(generated.OF_DAY)))
        st.segmented_control("An example, for", list(example.EXAMPLES), key="example", required=True, on_change=switch,
                             format_func=lambda name: ENVIRONMENTS[name].label)  # fmt: skip
    text.quiet(
        "An example to look at: scripted players in houses made by code. Press nothing and pay nothing; open "
        "Answers to "
        "see where each plan ended."
        if counts_doors(run)
        else "An example to look at: three scripted players, in place of models. It is free and needs no key. Open "
        "Answers to read them."
    )
