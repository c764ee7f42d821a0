"""The people of a class, for its teacher: who is in and who waits, whom to rename or take out, and the door."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from escape.classes import MAX_MEMBERS, Teacher, label
from escape.ui import text
from escape.ui.session import Session


def show(state: Session, teacher: Teacher, do: Callable[..., None]) -> None:
    """The whole part. `do`: carry out one of the teacher's rights, or say why not."""
    members = {m.id: m for m in teacher.members()}
    waiting = [m for m in members.values() if m.standing == "waiting"]
    if waiting:
        st.button(f"Let in all {len(waiting)} who wait", on_click=do, args=(state, teacher.let_in), key="let_all_in")
    with st.expander("People and the door"):
        if members:
            text.quiet(f"On the board: {', '.join(f'{label(m.number)} is {m.nickname}' for m in members.values())}.")
            chosen = st.selectbox(
                "Person", list(members), key="person", format_func=lambda i: f"{members[i].nickname}"
                f"{' (waits)' if members[i].standing == 'waiting' else ''}",
            )  # fmt: skip
            one = members[chosen]
            name = st.text_input("Another nickname", max_chars=24, autocomplete="off", key=f"rename_{one.id}")
            with st.container(horizontal=True):
                st.button("Rename", on_click=do, args=(state, teacher.rename, one, name), key="rename")
                if one.standing == "waiting":
                    st.button("Let in", on_click=do, args=(state, teacher.let_in, one), key="let_in")
                st.button(
                    "Remove, with all that they wrote", on_click=do, args=(state, teacher.remove, one), key="remove"
                )
        seats = teacher.about().seats
        expected = st.number_input(
            "People I expect; whoever comes after them waits for my nod", 1, MAX_MEMBERS, seats, key="seats"
        )
        if int(expected) != seats:
            do(state, teacher.expect, int(expected))
        st.button("Let nobody new in", on_click=do, args=(state, teacher.close_door), key="close_door")
