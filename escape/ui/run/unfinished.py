"""Unfinished trials: causes, each once, and the buttons that go on, with what that may cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from escape.puzzles import files
from escape.results import bill_sentence, digest, own_players, pluralize, unconfirmed_sentence, wants_told
from escape.runs import assembly, bills
from escape.types import Answer, ModelSpec, Puzzle, Run, RunConfig, SpecError, Trial
from escape.ui import text
from escape.ui.pressing import pressed
from escape.ui.run.start import start
from escape.ui.session import Session
from escape.ui.setup import Choice, show_missing


def render(state: Session, choice: Choice, run: Run) -> bool:
    """Causes, each once, and the buttons that ask again, with what that may cost. True if there is such a button."""
    counts = digest(run)
    players = own_players(run)
    cut_off = sum(t.cut_off for player, t in counts.tallies.items() if player in players)  # others are as they came
    if cut_off and not state.opened_on:
        text.cause(
            f"{pluralize(cut_off, 'answer')} cut off at the length limit; only what is there was marked. Raise the "
            "limit under Test models, More."
        )
    if not state.running and (sentence := unconfirmed_sentence(run)):
        text.quiet(f"{sentence}.")
    if state.running or (not counts.causes and not counts.waiting) or (state.live and state.live.running):
        return False
    for (answered, message), n in counts.causes.most_common(4):
        text.cause(f"{pluralize(n, 'answer')} {'could not be judged' if answered else 'failed'}: {message}")
    if counts.waiting:
        text.cause(f"{pluralize(counts.waiting, 'answer')} not asked or not judged: the run was stopped early.")
    if state.reading:
        return False
    every, answers = assembly.missing(run.config, run.results, failed_too=True)
    missing = dict.fromkeys(assembly.missing(run.config, run.results, failed_too=False)[0])
    broken = [t for t in every if t not in missing]
    config = _with_new_limits(run.config, choice)

    show_missing(state, [*config.players, *config.judge.models])
    for todo, label, key in ((broken, "Ask these again", "retry"), (list(missing), "Go on", "continue")):
        if todo:
            with st.container(horizontal=True, vertical_alignment="center", key=f"go_on_{key}"):
                if pressed(state, label, key, type="secondary" if key == "continue" and broken else "primary"):
                    try:
                        start(state, config, list(run.puzzles), run, only=(todo, answers))
                    except SpecError as error:
                        state.page.problem = str(error)
                    st.rerun()
                text.quiet(what_it_takes(state, config, run.puzzles, todo, answers))
    return bool(broken or missing)


def _with_new_limits(config: RunConfig, choice: Choice) -> RunConfig:
    """The same run with the limits of the set-up, which may have been changed to get further."""
    now = choice.config or config
    limits = {p.name: (p.max_tokens, p.timeout_s) for p in now.players}

    def same(spec: ModelSpec) -> ModelSpec:
        tokens, wait = limits.get(spec.name, (spec.max_tokens, spec.timeout_s))
        return spec.model_copy(update={"max_tokens": tokens, "timeout_s": wait})

    players = tuple(map(same, config.players))
    return config.model_copy(update={"max_cost_usd": choice.cap_usd, "players": players})


def what_it_takes(
    state: Session, config: RunConfig, puzzles: Sequence[Puzzle], todo: Sequence[Trial], answers: Mapping[Trial, Answer]
) -> str:
    """Return what going on will cost and whom a file's run asks: nobody pays without knowing."""
    try:
        players, judge = bills(config, puzzles, todo, answers)
    except KeyError:  # a file may name players of another version, or of somebody else's
        return "A player or judge named in this file is not available here."
    sentence = f"{pluralize(len(todo), 'answer')}: {bill_sentence(players, judge)}"
    if state.live and state.live.made_here:
        return f"{sentence}."
    players_asked = dict.fromkeys(t.player for t in todo if t not in answers)
    who = f"Players in the file: {', '.join(players_asked)}. " if players_asked else ""
    return f"{sentence}. {who}Judge: {config.judge.name}."


def offer(state: Session, run: Run) -> None:
    """A button that adds the told rooms to a run of one's own, with what they may cost."""
    if state.running or state.reading or not wants_told(run):
        return
    told_rooms = [p for p in files.shared_set(files.TOLD) if p.problem_id not in run.config.problem_ids]
    ids = (*run.config.problem_ids, *(p.problem_id for p in told_rooms))
    config = run.config.model_copy(update={"problem_ids": ids, "puzzle_set": ""})
    told_ids = {p.problem_id for p in told_rooms}
    todo = [t for t in config.trials() if t.problem_id in told_ids]
    if not todo:
        return
    puzzles = [*run.puzzles, *told_rooms]
    with st.container(horizontal=True, vertical_alignment="center", key="follow_form"):
        if pressed(state, "Can it follow the form?", "follow_form_ask"):
            try:
                start(state, config, puzzles, run, only=(todo, {}))
            except SpecError as error:
                state.page.problem = str(error)
            st.rerun()
        text.quiet(f"Six short rooms that say what to do. {what_it_takes(state, config, puzzles, todo, {})}")
