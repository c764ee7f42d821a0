"""Lines of an answer's plan that could not be read as moves, shown with why, for a person to write anew."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from escape import prompts
from escape.results import pluralize
from escape.rooms import plans as attempts
from escape.rooms import playable
from escape.types import Puzzle
from escape.ui import text


def faults(puzzle: Puzzle, answer: str) -> dict[int, str]:
    """Return the numbers of lines that could not be read, each with why. Empty if none is to be."""
    return attempts.plan(puzzle, answer)[1] if playable(puzzle) else {}


def _ask_again(puzzle: Puzzle, answer: str, key: str, take: Callable[[str], None]) -> None:
    """The message that a model with a key gets once, to copy into the chat window, and a field for what it replies."""
    lines, unread = attempts.plan(puzzle, answer)
    question = prompts.repair(puzzle, lines, unread) if lines else prompts.into_moves(puzzle, answer)

    def put() -> None:
        take(attempts.with_lines(answer, attempts.mended(lines, unread, st.session_state[f"again {key}"])))

    with st.expander("Ask the chat to write its moves anew: copy this message"):
        st.code(question.user, language=None, wrap_lines=True)
        with st.form(f"again form {key}"):
            st.text_area("Paste its reply", key=f"again {key}", max_chars=10_000)
            st.form_submit_button("Put it into the plan", on_click=put)


def render(puzzle: Puzzle, answer: str, key: str, take: Callable[[str], None], *, chat: bool = False) -> None:
    """A field for each such line, and the button that puts what stands there into the answer, which `take` is given."""
    if not playable(puzzle):
        return
    lines, unread = attempts.plan(puzzle, answer)
    if chat and (unread or not lines):
        _ask_again(puzzle, answer, key, take)
    if not unread:
        return
    stopped = "the plan stops before the next move that cannot be undone"
    text.quiet(
        f"{pluralize(len(unread), 'line')} could not be read as a move. Write them anew, or leave them: {stopped}."
    )

    def put() -> None:
        new_lines = {n: st.session_state.get(f"{key} {n}", "").strip() for n in unread}
        take(attempts.with_lines(answer, [new_lines.get(n) or line for n, line in enumerate(lines, 1)]))

    with st.form(f"mend {key}"):
        for number, why in unread.items():
            st.text_input(
                f"Line {number}: {why}",
                value=lines[number - 1],
                key=f"{key} {number}",
                max_chars=300,
                autocomplete="off",
            )
        st.form_submit_button("Put these lines into the plan", on_click=put)
