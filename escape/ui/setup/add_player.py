"""Add a player: one dialog with three doors, a model, a chat window, yourself."""

from __future__ import annotations

import streamlit as st

from escape.ui import text
from escape.ui.pressing import pressed
from escape.ui.session import Session
from escape.ui.setup import chat_window, keys, who
from escape.ui.setup.panel import Choice

DOORS = {"a model": "A model", "a chat window": "A chat window, no key", "yourself": "Yourself"}


def show(state: Session, choice: Choice) -> None:
    """The dialog, while its door is open."""
    if state.page.door:
        st.dialog("Add a player", width="large", on_dismiss=lambda: state.open_door(""))(_doors)(state, choice)


def _doors(state: Session, choice: Choice) -> None:
    if not state.page.door:  # it was closed by a click inside it
        st.rerun()
    st.session_state["door"] = state.page.door

    def choose() -> None:
        state.page.door = st.session_state["door"]

    st.segmented_control(
        "Who will answer?", list(DOORS), key="door", required=True, on_change=choose, format_func=DOORS.__getitem__
    )
    if state.page.door == "a model":
        _model(state)
    elif state.page.door == "a chat window":
        chat_window.show(state, choice)
    else:
        _yourself(state)
    state.save()  # what was pasted: the dialog is drawn without the page


def _model(state: Session) -> None:
    """Provider, key and its test, then the model from the list that the test brought."""
    text.quiet("The provider charges you for its answers. The estimated cost is shown beside Run before you start.")
    spec_ = keys.models_field(state, "new")
    about = f"new {spec_}"  # what is said of one model is not said of the next
    several = not isinstance(spec_, str) and len(spec_) > 1

    if pressed(state, f"Add {len(spec_)} players" if several else "Add player", "add_player", type="primary"):
        lacking = spec_ if isinstance(spec_, str) else keys.lacks_key(state, spec_[0])
        if isinstance(spec_, str) or lacking:
            state.say(about, lacking)
        else:
            names = [spec.name for spec in spec_]
            state.players = [p for p in state.players if p.name not in names] + spec_
            state.page.next_fields["players"] = who.beside(state, st.session_state.get("players", []), names)
            state.open_door("")
            st.rerun()
    if not isinstance(spec_, str) and not keys.lacks_key(state, spec_[0]):
        state.unsay(about)  # what was lacking is there now
    text.said(state.page.said.get(about))


def _yourself(state: Session) -> None:
    text.quiet(
        "Get out of rooms by your own moves and say why they work. You become a player in the run on show; on the "
        "example, a new run begins with you. Ten minutes for "
        "three rooms, no key."
    )

    def play() -> None:
        state.go_to("Play")
        state.open_door("")

    st.button("Go to the rooms", on_click=play, key="go_play", type="primary")
