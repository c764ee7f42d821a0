"""Puzzles: what a player is told, the reference, and what carries moves out. No logic."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from escape.types.fields import Line, Record
from escape.types.world import World

PROBLEM_ID = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$"


class Setup(Record):
    """The text that a player is given. Limits that matter (lengths, masses) are in `constraints`."""

    scenario: str = Field(min_length=1, max_length=4000)
    available_items: tuple[Line, ...] = Field(min_length=1, max_length=40)
    constraints: tuple[Line, ...] = Field(max_length=40)


class Solution(Record):
    """The reference way out. Only the judge sees it."""

    steps: tuple[Line, ...] = Field(min_length=1, max_length=40)
    key_insights: tuple[Line, ...] = Field(max_length=40)


class Puzzle(Record):
    """One room, in the published JSON form. The fields from `title` on are this project's own, and optional."""

    problem_id: str = Field(pattern=PROBLEM_ID)
    setup: Setup
    physical_principles: tuple[Line, ...] = Field(min_length=1, max_length=20)
    red_herrings: tuple[Line, ...] = Field(max_length=40)
    solution: Solution
    title: str = Field("", max_length=120)
    family: str = Field("", max_length=80)
    difficulty: int | None = Field(None, ge=1, le=3)
    solvable: bool = True
    herring_notes: Mapping[str, Line] = Field(default_factory=dict)
    accepted_alternatives: tuple[Line, ...] = Field((), max_length=20)
    source: str = Field("", max_length=500)
    world: World | None = None
    twist_of: str = Field("", max_length=64)  # the id of the room of which one fact differs here
    differs: str = Field("", max_length=500)  # which fact, and why the other's way fails: told after an attempt
    renamed: Mapping[Line, Line] = Field(default_factory=dict, max_length=80)  # the other's things -> their names here

    def __hash__(self) -> int:
        return hash(self.problem_id)

    @property
    def name(self) -> str:
        """The title, or the id of a puzzle without one."""
        return self.title or self.problem_id
