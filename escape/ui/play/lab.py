"""A laboratory played by a person, door by door: what is known of the apparatus, trials so far, the next one."""

from __future__ import annotations

import streamlit as st

from escape.environments import ByHand
from escape.environments.laboratories import APPARATUSES, LabAttempt, door_text, law_text
from escape.ui import text
from escape.ui.play.acting import UNREAD, last
from escape.ui.play.lines import give_up, share, way_on


def show(playing: ByHand, lab: LabAttempt) -> None:
    """The door that is shut, and the fields of a trial and of the setting that decides."""
    door, number = lab.door, lab.opened + 1
    apparatus = APPARATUSES[door.apparatus]
    text.heading(f"Door {number} of {len(lab.lab.doors)}: {apparatus.name}")
    text.quiet(apparatus.told)
    st.html(f'<div class="esc-text">{text.escape(door_text(door, number).partition(": ")[2])}</div>')
    with st.expander("Causes that may be at work", expanded=number == 1):
        text.items("", [f"{n}: {c.told.format(v='V')} (V: {', '.join(map(str, sorted(c.values[: door.values])))})"
                        for n, c in apparatus.causes.items()])  # fmt: skip
    last(playing)

    def do(line: str) -> None:
        st.session_state[UNREAD] = playing.do(line)

    def tries() -> None:
        do(f"try: {st.session_state[f'lab_start_{number}']} | {st.session_state['lab_steps']}")

    def decides() -> None:
        do(f"set: {st.session_state['lab_steps']}")

    with st.form("lab_move", border=False, clear_on_submit=False):
        st.radio("A trial starts at", door.starts, key=f"lab_start_{number}", horizontal=True)
        st.text_input(f"Steps ({apparatus.asked})", key="lab_steps", max_chars=60, autocomplete="off")
        if why := st.session_state.get(UNREAD):
            text.cause(why)
        with st.container(horizontal=True):
            st.form_submit_button(f"Make this trial ({lab.trials_left} left)", on_click=tries, type="primary",
                                  disabled=not lab.trials_left)  # fmt: skip
            st.form_submit_button(f"Decide door {number} with these steps, from {door.start} (final)", on_click=decides)
    give_up(playing, f" at door {number}")


def end(playing: ByHand, lab: LabAttempt) -> None:
    """How far it went, the law of the door that stayed shut, and a line to share."""
    opened = lab.opened
    if opened < len(lab.lab.doors):
        text.quiet(f"The law of door {opened + 1} was: {law_text(lab.door)}.")
        with st.expander("Trials that would have told it"):
            way_on(lab.puzzle, opened)
    share(playing, lab)
