"""A class's board, for the projector: one scene at a time, turned here or from the guide."""

import streamlit as st

from escape.classes import Teacher
from escape.types import ClassError, StoreError
from escape.ui import text
from escape.ui.class_ import guide, scene, way_in
from escape.ui.pressing import every
from escape.ui.session import Session

LIVE = ("join", "task", "count", "result")  # scenes that change by themselves


def render(state: Session) -> None:
    teacher = way_in.render_sign_in(state, "board")
    if teacher is None:
        return
    now = scene.stage(teacher)
    every(guide.LIVE_S, guide.render_watch, teacher, guide.page_state(now), at_once=False)
    with st.container(key="board"):
        if now.place.name in LIVE:
            every(guide.LIVE_S, _render_live_scene, teacher)
        else:
            _render_scene(teacher, now)
    drawer = st.session_state.get("drawer", False)
    with st.container(horizontal=True, key="board_foot"):
        if not drawer:
            scene.render_buttons(state, teacher, now, on_board=True)
        st.toggle("One screen only: show my guide below", key="drawer")
    if drawer:
        guide.render_controls(state, teacher, now)


def _render_live_scene(teacher: Teacher) -> None:
    try:
        _render_scene(teacher, scene.stage(teacher))
    except (ClassError, StoreError) as error:
        text.cause(str(error))


def _render_scene(teacher: Teacher, now: scene.Stage) -> None:
    scene.render(scene.content(teacher, now), now.about.joining, joining=now.place.name == "join")
