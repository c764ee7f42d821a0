"""A class's guide, for its teacher alone: the scene, what to say, progress, people, downloads."""

import time
from collections.abc import Sequence

import streamlit as st

from escape.classes import Round, Teacher
from escape.results import display_name, join_and, judge_sentence, pluralize
from escape.types import ClassError, StoreError
from escape.ui import text
from escape.ui.class_ import lessons, notes, people, revealed, scene, taking_home, way_in
from escape.ui.class_.rounds import next_round
from escape.ui.class_.way_in import act
from escape.ui.pressing import every
from escape.ui.session import Session

LIVE_S = 2.0  # how often it looks how many have joined and handed in


def render(state: Session) -> None:
    teacher = way_in.render_sign_in(state, "guide")
    if teacher is None:
        return
    now = scene.stage(teacher)
    st.title(text.label(now.title), anchor=False)
    with st.container(horizontal=True, vertical_alignment="center"):
        text.quiet(
            "Your guide, for you alone. The class looks at the board: open it in a window on the projector."
        )
        st.link_button("Open the board", f"?board={teacher.code}")
        # on one screen, or in a frame, whose cookies no other window has
        st.button(
            "Show it here",
            key="board_here",
            on_click=st.query_params.from_dict,
            args=({"board": teacher.code},),
        )
    every(LIVE_S, render_watch, teacher, page_state(now), at_once=False)
    render_controls(state, teacher, now)


def page_state(now: scene.Stage) -> tuple[object, ...]:
    """Take a snapshot of what the page depends on: once it differs, the page must be redrawn."""
    newest = now.rounds[-1] if now.rounds else None
    return now.about.joining, now.about.content, now.place, *((newest.id, newest.state) if newest else ())


def render_watch(teacher: Teacher, was: tuple[object, ...]) -> None:
    """Redraw the page once another window of this teacher has turned the scene or changed the class."""
    try:
        changed = page_state(scene.stage(teacher)) != was
    except StoreError as error:
        text.cause(str(error))
        return
    except ClassError:  # deleted, which the page that is drawn next says
        changed = True
    if changed:
        st.rerun()


def render_controls(state: Session, teacher: Teacher, now: scene.Stage) -> None:
    newest = now.rounds[-1] if now.rounds else None
    _render_notes_and_scene(state, teacher, now)
    every(LIVE_S, _render_live_counts, teacher, newest)
    run = teacher.run()
    who = f"{join_and([display_name(p) for p in run.players])}." if run.players else "nobody."
    text.items(
        "", [f"Players: {notes.lessons()[now.lesson].players if now.lesson else who}", judge_sentence(run)]
    )
    _render_everything(teacher, [r for r in now.rounds if r.state == "revealed"])
    if newest is None or newest.state == "revealed":
        # without a lesson this is the next step
        with st.expander("Another round, or other settings", expanded=not now.lesson):
            next_round.render(state, teacher)
    people.render(state, teacher)
    taking_home.render(state, teacher)
    private = "guide" in st.query_params  # the board may be on a projector
    way_in.render_teacher_link(
        teacher.code, unfolded=private and lessons.goes_on(now.about.title, now.rounds)
    )


def _render_notes_and_scene(state: Session, teacher: Teacher, now: scene.Stage) -> None:
    """Draw what to say and the buttons that turn the scene, and beside them the scene, small."""
    told, of = scene.note(now), len(now.script.places)
    left_half, right = st.columns([3, 2], gap="large")
    held = now.act.held if now.act else None
    is_closed = now.place.name == "count" and held is not None and held.state == "closed"
    with left_half:
        text.heading(f"Scene {now.script.index(now.place) + 1} of {of}: {scene.scene_name(now.place.name)}")
        if is_closed:
            text.quiet("Closed: nobody can change anything any more, and nothing is shown yet.")
        elif told and told.teacher:
            st.markdown(told.teacher)  # our own words
        scene.render_buttons(state, teacher, now, on_board=False)
        _render_rare_buttons(state, teacher, now)
        text.render_message(state.page.said.pop("board", None))
    with right:
        every(LIVE_S, _render_small_scene, teacher)
    if now.place.name == "join":
        way_in.render_address_warning()


def _render_small_scene(teacher: Teacher) -> None:
    """Draw the board's current scene, small, or the error that prevents it."""
    try:
        now = scene.stage(teacher)
        joining = now.place.name == "join"
        scene.render(scene.content(teacher, now), now.about.joining, joining=joining, small=True)
    except (ClassError, StoreError) as error:
        text.cause(str(error))


def _render_rare_buttons(state: Session, teacher: Teacher, now: scene.Stage) -> None:
    """Draw the rarely used buttons: reveal at once, reopen a closed round, skip a long scene."""
    held = now.act.held if now.act else None
    newest = now.rounds[-1] if now.rounds else None
    skipped = now.script.index(now.place) + 1
    with st.container(horizontal=True):
        if now.place.name == "count" and held and held.state == "open":
            st.button("Reveal now", key="reveal", on_click=act, args=(state, teacher.reveal, held),
                      help="Closes the round and shows its result on the board.")  # fmt: skip
        if now.place.name == "count" and held and held.state == "closed" and held == newest:
            st.button("Open it again", key="reopen", on_click=act, args=(state, teacher.reopen, held))
        if scene.n_steps(teacher, now) > 2 and skipped < len(now.script.places):
            st.button("Skip to the next scene", key="skip", on_click=scene.turn,
                      args=(state, teacher, now, now.script.places[skipped]))  # fmt: skip


def _render_everything(teacher: Teacher, finished: Sequence[Round]) -> None:
    """Draw a toggle and, while it is on, every mark, line and plan of a chosen revealed round."""
    if not finished:
        return
    if not st.toggle("Everything of this round", key="everything"):
        return
    with st.container(border=True):
        by_id = {r.id: r for r in finished}
        chosen = st.session_state.get("seen_round")
        if chosen not in by_id or st.session_state.get("seen_newest") != finished[-1].id:
            st.session_state["seen_round"] = st.session_state["seen_newest"] = finished[-1].id
        if len(by_id) > 1:  # a radio, whose arrow keys are its own and turn no scene
            st.radio(
                "Round", list(by_id), key="seen_round", horizontal=True,
                format_func=lambda i: f"{by_id[i].number}. {next_round.ROUND_LABELS[by_id[i].settings.kind]}",
            )  # fmt: skip
        class_round = by_id[st.session_state["seen_round"]]
        revealed.render(teacher, class_round, teacher.entries(class_round))


def _render_live_counts(teacher: Teacher, now: Round | None) -> None:
    """Say who is here, how many have handed in and how long the round has been open.

    Nothing of what was written is shown.
    """
    try:
        members = [m for m in teacher.members() if m.standing == "in"]
        sentence = f"{pluralize(len(members), 'person', 'people')} here."
        if now and now.state == "open":
            minutes = int((time.time() - now.settings.opened_at) / 60)
            sentence = (
                f"Round {now.number} ({next_round.round_name(now.settings)}): "
                f"{next_round.progress(teacher, now, len(members))} Open for {pluralize(minutes, 'minute')}."
            )
        st.html(f'<p class="esc-big" role="status">{text.escaped(sentence)}</p>')
        if members:
            text.quiet(", ".join(m.nickname for m in members))
    except (ClassError, StoreError) as error:
        text.cause(str(error))
