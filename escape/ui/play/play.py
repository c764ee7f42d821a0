"""Play: a person plays a room by hand, move by move, and becomes a player like any other."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType

import streamlit as st

from escape.environments import ByHand, Episode, counts_doors, environment_of, is_marked, playable
from escape.environments.rooms import Play
from escape.results import count, outcome_sentence
from escape.types import Puzzle
from escape.ui import text
from escape.ui.play import acting, call_it, ending, foreseeing, lab, lines
from escape.ui.play.steps import steps
from escape.ui.pressing import bring
from escape.ui.session import Session
from escape.ui.setup import Choice, generated

TOLD = "play_told"  # the key of what a player is told of the room


def show(state: Session, choice: Choice) -> None:
    """The whole view."""
    first = st.container()  # the sentence is what a screen reader meets first
    if _calling(state):
        with first:
            text.lead(call_it.lead(state))
        call_it.show(state)
        return
    rooms = [p for p in state.puzzles if playable(p)]
    if of_day := generated.room_of_the_day(
        p for p in rooms if p.problem_id in state.bundled and p.problem_id not in state.hard
    ):
        rooms.insert(0, rooms.pop(rooms.index(of_day)))
    rooms[1:1] = generated.of_today()
    here = state.playing.puzzle if state.playing else None
    if here and environment_of(here).seeds and here.problem_id not in {p.problem_id for p in rooms}:
        rooms.insert(1, here)  # at midnight the day's laboratory changes; whoever is in yesterday's stays there
    playing = _choose(state, rooms)
    puzzle, play = playing.puzzle, playing.play
    with first:
        (text.quiet if play.over else text.lead)(environment_of(puzzle).lead)  # at the end its sentence leads
    text.said(state.page.said.pop("bring", None))
    if not isinstance(play, Play):
        _by_door(state, playing, play)
        return
    left_half, right = st.columns([2, 3], gap="large")
    with left_half:
        told(puzzle)
    with right:
        if not play.over:
            acting.show(state, playing, play)
        else:
            with st.container(key=acting.END):
                ending.show(state, choice, playing, _following(state, rooms, puzzle), lambda i: _enter(state, rooms, i))
        steps(play.steps, play.lost_at if play.over else None)
        if play.over:  # before, they would tell too much
            foreseeing.show(puzzle)


ENTER = "Play a room"


def _calling(state: Session) -> bool:
    """Whether bets are on: somebody else's plan instead of one's own."""

    def turn() -> None:
        if st.session_state["play_what"] == call_it.CALL and state.calling is None:
            call_it.begin(state, generated.today())

    what = st.segmented_control("What to do", [ENTER, call_it.CALL], key="play_what", default=ENTER, required=True,
                                on_change=turn, label_visibility="collapsed")  # fmt: skip
    return bool(what == call_it.CALL)


def _enter(state: Session, rooms: Sequence[Puzzle], problem_id: str) -> None:
    practice = state.playing is not None and state.playing.practice
    state.playing = ByHand(next(p for p in rooms if p.problem_id == problem_id))
    state.playing.practice = practice
    acting.clear()
    bring(state, TOLD)


def _following(state: Session, rooms: Sequence[Puzzle], puzzle: Puzzle) -> Puzzle | None:
    """The room to go on with: the easiest of those not tried yet."""
    return _easiest([p for p in rooms if is_marked(p) and p.problem_id not in state.tried and p is not puzzle])


def _easiest(rooms: Sequence[Puzzle]) -> Puzzle | None:
    """The room with the fewest moves and things; to see that there is no way out counts like four moves."""

    def effort(room: Puzzle) -> tuple[int, int]:
        moves = len(room.world.moves) if room.world and room.solvable else 4
        return moves, len(room.setup.available_items) + len(room.world.things if room.world else ())

    return min(rooms, key=effort, default=None)


HANDS: dict[str, ModuleType] = {"trials": lab}  # by an environment's `hand`


def hand_of(puzzle: Puzzle) -> ModuleType:
    """How a person plays a puzzle: a module with `show` and `end`."""
    return HANDS.get(environment_of(puzzle).hand, lines)


def _by_door(state: Session, playing: ByHand, at: Episode) -> None:
    """What is played door by door: what stands before the next one on one side, what was done so far on the other."""
    hand = hand_of(at.puzzle)
    left_half, right = st.columns([3, 2], gap="large")
    with right:
        steps(at.steps, at.lost_at if at.over else None)
    with left_half:
        if at.over:
            with st.container(key=acting.END):
                text.lead(outcome_sentence(at.outcome, at.puzzle))
                hand.end(playing, at)
            acting.practice(playing)
            _another(state, at.puzzle)
            foreseeing.show(at.puzzle)
        else:
            with st.container(key=TOLD):
                hand.show(playing, at)
            acting.practice(playing)


def _another(state: Session, puzzle: Puzzle) -> None:
    """The next puzzle of the same seed: nobody runs out of them."""
    environment = environment_of(puzzle)
    recipe = environment.recipe(puzzle)
    if recipe is None:
        return

    def go() -> None:
        state.playing = ByHand(generated.one(environment.name, recipe.seed, recipe.number + 1, recipe.doors))
        acting.clear()

    st.button(f"Another {environment.nouns[0]}", key="play_next", type="primary", on_click=go)


def told(puzzle: Puzzle) -> None:
    """The room as a player is told it."""
    with st.container(key=TOLD):
        text.heading(puzzle.name)
        st.html(f'<div class="esc-text">{text.escaped(puzzle.setup.scenario)}</div>')
        if puzzle.setup.constraints:
            with st.expander("Limits"):
                text.items("", puzzle.setup.constraints)


def _choose(state: Session, rooms: Sequence[Puzzle]) -> ByHand:
    by_id, name_by_id = {p.problem_id: p for p in rooms}, state.called(rooms)
    if rooms and is_marked(rooms[0]):
        name_by_id[rooms[0].problem_id] = f"{rooms[0].name} · room of the day"
    for puzzle in rooms:
        environment = environment_of(puzzle)
        if recipe := environment.recipe(puzzle):
            whose = "the day" if recipe.seed == generated.today() else recipe.seed
            number = f", number {recipe.number}" if recipe.number > 1 else ""
            name = f"{environment.nouns[0].capitalize()} of {whose}{number}"
            name_by_id[puzzle.problem_id] = f"{name}, {count(recipe.doors, 'door')}"

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
        by_doors = state.run is not None and counts_doors(state.run)
        written = [] if by_doors else [p for p in rooms if is_marked(p) and p.solvable]
        state.playing = ByHand(_easiest(written) or rooms[0])
    st.session_state["play_room"] = state.playing.puzzle.problem_id
    st.session_state["play_practice"] = state.playing.practice
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            "Room or laboratory",
            list(by_id),
            key="play_room",
            format_func=name_by_id.__getitem__,
            on_change=enter,
            width=320,
        )
        st.button("Start again", on_click=again, key="play_again", disabled=not state.playing.play.steps)
        st.toggle("Practice", key="play_practice", on_change=practise,
                  help="With undo and hints; it counts in no table. Leave it, and the room begins again.")  # fmt: skip
    if state.playing.starts > 1:
        text.quiet(f"Started {state.playing.starts} times.")
    return state.playing
