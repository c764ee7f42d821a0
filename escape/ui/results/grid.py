"""Puzzle by player as one grid of buttons: each says the mark, in its colour, and opens the answer."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd
import streamlit as st

from escape.records import TrialKey
from escape.results.charts import known, most_discriminating, rows
from escape.ui import text
from escape.ui.session import Session

LITTLE, MUCH = "0,58,120", "224,165,40"
TONES = [f"rgba({c})" for c in (f"{LITTLE},.24", f"{LITTLE},.12", "128,128,128,.1", f"{MUCH},.18", f"{MUCH},.42")]
WIDE = 220  # px of a puzzle's name


def show(state: Session, cells: pd.DataFrame) -> None:
    """A line for each puzzle, a button for each player, from all marks (amber) to none (blue). Columns as in
    `frames.cells`.
    """
    lines: dict[str, list[_Cell]] = {}
    for row in rows(most_discriminating(cells)):
        key = (str(row["problem_id"]), str(row["player"]), 1)
        label = f"{text.label(row['name'])} **{text.label(row['label'])}**"
        tone = round(row["share"] * (len(TONES) - 1)) if known(row["share"]) else None
        lines.setdefault(row["puzzle"], []).append(_Cell(key, label, tone))
    st.html(_colours(list(lines.values())))
    with st.container(key="grid"):
        for number, (puzzle, line) in enumerate(lines.items()):
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.html(f'<div class="esc-row">{text.escape(puzzle)}</div>', width=WIDE)
                _line(state, number, puzzle, line)


class _Cell(NamedTuple):
    """One answer: whose, what stands on its button, and in which tone."""

    key: TrialKey
    label: str
    tone: int | None


def _line(state: Session, number: int, puzzle: str, line: list[_Cell]) -> None:
    """One field for all buttons of a puzzle: ninety of their own would be a third of the page's work."""
    field = f"grid_{number}"

    def opened() -> None:
        chosen = st.session_state[field]
        st.session_state[field] = None
        if isinstance(chosen, int) and 0 <= chosen < len(line):
            state.read(line[chosen].key)

    st.pills(
        f"Answers to {text.label(puzzle)}",
        range(len(line)),
        format_func=lambda n: line[n].label,
        key=field,
        on_change=opened,
        label_visibility="collapsed",
    )


def _colours(lines: list[list[_Cell]]) -> str:
    """Each button's colour, by the place of its field and its own."""
    places: dict[int, list[str]] = {}
    for number, line in enumerate(lines):
        for place, cell in enumerate(line, 1):
            if cell.tone is not None:
                places.setdefault(cell.tone, []).append(f".st-key-grid_{number} button:nth-of-type({place})")
    return "<style>" + "".join(f"{','.join(p)}{{background:{TONES[t]}}}" for t, p in places.items()) + "</style>"


def plain(cells: pd.DataFrame) -> None:
    """The same as a table that fills while a run goes on."""
    lines: dict[str, dict[str, str]] = {}
    for row in rows(cells):
        lines.setdefault(row["puzzle"], {})[row["name"]] = "" if row["label"] == "-" else row["label"]
    players = list(dict.fromkeys(cells["name"]))
    text.table([("Puzzle", ""), *((p, "") for p in players)], [[p, *line.values()] for p, line in lines.items()])
