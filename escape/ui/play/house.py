"""A house played by a person, door by door: what stands before them, and the moves as buttons and fields."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from escape.environments import ByHand
from escape.environments.houses import (
    DEMO_WAYS,
    Choice,
    Deed,
    HouseAttempt,
    Machine,
    at_door,
    outcome_of,
    room_text,
    told,
)
from escape.types import Puzzle
from escape.ui import text
from escape.ui.play.acting import UNREAD, last
from escape.ui.play.lines import give_up, share, typed, way_on


def show(playing: ByHand, house: HouseAttempt) -> None:
    """The room before the next door, and what can be done there."""
    scene, place = house.scene, house.place
    door = place.opened + 1
    text.heading(f"Room {door} of {len(scene.doors)}")
    st.html(text.with_maps(room_text(scene, door).partition("\n")[2]))  # its first line is the heading
    with st.expander("What holds in this house, and the laws"):
        text.items("", house.puzzle.setup.constraints)
        st.html(f'<div class="esc-text">{text.escape(house.puzzle.setup.scenario.partition("ROOM 1")[0])}</div>')
    last(playing)  # beside the buttons, so that nobody scrolls to the list of moves after each
    for i, obstacle in enumerate(scene.doors[place.opened]):
        if obstacle.is_open(place.parts[i]):
            continue
        if isinstance(obstacle, Machine):
            _machine(playing, obstacle, door, i)
        elif isinstance(obstacle, Choice):
            _choice(playing, house, obstacle, door)
    typed(playing, "house")
    give_up(playing, f" at door {door}")


def _do(playing: ByHand, lines: Sequence[str]) -> None:
    """Carry lines out; of one that cannot be read it is said why, and nothing has happened."""
    faults = [playing.do(line) for line in lines if line.strip()]
    st.session_state[UNREAD] = next(filter(None, faults), "")


def _machine(playing: ByHand, machine: Machine, door: int, part: int) -> None:
    """Every act as a button of its own; the keys are the same at each door, so that the focus stays."""
    with st.container(horizontal=True, key=f"acts_{part}"):
        for n, act in enumerate(machine.acts):
            line = machine.written(Deed(*act), at_door(door))
            st.button(line, key=f"act_{part}_{n}", on_click=_do, args=(playing, [line]))


def _choice(playing: ByHand, house: HouseAttempt, choice: Choice, door: int) -> None:
    """The dials as fields, the things as a choice, and the one deed that decides."""
    name_of = at_door(door)
    marks = []
    with st.container(horizontal=True):
        for dial, low, step, size in zip(choice.dials, choice.lows, choice.steps, choice.sizes, strict=True):
            marks.append(
                st.number_input(
                    f"{name_of(dial)} ({choice.unit})",
                    low,
                    low + step * (size - 1),
                    low,
                    step,
                    key=f"dial_{house.puzzle.problem_id}_{name_of(dial)}",
                )
            )
    things = {t.name: told(t) for t in house.scene.within_reach(house.place) if t.kind == choice.kind}
    thing = None
    if things:
        thing = st.pills(f"Which {choice.kind}?", list(things), key=f"thing_{door}_{choice.mechanism}",
                         format_func=lambda name: text.label(things[name]))  # fmt: skip
    if not things:
        text.cause(f"There is no {choice.kind} left: this door stays shut.")
        return
    lines = [choice.written(Deed(d, str(m)), name_of) for d, m in zip(choice.dials, marks, strict=True)]
    deed = choice.written(Deed(thing or choice.kind.upper(), choice.place), name_of)
    st.button(f"{deed} (decides door {door})", key=f"deed_{door}_{choice.mechanism}", type="primary",
              disabled=thing is None, on_click=_do, args=(playing, [*lines, deed]))  # fmt: skip


def end(playing: ByHand, house: HouseAttempt) -> None:
    """How far it went, beside the scripted players, a line to share, and the way that would have gone on."""
    outcome, puzzle = house.outcome, house.puzzle
    doors = outcome.doors
    if doors is None:
        return
    others = st.session_state.setdefault(f"others_{puzzle.problem_id}", _others(puzzle))
    rows = sorted([("You", doors.opened), *others.items()], key=lambda row: -row[1])
    text.table(
        [("Who", ""), (f"Doors of {doors.total}", "n")],
        [[who, str(n)] for who, n in rows],
        "You and the scripted players on this house",
    )
    share(playing, house)
    if doors.opened < doors.total:
        with st.expander(f"How door {doors.opened + 1} would have opened"):
            way_on(puzzle, doors.opened)


def _others(puzzle: Puzzle) -> dict[str, int]:
    return {name: outcome_of(puzzle, way(puzzle)).opened for name, way in DEMO_WAYS.items()}
