"""Which answers one goes through: all, what went wrong, where somebody disagrees, one puzzle."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from escape.judges import disagreements, pairs, raters
from escape.records import Run, TrialKey
from escape.results import digest
from escape.ui.session import Session


def groups(run: Run, keys: Sequence[TrialKey], here: str) -> dict[str, list[TrialKey]]:
    """The answers of each kind, in their order; kinds without any are left out. `here`: the puzzle on show."""
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
    against_room = {c.key for c in made.contradicted}
    against_judge = _contested(run) if run.opinions else set()
    found = {
        "all": list(keys),
        "went wrong": [k for k in keys if (k[1], k[0]) in made.failed or (k[1], k[0]) in stuck],
        "judge and room disagree": [k for k in keys if k in against_room],
        "judges disagree": [k for k in keys if k in against_judge],
        "this puzzle": [k for k in keys if k[0] == here],
    }
    return {name: group for name, group in found.items() if group or name == "all"}


def _contested(run: Run) -> set[TrialKey]:
    """Answers that two raters marked differently."""
    first, *others = raters(run).values()
    apart = [pair.trial for other in others for pair, _ in disagreements(pairs(first, other))]
    return {t.key for t in apart}


def sifted(state: Session, run: Run, keys: Sequence[TrialKey]) -> Sequence[TrialKey]:
    """The answers to go through, as the visitor chose; an answer opened from elsewhere is always among them."""
    found = groups(run, keys, (state.chosen or keys[0])[0])

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
