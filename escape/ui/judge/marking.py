"""The fields in which a person marks an answer: the judge's own checklist, or just the marks. Used by whoever marks.

Drawn and read apart: a form's own press knows all its fields before the page is drawn.
"""

from __future__ import annotations

from typing import NamedTuple

import streamlit as st

from escape.metrics import LABELS, SCALE, marks
from escape.types import Checklist, Puzzle, Scores, Tick, Verdict, Works
from escape.ui import text

WORKS: tuple[Works, ...] = ("yes", "partly", "no")
MEANING = {
    "pus": "are the principles understood and applied?",
    "sps": "are the steps complete, and would they work?",
    "rhh": "does the answer keep away from the red herrings?",
}


STEPS = {  # what some of the marks stand for, in the order of the scale
    "pus": ("none", "", "about half", "", "all, and why they work here"),
    "sps": ("would not work", "", "right idea, steps missing", "", "complete, and would work"),
    "rhh": ("uses one", "uses none"),
}


class Form(NamedTuple):
    """The fields for one answer. `key`: what the keys of its fields begin with. `by_checklist`: or just the marks."""

    puzzle: Puzzle
    key: str
    by_checklist: bool

    def draw(self, earlier_mark: Verdict | None = None) -> None:
        """The fields. `earlier_mark`: what they begin with."""
        if self.by_checklist:
            self._draw_checklist(earlier_mark.checklist if earlier_mark else None)
            return
        old = earlier_mark.scores if earlier_mark else None
        for score in self._scores():
            before = getattr(old, score) if old else None
            steps = SCALE[score]
            st.radio(
                f"{LABELS[score]}, of {steps[-1]:g}: {MEANING[score]}",
                steps,
                index=steps.index(before) if before in steps else None,
                captions=STEPS[score],
                horizontal=True,
                format_func="{:g}".format,
                key=f"{self.key} {score}",
            )

    def read(self) -> Verdict | str:
        if self.by_checklist:
            return self._read_checklist()
        scores = {score: st.session_state.get(f"{self.key} {score}") for score in self._scores()}
        if None in scores.values():
            return "Choose a mark on every line."
        return Verdict(judge="", prompt="spot-check-marks/1", scores=Scores(**{"rhh": None, **scores}))

    def _scores(self) -> tuple[str, ...]:
        return ("pus", "sps", "rhh") if self.puzzle.red_herrings else ("pus", "sps")

    def _parts(self) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
        return (
            ("principles", "Principles shown", self.puzzle.physical_principles),
            ("steps", "Steps carried out", self.puzzle.solution.steps),
            ("herrings", "Red herrings used", self.puzzle.red_herrings),
        )

    def _draw_checklist(self, old: Checklist | None) -> None:
        st.checkbox("It is an attempt at this puzzle", old.attempted if old else True, key=f"{self.key} attempted")
        for part, title, lines in self._parts():
            if lines:
                text.heading(title)
            met = {t.text for t in getattr(old, part) if t.met} if old else set()
            for i, line in enumerate(lines, 1):
                st.checkbox(f"{i}\\. {text.label(line)}", line in met, key=f"{self.key} {part} {i}")
        before = WORKS.index(old.works) if old and old.works in WORKS else None
        works = f"{self.key} works"
        st.radio("Would it work, just as described?", WORKS, index=before, horizontal=True, key=works)
        st.checkbox(
            "It is a complete plan, different from the reference",
            bool(old and old.complete_alternative),
            key=f"{self.key} other",
        )

    def _read_checklist(self) -> Verdict | str:
        fields = st.session_state
        attempted, works = bool(fields.get(f"{self.key} attempted")), fields.get(f"{self.key} works")
        ticks = {
            part: tuple(
                Tick(text=line, met=bool(fields.get(f"{self.key} {part} {i}"))) for i, line in enumerate(lines, 1)
            )
            for part, _, lines in self._parts()
        }
        if not attempted and any(t.met for ticked in ticks.values() for t in ticked):
            return "You ticked lines but said it is not an attempt: change one or the other."
        if works is None and attempted:
            return "Choose yes, partly or no under: Would it work, just as described?"
        items = Checklist(
            **ticks,
            works=works or "undecided",
            complete_alternative=bool(fields.get(f"{self.key} other")),
            attempted=attempted,
        )
        return Verdict(judge="", prompt="spot-check/1", scores=marks(items, self.puzzle), checklist=items)
