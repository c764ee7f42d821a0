"""Two answers to one puzzle beside each other, each with what it has of the reference."""

from __future__ import annotations

import streamlit as st

from escape.metrics import Metric
from escape.results import names
from escape.types import Result, Run
from escape.ui import text
from escape.ui.answers import answer, reference


def show(run: Run, first: Result, second: Result, metric: Metric) -> None:
    """Both, as wide as the page."""
    puzzle, name_by_player = run.puzzle_by_id[first.trial.problem_id], names(run)
    for column, result, of in zip(st.columns(2, gap="large"), (first, second), ("a", "b"), strict=True):
        with column:
            repeat = f", repeat {result.trial.repeat}" if run.config.repeats > 1 else ""
            text.heading(name_by_player[result.trial.player] + repeat)
            answer.marks(result, puzzle, metric)
            answer.said(result, "", of)
            answer.replay(puzzle, result)
            reference.show(puzzle, result, of)
