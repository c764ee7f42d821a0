"""The Make a room tab: read puzzles, upload your own, or open the form."""

from collections.abc import Sequence

import streamlit as st

from escape.puzzles import by_difficulty, files
from escape.results import pluralize
from escape.types import Puzzle, PuzzleError, normalized_name
from escape.ui import text
from escape.ui.session import Session
from escape.ui.workshop import form, verdict


def render(state: Session) -> None:
    text.lead("Read a room, change it, or write your own.")
    with st.container(horizontal=True, vertical_alignment="center"):
        writing = st.toggle("Write or change a puzzle", key="work_open", persist_state="session")
        with st.popover("Bring your own", key="bring_own"):
            _render_puzzle_upload(state)
        if own_puzzles := [p for p in state.puzzles if p.problem_id not in state.bundled]:
            st.download_button(f"Save yours ({pluralize(len(own_puzzles), 'puzzle')}) as one file",
                               lambda: files.share(own_puzzles), "puzzles.json", "application/json",
                               key="share_puzzles", on_click="ignore")  # fmt: skip
    if writing:
        form.render(state)
        return
    left_half, right = st.columns([2, 3], gap="large")
    with left_half:
        by_id, titles_by_id = (
            {p.problem_id: p for p in by_difficulty(state.puzzles)},
            state.labels_of(state.puzzles),
        )
        chosen = st.selectbox(
            "Read a puzzle", list(by_id), format_func=titles_by_id.__getitem__, key="read_puzzle"
        )
    with right:
        _render_puzzle(by_id[chosen])
    _render_at_a_glance(state.puzzles)


def _render_puzzle_upload(state: Session) -> None:
    text.quiet(
        "A JSON file with one puzzle, a list, or an object keyed by id. It is kept with your runs; nobody "
        "else sees it."
    )
    file = st.file_uploader(
        "Puzzle file", type="json", key="puzzle_file", max_upload_size=16, label_visibility="collapsed"
    )
    if file is not None and state.take_in(file.file_id):
        try:
            new = files.parse(file.getvalue(), file.name)
        except PuzzleError as error:
            state.say("puzzles", str(error))
        else:
            pairs = zip(new, verdict.add(state, new), strict=True)
            renamed = [
                f" {a.problem_id} is a bundled puzzle; yours is now {b.problem_id}."
                for a, b in pairs
                if a != b
            ]
            message = (
                f"{pluralize(len(new), 'puzzle')} added and chosen for the next run.{''.join(renamed[:3])}"
            )
            state.say("puzzles", message, good=True)
        st.rerun()
    text.render_message(state.page.said.get("puzzles"))


def _render_at_a_glance(puzzles: Sequence[Puzzle]) -> None:
    with st.expander("All of them by kind of physics"):
        text.table(
            [
                ("Kind of physics", ""),
                ("Puzzle", ""),
                ("Difficulty, of 3", "n"),
                ("Moves of the way out", "n"),
            ],
            [
                (
                    p.family or "other",
                    p.name,
                    str(p.difficulty or ""),
                    ("none" if not p.solvable else str(len(p.world.moves)) if p.world else ""),
                )
                for p in sorted(puzzles, key=lambda p: (p.family or "~", p.difficulty or 0))
            ],
        )


def _render_puzzle(puzzle: Puzzle) -> None:
    facts = [
        puzzle.problem_id,
        puzzle.family,
        f"difficulty {puzzle.difficulty} of 3" if puzzle.difficulty else "",
    ]
    text.heading(puzzle.name)
    st.html(f'<div class="esc-text">{text.escaped(puzzle.setup.scenario)}</div>')
    herrings = {normalized_name(h): puzzle.herring_notes.get(h, "") for h in puzzle.red_herrings}
    with st.expander("Items and limits"):
        text.quiet(", ".join(f for f in facts if f))
        text.items("Items", puzzle.setup.available_items)
        text.items("Limits", puzzle.setup.constraints)
    with st.expander("The solution"):
        text.items("Principles", puzzle.physical_principles)
        text.items("Steps", puzzle.solution.steps, ordered=True)
        text.items("Insights", puzzle.solution.key_insights)
        text.items("Other accepted ways", puzzle.accepted_alternatives)
        text.items(
            "Red herrings",
            [f"{h}: {note}" if (note := herrings[normalized_name(h)]) else h for h in puzzle.red_herrings],
        )
        if not puzzle.red_herrings:
            text.quiet("No red herrings: Red Herring Handling does not apply.")
        if puzzle.source:
            text.quiet(puzzle.source)
