"""Marking by hand: the fields for one answer, and the blind spot-check.

In the spot-check the player and all other marks are hidden until the person's own marks are saved.
"""

import random
from collections.abc import Mapping
from typing import NamedTuple

import streamlit as st

from escape.judges import raters
from escape.metrics import LABELS, SCALE, marks
from escape.results import answer_name, pluralize, result_at
from escape.runs import now
from escape.types import PERSON, Checklist, Mark, Puzzle, Result, Run, Scores, Tick, Trial, Verdict, Works
from escape.ui import text
from escape.ui.session import Session
from escape.ui.tables import render_raters_marks

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


ASKED = {
    "attempted": "It is an attempt at this puzzle",
    "principles": "Principles shown",
    "steps": "Steps carried out",
    "herrings": "Red herrings used",
    "works": "Would it work, just as described?",
    "other": "It is a complete plan, different from the reference",
}
BRIEF = ASKED | {
    "attempted": "An attempt",
    "principles": "Principles",
    "steps": "Steps",
    "herrings": "Red herrings used",
    "works": "Would it work?",
    "other": "Complete, by another way",
}


class Form(NamedTuple):
    """The fields for one answer. `key`: the prefix of their keys. `by_checklist`: else marks alone."""

    puzzle: Puzzle
    key: str
    by_checklist: bool

    def render(self, earlier_mark: Verdict | None = None, *, brief: bool = False) -> None:
        """Draw the fields. `brief`: short labels, and the meaning of the marks folded."""
        if self.by_checklist:
            self._render_checklist(
                earlier_mark.checklist if earlier_mark else None, BRIEF if brief else ASKED
            )
            return
        old = earlier_mark.scores if earlier_mark else None
        for score in self._scores():
            before = getattr(old, score) if old else None
            steps = SCALE[score]
            asked = LABELS[score] if brief else f"{LABELS[score]}, of {steps[-1]:g}: {MEANING[score]}"
            st.radio(asked, steps, index=steps.index(before) if before in steps else None, horizontal=True,
                     captions=None if brief else STEPS[score], format_func="{:g}".format,
                     key=f"{self.key} {score}")  # fmt: skip
        if brief:
            with st.expander("What the marks mean"):
                for score in self._scores():
                    told = [
                        f"{mark:g}: {words}"
                        for mark, words in zip(SCALE[score], STEPS[score], strict=True)
                        if words
                    ]
                    text.items(f"{LABELS[score]}: {MEANING[score]}", told)

    def read(self) -> Verdict | str:
        if self.by_checklist:
            return self._read_checklist()
        scores = {score: st.session_state.get(f"{self.key} {score}") for score in self._scores()}
        if None in scores.values():
            return "Choose a mark on every line."
        return Verdict(judge="", prompt="spot-check-marks/1", scores=Scores(**{"rhh": None, **scores}))

    def _scores(self) -> tuple[str, ...]:
        return ("pus", "sps", "rhh") if self.puzzle.red_herrings else ("pus", "sps")

    def _parts(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        return (
            ("principles", self.puzzle.physical_principles),
            ("steps", self.puzzle.solution.steps),
            ("herrings", self.puzzle.red_herrings),
        )

    def _render_checklist(self, old: Checklist | None, asked: Mapping[str, str]) -> None:
        st.checkbox(asked["attempted"], old.attempted if old else True, key=f"{self.key} attempted")
        for part, lines in self._parts():
            if lines:
                text.heading(asked[part])
            met = {t.text for t in getattr(old, part) if t.met} if old else set()
            for i, line in enumerate(lines, 1):
                st.checkbox(f"{i}\\. {text.label(line)}", line in met, key=f"{self.key} {part} {i}")
        before = WORKS.index(old.works) if old and old.works in WORKS else None
        works = f"{self.key} works"
        st.radio(asked["works"], WORKS, index=before, horizontal=True, key=works)
        st.checkbox(asked["other"], bool(old and old.complete_alternative),
                    key=f"{self.key} other")  # fmt: skip

    def _read_checklist(self) -> Verdict | str:
        fields = st.session_state
        attempted, works = bool(fields.get(f"{self.key} attempted")), fields.get(f"{self.key} works")
        ticks = {
            part: tuple(
                Tick(text=line, met=bool(fields.get(f"{self.key} {part} {i}")))
                for i, line in enumerate(lines, 1)
            )
            for part, lines in self._parts()
        }
        if not attempted and any(t.met for ticked in ticks.values() for t in ticked):
            return "You ticked lines but said it is not an attempt: change one or the other."
        if works is None and attempted:
            return "Choose yes, partly or no: would it work?"
        items = Checklist(
            **ticks,
            works=works or "undecided",
            complete_alternative=bool(fields.get(f"{self.key} other")),
            attempted=attempted,
        )
        return Verdict(judge="", prompt="spot-check/1", scores=marks(items, self.puzzle), checklist=items)


def render_spot_check(state: Session, run: Run) -> None:
    left_half, middle, right = st.columns([2, 1, 2])
    name = left_half.text_input(
        "Your name",
        key="spot_name",
        max_chars=40,
        placeholder="as it will appear in the export",
        autocomplete="off",
    ).strip()
    size = middle.number_input("How many", 1, 200, 5, key="spot_size")
    way = right.segmented_control(
        "How", ["Checklist", "Just the marks"], key="spot_way", default="Checklist", required=True
    )
    if not name:
        text.quiet("Enter your name to begin.")
        return
    rater = f"{PERSON}{name}"
    finished = raters(run).get(rater, {})
    sample = _sample_answers(run, rater, int(size))
    left_over = [r for r in sample if r.trial not in finished]
    text.quiet(f"{len(sample) - len(left_over)} of {pluralize(len(sample), 'answer')} marked by {name}.")
    if left_over:
        _render_form(
            state, run, left_over[0], rater, sample.index(left_over[0]), quick=way == "Just the marks"
        )
    else:
        _render_judges_marks(state, run, rater)


def unseen(run: Run) -> set[Trial]:
    """Collect the sampled answers that the person has not marked: others' marks stay hidden."""
    name = str(st.session_state.get("spot_name") or "").strip()
    if not name:
        return set()
    rater = f"{PERSON}{name}"
    sample = _sample_answers(run, rater, int(st.session_state.get("spot_size") or 5))
    return {r.trial for r in sample} - set(raters(run).get(rater, {}))


def _render_judges_marks(state: Session, run: Run, rater: str) -> None:
    if state.revealed and state.revealed in raters(run).get(rater, {}):
        trial = state.revealed
        render_raters_marks(run, result_at(run, trial.key), f"Saved. That was {answer_name(run, trial)}")


def _sample_answers(run: Run, rater: str, size: int) -> list[Result]:
    """Sample answers at random, the same for the same person and run, so that a reload continues."""
    answered = [r for r in run.results if r.answer and r.answer.text.strip()]
    # a control is known by its words: who marks it is not blind
    answered = [r for r in answered if not r.trial.player.startswith("control:")] or answered
    order = sorted(answered, key=lambda r: (r.trial.problem_id, r.trial.player, r.trial.repeat))
    random.Random(f"{run.run_id} {rater}").shuffle(order)  # noqa: S311 - chance, not secrets
    return order[:size]


def _render_form(state: Session, run: Run, result: Result, rater: str, number: int, *, quick: bool) -> None:
    puzzle = run.puzzle_by_id[result.trial.problem_id]
    left_half, right = st.columns(2, gap="large")
    with left_half:
        text.heading(f"{puzzle.name}: the answer")
        st.html(text.with_quotes_marked(result.answer.text if result.answer else "", {}))
        with st.expander("The puzzle"):
            st.html(text.with_quotes_marked(puzzle.setup.scenario, {}))
            text.items("", puzzle.setup.constraints)
    name = f"spot_{run.run_id}_{rater}_{number}"  # on the page, so it says nothing of the player
    form = Form(puzzle, name, by_checklist=not quick)
    with right, st.form(name):
        form.render()
        st.text_input("Note", max_chars=300, autocomplete="off", key=f"{name} note")
        st.form_submit_button(
            "Save and show what the judge said",
            type="primary",
            on_click=_save,
            args=(state, result.trial, rater, form),
        )
        text.render_message(state.page.said.pop("spot", None))
    with right:
        _render_judges_marks(state, run, rater)  # below the button that was pressed, where one looks


def _save(state: Session, trial: Trial, rater: str, form: Form) -> None:
    verdict = form.read()
    if isinstance(verdict, str):
        state.say("spot", verdict)
    elif live := state.own_live:
        note = st.session_state.get(f"{form.key} note", "")
        marked = verdict.model_copy(update={"judge": rater, "feedback": note})
        state.remember(live)  # what is added to the example is kept like a run of one's own
        live.mark(Mark(trial=trial, rater=rater, verdict=marked, at=now()))
        state.revealed = trial
