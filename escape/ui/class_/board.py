"""The board: the class's page on the projector. How to join, who has handed in, what was revealed."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from escape.classes import Round, Teacher
from escape.results import pluralize
from escape.types import ClassError, StoreError
from escape.ui import text
from escape.ui.class_ import guide, revealed, way_in
from escape.ui.class_.rounds import next_round
from escape.ui.pressing import every
from escape.ui.session import Session

RESULT, JOINING = "The result", "How to join"


def render(state: Session) -> None:
    teacher = way_in.teacher(state, "board")
    if teacher is None:
        return
    about = teacher.about()
    st.title(text.label(about.title) or "A class", anchor=False)
    rounds = teacher.rounds()
    now = rounds[-1] if rounds else None
    finished = [r for r in rounds if r.state == "revealed"]
    every(guide.LIVE_S, guide.watch, teacher, guide.stage(teacher), at_once=False)
    with st.container(key="board"):  # in large type, for the last row
        if finished and _face(now) == RESULT:
            way_in.in_a_corner(about.joining)
            _result(teacher, finished)
        else:
            every(guide.LIVE_S, _live, teacher, now)
            way_in.render(about.joining)
    if st.toggle("One screen only: show my guide below", key="drawer"):
        guide.controls(state, teacher)


def _live(teacher: Teacher, now: Round | None) -> None:
    """Count who is there and who has handed in. Never say who or what."""
    try:
        n_members = sum(m.standing == "in" for m in teacher.members())
        sentence = f"{pluralize(n_members, 'person', 'people')} here."
        if now and now.state == "open":
            sentence = (
                f"Round {now.number}: {next_round.name(now.plan)}. {next_round.progress(teacher, now, n_members)}"
            )
    except (ClassError, StoreError) as error:
        text.cause(str(error))
        return
    st.html(f'<p class="esc-big" role="status">{text.escaped(sentence)}</p>')


def _face(now: Round | None) -> str:
    """Return the side of the board to show: the result of a round just revealed, until the teacher turns it."""
    seen = (now.id, now.state) if now else None
    if st.session_state.get("board_seen") != seen:
        st.session_state["board_seen"] = seen
        st.session_state["board_face"] = RESULT if now and now.state == "revealed" else JOINING
    face = st.segmented_control("The board shows", [RESULT, JOINING], key="board_face", required=True,
                                label_visibility="collapsed")  # fmt: skip
    return face or RESULT


def _result(teacher: Teacher, finished: Sequence[Round]) -> None:
    by_id = {r.id: r for r in finished}
    chosen = st.session_state.get("board_round")
    if chosen not in by_id or st.session_state.get("board_newest") != finished[-1].id:
        st.session_state["board_round"] = st.session_state["board_newest"] = finished[-1].id
    if len(by_id) > 1:
        st.segmented_control(
            "On the board", list(by_id), key="board_round", required=True,
            format_func=lambda i: f"{by_id[i].number}. {next_round.ROUND_LABELS[by_id[i].plan.kind]}",
        )  # fmt: skip
    class_round = by_id[st.session_state["board_round"]]
    revealed.render(teacher, class_round, teacher.entries(class_round))
