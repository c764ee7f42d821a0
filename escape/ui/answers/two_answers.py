"""Two answers to one puzzle beside each other: their words above, and below them line by line what each has of the
reference.
"""

from __future__ import annotations

from itertools import zip_longest

import streamlit as st

from escape.metrics import Metric
from escape.records import Result, Run
from escape.results import names, outcome_sentence
from escape.schema import Puzzle, Tick
from escape.ui import text
from escape.ui.answers import answer, reference


def show(run: Run, first: Result, second: Result, metric: Metric) -> None:
    """Both, as wide as the page."""
    puzzle, called = run.puzzle_by_id[first.trial.problem_id], names(run)
    titles = [
        called[r.trial.player] + (f", repeat {r.trial.repeat}" if run.config.repeats > 1 else "")
        for r in (first, second)
    ]
    for column, result, title, of in zip(st.columns(2, gap="large"), (first, second), titles, ("a", "b"), strict=True):
        with column:
            text.heading(title)
            answer.marks(result, puzzle, metric)
            answer.said(result, "", of)
    text.heading("How each compares with the reference")
    text.table([("", ""), *((t, "") for t in titles)], [*_lines(first, second), *_rooms(puzzle, first, second)])


def _lines(first: Result, second: Result) -> list[list[str]]:
    """A row for each line of the reference: what it is, and how each answer stands to it."""
    rows = []
    for number, (name, yes, no) in enumerate(reference.GROUPS):
        for mine, theirs in zip_longest(_ticks(first, number), _ticks(second, number)):
            about = (mine or theirs).text
            rows.append([f"{name}: {about}", *(_state(t, yes, no) for t in (mine, theirs))])
    return rows


def _ticks(result: Result, group: int) -> tuple[Tick, ...]:
    items = result.verdict.checklist if result.verdict else None
    return (items.principles, items.steps, items.herrings)[group] if items else ()


def _state(tick: Tick | None, yes: str, no: str) -> str:
    if tick is None:
        return "not judged"
    if not tick.met:
        return "evidence not found" if tick.evidence_missing else no
    return yes + (f": “{tick.quote}”" if tick.quote else "")


def _rooms(puzzle: Puzzle, first: Result, second: Result) -> list[list[str]]:
    said = [outcome_sentence(r.outcome, puzzle) if r.outcome else "not tried" for r in (first, second)]
    return [["In the room", *said]] if puzzle.world else []
