"""The end of a room: why it works, you beside the players, the next room, a line to share. Then a place among them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from escape.results import display_name, outcome_sentence, pluralize
from escape.rooms import ByHand, as_answer, shortest
from escape.runs.file import AnswerLine
from escape.types import PLAYED, Outcome, Puzzle, Run
from escape.ui import text
from escape.ui.buttons import copy_text
from escape.ui.play import acting
from escape.ui.pressing import bring
from escape.ui.run import example, pasted
from escape.ui.session import Session
from escape.ui.setup import Choice

Doors = Mapping[str, Outcome]  # by puzzle


def render(
    state: Session, choice: Choice, playing: ByHand, following: Puzzle | None, enter: Callable[[str], None]
) -> None:
    """The whole card. `following`: the next room, which `enter` goes to."""
    outcome, puzzle = playing.play.outcome, playing.puzzle
    text.lead(outcome_sentence(outcome, puzzle))
    acting.last(playing)
    if not playing.practice:
        state.tried.setdefault(puzzle.problem_id, outcome)  # the first end counts
    with st.container(horizontal=True, vertical_alignment="center"):
        if following:
            st.button(f"Next room: {text.label(following.name)}", key="play_next", type="primary",
                      on_click=enter, args=(following.problem_id,))  # fmt: skip
    _why(puzzle, outcome)
    if playing.practice:
        text.quiet("This was practice, which counts in no table. Switch Practice off to play the room in earnest.")
        return
    _beside_players(state, puzzle)
    shared = share_line(state.tried, puzzle)
    with st.container(horizontal=True, vertical_alignment="center"):
        text.quiet(shared)
        copy_text("share_play", shared)
    with st.form("play_end"):
        who = st.text_input("Your name, or a nickname", max_chars=40, autocomplete="off", key="play_name")
        why = st.text_area(
            "Why does it work, or why not? (marked like any other answer)", max_chars=8000, key="play_why"
        )
        if st.form_submit_button(f"Add my play of {text.label(puzzle.name)} to the results", disabled=state.running):
            answer = as_answer(puzzle, outcome, why)
            bring(state, "headline")
            line = AnswerLine(problem_id=puzzle.problem_id, answer=answer, player=who.strip() or "a visitor")
            pasted.take(state, choice, [line], PLAYED)


def _why(puzzle: Puzzle, outcome: Outcome) -> None:
    """Draw what the room was about, and a shortest way for whoever took another or none."""
    text.items("Why it works" if puzzle.solvable else "Why there is no way out", puzzle.solution.key_insights)
    text.quiet(f"Principles: {'; '.join(puzzle.physical_principles)}.")
    if puzzle.solvable and not (outcome.out and outcome.moves <= outcome.shortest):
        with st.expander(f"A shortest way out ({pluralize(outcome.shortest, 'move')})"):
            text.items("", shortest(puzzle), ordered=True)


def _beside_players(state: Session, puzzle: Puzzle) -> None:
    """Draw how this room and all that were tried went, for this visitor and each player of the run on show."""
    run = state.run or example.of_rooms()
    if run is None or not (rows := compare(state.tried, run, puzzle.problem_id)):
        return
    text.table(
        [("Who", ""), ("This room", ""), (f"Out, of {pluralize(len(state.tried), 'room')} that you tried", "")],
        rows,
        f"You and the players of {'the example' if state.opened_on else 'the run on show'}",
    )


def compare(outcomes: Doors, run: Run, this: str) -> list[list[str]]:
    """Rows of who, how this room went, and how many of the rooms that the visitor tried, if asked."""
    theirs: dict[str, dict[str, Outcome]] = {}
    for result in run.results:
        if result.led_to and result.trial.problem_id in outcomes:
            theirs.setdefault(result.trial.player, {}).setdefault(result.trial.problem_id, result.led_to)
    everybody = [
        ("You", outcomes),
        *((display_name(p), theirs[p]) for p in (s.name for s in run.config.players) if p in theirs),
    ]
    return [
        [who, _here(d.get(this)), f"{sum(d[i].out for i in d if i in outcomes)} of {len(d)}"] for who, d in everybody
    ]


def _here(outcome: Outcome | None) -> str:
    if outcome is None:
        return "not asked"
    return f"out in {pluralize(outcome.moves, 'move')}" if outcome.out else "not out"


def share_line(outcomes: Doors, puzzle: Puzzle) -> str:
    """`Escape: ▮▮▯ got out of 2 of 3 rooms. The tube: 2 moves, shortest 2.`"""
    outs = [o.out for o in outcomes.values()]
    here = outcomes[puzzle.problem_id]
    result_text = (
        f"{pluralize(here.moves, 'move')}, shortest {here.shortest}" if here.out and puzzle.solvable else _here(here)
    )
    doors_text = "".join("▮" if out else "▯" for out in outs)
    return (
        f"Escape: {doors_text} got out of {sum(outs)} of {pluralize(len(outs), 'room')}. {puzzle.name}: {result_text}."
    )
