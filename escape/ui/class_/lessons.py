"""Ways from the page into a class: joining or opening one, starting a lesson, back to the guide."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, Literal

import streamlit as st

from escape.puzzles import files
from escape.runs import examples, new_run
from escape.types import ClassError, EscapeError, Run, RunConfig, StoreError
from escape.ui import text, visit
from escape.ui.class_ import notes
from escape.ui.pressing import pressed
from escape.ui.run import example
from escape.ui.session import Session
from escape.ui.setup import Choice
from escape.ui.visit import host, no_other_device

if TYPE_CHECKING:
    from escape.classes import Round, RoundKind, Script, Teacher  # which bring the database


def render_way_in(state: Session, choice: Choice) -> None:
    with st.form("to_class", border=False):
        code = st.text_input("Code of a class to join", key="class_code", max_chars=12, autocomplete="off")
        if st.form_submit_button("Join") and code.strip():
            st.query_params.clear()
            st.query_params["class"] = code.strip().upper()
            st.rerun()
    text.quiet(
        "A code and a board for up to 200 people, no accounts: they mark the answers of the run you see, "
        "play the rooms of the chosen puzzles, write puzzles and predict."
    )
    if host().forgets:
        text.cause(
            "This page goes to sleep when idle and loses its classes. Open yours shortly before the lesson."
        )
    if no_other_device():
        text.cause(
            "No other device reaches this page: it was started for this machine alone. For a class stop it, "
            "and start it with “make network” or “escape serve --network”."
        )
    title = st.text_input("Name of the class", key="class_title", max_chars=120, autocomplete="off")
    if pressed(state, "Open a class", "open_class", disabled=not choice.puzzles):
        open_class(state, choice, title)
        st.rerun()
    text.render_message(state.page.said.pop("class", None))


def open_class(state: Session, choice: Choice, title: str, said_at: str = "class") -> bool:
    """Open a class and turn the address to its guide; return whether that worked.

    `said_at`: the key under which the page shows the error if it did not.
    """
    from escape.ui.class_ import way_in  # brings the database, which other pages do without

    try:
        run, most = state.run or new_run(RunConfig(), choice.puzzles), host().classes_an_hour
        more = {p.problem_id: p for p in choice.puzzles} | run.puzzle_by_id
        about = run.model_copy(update={"puzzles": tuple((run.puzzle_by_id | more).values())})
        opened = way_in.class_access().open(title, about, way_in.visitor(), _own_code(state), an_hour=most)
        state.seat.teacher = way_in.class_access().teach(opened.code, opened.secret)
    except EscapeError as error:
        state.say(said_at, str(error))
        return False
    state.seat.runs.add(_own_code(state))
    visit.remember(f"teach_{opened.code}", opened.secret)
    st.query_params.clear()
    st.query_params["guide"] = opened.code
    return True


def _own_code(state: Session) -> str:
    """Look up the code of the run on show, whose link the class keeps closed until Reveal.

    "" if the run is not this visitor's.
    """
    live = state.own_live
    return live.code if live and (state.shelf.owns(live) or live.code in state.seat.runs) else ""


def render_way_back(state: Session) -> None:
    """Draw, for a class's teacher, the way back to the guide and the offer to use the run on show."""
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


@dataclass(frozen=True)
class Lesson:
    """A lesson: its rounds in order, its board's scenes, and a function that makes its run.

    A scene belongs to the last task before it, and scenes before the first task belong to that task. The
    texts are in docs/lessons.md, scene by scene.
    """

    rounds: tuple[RoundKind | Literal["mark by checklist"], ...]
    scenes: str
    run: Callable[[], Run | None]


def _example_maker(which: str) -> Callable[[], Run]:
    return lambda: examples.make_run(which, files.shared(files.BUNDLED))


WRITE, REVIEW = "4a", "4b"  # two sittings of one class
LESSONS = {
    "1": Lesson(("predict",), "join task count result differ draws home", _example_maker("days")),
    "2": Lesson(
        ("mark", "mark by checklist"),
        "join task count result differ word task count result home",
        example.of_script,
    ),
    "3": Lesson(("predict",), "join task count result differ metric weights home", _example_maker("metric")),
    WRITE: Lesson(("write",), "join task count result home", example.of_script),
    REVIEW: Lesson(
        ("review", "play"), "join task count result differ task count rooms home", example.of_script
    ),
    "5": Lesson(
        ("bet", "play"), "join task count result differ film task count result home", example.of_rooms
    ),
    "6": Lesson(("note",), "join task count result differ clause home", example.of_rooms),
}  # fmt: skip


def render(state: Session, choice: Choice) -> None:
    text.quiet("Lessons, each with a class of its own and a guide for you alone.")
    for number in LESSONS:
        _render_start_button(state, choice, number, f"lesson_{number}")
    text.quiet("90 minutes: lesson 2, then 4a; 4b another day, with the same class.")


def sittings(title: str) -> tuple[str, ...]:
    """List the keys of a class's lessons, found by its title: both 4a and 4b for a class of 4a."""
    number = next((n for n in LESSONS if title == _title(n)), None)
    if number is None:
        return ()
    if number == WRITE:
        return WRITE, REVIEW
    return (number,)


def script_of(title: str, rounds: Sequence[Round]) -> Script:
    """Build a class's script from its lessons and rounds; without a lesson, from joining and the end."""
    from escape.classes import script  # brings the database, which other pages do without

    sitting = [(number, LESSONS[number].rounds, LESSONS[number].scenes.split()) for number in sittings(title)]
    return script(sitting or [("", (), ("join", "home"))], rounds)


def title_of(number: str, title: str) -> str:
    """Title the class in a scene: by its lesson, else by its own title, else "A class"."""
    return _title(number) if number else title or "A class"


def goes_on(title: str, rounds: Sequence[Round]) -> bool:
    """Check whether a class of 4a is between rounds: none yet, or the last one revealed.

    That is when its teacher may want to continue on another day.
    """
    return title == _title(WRITE) and (not rounds or rounds[-1].state == "revealed")


def render_asked(state: Session, choice: Choice) -> None:
    number = st.query_params.get("lesson", "")
    number = WRITE if number == "4" else number
    if number in LESSONS:
        _render_start_button(state, choice, number, "lesson_asked")


def _title(number: str) -> str:
    return f"Lesson {number}: {notes.lessons()[number].question}"


def _render_start_button(state: Session, choice: Choice, number: str, key: str) -> None:
    label = f"Start {_title(number).replace('Lesson', 'lesson')} ({notes.lessons()[number].minutes} min)"
    place = st.container()  # above the button: below it the edge of the menu may hide what is said
    if pressed(state, label, key, disabled=state.running):
        if number == REVIEW:
            opened = _reopen(state, key)
        else:
            if (run := LESSONS[number].run()) is not None:
                state.show(run)
            opened = open_class(state, choice, _title(number), key)
        if opened:
            st.rerun()
    with place:
        text.render_message(state.page.said.pop(key, None))


def _reopen(state: Session, said_at: str) -> bool:
    """Continue this browser's newest class of 4a with 4b, and allow joining for one more day.

    Return False, with the reason kept under `said_at`, if there is none.
    """
    from escape.ui.class_ import way_in  # brings the database, which other pages do without

    try:
        doors = way_in.class_access()
    except StoreError as error:
        state.say(said_at, str(error))
        return False
    classes = []
    for code, secret in visit.recalled_under("teach_").items():
        with contextlib.suppress(ClassError):  # one that was deleted
            classes.append(doors.teach(code, secret))
    if state.seat.teacher:
        classes.append(state.seat.teacher)
    sitting = []
    for teacher in classes:
        with contextlib.suppress(ClassError):
            if teacher.about().title == _title(WRITE):
                sitting.append((teacher.about().made, teacher))
    if not sitting:
        state.say(
            said_at,
            "Lesson 4b continues with the class of 4a. First open your teacher link of 4a, or its file, in "
            "this browser.",
        )
        return False
    state.seat.teacher = newest = max(sitting, key=itemgetter(0))[1]
    newest.extend_joining()
    _to_second_sitting(newest)
    st.query_params.clear()
    st.query_params["guide"] = newest.code
    return True


def _to_second_sitting(teacher: Teacher) -> None:
    """Turn the board of a 4a class to the first scene of 4b, unless it is already there or later.

    Until a writing round is revealed, the board stays where it is.
    """
    about, rounds = teacher.about(), teacher.rounds()
    class_script = script_of(about.title, rounds)
    place = class_script.within(about.scene)
    first = next(n for n, number in enumerate(class_script.lesson_of) if number == REVIEW)
    wrote = any(r.settings.kind == "write" and r.state == "revealed" for r in rounds)
    if wrote and class_script.index(place) < first:
        teacher.show(class_script.places[first])
