"""Puzzle by player as one grid of buttons: each says the mark, in its colour, and opens the answer."""

from __future__ import annotations

import re

import pandas as pd
import streamlit as st

from escape.records import TrialKey
from escape.results.charts import known, most_discriminating, rows
from escape.ui import text
from escape.ui.session import Session

LITTLE, MUCH = "0,58,120", "224,165,40"
TONES = [f"rgba({c})" for c in (f"{LITTLE},.24", f"{LITTLE},.12", "128,128,128,.1", f"{MUCH},.18", f"{MUCH},.42")]
WIDE = 220  # px of a puzzle's name
BUTTON = 170  # px, at most
ROOM = 640  # px for all buttons of a puzzle


def show(state: Session, cells: pd.DataFrame) -> None:
    """A line for each puzzle, a button for each player, from all marks (amber) to none (blue). Columns as in
    `frames.cells`.
    """
    lines: dict[str, list[tuple[TrialKey, str, int | None]]] = {}
    for row in rows(most_discriminating(cells)):
        key = (str(row["problem_id"]), str(row["player"]), 1)
        label = f"{text.label(row['name'])} **{text.label(row['label'])}**"
        tone = round(row["share"] * (len(TONES) - 1)) if known(row["share"]) else None
        lines.setdefault(row["puzzle"], []).append((key, label, tone))
    width = max(96, min(BUTTON, ROOM // max(1, *map(len, lines.values()), 1)))
    _colour([(_widget(key), tone) for line in lines.values() for key, _, tone in line if tone is not None])
    with st.container(key="grid"):
        for puzzle, line in lines.items():
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.html(f'<div class="esc-row">{text.escape(puzzle)}</div>', width=WIDE)
                for key, label, _ in line:
                    st.button(label, key=_widget(key), type="tertiary", on_click=state.read, args=(key,), width=width)


def _widget(key: TrialKey) -> str:
    return f"open {key[0]} {key[1]}"


def _colour(buttons: list[tuple[str, int]]) -> None:
    """Streamlit names a widget's class after its key, with a dash for each sign that a class cannot have."""
    classes: dict[int, list[str]] = {}
    for widget, tone in buttons:
        classes.setdefault(tone, []).append(f".st-key-{re.sub(r'[^a-zA-Z0-9_-]', '-', widget)} button")
    st.html("<style>" + "".join(f"{','.join(c)}{{background:{TONES[t]}}}" for t, c in classes.items()) + "</style>")


def plain(cells: pd.DataFrame) -> None:
    """The same as a table that fills while a run goes on."""
    lines: dict[str, dict[str, str]] = {}
    for row in rows(cells):
        lines.setdefault(row["puzzle"], {})[row["name"]] = "" if row["label"] == "-" else row["label"]
    players = list(dict.fromkeys(cells["name"]))
    text.table([("Puzzle", ""), *((p, "") for p in players)], [[p, *line.values()] for p, line in lines.items()])
