"""A class's pages by the address: `guide`, a teacher's own (the lesson's guide, the next step as one button, controls),
and `board`, the projector's (how to join, who has handed in, what was revealed). `class`, a student's, is in `student`.
"""

import time
from collections.abc import Sequence

import streamlit as st

from escape.classes import Round, Teacher
from escape.results import display_name, join_and, judge_sentence, pluralize
from escape.types import ClassError, StoreError
from escape.ui import text
from escape.ui.class_ import lessons, people, revealed, student, taking_home, way_in
from escape.ui.class_.rounds import next_round
from escape.ui.class_.way_in import act
from escape.ui.pressing import every
from escape.ui.session import Session

LIVE_S = 2.0  # how often it looks how many have joined and handed in


def render(state: Session) -> None:
    teacher = way_in.teacher(state, "guide")
    if teacher is None:
        return
    st.title(text.label(lessons.title_of(teacher.about().title, teacher.rounds())), anchor=False)
    with st.container(horizontal=True, vertical_alignment="center"):
        text.quiet("Your guide, for you alone. The class looks at the board: open it in a window on the projector.")
        st.link_button("Open the board", f"?board={teacher.code}")
        # on one screen, or in a frame, whose cookies no other window has
        st.button("Show it here", key="board_here", on_click=st.query_params.from_dict, args=({"board": teacher.code},))
    every(LIVE_S, watch, teacher, stage(teacher), at_once=False)
    controls(state, teacher)


def stage(teacher: Teacher) -> tuple[object, ...]:
    about, rounds = teacher.about(), teacher.rounds()
    return about.joining, about.content, *((rounds[-1].id, rounds[-1].state) if rounds else ())


def watch(teacher: Teacher, seen: tuple[object, ...]) -> None:
    """Draw the page anew once another window of the teacher's has changed the stage of the class."""
    try:
        changed = stage(teacher) != seen
    except StoreError as error:
        text.cause(str(error))
        return
    except ClassError:  # deleted, which the page that is drawn next says
        changed = True
    if changed:
        st.rerun()


def controls(state: Session, teacher: Teacher) -> None:
    rounds = teacher.rounds()
    now = rounds[-1] if rounds else None
    every(LIVE_S, _live, teacher, now)
    _steer(state, teacher, now)
    text.render_message(state.page.said.pop("board", None))
    run, lesson = teacher.run(), lessons.of(teacher.about().title, rounds)
    who = f"{join_and([display_name(p) for p in run.players])}." if run.players else "nobody."
    text.items("", [f"Players: {lesson.players if lesson else who}", judge_sentence(run)])
    lessons.guide(teacher.about().title, rounds)
    if now is None or now.state == "revealed":
        # without a lesson this is the next step
        with st.expander("Another round, or other settings", expanded=lesson is None):
            next_round.render(state, teacher)
    people.render(state, teacher)
    taking_home.render(state, teacher)
    private = "guide" in st.query_params  # the board may be on a projector
    way_in.render_teacher_link(teacher.code, unfolded=private and lessons.goes_on(teacher.about().title, rounds))


def _live(teacher: Teacher, now: Round | None) -> None:
    """Say who is in, how many have handed in and for how long the round has been open. Never what was written."""
    try:
        members = [m for m in teacher.members() if m.standing == "in"]
        sentence = f"{pluralize(len(members), 'person', 'people')} here."
        if now and now.state == "open":
            minutes = int((time.time() - now.plan.opened_at) / 60)
            sentence = (
                f"Round {now.number}: {next_round.name(now.plan)}. "
                f"{next_round.progress(teacher, now, len(members))} Open for {pluralize(minutes, 'minute')}."
            )
        st.html(f'<p class="esc-big" role="status">{text.escaped(sentence)}</p>')
        if members:
            text.quiet(", ".join(m.nickname for m in members))
    except (ClassError, StoreError) as error:
        text.cause(str(error))


def _steer(state: Session, teacher: Teacher, now: Round | None) -> None:
    """Draw the next step as one button: reveal what is open, or open the lesson's next round."""
    if now is None or now.state == "revealed":
        step = lessons.next_step(teacher.about().title, teacher.rounds())
        if step:
            label = f"Open the round: {next_round.name(step)} ({step.minutes} min)"
            st.button(label, type="primary", key="next_step", on_click=_open, args=(state, teacher, step))
        return
    with st.container(horizontal=True):
        st.button("Reveal", type="primary", key="reveal", on_click=act, args=(state, teacher.reveal, now),
                  help="Closes the round and shows the results on the board.")  # fmt: skip
        if now.state == "open":
            st.button("Close", key="close_round", on_click=act, args=(state, teacher.close, now),
                      help="Nobody can change anything any more; nothing is shown yet.")  # fmt: skip
        else:
            st.button("Open it again", key="reopen", on_click=act, args=(state, teacher.reopen, now))


def _open(state: Session, teacher: Teacher, step: lessons.Step) -> None:
    act(state, lambda: teacher.start(next_round.settings(teacher, step.kind, checklist=step.checklist)))


RESULT, JOINING = "The result", "How to join"


def render_board(state: Session) -> None:
    teacher = way_in.teacher(state, "board")
    if teacher is None:
        return
    about, rounds = teacher.about(), teacher.rounds()
    st.title(text.label(lessons.title_of(about.title, rounds)), anchor=False)
    now = rounds[-1] if rounds else None
    finished = [r for r in rounds if r.state == "revealed"]
    every(LIVE_S, watch, teacher, stage(teacher), at_once=False)
    with st.container(key="board"):  # in large type, for the last row
        if finished and _face(now) == RESULT:
            way_in.in_a_corner(about.joining)
            _result(teacher, finished)
        else:
            every(LIVE_S, _live_board, teacher, now)
            way_in.render(about.joining)
    if st.toggle("One screen only: show my guide below", key="drawer"):
        controls(state, teacher)


def _live_board(teacher: Teacher, now: Round | None) -> None:
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


def render_entry(state: Session) -> None:
    teaching = "class" not in st.query_params
    st.set_page_config("Escape: a class", page_icon="🔑", layout="wide" if teaching else "centered")
    text.style("page.css", "class.css")
    try:
        if not teaching:
            student.render(state)
        elif "guide" in st.query_params:
            render(state)
        else:
            render_board(state)
    except (ClassError, StoreError) as error:
        if isinstance(error, ClassError) and not teaching:
            state.seat.student = None  # who was taken out may ask to come in again
        text.cause(str(error))
        st.button("Back to the page", on_click=st.query_params.clear, key="back_to_page")
