"""Which answers one goes through: all, what went wrong, where judge and room disagree."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from escape.results import digest
from escape.types import Run, TrialKey
from escape.ui.session import Session


def groups(run: Run, keys: Sequence[TrialKey]) -> dict[str, list[TrialKey]]:
    """The answers of each kind, in their order; kinds without any are left out."""
    made = digest(run)
    stuck = {
        (p, i) for p, plays in made.rooms.items() for i, of_puzzle in plays.items() if not all(x.out for x in of_puzzle)
    }
    rooms = {p.problem_id for p in run.puzzles if p.world} if made.rooms else set()
    stuck |= {
        (p, i)
        for p, marks in made.marks["standard"].items()
        for i in marks
        if i in rooms and i not in made.rooms.get(p, {})
    }
    against_room = set(made.contradicted)
    found = {
        "all": list(keys),
        "went wrong": [k for k in keys if (k[1], k[0]) in made.failed or (k[1], k[0]) in stuck],
        "judge and room disagree": [k for k in keys if k in against_room],
    }
    return {name: group for name, group in found.items() if group or name == "all"}


def sifted(state: Session, run: Run, keys: Sequence[TrialKey]) -> Sequence[TrialKey]:
    """The answers to go through, as the visitor chose; an answer opened from elsewhere is always among them."""
    found = groups(run, keys)

    def choose() -> None:
        mine = found.get(st.session_state["answer_filter"], found["all"])
        if state.chosen not in mine:
            state.chosen = mine[0]

    if st.session_state.get("answer_filter") not in found or (
        state.chosen and state.chosen not in found[st.session_state["answer_filter"]]
    ):
        st.session_state["answer_filter"] = "all"
    name = st.segmented_control(
        "Show", list(found), key="answer_filter", required=True, on_change=choose,
        format_func=lambda n: f"{n} ({len(found[n])})",
    )  # fmt: skip
    return found[name or "all"]
