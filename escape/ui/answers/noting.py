"""Notes on what went wrong in an answer: one line and a kind, a key each for the next one, the same kind again, and
undo.
"""

from __future__ import annotations

import streamlit as st

from escape.results import CATEGORIES, notes_table, pluralize
from escape.runs import LiveRun
from escape.types import PERSON, Note, Result, Run, Trial
from escape.ui import text
from escape.ui.pressing import pressed
from escape.ui.session import Session

ME = f"{PERSON}reader"


def render(state: Session, run: Run, result: Result, following: str) -> None:
    """The fields for one answer, folded until they are wanted. `following`: the key of the button that goes on."""
    live = state.own_live
    if result.answer is None or result.outcome is None or result.outcome.out or live is None:
        return
    own_notes = [note for note in run.notes if note.by == ME]
    fold = st.expander("What went wrong?", key="noting", on_change="rerun", expanded=bool(own_notes))
    if fold.open:
        with fold:
            _fields(state, live, own_notes, result, following)
            if own_notes:
                _counted(run, own_notes)


def _fields(state: Session, live: LiveRun, own_notes: list[Note], result: Result, following: str) -> None:
    before = next((note for note in own_notes if note.trial == result.trial), None)
    last = own_notes[-1] if own_notes else None
    key = _key(live, result.trial)
    line = st.text_input("What went wrong? One line", before.text if before else "", key=key, max_chars=300,
                         autocomplete="off")  # fmt: skip
    has_category = before and before.category in CATEGORIES
    kind = st.pills(
        "What kind?", CATEGORIES, key=f"{key} kind", default=before.category if has_category and before else None
    )

    def put(category: str) -> None:
        live.put_note(Note(trial=result.trial, text=line.strip(), category=category, by=ME))
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
    return f"note {live.code} {'-'.join(map(str, trial.key))}"


def _counted(run: Run, own_notes: list[Note]) -> None:
    head, rows = notes_table(run, own_notes)
    text.table(
        [(name, "n" if n else "") for n, name in enumerate(head)],
        rows,
        f"{pluralize(len(own_notes), 'answer')} read so far",
    )
    text.quiet("Your notes are in the CSV and in the saved run.")
