"""Shared parts of a student's tasks: choosing an item, showing an answer, handing something in."""

import random
import re
from collections.abc import Callable, Collection, Mapping
from typing import TypeVar

import streamlit as st

from escape.classes import Round, Student
from escape.rooms import measured
from escape.rooms.reading import plan_lines
from escape.types import EscapeError, Puzzle, Result, Trial
from escape.ui import text
from escape.ui.answers import answer
from escape.ui.play import render_steps
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


def render_item_choice(label: str, key: str, name_by_item: Mapping[T, str], finished: Collection[T]) -> T:
    if st.session_state.get(key) is None:
        at = st.session_state.get(f"{key}_at", next(iter(name_by_item)))
        st.session_state[key] = next((i for i in name_by_item if i not in finished), at)
    st.pills(label, list(name_by_item), key=key, required=True,
             format_func=lambda i: f"{name_by_item[i]}{' ✓' if i in finished else ''}")  # fmt: skip
    chosen: T = st.session_state[key]
    st.session_state[f"{key}_at"] = chosen  # where one stays once everything is done
    return chosen


# words of an answer shown at once: of one alone, of all in a round, of one in a long round
MOST_WORDS, ROUND_WORDS, LEAST_WORDS = 110, 200, 25
_SECTION = re.compile(r"(?im)^\W{0,12}(?:solution steps|required items)\b[^\n]*")
_SENTENCE = re.compile(r"(?s)\S.*?(?:[.!?](?=\s)|\n+|$)\s*")  # not 1.5


def in_order(me: Student, class_round: Round) -> list[Trial]:
    """Shuffle a round's answers for this student, the same way each time, and group them by room."""
    order = list(class_round.settings.answers)
    random.Random(f"{class_round.id} {me.member.number}").shuffle(order)  # noqa: S311 - chance, not secrets
    rooms = list(dict.fromkeys(trial.problem_id for trial in order))
    return sorted(order, key=lambda trial: rooms.index(trial.problem_id))


def words_each(answers: int) -> int:
    """Compute how many words of each answer to show at first in a round of `answers` answers."""
    return max(LEAST_WORDS, min(MOST_WORDS, ROUND_WORDS // max(1, answers)))


def excerpt(answer: str, most: int = MOST_WORDS) -> str:
    """Shorten an answer to about `most` words: moves first, then whole sentences of its explanation.

    An answer within the limit is returned unchanged.
    """
    if len(answer.split()) <= most:
        return answer
    moves = [
        re.sub(r"^\s*(?:\d{1,3}[.)]|[-*•])\s*", "", line).strip()
        for line in plan_lines.move_lines(answer) or ()
    ]
    lines: list[str] = []
    left = most
    for n, move in enumerate(moves, 1):
        left -= len(move.split()) + 1
        if left < 0:  # a plan that alone has too many words
            fitting = move.split()[: max(0, left + len(move.split()))]
            return "\n".join([*lines, f"{n}. {' '.join(fitting)} …" if fitting else "…"])
        lines.append(f"{n}. {move}")
    explanation = plan_lines.without(answer).strip()
    section = _SECTION.search(explanation)
    first = explanation[: section.start()] if section else explanation
    kept: list[str] = []
    for sentence in _SENTENCE.findall(first):  # whole ones
        left -= len(sentence.split())
        if left < 0:
            while kept and kept[-1].rstrip().endswith(":"):  # a heading of what is not there
                kept.pop()
            if kept:
                kept.append("…")
            break
        kept.append(sentence)
    if not (lines or kept):  # one long sentence
        return f"{' '.join(first.split()[:most])} …"
    first = "".join(kept)
    return "\n\n".join(part for part in ("\n".join(lines), first.strip()) if part)


def render(
    puzzle: Puzzle, result: Result, n_answers: int, *, again: bool, room_s_words: bool = False
) -> None:
    """Draw an answer and its room, without the player's name or the judge's marks.

    Limits, the reference and the whole of a shortened answer are folded away. So is the scenario if the
    student has read it before (`again`), and, where that gives nothing away, what the room said
    (`room_s_words`).
    """
    told = result.answer.text if result.answer else ""
    scenario = f'<div class="esc-text">{text.escaped(puzzle.setup.scenario)}</div>'
    text.heading(puzzle.name)
    if not again:
        st.html(scenario)
    visible = excerpt(told, words_each(n_answers))
    st.html(
        f'<section class="esc-now" aria-label="The answer">{text.with_quotes_marked(visible, {})}</section>'
    )
    with st.expander("More"):
        if again:
            st.html(scenario)
        text.items("Limits", [*puzzle.setup.constraints, *measured(puzzle)])
        if visible != told:
            text.heading(f"The whole answer ({len(told.split())} words)")
            text.quiet("Moves read “do: thing -> with or onto what”.")
            st.html(text.with_quotes_marked(told, {}))
        if room_s_words and result.outcome:
            text.heading("What the room said")
            render_steps(result.outcome.steps, result.outcome.lost_at)
        answer.render_reference_lines(puzzle)
