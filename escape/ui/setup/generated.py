"""Puzzles generated from a seed, for a run: how many, how many doors, which seed. Made once for all who ask."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from escape.environments import ENVIRONMENTS, Environment
from escape.environments.houses import seed_fault
from escape.types import Puzzle
from escape.ui import text

OF_DAY = "houses"  # what a class plays together each day, and a first visit offers
SAME_SEED = "The same seed makes the same ones, for everybody. Any other makes some that nobody has seen."


def today() -> str:
    """The day's seed: the date in UTC, the same for everybody."""
    return datetime.now(UTC).date().isoformat()


@st.cache_resource(show_spinner="Making the puzzles", max_entries=90)
def made(name: str, seed: str, n: int, doors: int) -> tuple[Puzzle, ...]:
    """The first n puzzles of a seed in the environment of that name. Raises ValueError."""
    seeds = ENVIRONMENTS[name].seeds
    return tuple(seeds.generate(seed, n, doors)) if seeds else ()


def one(name: str, seed: str, number: int, doors: int) -> Puzzle:
    """A seed's puzzle of a number in the environment of that name. Raises ValueError."""
    return made(name, seed, number, doors)[-1]


def of_the_day(name: str) -> Puzzle:
    """Today's puzzle of an environment that has seeds, for people and classes."""
    seeds = ENVIRONMENTS[name].seeds
    return made(name, today(), 1, seeds.daily if seeds else 1)[0]


def of_today() -> list[Puzzle]:
    """Today's puzzle of every environment that has seeds."""
    return [of_the_day(name) for name, environment in ENVIRONMENTS.items() if environment.seeds]


def show(environment: Environment) -> tuple[list[Puzzle], str]:
    """The fields of a run of generated puzzles. Returns the puzzles, and what is lacking, "" if nothing is."""
    name, seeds = environment.name, environment.seeds
    if seeds is None:
        return [], ""
    left_half, right = st.columns(2)
    n = left_half.number_input(f"2 {environment.nouns[1].capitalize()}", 1, seeds.puzzles.most, seeds.puzzles.first,
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
