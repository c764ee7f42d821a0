"""Which answers one goes through: all, what went wrong, where judge and room disagree."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from escape.results import digest
from escape.types import Run, TrialKey
from escape.ui.session import CONTRADICTED, Session


def groups(run: Run, keys: Sequence[TrialKey]) -> dict[str, list[TrialKey]]:
    """Return the answers of each kind, in their order. Kinds without any are left out."""
    counts = digest(run)
    stuck = {
        (p, i)
        for p, plays in counts.rooms.items()
        for i, of_puzzle in plays.items()
        if not all(x.out for x in of_puzzle)
    }
    rooms = {p.problem_id for p in run.puzzles if p.world} if counts.rooms else set()
    stuck |= {
        (p, i)
        for p, marks in counts.marks["standard"].items()
        for i in marks
        if i in rooms and i not in counts.rooms.get(p, {})
    }
    against_room = set(counts.contradicted)
    by_group = {
        "all": list(keys),
        "went wrong": [k for k in keys if (k[1], k[0]) in counts.failed or (k[1], k[0]) in stuck],
        CONTRADICTED: [k for k in keys if k in against_room],
    }
    return {name: group for name, group in by_group.items() if group or name == "all"}


def sifted(state: Session, run: Run, keys: Sequence[TrialKey]) -> Sequence[TrialKey]:
    """Return the answers to go through, as the visitor chose. An answer opened from elsewhere is always among them."""
    by_group = groups(run, keys)

    def choose() -> None:
        keys_of_group = by_group.get(st.session_state["answer_filter"], by_group["all"])
        if state.chosen not in keys_of_group:
            state.chosen = keys_of_group[0]

    if st.session_state.get("answer_filter") not in by_group or (
        state.chosen and state.chosen not in by_group[st.session_state["answer_filter"]]
    ):
        st.session_state["answer_filter"] = "all"
    name = st.segmented_control(
        "Show", list(by_group), key="answer_filter", required=True, on_change=choose,
        format_func=lambda n: f"{n} ({len(by_group[n])})",
    )  # fmt: skip
    return by_group[name or "all"]
