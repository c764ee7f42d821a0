"""Any environment played by a person: what is told, a field for the next move, and a line to share at the end."""

from __future__ import annotations

import streamlit as st

from escape.environments import ByHand, Episode, environment_of
from escape.types import Puzzle
from escape.ui import text
from escape.ui.play.acting import UNREAD, last


def show(playing: ByHand, at: Episode) -> None:
    """What a player is told, and a field for the next move."""
    puzzle = at.puzzle
    text.heading(puzzle.name)
    st.html(f'<div class="esc-text">{text.escaped(environment_of(puzzle).text(puzzle))}</div>')
    last(playing)
    typed(playing, "line")
    give_up(playing, "")


def typed(playing: ByHand, key: str) -> None:
    """A move as a line, as `key`; one that cannot be read is no move, and it is said why."""

    def do() -> None:
        line = st.session_state[f"{key}_typed"]
        st.session_state[UNREAD] = playing.do(line) if line.strip() else ""

    with st.form(f"{key}_line", border=False, clear_on_submit=True):
        st.text_input("Or write a move and press Enter", key=f"{key}_typed", max_chars=200, autocomplete="off")
        if why := st.session_state.get(UNREAD):
            text.cause(why)
        st.form_submit_button("Do this move", on_click=do)


def give_up(playing: ByHand, where: str) -> None:
    """The button that ends it. `where`: such as ` at door 3`."""

    def do() -> None:
        st.session_state[UNREAD] = playing.do("give up")

    st.button(f"Give up{where}", key="play_give_up", on_click=do)


def end(playing: ByHand, at: Episode) -> None:
    """A line to share."""
    share(playing, at)


def share(playing: ByHand, at: Episode) -> None:
    """How far it went as one line of text; in practice, that it was practice."""
    if playing.practice:
        text.quiet("This was practice, which counts in no table.")
        return
    doors = at.outcome.doors
    opened, total = (doors.opened, doors.total) if doors else (int(at.outcome.out), 1)
    text.quiet("A line to share:")
    st.code(share_line(at.puzzle, opened, total, playing.starts), language=None, wrap_lines=True)


def share_line(puzzle: Puzzle, opened: int, total: int, starts: int) -> str:
    """One line of doors as text: `Escape, house 2026-11-26: ▮▮▮▮▮▯▯▯ 5 of 8 doors`."""
    environment = environment_of(puzzle)
    recipe = environment.recipe(puzzle)
    which = recipe.seed if recipe else puzzle.name
    tries = f", try {starts}" if starts > 1 else ""
    doors = f"{'▮' * opened}{'▯' * (total - opened)} {opened} of {total} doors"
    return f"Escape, {environment.nouns[0]} {which}: {doors}{tries}"


def way_on(puzzle: Puzzle, opened: int) -> None:
    """How the reference opens the next door."""
    moves, why = (part[opened].partition(": ")[2] for part in (puzzle.solution.steps, puzzle.solution.key_insights))
    st.html(f'<div class="esc-text">{text.escaped(moves.replace("; ", chr(10)))}</div>')
    text.quiet(why)
