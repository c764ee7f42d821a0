"""Can it follow the form? Six short rooms that say what to do, asked where nobody knows whether that is what fails."""

from __future__ import annotations

import streamlit as st

from escape.puzzles import files
from escape.results import wants_told
from escape.types import Run, SpecError
from escape.ui import text
from escape.ui.pressing import pressed
from escape.ui.run.start import start
from escape.ui.run.unfinished import what_it_takes
from escape.ui.session import Session


def offer(state: Session, run: Run) -> None:
    """A button that adds the told rooms to a run of one's own, with what they may cost."""
    if state.running or state.reading or not wants_told(run):
        return
    told_rooms = [p for p in files.shared_set(files.TOLD) if p.problem_id not in run.config.problem_ids]
    ids = (*run.config.problem_ids, *(p.problem_id for p in told_rooms))
    config = run.config.model_copy(update={"problem_ids": ids, "puzzle_set": ""})
    told_ids = {p.problem_id for p in told_rooms}
    todo = [t for t in config.trials() if t.problem_id in told_ids]
    if not todo:
        return
    puzzles = [*run.puzzles, *told_rooms]
    with st.container(horizontal=True, vertical_alignment="center", key="follow_form"):
        if pressed(state, "Can it follow the form?", "follow_form_ask"):
            try:
                start(state, config, puzzles, run, only=(todo, {}))
            except SpecError as error:
                state.page.problem = str(error)
            st.rerun()
        text.quiet(f"Six short rooms that say what to do. {what_it_takes(state, config, puzzles, todo, {})}")
