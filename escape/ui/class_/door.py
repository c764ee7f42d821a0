"""The door between the page and a class: opening one, and the way back to its guide."""

from __future__ import annotations

import streamlit as st

from escape.runs import new_run
from escape.types import EscapeError, Run, RunConfig
from escape.ui import remembered, text
from escape.ui.pressing import pressed
from escape.ui.session import Session
from escape.ui.setup import Choice
from escape.ui.visit import host, no_other_device


def render(state: Session, choice: Choice) -> None:
    """Join a class, or open one on the run on show and the chosen puzzles."""
    with st.form("to_class", border=False):
        code = st.text_input("Code of a class to join", key="class_code", max_chars=12, autocomplete="off")
        if st.form_submit_button("Join") and code.strip():
            st.query_params.clear()
            st.query_params["class"] = code.strip().upper()
            st.rerun()
    text.quiet(
        "A code and a board for up to 200 people, no accounts: they mark the answers of the run on show, play the "
        "rooms of the chosen puzzles, write puzzles and predict."
    )
    if host().forgets:
        text.cause("This page goes to sleep when idle and loses its classes. Open yours shortly before the lesson.")
    if no_other_device():
        text.cause(
            "No other device reaches this page: it was started for this machine alone. For a class stop it, and start "
            "it with “make network” or “escape serve --network”."
        )
    title = st.text_input("Name of the class", key="class_title", max_chars=120, autocomplete="off")
    if pressed(state, "Open a class", "open_class", disabled=not choice.puzzles):
        open_class(state, choice, title)
        st.rerun()
    text.render_message(state.page.said.pop("class", None))


def open_class(state: Session, choice: Choice, title: str) -> bool:
    """Open a class and go to its guide. Return whether it was opened."""
    from escape.ui.class_ import here  # brings the database, which other pages do without

    try:
        about, most = _about(state, choice), host().classes_an_hour
        opened = here.doors().open(title, about, here.visitor(), _own_code(state), an_hour=most)
        state.seat.teacher = here.doors().teach(opened.code, opened.secret)
    except EscapeError as error:
        state.say("class", str(error))
        return False
    state.seat.secret = (opened.code, opened.secret)
    state.seat.runs.add(_own_code(state))
    remembered.remember(f"teach_{opened.code}", opened.secret)
    st.query_params.clear()
    st.query_params["guide"] = opened.code
    return True


def _own_code(state: Session) -> str:
    """Return the code of the run on show, where it is this visitor's to keep closed."""
    live = state.own_live
    return live.code if live and (state.shelf.owns(live) or live.code in state.seat.runs) else ""


def _about(state: Session, choice: Choice) -> Run:
    run = state.run or new_run(RunConfig(), choice.puzzles)
    ids = {p.problem_id for p in run.puzzles}
    more = [p for p in choice.puzzles if p.problem_id not in ids]
    return run.model_copy(update={"puzzles": (*run.puzzles, *dict.fromkeys(more))})


def back(state: Session) -> None:
    """On the page, for its teacher: the way back to the guide, and the run on show for the class."""
    teacher, run = state.seat.teacher, state.run
    if teacher is None:
        return

    def to_guide() -> None:
        st.query_params.clear()
        st.query_params["guide"] = teacher.code

    def show_it() -> None:
        try:
            teacher.set_run(run or teacher.run(), _own_code(state))
            state.seat.runs.add(_own_code(state))
        except EscapeError as error:
            state.page.problem = str(error)
        else:
            to_guide()

    with st.container(horizontal=True, vertical_alignment="center", key="back_to_class"):
        text.quiet(f"You teach class {teacher.code}.")
        st.button("To the class", on_click=to_guide, key="to_guide")
        if run and not state.running:
            st.button("Use this run for the class", on_click=show_it, key="class_about")
