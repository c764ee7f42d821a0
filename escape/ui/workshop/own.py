"""A visitor's own puzzles, from a file, the form or a class."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

import streamlit as st

from escape.puzzles import files, is_told
from escape.types import Puzzle
from escape.ui.session import Session
from escape.ui.setup import rooms


def add(state: Session, new: Sequence[Puzzle]) -> list[Puzzle]:
    """Add puzzles, choose them, and return them as added: a bundled puzzle's id becomes a new one."""
    by_id = {p.problem_id: p for p in state.puzzles}
    taken, brought = {*by_id, *(p.problem_id for p in new)}, []
    for added in new:
        puzzle = added
        bundled = puzzle.problem_id in state.bundled or is_told(puzzle)
        if bundled and by_id.get(puzzle.problem_id) != puzzle:
            stem = re.sub(r"-\d+$", "", puzzle.problem_id)[:58]
            name = next(f"{stem}-{n}" for n in itertools.count(2) if f"{stem}-{n}" not in taken)
            taken.add(name)
            puzzle = puzzle.model_copy(update={"problem_id": name})
        by_id[puzzle.problem_id] = puzzle
        brought.append(puzzle)
    state.puzzles = list(by_id.values())
    state.workshop.to_choose = tuple(p.problem_id for p in brought)
    return brought


def choose_added(state: Session) -> None:
    """Choose what was just added. Called before the set-up draws its widgets."""
    if state.workshop.to_choose:
        st.session_state[rooms.BY_HAND] = False
        for name in (*files.SETS, rooms.YOURS):
            st.session_state[f"set_{name}"] = name == rooms.YOURS
        st.session_state["read_puzzle"] = state.workshop.to_choose[0]
        state.workshop.to_choose = ()
