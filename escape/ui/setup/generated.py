"""Puzzles generated from a seed, for a run: how many, how many doors, which seed. Made once for all who ask."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import streamlit as st

from escape.environments import ENVIRONMENTS, Dice, Environment, is_marked
from escape.environments.houses import seed_fault
from escape.types import Puzzle
from escape.ui import text
from escape.ui.visit import visitor_is_here

HOUSES = "houses"  # the environment whose example stands beside that of rooms
SAME_SEED = "The same seed makes the same ones, for everybody. Any other makes some that nobody has seen."


def today() -> str:
    """The day's seed: the date in UTC, the same for everybody."""
    return datetime.now(UTC).date().isoformat()


_MAKING = threading.Lock()  # one puzzle at a time for all visitors, so that others' clicks keep half of a core


def made(name: str, seed: str, n: int, doors: int) -> tuple[Puzzle, ...]:
    """The first n puzzles of a seed in an environment, made while the visitor is there. Raises ValueError."""
    is_here = visitor_is_here()
    puzzles = []
    for number in range(1, n + 1):
        with _MAKING:
            if not is_here():  # asked once it is one's turn: a whole class may have left meanwhile
                st.stop()
            puzzles.append(one(name, seed, number, doors))
    return tuple(puzzles)


@st.cache_resource(show_spinner="Making the puzzles", max_entries=90)
def one(name: str, seed: str, number: int, doors: int) -> Puzzle:
    """A seed's puzzle of a number in the environment of that name. Raises ValueError."""
    seeds = ENVIRONMENTS[name].seeds
    if seeds is None:
        raise ValueError(f"{name} are written, not made from a seed")
    return seeds.one(seed, number, doors)


def of_the_day(name: str) -> Puzzle:
    """Today's puzzle of an environment that has seeds, for people and classes."""
    seeds = ENVIRONMENTS[name].seeds
    return one(name, today(), 1, seeds.daily if seeds else 1)  # nobody waits here for others' houses


def of_today() -> list[Puzzle]:
    """Today's puzzle of every environment that has seeds and that people play."""
    return [
        of_the_day(name) for name, environment in ENVIRONMENTS.items() if environment.seeds and environment.by_people
    ]


def room_of_the_day(puzzles: Iterable[Puzzle]) -> Puzzle | None:
    """Today's among written rooms that have a way out: the same for everybody with the same rooms."""
    rooms = sorted((p for p in puzzles if is_marked(p) and p.world and p.solvable), key=lambda p: p.problem_id)
    return Dice(f"room {today()}").pick(rooms) if rooms else None


def for_people(puzzles: Sequence[Puzzle]) -> list[Puzzle]:
    """What everybody may play together today, of these: a room, and of each kind that is made from a seed today's, else
    the last one, since a class may be held again tomorrow.
    """
    room, ids = room_of_the_day(puzzles), {p.problem_id for p in puzzles}
    last = {p.kind: p for p in puzzles}
    made_ones = (p if p.problem_id in ids else last.get(p.kind) for p in of_today())
    return [p for p in (room, *made_ones) if p is not None]


def show(environment: Environment) -> tuple[list[Puzzle], str]:
    """The fields of a run of generated puzzles. Returns the puzzles, and what is lacking, "" if nothing is."""
    name, seeds = environment.name, environment.seeds
    if seeds is None:
        return [], ""
    left_half, right = st.columns(2)
    n = left_half.number_input(environment.nouns[1].capitalize(), 1, seeds.puzzles.most, seeds.puzzles.first,
                          key=f"{name}_n")  # fmt: skip
    doors = right.number_input("Doors each", 1, seeds.doors.most, seeds.doors.first, key=f"{name}_doors")
    seed = st.text_input("Seed", today(), key=f"{name}_seed", max_chars=40, help=SAME_SEED).strip()
    text.quiet(seeds.about)
    if fault := seed_fault(seed):
        return [], f"Write another seed: {fault}."
    try:
        return list(made(name, seed, int(n), int(doors))), ""
    except ValueError as error:
        return [], str(error)
