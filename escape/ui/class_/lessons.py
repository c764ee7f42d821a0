"""Six lessons, each begun with one press: its run on show, a class opened on it, and its first round chosen."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from escape.puzzles import files
from escape.runs import EXAMPLES
from escape.types import Run
from escape.ui import text
from escape.ui.class_ import door
from escape.ui.pressing import pressed
from escape.ui.run import example
from escape.ui.session import Session
from escape.ui.setup import Choice

if TYPE_CHECKING:
    from escape.classes import RoundKind  # which brings the database

GUIDE = Path(__file__).parents[3] / "docs" / "lessons.md"


@dataclass(frozen=True)
class Lesson:
    """`minutes` as tried with talking; `players`: who they are, as the class is told; `run` makes what is on show, and
    is not called before the lesson is started.
    """

    question: str
    minutes: int
    first: RoundKind
    players: str
    run: Callable[[], Run | None]


def _made(which: str) -> Callable[[], Run]:
    return lambda: EXAMPLES[which][1](files.shared(files.BUNDLED))


RECORDED_ = "Recorded models: real language models, whose answers are kept as they came."
SCRIPTED = "careful, hasty and hoarder: scripted, texts written by hand with those habits."
LESSONS = {
    1: Lesson(
        "Is the difference real?", 35, "predict",
        "lark and owl: scripted. Both answer as careful on good days and as hasty on others.", _made("days"),
    ),
    2: Lesson("Can you trust the judge?", 45, "mark", SCRIPTED, example.of_script),
    3: Lesson(
        "Does the metric decide the winner?", 30, "predict",
        "scholar explains well and plans badly half of the time; tinkerer plans well and hardly explains. Scripted.",
        _made("metric"),
    ),
    4: Lesson("Write a puzzle that separates", 90, "write", SCRIPTED, example.of_script),
    5: Lesson(
        "How far can a model get?", 30, "bet",
        RECORDED_, example.of_rooms,
    ),
    6: Lesson(
        "Why did it fail?", 40, "note",
        RECORDED_, example.of_rooms,
    ),
}  # fmt: skip


def show(state: Session, choice: Choice) -> None:
    where = "The board has" if GUIDE.is_file() else "docs/lessons.md in the project has"
    text.quiet(f"Lessons, each with a class of its own. {where} the guide to each, step by step.")
    for number in LESSONS:
        _button(state, choice, number, f"lesson_{number}")
    text.quiet(
        "A sitting of 90 minutes: lesson 2, then lesson 4 as far as the puzzles are handed in; the rest another day."
    )


def guide(title: str) -> None:
    """What to do in the lesson that a class is about, from docs/lessons.md, where that is at hand."""
    number = next((n for n in LESSONS if title == _title(n)), None)
    if number is None or not GUIDE.is_file():
        return
    found = re.search(rf"(?ms)^## {number}\..*?(?=^## )", GUIDE.read_text("utf-8"))
    if found:
        with st.expander("The guide to this lesson"):
            st.markdown(found[0].partition("\n")[2])  # our own words


def asked(state: Session, choice: Choice) -> None:
    """The button of the lesson that the address names, as `?lesson=3`."""
    number = st.query_params.get("lesson", "")
    if number in map(str, LESSONS):
        _button(state, choice, int(number), "lesson_asked")


def _title(number: int) -> str:
    return f"Lesson {number}: {LESSONS[number].question}"


def _button(state: Session, choice: Choice, number: int, key: str) -> None:
    lesson = LESSONS[number]
    label = f"Start lesson {number}: {lesson.question} ({lesson.minutes} min)"
    if pressed(state, label, key, disabled=state.running):
        _start(state, choice, number)


def _start(state: Session, choice: Choice, number: int) -> None:
    lesson = LESSONS[number]
    if (run := lesson.run()) is not None:
        state.show(run)
    if door.open_class(state, choice, _title(number)):
        st.session_state["next_kind"] = lesson.first
        state.say("board", f"Who plays in this lesson: {lesson.players}", good=True)
    st.rerun()
