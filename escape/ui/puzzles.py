"""Puzzles: read each one, and bring your own."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from escape import puzzles
from escape.errors import PuzzleError
from escape.metrics import LABELS
from escape.schema import Puzzle, bare
from escape.ui import text
from escape.ui.session import Session
from escape.words import count


def show(state: Session) -> None:
    """The whole view."""
    with_herrings = sum(bool(p.red_herrings) for p in state.puzzles)
    text.lead(
        f"{count(len(state.puzzles), 'puzzle')}, {with_herrings} of them with red herrings: things that tempt "
        "and cannot help."
    )
    left, right = st.columns([2, 3], gap="large")
    with left:
        chosen = _pick(state.puzzles)
        _upload(state)
    with right:
        _puzzle(chosen)


def teaser(given: Sequence[Puzzle]) -> None:
    """What a room looks like, for somebody who has not run anything yet."""
    chosen = next((p for p in given if p.red_herrings), given[0])
    left, right = st.columns([3, 2], gap="large")
    with left:
        text.heading(f"One of the rooms: {chosen.name}")
        st.html(f'<div class="esc-text">{text.escape(chosen.setup.scenario)}</div>')
        _list("Items", chosen.setup.available_items)
    with right:
        text.heading("What is marked")
        text.table(
            [("Score", ""), ("Question", ""), ("Of", "n")],
            [
                [LABELS["pus"], "Are the principles understood and applied?", "2"],
                [LABELS["sps"], "Are the steps complete, and would they work?", "2"],
                [LABELS["rhh"], "Does it keep away from what cannot help?", "1"],
            ],
        )
        text.quiet("The experiment this began with, five puzzles and two models in 2025, can be shown under Export.")


def _pick(given: Sequence[Puzzle]) -> Puzzle:
    by_id = {p.problem_id: p for p in given}
    chosen = st.selectbox("Read a puzzle", list(by_id), format_func=lambda i: by_id[i].name, key="read_puzzle")
    return by_id[chosen]


def _upload(state: Session) -> None:
    text.heading("Bring your own")
    text.quiet("A JSON file with one puzzle, a list, or an object keyed by id. It stays in your session.")
    file = st.file_uploader(
        "Puzzle file", type="json", key="puzzle_file", max_upload_size=16, label_visibility="collapsed"
    )
    if file is None or st.session_state.get("puzzle_file_seen") == file.file_id:
        if problem := st.session_state.get("puzzle_problem"):
            text.cause(problem)
        elif added := st.session_state.get("puzzles_added"):
            text.quiet(added)
        return
    st.session_state["puzzle_file_seen"] = file.file_id
    try:
        new = puzzles.parse(file.getvalue(), file.name)
    except PuzzleError as error:
        st.session_state["puzzle_problem"] = str(error)
        st.rerun()
    ids = {p.problem_id for p in new}
    state.puzzles = [p for p in state.puzzles if p.problem_id not in ids] + new
    st.session_state["puzzle_problem"] = ""
    st.session_state["puzzles_added"] = f"{count(len(new), 'puzzle')} added and chosen for the next run."
    st.session_state["add_puzzles"] = [p.problem_id for p in new]
    st.rerun()


def choose_uploaded() -> None:
    """Choose puzzles that were just uploaded; called before the set-up draws its widgets."""
    if ids := st.session_state.pop("add_puzzles", None):
        before = st.session_state.get("puzzles", [])
        st.session_state["puzzles"] = list(dict.fromkeys([*before, *ids]))
        st.session_state["read_puzzle"] = ids[0]


def _puzzle(puzzle: Puzzle) -> None:
    facts = [puzzle.problem_id, puzzle.family, f"difficulty {puzzle.difficulty} of 3" if puzzle.difficulty else ""]
    text.heading(puzzle.name)
    text.quiet(", ".join(f for f in facts if f))
    st.html(f'<div class="esc-text">{text.escape(puzzle.setup.scenario)}</div>')
    herrings = {bare(h): puzzle.herring_notes.get(h, "") for h in puzzle.red_herrings}
    _list("Items", puzzle.setup.available_items)
    _list("Limits", puzzle.setup.constraints)
    with st.expander("The solution"):
        _list("Principles", puzzle.physical_principles)
        _list("Steps", puzzle.solution.steps, ordered=True)
        _list("Insights", puzzle.solution.key_insights)
        _list("Other ways that are accepted", puzzle.accepted_alternatives)
        _list("Red herrings", [f"{h}: {note}" if (note := herrings[bare(h)]) else h for h in puzzle.red_herrings])
        if not puzzle.red_herrings:
            text.quiet("No red herrings: Red Herring Handling is not applicable.")
        if puzzle.source:
            text.quiet(puzzle.source)


def _list(name: str, lines: Sequence[str], *, ordered: bool = False) -> None:
    if lines:
        text.heading(name)
        tag = "ol" if ordered else "ul"
        st.html(f"<{tag}>" + "".join(f"<li>{text.escape(x)}</li>" for x in lines) + f"</{tag}>")
