"""A teacher's way into a class's guide and board: the secret of the teacher link, which the browser remembers."""

from __future__ import annotations

import contextlib

import streamlit as st

from escape.classes import Teacher
from escape.types import ClassError
from escape.ui import remembered, text
from escape.ui.class_ import here
from escape.ui.session import Session


def teacher(state: Session, page: str) -> Teacher | None:
    """Return the teacher of the class that the address names under `page`, or ask for the secret and return None."""
    code = st.query_params.get(page, "").upper()
    name = f"teach_{code}"
    if code.isalnum():
        remembered.take_fragment("try", f"{code}.")
    if state.seat.teacher and state.seat.teacher.code == code:
        return state.seat.teacher
    whose, _, typed_secret = remembered.recalled("try").partition(".")
    if typed_secret:  # what followed the # of the link; it is kept for longer only once it has opened this class
        remembered.remember("try", "")
        with contextlib.suppress(ClassError):
            if whose == code:
                state.seat.teacher = here.doors().teach(code, typed_secret)
                remembered.remember(name, typed_secret)
                return state.seat.teacher
        text.cause("That link is not this class's teacher link, so nothing was changed. Open the link you were given.")
    if secret := remembered.recalled(name):
        with contextlib.suppress(ClassError):  # of a class that was deleted: ask
            state.seat.teacher = here.doors().teach(code, secret)
            return state.seat.teacher
    st.title("The teacher's page of a class", anchor=False)
    with st.form("teach", border=False):
        typed = st.text_input("Your teacher's word (what follows the # in your teacher link)", type="password",
                              autocomplete="off", max_chars=60)  # fmt: skip
        if st.form_submit_button("Come back", type="primary"):
            state.seat.teacher = me = here.tried(state.seat, lambda: here.doors().teach(code, typed))
            remembered.remember(f"teach_{me.code}", typed.strip())
            st.query_params[page] = me.code  # however it was written
            st.rerun()
    return None
