"""Play: a person plays a room by hand, move by move, and becomes a player like any other."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from escape.environments import ByHand
from escape.environments.houses import HouseAttempt
from escape.environments.laboratories import LabAttempt
from escape.environments.rooms import Play
from escape.results import count, outcome_sentence
from escape.types import MoveResult, Puzzle
from escape.ui import text
from escape.ui.play import acting, ending, foreseeing, house, lab
from escape.ui.pressing import bring
from escape.ui.session import Session
from escape.ui.setup import Choice, houses

TOLD = "play_told"  # the key of what a player is told of the room


def show(state: Session, choice: Choice) -> None:
    """The whole view."""
    rooms = [houses.of_the_day(), houses.lab_of_the_day(), *(p for p in state.puzzles if p.world)]
    here = state.playing.puzzle if state.playing else None
    if here and here.drawn and here.problem_id not in {p.problem_id for p in rooms}:
        rooms.insert(1, here)  # at midnight the day's house changes; whoever is in yesterday's stays there
    first = st.container()  # the sentence is what a screen reader meets first
    playing = _choose(state, rooms)
    puzzle, play = playing.puzzle, playing.play
    with first:
        (text.quiet if play.over else text.lead)(  # at the end its sentence leads
            "Open as many doors as you can. After each move the house tells you what happens."
            if puzzle.house
            else "Find each apparatus's law by trials, then make the setting that opens its door."
            if puzzle.lab
            else "Get out of a room yourself. After each move the room tells you what happens."
        )
    text.said(state.page.said.pop("bring", None))
    if isinstance(play, (HouseAttempt, LabAttempt)):
        _drawn(state, playing, play)
        return
    left, right = st.columns([2, 3], gap="large")
    with left:
        told(puzzle)
    with right:
        if isinstance(play, Play) and not play.over:
            acting.show(state, playing, play)
        else:
            with st.container(key=acting.END):
                ending.show(state, choice, playing, _following(state, rooms, puzzle), lambda i: _enter(state, rooms, i))
        steps(play.steps, play.lost_at if play.over else None)
        if play.over:  # before, they would tell too much
            foreseeing.show(puzzle)


def _enter(state: Session, rooms: Sequence[Puzzle], problem_id: str) -> None:
    practice = state.playing is not None and state.playing.practice
    state.playing = ByHand(next(p for p in rooms if p.problem_id == problem_id))
    state.playing.practice = practice
    acting.clear()
    bring(state, TOLD)


def _following(state: Session, rooms: Sequence[Puzzle], puzzle: Puzzle) -> Puzzle | None:
    """The room to go on with: the easiest of those not tried yet."""
    return _easiest([p for p in rooms if p.world and p.problem_id not in state.tried and p is not puzzle])


def _easiest(rooms: Sequence[Puzzle]) -> Puzzle | None:
    """The room with the fewest moves and things; to see that there is no way out counts like four moves."""

    def effort(room: Puzzle) -> tuple[int, int]:
        moves = len(room.world.moves) if room.world and room.solvable else 4
        return moves, len(room.setup.available_items) + len(room.world.things if room.world else ())

    return min(rooms, key=effort, default=None)


def _drawn(state: Session, playing: ByHand, at: HouseAttempt | LabAttempt) -> None:
    """A house or a laboratory: what stands before the next door on one side, what was done so far on the other."""
    left, right = st.columns([3, 2], gap="large")
    with right:
        steps(at.steps, at.lost_at if at.over else None)
    with left:
        if at.over:
            with st.container(key=acting.END):
                text.lead(outcome_sentence(at.outcome, at.puzzle))
                house.end(playing, at) if isinstance(at, HouseAttempt) else lab.end(playing, at)
            acting.practice(playing)
            _another(state, at)
            foreseeing.show(at.puzzle)
        else:
            with st.container(key=TOLD):
                house.show(playing, at) if isinstance(at, HouseAttempt) else lab.show(playing, at)
            acting.practice(playing)


def _another(state: Session, at: HouseAttempt | LabAttempt) -> None:
    """The next house or laboratory of the same seed: nobody runs out of them."""
    drawn = at.puzzle.drawn
    if drawn is None:
        return

    def go() -> None:
        made = houses.made if isinstance(at, HouseAttempt) else houses.made_labs
        state.playing = ByHand(made(drawn.seed, drawn.number + 1, len(drawn.doors))[-1])
        acting.clear()

    st.button("Another house" if isinstance(at, HouseAttempt) else "Another laboratory", key="play_next",
              type="primary", on_click=go)  # fmt: skip


def told(puzzle: Puzzle) -> None:
    """The room as a player is told it."""
    with st.container(key=TOLD):
        text.heading(puzzle.name)
        st.html(f'<div class="esc-text">{text.escape(puzzle.setup.scenario)}</div>')
        if puzzle.setup.constraints:
            with st.expander("Limits"):
                text.items("", puzzle.setup.constraints)


def _choose(state: Session, rooms: Sequence[Puzzle]) -> ByHand:
    by_id, called = {p.problem_id: p for p in rooms}, state.called(rooms)
    today = houses.today()
    for puzzle in rooms:
        if puzzle.drawn:
            kind, seed, number = "House" if puzzle.house else "Laboratory", puzzle.drawn.seed, puzzle.drawn.number
            whose = f"{kind} of {'the day' if seed == today else seed}{f', number {number}' if number > 1 else ''}"
            called[puzzle.problem_id] = f"{whose}, {count(len(puzzle.drawn.doors), 'door')}"

    def enter() -> None:
        _enter(state, rooms, st.session_state["play_room"])

    def again() -> None:
        if state.playing:
            state.playing = state.playing.again()
            acting.clear()

    def practise() -> None:
        """Practice may begin in the middle; who leaves it begins again, since undo and hints were to be had."""
        if state.playing:
            state.playing.practice = st.session_state["play_practice"]
            if not state.playing.practice:
                again()

    if state.playing is None or state.playing.puzzle.problem_id not in by_id:
        of_houses = state.run is not None and state.run.of_houses
        written = [] if of_houses else [p for p in rooms if p.world and p.solvable]
        state.playing = ByHand(_easiest(written) or rooms[0])
    st.session_state["play_room"] = state.playing.puzzle.problem_id
    st.session_state["play_practice"] = state.playing.practice
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            "Room, house or laboratory",
            list(by_id),
            key="play_room",
            format_func=called.__getitem__,
            on_change=enter,
            width=320,
        )
        st.button("Start again", on_click=again, key="play_again", disabled=not state.playing.play.steps)
        st.toggle("Practice", key="play_practice", on_change=practise,
                  help="With undo and hints; it counts in no table. Leave it, and the room begins again.")  # fmt: skip
    if state.playing.starts > 1:
        text.quiet(f"Started {state.playing.starts} times.")
    return state.playing


def steps(made: Sequence[MoveResult], lost_at: int | None) -> None:
    """Moves and what the room said to each; the one after which there was no way out any more is marked.

    What comes is read out elsewhere, from a place that stays.
    """
    lines = []
    for number, step in enumerate(made, 1):
        lost = ' <b class="state bad">from here on there was no way out</b>' if number == lost_at else ""
        idle = step.free and step.understood and step.move != "give up"
        free = ' <span class="esc-quiet">(costs no move)</span>' if idle else ""
        kind = "" if step.understood else ' class="esc-quiet"'
        lines.append(f"<li{kind}><b>{text.escape(step.move)}</b>{free}<br>{text.escape(step.said)}{lost}</li>")
    st.html(f'<div role="region" aria-label="Moves so far"><ol class="esc-steps">{"".join(lines)}</ol></div>')
