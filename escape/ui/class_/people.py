"""The people of a class, for its teacher: who is in or waiting, renaming, removal, the code to join."""

import time

import streamlit as st

from escape.classes import MAX_MEMBERS, Teacher, member_label
from escape.results import pluralize
from escape.store import MemberRow
from escape.ui import text
from escape.ui.class_.way_in import act
from escape.ui.session import Session

MINUTES = (1, 2, 5, 10, 30, 60)


def render(state: Session, teacher: Teacher) -> None:
    members = {m.id: m for m in teacher.members()}
    waiting = [m for m in members.values() if m.standing == "waiting"]
    seats = teacher.about().seats
    if burst := teacher.burst():
        took = max(1, round(max(m.at for m in burst) - min(m.at for m in burst)))
        text.cause(f"{len(burst)} came within {took} s, such as {', '.join(m.nickname for m in burst[:3])}.")
        with st.container(horizontal=True):
            st.button(f"Remove the burst ({len(burst)})", on_click=act, args=(state, teacher.remove, *burst),
                      key="no_burst")  # fmt: skip
            st.button("New code", on_click=act, args=(state, teacher.new_code), key="new_code_now",
                      help="The old code stops working. Students who have joined stay.")  # fmt: skip
    free = max(0, seats - (len(members) - len(waiting)))
    if waiting and free:
        n = min(free, len(waiting))
        caption = (
            f"Let in the {n} who wait"
            if n == len(waiting)
            else f"Let in the first {n} of {len(waiting)} who wait"
        )
        st.button(caption, on_click=act, args=(state, teacher.let_in), key="let_all_in")
    elif waiting:
        text.quiet(f"{pluralize(len(waiting), 'person waits', 'people wait')}: all {seats} seats are taken.")
    with st.expander("People and joining"):
        if members:
            nicknames = [f"{member_label(m.number)} is {m.nickname}" for m in members.values()]
            text.quiet(f"On the board: {', '.join(nicknames)}.")
            chosen = st.selectbox(
                "Person", list(members), key="person", format_func=lambda i: f"{members[i].nickname}"
                f"{' (waits)' if members[i].standing == 'waiting' else ''}",
            )  # fmt: skip
            one = members[chosen]
            field = f"rename_{one.id}"
            st.text_input("Another nickname", max_chars=24, autocomplete="off", key=field)
            with st.container(horizontal=True):
                st.button("Rename", on_click=lambda: act(state, teacher.rename, one, st.session_state[field]),
                          key="rename")  # fmt: skip
                st.button("Let in again", key="readmit", on_click=_readmit, args=(state, teacher, one),
                          help="Gives a new word to somebody who has lost theirs; what they wrote "
                               "stays.")  # fmt: skip
                if one.standing == "waiting":
                    st.button("Let in", on_click=act, args=(state, teacher.let_in, one), key="let_in")
                st.button(
                    "Remove, with all that they wrote",
                    on_click=act,
                    args=(state, teacher.remove, one),
                    key="remove",
                )
        _render_silent_members(state, teacher)
        st.session_state["seats"] = seats  # as it is now: the teacher may have another board open
        st.number_input(
            "People I expect. Later ones need my approval",
            1,
            MAX_MEMBERS,
            key="seats",
            on_change=lambda: act(state, teacher.expect, int(st.session_state["seats"])),
        )
        with st.container(horizontal=True):
            st.button(
                "Let nobody new in", on_click=act, args=(state, teacher.close_joining), key="close_joining"
            )
            st.button("New code", on_click=act, args=(state, teacher.new_code), key="new_code",
                      help="The old code stops working. Students who have joined stay.")  # fmt: skip


def _readmit(state: Session, teacher: Teacher, member: MemberRow) -> None:
    def give() -> None:
        word = teacher.readmit(member)
        code = teacher.about().joining
        state.say(
            "board",
            f"{member.nickname} comes back with code {code} and the word {word}, under “I was here before”. "
            "The earlier word no longer works.",
            good=True,
        )

    act(state, give)


def _render_silent_members(state: Session, teacher: Teacher) -> None:
    """Draw who joined lately and has written nothing: the names, then the button that removes them."""
    minutes = st.selectbox(
        "Joined recently and have written nothing",
        MINUTES,
        index=None,
        key="silent_since",
        placeholder="choose",
        format_func=lambda n: f"in the last {pluralize(n, 'minute')}",
    )
    if minutes is None:
        return
    silent = teacher.silent_since(time.time() - 60 * minutes)
    text.quiet(", ".join(m.nickname for m in silent) or "There is nobody like that.")
    if silent:
        st.button(f"Remove these ({len(silent)})", on_click=act, args=(state, teacher.remove_silent, silent),
                  key="no_silent")  # fmt: skip
