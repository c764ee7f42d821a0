"""The workshop: a puzzle written or changed in a form, its room as a table of rules, proved as one types. No JSON."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from escape.errors import PuzzleError
from escape.prompts import player
from escape.puzzles import EMPTY, Draft, draft_of, puzzle_of
from escape.results import count
from escape.rooms import VERBS, Play, room_of, solver
from escape.ui import text
from escape.ui.pressing import pressed
from escape.ui.session import Playing, Session
from escape.ui.workshop import own

_TEXTS = (  # field of the draft, label, height of its box (0: one line), field of the puzzle
    ("title", "Title", 0, "title"),
    ("problem_id", "Id: a short name of letters, digits, _ . - (no spaces)", 0, "problem_id"),
    ("family", "Kind of puzzle, such as fluids (optional)", 0, "family"),
    ("scenario", "What the player is told", 160, "setup.scenario"),
    ("items", "Items, one per line", 120, "setup.available_items"),
    ("limits", "Limits, one per line, with numbers if they matter", 120, "setup.constraints"),
    ("principles", "Principles, one per line", 100, "physical_principles"),
    ("steps", "Steps of the solution, one per line", 120, "solution.steps"),
    ("insights", "Why it works, one thought per line", 100, "solution.key_insights"),
    ("alternatives", "Other accepted ways, one per line", 80, "accepted_alternatives"),
    ("things", "What else can be acted on (walls, bodies, fixtures), one per line", 100, "world.things"),
    ("moves", "The solution as moves, one per line: pour: jug -> basin", 100, "world.moves"),
)
_NEEDED = ("title", "problem_id", "scenario", "items", "principles", "steps")
_TABLES = {  # field of the draft: its title, what it is for, its columns
    "herrings": (
        "Red herrings",
        "One per line, from the items: what tempts, and why it cannot help.",
        {"item": "Red herring", "note": "Why it cannot help, and why it tempts"},
    ),
    "facts": (
        "Facts of the room",
        "A fact is something that can change, such as ball. Write its value at the start (at the bottom) and, if it "
        "matters, its value once the player is out (in hand).",
        {"fact": "Fact", "start": "At the start", "goal": "Once out (empty: anything)"},
    ),
    "rules": (
        "Rules of the room",
        "One rule per line; the first that fits applies. An example, with a bar between the columns: pour | bottle of "
        "water | tube | | ball = at the rim | The ball rises to the rim. A line without verbs and things is skipped.",
        {
            "verbs": "Verbs",
            "thing": "Things",
            "at": "To, on or with (empty: anything)",
            "when": "If: fact = value; ...",
            "then": "Then: fact = value; ...",
            "say": "What the room says",
            "enforces": "Number of the limit it stands for",
            "final": "No way out after it? (yes)",
        },
    ),
}
_CALLED = {  # fields as a fault names them, as the form does
    **{field: re.split("[:,(]", label)[0].strip() for _, label, _, field in _TEXTS},
    "red_herrings": "Red herrings",
    "herring_notes": "Red herrings",
    "world.start": "Facts",
    "world.goal": "Facts",
    "world.rules": "Rules",
    "world": "The room",
}


def show(state: Session, *, by_hand: bool = True) -> None:
    """The whole form, what is wrong with it, and what to do with it. `by_hand`: it can be tried under Play."""
    by_id, called = {p.problem_id: p for p in state.puzzles}, state.called(state.puzzles)

    def begin() -> None:
        state.workshop.origin = by_id.get(st.session_state["work_from"])
        state.workshop.draft = draft_of(state.workshop.origin) if state.workshop.origin else EMPTY
        state.workshop.edition += 1

    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            "Start from", ["", *by_id], key="work_from", width=320,
            format_func=lambda i: called[i] if i else "nothing",
        )  # fmt: skip
        st.button("Fill in the form", on_click=begin, key="work_begin")
    draft = _form(state)
    text.quiet("Verbs: " + ", ".join(VERBS) + ".")
    _judgement(state, draft, by_hand=by_hand)


def _form(state: Session) -> Draft:
    """The fields, each under a key of this edition of the form."""
    edition, start = state.workshop.edition, state.workshop.draft
    got: dict[str, Any] = {}
    for name, label, height, _ in _TEXTS:
        key, value = f"work_{name}_{edition}", getattr(start, name)
        if height:
            got[name] = st.text_area(label, value, key=key, height=height)
        else:
            got[name] = st.text_input(label, value, key=key, autocomplete="off")
    got["solvable"] = st.checkbox("There is a way out", start.solvable, key=f"work_solvable_{edition}")
    for name, (title, about, columns) in _TABLES.items():
        text.heading(title)
        text.quiet(about)
        table = pd.DataFrame(list(getattr(start, name)), columns=list(columns), dtype="string").fillna("")
        edited = st.data_editor(
            table,
            key=f"work_{name}_{edition}",
            num_rows="dynamic",
            hide_index=True,
            column_config={k: st.column_config.TextColumn(v) for k, v in columns.items()},
        )
        got[name] = [{k: v for k, v in row.items() if isinstance(v, str)} for row in edited.to_dict("records")]
    return Draft(**got)


def _judgement(state: Session, draft: Draft, *, by_hand: bool) -> None:
    """What is missing, in plain words; else the proof, the prompt, and what can be done with the puzzle."""
    if lacking := [_CALLED[f] for name, _, _, f in _TEXTS if name in _NEEDED and not getattr(draft, name).strip()]:
        text.quiet(f"Still missing: {'; '.join(lacking)}.")
        return
    try:
        puzzle = puzzle_of(draft, state.workshop.origin)
    except PuzzleError as error:
        text.cause(f"{_called(error.field)}: {error.remedy}")
        return
    faults: Sequence[solver.Fault] = ()
    if puzzle.world:
        proved = solver.prove(puzzle)
        faults = proved.faults
        for fault in faults[:8]:
            text.cause(f"{_called(fault.where)}: {fault.remedy}")
        if not faults:
            text.quiet(
                f"The room works: the shortest way out takes {count(proved.shortest, 'move')}. It can be in "
                f"{count(proved.states, 'state')}; {proved.lost} of them have no way out any longer. A player who "
                f"makes moves at random gets out in {proved.random:.2%} of plays."
            )
        for remark in proved.too_easy:
            text.quiet(f"Fine for playing, but too easy for a benchmark: it {remark.remedy}.")
    else:
        text.quiet("Without facts and rules this is a puzzle that only a judge can mark.")
    with st.expander("Exactly what a player will read"):
        st.code(player(puzzle).user, language=None, wrap_lines=True)

    with st.container(horizontal=True):
        if pressed(state, "Keep this puzzle", "work_keep", type="primary"):
            if puzzle.problem_id in state.bundled and puzzle in state.puzzles:
                state.say(
                    "workshop", "This is still the bundled puzzle. Change something, then press Keep this puzzle."
                )
            else:
                (kept,) = own.add(state, [puzzle])
                state.say("workshop", f"Kept as {kept.problem_id}, and chosen for the next run.", good=True)
            st.rerun()
        if by_hand and pressed(state, "Try it by hand", "work_try", disabled=puzzle.world is None):
            (kept,) = own.add(state, [puzzle])
            state.playing = Playing(Play(room_of(kept)))
            said = f"{kept.name} is kept among your puzzles, and chosen for the next run. Try it by hand here."
            state.say("bring", said, good=True)
            state.go_to("Play")
            st.rerun()
    text.said(state.page.said.pop("workshop", None))


def _called(field: str) -> str:
    """The form's own name for a field that a fault names."""
    return next((label for prefix, label in _CALLED.items() if field.startswith(prefix)), field)
