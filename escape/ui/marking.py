"""The fields in which a person marks an answer: the judge's own checklist, or just the marks. Used by whoever marks."""

from __future__ import annotations

import streamlit as st

from escape.metrics import LABELS, SCALE, marks
from escape.schema import Checklist, Puzzle, Scores, Tick, Verdict, Works
from escape.ui import text

WORKS: tuple[Works, ...] = ("yes", "partly", "no")


def checklist(puzzle: Puzzle, given: Verdict | None = None) -> Verdict | str:
    """A verdict by the checklist, or what is still lacking. `given`: what the fields begin with."""
    old = given.checklist if given else None
    attempted = st.checkbox("It is an attempt at this puzzle", value=old.attempted if old else True)
    principles = _ticks("Principles shown", puzzle.physical_principles, old.principles if old else ())
    steps = _ticks("Steps carried out", puzzle.solution.steps, old.steps if old else ())
    herrings = _ticks("Red herrings used", puzzle.red_herrings, old.herrings if old else ())
    before = WORKS.index(old.works) if old and old.works in WORKS else None
    works = st.radio("Would it work, just as described?", WORKS, index=before, horizontal=True)
    other = st.checkbox(
        "It is a complete plan of another kind than the reference", value=bool(old and old.complete_alternative)
    )
    if not attempted and any(t.met for t in (*principles, *steps, *herrings)):
        return "You ticked lines, yet said that it is no attempt: take back one or the other."
    if works is None and attempted:
        return "Choose yes, partly or no under: Would it work, just as described?"
    items = Checklist(
        principles=principles,
        steps=steps,
        herrings=herrings,
        works=works or "undecided",
        complete_alternative=other,
        attempted=attempted,
    )
    return Verdict(judge="", prompt="spot-check/1", scores=marks(items, puzzle), checklist=items)


def _ticks(title: str, lines: tuple[str, ...], old: tuple[Tick, ...]) -> tuple[Tick, ...]:
    """One checkbox a line, under its title."""
    if lines:
        text.heading(title)
    met = {t.text for t in old if t.met}
    return tuple(
        Tick(text=line, met=st.checkbox(f"{i}\\. {text.label(line)}", value=line in met))
        for i, line in enumerate(lines, 1)
    )


def just_marks(puzzle: Puzzle, given: Verdict | None = None) -> Verdict | str:
    """A verdict by its marks alone, or what is still lacking. `given`: what the fields begin with."""
    old = given.scores if given else None
    pus, sps = _mark("pus", old.pus if old else None), _mark("sps", old.sps if old else None)
    kept = _mark("rhh", old.rhh if old else None) if puzzle.red_herrings else None
    if pus is None or sps is None or (puzzle.red_herrings and kept is None):
        return "Choose a mark in every line."
    return Verdict(judge="", prompt="spot-check-marks/1", scores=Scores(pus=pus, sps=sps, rhh=kept))


def _mark(score: str, old: float | None) -> float | None:
    steps = SCALE[score]
    name = f"{LABELS[score]}, of {steps[-1]:g}"
    index = steps.index(old) if old in steps else None
    return st.radio(name, steps, index=index, horizontal=True, format_func="{:g}".format)
