"""Spot-check: a person fills in the same checklist, blind: player and other marks are hidden until theirs are saved."""

from __future__ import annotations

import random

import streamlit as st

from escape.judges import raters
from escape.results import answer_name, pluralize, result_at
from escape.runs import now
from escape.types import PERSON, Opinion, Result, Run, Trial
from escape.ui import text
from escape.ui.judge import marking
from escape.ui.session import Session
from escape.ui.tables import marks_table


def render(state: Session, run: Run) -> None:
    left_half, middle, right = st.columns([2, 1, 2])
    name = left_half.text_input(
        "Your name", key="spot_name", max_chars=40, placeholder="as it will appear in the export", autocomplete="off"
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
    sample = _sample(run, rater, int(size))
    left_over = [r for r in sample if r.trial not in finished]
    text.quiet(f"{len(sample) - len(left_over)} of {pluralize(len(sample), 'answer')} marked by {name}.")
    if left_over:
        _form(state, run, left_over[0], rater, sample.index(left_over[0]), quick=way == "Just the marks")
    else:
        _reveal(state, run, rater)


def unseen(run: Run) -> set[Trial]:
    """Return the answers that the person marking has not marked yet: marks by others on them stay hidden."""
    name = str(st.session_state.get("spot_name") or "").strip()
    if not name:
        return set()
    rater = f"{PERSON}{name}"
    sample = _sample(run, rater, int(st.session_state.get("spot_size") or 5))
    return {r.trial for r in sample} - set(raters(run).get(rater, {}))


def _reveal(state: Session, run: Run, rater: str) -> None:
    if state.revealed and state.revealed in raters(run).get(rater, {}):
        trial = state.revealed
        marks_table(run, result_at(run, trial.key), f"Saved. That was {answer_name(run, trial)}")


def _sample(run: Run, rater: str, size: int) -> list[Result]:
    """The same random answers for the same person and run, so that a reload goes on where it was."""
    answered = [r for r in run.results if r.answer and r.answer.text.strip()]
    # a control is known by its words: who marks it is not blind
    answered = [r for r in answered if not r.trial.player.startswith("control:")] or answered
    order = sorted(answered, key=lambda r: (r.trial.problem_id, r.trial.player, r.trial.repeat))
    random.Random(f"{run.run_id} {rater}").shuffle(order)  # noqa: S311 - chance, not secrets
    return order[:size]


def _form(state: Session, run: Run, result: Result, rater: str, number: int, *, quick: bool) -> None:
    puzzle = run.puzzle_by_id[result.trial.problem_id]
    left_half, right = st.columns(2, gap="large")
    with left_half:
        text.heading(f"{puzzle.name}: the answer")
        st.html(text.marked(result.answer.text if result.answer else "", {}))
        with st.expander("The puzzle"):
            st.html(text.marked(puzzle.setup.scenario, {}))
            text.items("", puzzle.setup.constraints)
    name = f"spot_{run.run_id}_{number}"  # on the page, so it says nothing of the player
    form = marking.Form(puzzle, name, by_checklist=not quick)
    with right, st.form(name):
        form.draw()
        st.text_input("Note", max_chars=300, autocomplete="off", key=f"{name} note")
        st.form_submit_button(
            "Save and show what the judge said", type="primary", on_click=_save, args=(state, result.trial, rater, form)
        )
        text.render_message(state.page.said.pop("spot", None))
    with right:
        _reveal(state, run, rater)  # below the button that was pressed, where one looks


def _save(state: Session, trial: Trial, rater: str, form: marking.Form) -> None:
    verdict = form.read()
    if isinstance(verdict, str):
        state.say("spot", verdict)
    elif live := state.own_live:
        note = st.session_state.get(f"{form.key} note", "")
        marked = verdict.model_copy(update={"judge": rater, "feedback": note})
        state.remember(live)  # what is added to the example is kept like a run of one's own
        live.add_opinion(Opinion(trial=trial, rater=rater, verdict=marked, at=now()))
        state.revealed = trial
