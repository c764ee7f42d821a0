"""Houses or laboratories for a run: how many, how many doors, which seed. Made once for all who ask for the same."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from escape.environments.houses import HouseError, houses, seed_fault
from escape.environments.laboratories import LabError, laboratories
from escape.types import MAX_LAB_DOORS, Puzzle
from escape.ui import text

ROOMS, HOUSES, LABS = "rooms", "houses", "laboratories"
MOST_LABS, DEFAULT_LABS, DEFAULT_LAB_DOORS, DAILY_LAB_DOORS = 20, 3, 6, 4
MOST_HOUSES, MOST_DOORS = 40, 40  # what a page makes; the command line makes more
DEFAULT_HOUSES, DEFAULT_DOORS, DAILY_DOORS = 10, 16, 8
SAME_SEED = "The same seed makes the same ones, for everybody. Any other makes some that nobody has seen."


def today() -> str:
    """The day's seed: the date in UTC, the same for everybody."""
    return datetime.now(UTC).date().isoformat()


@st.cache_resource(show_spinner="Making the houses", max_entries=60)
def made(seed: str, n: int, doors: int) -> tuple[Puzzle, ...]:
    """The first n houses of a seed. Raises HouseError."""
    return tuple(houses(seed, n, doors))


def of_the_day() -> Puzzle:
    """Today's house, for people and classes."""
    return made(today(), 1, DAILY_DOORS)[0]


@st.cache_resource(show_spinner="Making the laboratories", max_entries=30)
def made_labs(seed: str, n: int, doors: int) -> tuple[Puzzle, ...]:
    """The first n laboratories of a seed. Raises LabError."""
    return tuple(laboratories(seed, n, doors))


def lab_of_the_day() -> Puzzle:
    """Today's laboratory, for people."""
    return made_labs(today(), 1, DAILY_LAB_DOORS)[0]


def show_labs() -> tuple[list[Puzzle], str]:
    """The fields of a run of laboratories. Returns them, and what is lacking, "" if nothing is."""
    left, right = st.columns(2)
    n = left.number_input("2 Laboratories", 1, MOST_LABS, DEFAULT_LABS, key="labs_n")
    doors = right.number_input("Doors each", 1, MAX_LAB_DOORS, DEFAULT_LAB_DOORS, key="labs_doors")
    seed = st.text_input("Seed", today(), key="labs_seed", max_chars=40, help=SAME_SEED).strip()
    text.quiet("Each door has an apparatus whose law is hidden. Trials must find it; then one setting decides.")
    if fault := seed_fault(seed):
        return [], f"Write another seed: {fault}."
    try:
        return list(made_labs(seed, int(n), int(doors))), ""
    except LabError as error:
        return [], str(error)


def show() -> tuple[list[Puzzle], str]:
    """The fields of a run of houses. Returns the houses, and what is lacking, "" if nothing is."""
    left, right = st.columns(2)
    n = left.number_input("2 Houses", 1, MOST_HOUSES, DEFAULT_HOUSES, key="houses_n")
    doors = right.number_input("Doors each", 1, MOST_DOORS, DEFAULT_DOORS, key="houses_doors")
    seed = st.text_input(
        "Seed",
        today(),
        key="houses_seed",
        max_chars=40,
        help=SAME_SEED,
    ).strip()
    text.quiet("Each door is harder than the one before. Code carries the plans out, so no judge is asked.")
    if fault := seed_fault(seed):
        return [], f"Write another seed: {fault}."
    try:
        return list(made(seed, int(n), int(doors))), ""
    except HouseError as error:
        return [], str(error)
