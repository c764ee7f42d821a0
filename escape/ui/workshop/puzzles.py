"""Puzzles: read each one, and bring your own."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import streamlit as st

from escape.errors import PuzzleError
from escape.fields import normalized_name
from escape.metrics import LABELS
from escape.puzzles import files, twins
from escape.results import count
from escape.schema import Puzzle
from escape.ui import text
from escape.ui.session import Session
from escape.ui.workshop import form


def show(state: Session) -> None:
    """The whole view."""
    with_herrings = sum(bool(p.red_herrings) for p in state.puzzles)
    hard = f" {len(state.hard)} are hard, and a set of their own." if state.hard else ""
    text.lead(
        f"{count(len(state.puzzles), 'puzzle')}, {with_herrings} of them with red herrings: things that tempt "
        f"but cannot help.{hard}"
    )
    left, right = st.columns([2, 3], gap="large")
    with left:
        chosen = _pick(state)
        _upload(state)
    with right:
        _puzzle(chosen)
    _twins(state)
    if st.toggle("Write or change a puzzle", key="work_open"):
        form.show(state)


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
                [LABELS["rhh"], "Does it avoid what cannot help?", "1"],
            ],
        )
        text.quiet("The experiment this project began with, five puzzles and two models in 2025, is under Export.")


def _pick(state: Session) -> Puzzle:
    by_id, called = {p.problem_id: p for p in state.puzzles}, state.called(state.puzzles)
    chosen = st.selectbox("Read a puzzle", list(by_id), format_func=called.__getitem__, key="read_puzzle")
    return by_id[chosen]


def _upload(state: Session) -> None:
    text.heading("Bring your own")
    text.quiet(
        "A JSON file with one puzzle, a list, or an object keyed by id. It is kept with your runs; nobody else sees it."
    )
    mine = [p for p in state.puzzles if p.problem_id not in state.bundled]
    if mine:
        st.download_button(
            f"Save yours ({count(len(mine), 'puzzle')}) as one file",
            files.share(mine),
            "puzzles.json",
            "application/json",
            key="share_puzzles",
        )
    file = st.file_uploader(
        "Puzzle file", type="json", key="puzzle_file", max_upload_size=16, label_visibility="collapsed"
    )
    if file is not None and state.new_file(file.file_id):
        try:
            new = files.parse(file.getvalue(), file.name)
        except PuzzleError as error:
            state.say("puzzles", str(error))
        else:
            _take(state, new)
        st.rerun()
    text.said(state.page.said.get("puzzles"))
    if state.workshop.pending:
        st.button(
            "Replace the old ones",
            on_click=_take,
            args=(state, state.workshop.pending, "replace"),
            key="replace",
        )
        st.button(
            "Keep both, under new ids", on_click=_take, args=(state, state.workshop.pending, "rename"), key="rename"
        )


def _twins(state: Session) -> None:
    """Experiments: the same rooms with one thing changed, to be run beside the originals."""
    text.heading("Experiments")
    text.quiet(
        "Twins are made by code and proved. Run them beside their originals, and Results says what the change costs."
    )

    def add(name: str) -> None:
        kind = twins.TWIN_KINDS[name]
        wanted = st.session_state.get("puzzle_set") == files.HARD
        made = twins.twins(kind, [p for p in state.puzzles if (p.problem_id in state.hard) == wanted])
        here = {p.problem_id for p in state.puzzles}
        state.puzzles += [t for t in made if t.problem_id not in here]
        state.workshop.to_choose = tuple(t.problem_id for t in made)
        state.workshop.twins = kind.ending
        state.say("puzzles", f"{count(len(made), 'twin')} added and chosen with their originals.", good=True)

    with st.container(horizontal=True):
        for name, kind in twins.TWIN_KINDS.items():
            st.button(kind.question, on_click=add, args=(name,), key=f"twins_{kind.ending}")


def _take(state: Session, new: Sequence[Puzzle], clash: str = "ask") -> None:
    """Add puzzles. Where an id is here already with another text, `clash` says what to do: ask, replace or rename."""
    here = {p.problem_id: p for p in state.puzzles}
    taken = [p.problem_id for p in new if p.problem_id in here and here[p.problem_id] != p]
    state.workshop.pending = ()
    if taken and clash == "ask":
        state.workshop.pending = tuple(new)
        also = f" and {len(taken) - 1} more" if len(taken) > 1 else ""
        state.say("puzzles", f"Another puzzle has the id {taken[0]}{also} already. Nothing has been added yet.")
        return
    if clash == "rename":
        new = _renamed(new, set(taken), {*here, *(p.problem_id for p in new)})
    state.puzzles = list((here | {p.problem_id: p for p in new}).values())
    state.workshop.to_choose = tuple(p.problem_id for p in new)
    state.say("puzzles", f"{count(len(new), 'puzzle')} added and chosen for the next run.", good=True)


def _renamed(new: Sequence[Puzzle], taken: set[str], known: set[str]) -> list[Puzzle]:
    made = []
    for puzzle in new:
        if puzzle.problem_id in taken:
            stem = puzzle.problem_id[:58]
            name = next(f"{stem}-{n}" for n in itertools.count(2) if f"{stem}-{n}" not in known)
            known.add(name)
            puzzle = puzzle.model_copy(update={"problem_id": name})
        made.append(puzzle)
    return made


def choose_uploaded(state: Session) -> None:
    """Choose puzzles that were just uploaded; called before the set-up draws its widgets."""
    if state.workshop.to_choose:
        st.session_state["puzzle_set"] = f"twins {state.workshop.twins}" if state.workshop.twins else "brought"
        state.workshop.twins = ""
        st.session_state["read_puzzle"] = state.workshop.to_choose[0]
        if all(p.startswith("demo:") for p in st.session_state.get("players", ())):
            # demo players have no answer to a new puzzle; controls know one to any
            st.session_state["players"] = ["control:reference", "control:kitchen_sink"]
        state.workshop.to_choose = ()


def _puzzle(puzzle: Puzzle) -> None:
    facts = [puzzle.problem_id, puzzle.family, f"difficulty {puzzle.difficulty} of 3" if puzzle.difficulty else ""]
    text.heading(puzzle.name)
    text.quiet(", ".join(f for f in facts if f))
    st.html(f'<div class="esc-text">{text.escape(puzzle.setup.scenario)}</div>')
    herrings = {normalized_name(h): puzzle.herring_notes.get(h, "") for h in puzzle.red_herrings}
    _list("Items", puzzle.setup.available_items)
    _list("Limits", puzzle.setup.constraints)
    with st.expander("The solution"):
        _list("Principles", puzzle.physical_principles)
        _list("Steps", puzzle.solution.steps, ordered=True)
        _list("Insights", puzzle.solution.key_insights)
        _list("Other accepted ways", puzzle.accepted_alternatives)
        _list(
            "Red herrings",
            [f"{h}: {note}" if (note := herrings[normalized_name(h)]) else h for h in puzzle.red_herrings],
        )
        if not puzzle.red_herrings:
            text.quiet("No red herrings: Red Herring Handling does not apply.")
        if puzzle.source:
            text.quiet(puzzle.source)


def _list(name: str, lines: Sequence[str], *, ordered: bool = False) -> None:
    if lines:
        text.heading(name)
        tag = "ol" if ordered else "ul"
        st.html(f"<{tag}>" + "".join(f"<li>{text.escape(x)}</li>" for x in lines) + f"</{tag}>")
