"""What will happen? The questions that players are asked about a room or house, for a person, marked at once."""

from __future__ import annotations

import streamlit as st

from escape.environments.foresight import marked, questions, score
from escape.results import count
from escape.types import Puzzle
from escape.ui import text


def show(puzzle: Puzzle) -> None:
    """The questions, folded; then which were right."""
    question_list = questions(puzzle)
    if not question_list:
        return
    title = f"What would happen? {count(len(question_list), 'question')}, as players are asked"
    fold = st.expander(title, key="foresee", on_change="rerun")
    if not fold.open:
        return
    with fold, st.form(f"foresee_{puzzle.problem_id}", border=False):
        replies: dict[str, object] = {}
        for n, question in enumerate(question_list, 1):
            st.html(f'<div class="esc-text"><b>{n}.</b> {text.escaped(question.text)}</div>')
            replies[f"q{n}"] = st.radio(
                f"Answer to question {n}",
                question.options,
                index=None,
                key=f"foresee_{puzzle.problem_id}_{n}",
                format_func=text.label,
                label_visibility="collapsed",
            )
        if not st.form_submit_button("See how you did", type="primary"):
            return
        items = marked(question_list, replies)
        figure = score(items) or 0.0
        right = sum(x.right for x in items)
        text.status(
            f"{right} of {count(len(items), 'question')} right: {figure:.2f}, where a guess is 0 and all right 1."
        )
        text.items("", [f"{n}: right" if x.right else f"{n}: no, it is: {x.wanted}" for n, x in enumerate(items, 1)])
