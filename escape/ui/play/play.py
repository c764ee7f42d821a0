"""Play: a person plays a room by hand, move by move, and becomes a player like any other."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from escape.fields import normalized_name
from escape.houses import HouseAttempt
from escape.labs import LabAttempt
from escape.puzzles import attempt
from escape.records import PLAYED
from escape.results import count, outcome_sentence
from escape.rooms import VERBS, move_text, room_of
from escape.runs.file import AnswerLine
from escape.schema import Puzzle
from escape.ui import text
from escape.ui.play import foreseeing, house, lab
from escape.ui.run import pasted
from escape.ui.session import Playing, Session
from escape.ui.setup import Choice, houses
from escape.world import MoveResult, Outcome

COMMON = "put pour push pull turn press take tie look".split()  # first in the row; the others behind them


def show(state: Session, choice: Choice) -> None:
    """The whole view."""
    rooms = [houses.of_the_day(), houses.lab_of_the_day(), *(p for p in state.puzzles if p.world)]
    here = state.playing.play.puzzle if state.playing else None
    if here and here.drawn and here.problem_id not in {p.problem_id for p in rooms}:
        rooms.insert(1, here)  # at midnight the day's house changes; whoever is in yesterday's stays there
    first = st.container()  # the sentence is what a screen reader meets first
    playing = _choose(state, rooms)
    puzzle = playing.play.puzzle
    with first:
        text.lead(
            (
                "Open as many doors as you can. After each move the house tells you what happens. "
                if puzzle.house
                else "Find each apparatus's law by trials, then make the setting that opens its door. "
                if puzzle.lab
                else "Get out of a room yourself. After each move the room tells you what happens. "
            )
            + "A move cannot be taken back, but you can start again."
        )
    if isinstance(playing.play, (HouseAttempt, LabAttempt)):
        _drawn(playing, playing.play)
        return
    left, right = st.columns([2, 3], gap="large")
    with left:
        told(puzzle)
        foreseeing.show(puzzle)
    with right:
        steps(playing.play.steps, playing.play.lost_at if playing.play.over else None)
        if playing.play.over:
            _end(state, choice, playing)
        else:
            act(playing)
    text.said(state.page.said.pop("bring", None))


def _drawn(playing: Playing, at: HouseAttempt | LabAttempt) -> None:
    """A house or a laboratory: what stands before the next door on one side, what was done so far on the other."""
    left, right = st.columns([3, 2], gap="large")
    with right:
        steps(at.steps, at.lost_at if at.over else None)
    with left:
        if at.over:
            text.lead(outcome_sentence(at.outcome, at.puzzle))
            foreseeing.show(at.puzzle)
            house.end(playing, at) if isinstance(at, HouseAttempt) else lab.end(playing, at)
        else:
            house.show(playing, at) if isinstance(at, HouseAttempt) else lab.show(playing, at)


def told(puzzle: Puzzle) -> None:
    """The room as a player is told it."""
    text.heading(puzzle.name)
    st.html(f'<div class="esc-text">{text.escape(puzzle.setup.scenario)}</div>')
    if puzzle.setup.constraints:
        with st.expander("Limits"):
            text.items("", puzzle.setup.constraints)


def _choose(state: Session, rooms: Sequence[Puzzle]) -> Playing:
    by_id, called = {p.problem_id: p for p in rooms}, state.called(rooms)
    today = houses.today()
    for puzzle in rooms:
        if puzzle.drawn:
            kind, seed = "House" if puzzle.house else "Laboratory", puzzle.drawn.seed
            whose = f"{kind} of {'the day' if seed == today else seed}"
            called[puzzle.problem_id] = f"{whose}, {count(len(puzzle.drawn.doors), 'door')}"

    def enter() -> None:
        state.playing = Playing(attempt(by_id[st.session_state["play_room"]]))
        _clear()

    def again() -> None:
        if state.playing:
            state.playing = Playing(attempt(state.playing.play.puzzle), state.playing.starts + 1)
            _clear()

    if state.playing is None or state.playing.play.puzzle.problem_id not in by_id:
        of_houses = state.run is not None and state.run.of_houses
        state.playing = Playing(attempt(next((p for p in rooms if p.world and not of_houses), rooms[0])))
    st.session_state["play_room"] = state.playing.play.puzzle.problem_id
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
    if state.playing.starts > 1:
        text.quiet(f"Started {state.playing.starts} times.")
    return state.playing


def _clear() -> None:
    for key in ("play_verb", "play_thing", "play_second"):
        st.session_state[key] = None
    st.session_state["play_word"] = ""


def steps(made: Sequence[MoveResult], lost_at: int | None) -> None:
    """Moves and what the room said to each; the one after which there was no way out any more is marked.

    Drawn before the first move too: what comes is read out in a place that is there already, and what stands below
    keeps the focus.
    """
    lines = []
    for number, step in enumerate(made, 1):
        lost = ' <b class="state bad">from here on there was no way out</b>' if number == lost_at else ""
        kind = "" if step.understood else ' class="esc-quiet"'
        lines.append(f"<li{kind}><b>{text.escape(step.move)}</b><br>{text.escape(step.said)}{lost}</li>")
    st.html(f'<div role="log" aria-live="polite"><ol class="esc-steps">{"".join(lines)}</ol></div>')


def act(playing: Playing) -> None:
    """Verb, thing, and where it matters a second thing, by buttons; or the move as a line."""
    room = room_of(playing.play.puzzle)
    verbs = [*COMMON, *(v for v in VERBS if v not in COMMON)]
    verb = st.pills("What do you do?", verbs, key="play_verb")
    thing = st.pills("Which thing?", room.things, key="play_thing", format_func=text.label) if verb else None
    second = word = None
    if verb and VERBS[verb].takes_word:
        word = st.text_input("Which word or code?", key="play_word", max_chars=60, autocomplete="off")
    elif verb and thing and not VERBS[verb].needs_no_thing:
        others = [t for t in room.things if t != thing]
        second = st.pills("To, on or with what? (if it matters)", others, key="play_second", format_func=text.label)
    ready = bool(verb and (thing or word or VERBS[verb].needs_no_thing))

    def do(line: str) -> None:
        playing.play.do(line)
        _clear()

    def line() -> str:
        """The move as the fields say it now: a word may be typed and the button pressed at once."""
        said = st.session_state.get("play_word") if word is not None else ""
        if not verb or not (thing or said):
            return verb or ""
        return move_text(verb, thing or "", said or second or "")

    with st.container(horizontal=True):
        st.button(f"Do it{': ' + text.label(line()) if ready else ''}", on_click=lambda: do(line()), key="play_do",
                  type="primary", disabled=not ready)  # fmt: skip
        st.button("Give up", on_click=do, args=("give up",), key="play_give_up")

    def typed() -> None:
        if said := st.session_state["play_line"].strip():
            do(said)

    # A form: its value comes with the press alone. A field sends what it holds with whatever the page asks next, and
    # would make a move twice where the server is slower than the page.
    with st.form("play_line_form", border=False, clear_on_submit=True):
        st.text_input(
            "Or write a move and press Enter",
            key="play_line",
            max_chars=200,
            placeholder="put: ladder -> fence",
            autocomplete="off",
        )
        st.form_submit_button("Do this move", on_click=typed)


def _end(state: Session, choice: Choice, playing: Playing) -> None:
    """How it went, and why it works: with that, the play is an answer like any other."""
    outcome, puzzle = playing.play.outcome, playing.play.puzzle
    text.lead(outcome_sentence(outcome, puzzle))
    with st.form("play_end"):
        who = st.text_input("Your name, or a nickname", max_chars=40, autocomplete="off", key="play_name")
        why = st.text_area(
            "Why does it work, or why not? (marked like any other answer)", max_chars=8000, key="play_why"
        )
        if st.form_submit_button("Add my play to the results", disabled=state.running):
            answer = as_answer(puzzle, outcome, why)
            line = AnswerLine(problem_id=puzzle.problem_id, answer=answer, player=who.strip() or "me")
            pasted.take(state, choice, [line], PLAYED)


def as_answer(puzzle: Puzzle, outcome: Outcome, why: str) -> str:
    """A finished play in the form that players answer in: the explanation, then what was done, once as steps."""
    moves = [s.move for s in outcome.steps if s.understood]
    if puzzle.drawn:  # nobody marks it
        return f"Physical Principles:\n{why.strip()}\n\nMoves:\n" + "\n".join(moves)
    touched = " ".join(moves).casefold()
    used = [i for i in puzzle.setup.available_items if normalized_name(i) in touched]
    numbered = "\n".join(f"{i}. {m}" for i, m in enumerate(moves, 1))
    told = "\n".join(f"{i}. {_told(m)}" for i, m in enumerate(moves, 1))
    items = "\n".join(f"- {i}" for i in used) or "none"
    return (
        f"Physical Principles:\n{why.strip()}\n\nSolution Steps:\n{told}\n\nRequired Items:\n{items}\n\n"
        f"Moves:\n{numbered}"
    )


def _told(move: str) -> str:
    """A move as a sentence: `Pour the bottle of water to the tube.`"""
    if ":" not in move:  # who gives up names no thing
        return f"{move.capitalize()}."
    verb, _, rest = move.partition(":")
    thing, _, second = rest.partition("->")
    link = "with" if VERBS[verb.strip()].symmetric else "to"
    onto = f" {link} the {second.strip()}" if second.strip() else ""
    return f"{verb.strip().capitalize()} the {thing.strip()}{onto}." if thing.strip() else f"{move.capitalize()}."
