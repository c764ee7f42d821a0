"""Instructions as another player: a chosen model again, with the visitor's own text before the prompt."""

from collections.abc import Sequence

import streamlit as st

from escape import models
from escape.results import display_name
from escape.types import INSTRUCTIONS_LETTERS, NAME_LETTERS, ModelSpec, SpecError
from escape.ui import text
from escape.ui.pressing import pressed
from escape.ui.session import Session
from escape.ui.setup import players

MODEL, NAME, TEXT, KEPT = "instructed_model", "instructions_name", "instructions_text", "instructions_kept"
SAID, MOST_KEPT = "instructions", 20


def render(state: Session, picked: Sequence[ModelSpec]) -> None:
    """Draw the fields. Instructions that were added are kept on the shelf, for later runs."""
    able = {p.name: p for p in picked if not models.provider_of(p).scripted and not p.instructions}
    kept = state.shelf.instructions
    if not able:
        return
    text.heading("Add instructions as another player")
    left_half, right = st.columns(2)
    name_of = left_half.selectbox("Model", list(able), key=MODEL, format_func=display_name)
    if kept:

        def take_up() -> None:
            if (name := st.session_state[KEPT]) in kept:
                st.session_state[NAME], st.session_state[TEXT] = name, kept[name]

        right.selectbox("Earlier instructions", list(kept), index=None, key=KEPT, on_change=take_up,
                        placeholder="take up again")  # fmt: skip
    name = st.text_input("Name of the instructions", key=NAME, max_chars=NAME_LETTERS, autocomplete="off",
                         placeholder="careful")  # fmt: skip
    words = st.text_area("Instructions", key=TEXT, max_chars=INSTRUCTIONS_LETTERS,
                         placeholder="Sent before the prompt, to this player alone.",
                         help="The judge does not see them.")  # fmt: skip
    if pressed(state, "Add as another player", "add_instructions"):
        try:
            spec = models.instructed(able[name_of or next(iter(able))], name, words)
        except SpecError as error:
            state.say(SAID, str(error))
        else:
            newest = {n: words for n, words in kept.items() if n != spec.instructed_as} | {
                spec.instructed_as: spec.instructions
            }
            state.shelf.instructions = dict([*newest.items()][-MOST_KEPT:])
            players.choose(state, spec)
            state.say(SAID, f"{display_name(spec.name)} plays too.", good=True)
            st.rerun()
    text.render_message(state.page.said.get(SAID))
