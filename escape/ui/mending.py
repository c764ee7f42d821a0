"""The rewriting of a plan's lines that are no moves: by hand, or by the chat that wrote them."""

from collections.abc import Callable

import streamlit as st

from escape import prompts
from escape.results import pluralize
from escape.rooms import plans, playable
from escape.types import Puzzle
from escape.ui import text


def faults(puzzle: Puzzle, answer: str) -> dict[int, str]:
    """Find the lines that cannot be read as moves, by number, with the reason. Empty without a room."""
    return plans.plan(puzzle, answer)[1] if playable(puzzle) else {}


def _render_request(puzzle: Puzzle, answer: str, key: str, take: Callable[[str], None]) -> None:
    """Draw the repair message, to copy into the chat window, and a field for the chat's reply.

    It is the message that a model with a key gets once.
    """
    lines, unread = plans.plan(puzzle, answer)
    question = prompts.repair(puzzle, lines, unread) if lines else prompts.into_moves(puzzle, answer)

    def put() -> None:
        take(plans.with_lines(answer, plans.mended(lines, unread, st.session_state[f"again {key}"])))

    with st.expander("Ask the chat to rewrite its moves: copy this message"):
        st.code(question.user, language=None, wrap_lines=True)
        with st.form(f"again form {key}"):
            st.text_area("Paste its reply", key=f"again {key}", max_chars=10_000)
            st.form_submit_button("Put it into the plan", on_click=put)


def render(puzzle: Puzzle, answer: str, key: str, take: Callable[[str], None], *, chat: bool = False) -> None:
    """Draw a field for each line that could not be read, and a button that puts them into the answer.

    `take` is given the changed answer. `chat`: offer the message for the chat window too.
    """
    if not playable(puzzle):
        return
    lines, unread = plans.plan(puzzle, answer)
    if chat and (unread or not lines):
        _render_request(puzzle, answer, key, take)
    if not unread:
        return
    stopped = "the plan stops before the next move that cannot be undone"
    text.quiet(
        f"{pluralize(len(unread), 'line')} could not be read as a move. Rewrite them, or leave them: "
        f"{stopped}."
    )

    def put() -> None:
        new_lines = {n: st.session_state.get(f"{key} {n}", "").strip() for n in unread}
        take(plans.with_lines(answer, [new_lines.get(n) or line for n, line in enumerate(lines, 1)]))

    with st.form(f"mend {key}"):
        for number, why in unread.items():
            label = f"Line {number}: {why}"
            field, line = f"{key} {number}", lines[number - 1]
            st.text_input(label, value=line, key=field, max_chars=300, autocomplete="off")
        st.form_submit_button("Put these lines into the plan", on_click=put)
