"""Handing in on a student's page, and choosing which of several things is at hand."""

import random
import re
from collections.abc import Callable, Collection, Mapping
from typing import TypeVar

import streamlit as st

from escape.classes import Round, Student
from escape.rooms import measured
from escape.rooms.reading import plan_lines
from escape.types import EscapeError, Puzzle, Trial
from escape.ui import text
from escape.ui.answers import answer
from escape.ui.pressing import bring
from escape.ui.session import Session

T = TypeVar("T")


def hand_in(state: Session, write: Callable[[], None], thanks: str) -> bool:
    bring(state, "task")  # on a phone the button stands two screens below
    try:
        write()
    except EscapeError as error:
        state.say("task", str(error))
        return False
    state.say("task", thanks, good=True)
    return True


def pick(label: str, key: str, name_by_item: Mapping[T, str], finished: Collection[T]) -> T:
    if st.session_state.get(key) is None:
        at = st.session_state.get(f"{key}_at", next(iter(name_by_item)))
        st.session_state[key] = next((i for i in name_by_item if i not in finished), at)
    st.pills(label, list(name_by_item), key=key, required=True,
             format_func=lambda i: f"{name_by_item[i]}{' ✓' if i in finished else ''}")  # fmt: skip
    chosen: T = st.session_state[key]
    st.session_state[f"{key}_at"] = chosen  # where one stays once everything is done
    return chosen


MOST_WORDS = 110  # of an answer shown at once: six of them are read within a round
_SECTION = re.compile(r"(?im)^\W{0,12}(?:solution steps|required items)\b[^\n]*")
_WORD = re.compile(r"\S+")


def in_order(me: Student, class_round: Round) -> list[Trial]:
    """Return a round's answers in an order of this student's own, those to one room one after another."""
    order = list(class_round.plan.answers)
    random.Random(f"{class_round.id} {me.member.number}").shuffle(order)  # noqa: S311 - chance, not secrets
    rooms = list(dict.fromkeys(trial.problem_id for trial in order))
    return sorted(order, key=lambda trial: rooms.index(trial.problem_id))


def shortened(answer: str) -> str:
    """Return an answer of at most MOST_WORDS words as it is, else so many of it: its moves before its principles."""
    if len(answer.split()) <= MOST_WORDS:
        return answer
    moves = [re.sub(r"^\s*(?:\d{1,3}[.)]|[-*•])\s*", "", line).strip() for line in plan_lines.lines(answer) or ()]
    plan = "\n".join(f"{n}. {move}" for n, move in enumerate(moves, 1))
    explanation = plan_lines.without(answer).strip()
    section = _SECTION.search(explanation)
    first = explanation[: section.start()] if section else explanation
    budget = MOST_WORDS - len(plan.split())
    if budget < 0:  # a plan that alone has too many words
        return f"{' '.join(plan.split()[:MOST_WORDS])} …"
    words = list(_WORD.finditer(first))
    if len(words) > budget:
        first = first[: words[budget].start()]
        first = first[: first.rfind(". ") + 1] or first  # not within a sentence
    return f"{plan}\n\n{first.strip()}".strip()


def render(answer: str) -> None:
    """Draw it: the words alone, neither whose they are nor what a judge made of them."""
    text.quiet("Moves read “do: thing -> with or onto what”.")
    visible = shortened(answer)
    st.html(text.marked(visible, {}))
    if visible != answer:
        with st.expander(f"The whole answer ({len(answer.split())} words)"):
            st.html(text.marked(answer, {}))


def render_room(puzzle: Puzzle, *, again: bool) -> None:
    """Draw the room that it is for, folded where its reader has seen it before. Limits and reference are folded too."""
    text.heading(puzzle.name)
    scenario = f'<div class="esc-text">{text.escaped(puzzle.setup.scenario)}</div>'
    if not again:
        st.html(scenario)
    with st.expander("The room again, its limits, and the reference solution" if again else
                     "Limits, and the reference solution"):  # fmt: skip
        if again:
            st.html(scenario)
        text.items("", [*puzzle.setup.constraints, *measured(puzzle)])
        answer.lines(puzzle)
