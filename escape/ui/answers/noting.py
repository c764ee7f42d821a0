"""Notes on what went wrong in an answer: one line and a kind, a key each for the next one, the same kind again, and
undo.
"""

from __future__ import annotations

import streamlit as st

from escape.results import CATEGORIES, count, notes_table
from escape.runs import LiveRun
from escape.types import PERSON, Note, Result, Run, Trial
from escape.ui import text
from escape.ui.pressing import pressed
from escape.ui.session import Session

ME = f"{PERSON}reader"


def show(state: Session, run: Run, result: Result, following: str) -> None:
    """The fields for one answer, folded until they are wanted. `following`: the key of the button that goes on."""
    live = state.own_live
    if result.answer is None or result.outcome is None or result.outcome.out or live is None:
        return
    mine = [note for note in run.notes if note.by == ME]
    fold = st.expander("What went wrong?", key="noting", on_change="rerun", expanded=bool(mine))
    if fold.open:
        with fold:
            _fields(state, live, mine, result, following)
            if mine:
                _counted(run, mine)


def _fields(state: Session, live: LiveRun, mine: list[Note], result: Result, following: str) -> None:
    before = next((note for note in mine if note.trial == result.trial), None)
    last = mine[-1] if mine else None
    key = _key(live, result.trial)
    said = st.text_input("What went wrong? One line", before.text if before else "", key=key, max_chars=300,
                         autocomplete="off")  # fmt: skip
    known = before and before.category in CATEGORIES
    kind = st.pills(
        "Of which kind?", CATEGORIES, key=f"{key} kind", default=before.category if known and before else None
    )

    def put(category: str) -> None:
        live.put_note(Note(trial=result.trial, text=said.strip(), category=category, by=ME))
        state.remember(live)  # what is added to the example is kept like a run of one's own
        state.page.presses.add(following)
        st.rerun()

    with st.container(horizontal=True):
        if pressed(state, "Save and go on", "note_save", type="primary", shortcut="Ctrl+Enter"):
            put(kind or "")
        if (
            last
            and last.category
            and pressed(state, f"Same again: {text.label(last.category)}", "note_same", shortcut="Alt+S")
        ):
            put(last.category)
        if last and pressed(state, "Undo the last", "note_undo", shortcut="Alt+Z"):
            live.put_note(last.model_copy(update={"text": "", "category": ""}))
            for field in (_key(live, last.trial), f"{_key(live, last.trial)} kind"):
                st.session_state.pop(field, None)
            state.chosen = last.trial.key
            st.rerun()


def _key(live: LiveRun, trial: Trial) -> str:
    """Of the field for one answer of one run."""
    return f"note {live.code} {'-'.join(map(str, trial.key))}"


def _counted(run: Run, mine: list[Note]) -> None:
    head, rows = notes_table(run, mine)
    text.table(
        [(name, "n" if n else "") for n, name in enumerate(head)], rows, f"{count(len(mine), 'answer')} read so far"
    )
    text.quiet("The lines stand in the CSV and in the saved run.")
