"""Puzzles: what a player is told, the reference, and what carries moves out. No logic."""

from __future__ import annotations

from collections.abc import Mapping, Sized

from pydantic import Field, JsonValue, SerializerFunctionWrapHandler, model_serializer, model_validator

from escape.types.errors import SizeError
from escape.types.fields import Line, Record, Text
from escape.types.world import MAX_DOORS, MAX_THINGS, House, Laboratory, World

PROBLEM_ID = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$"


class Setup(Record):
    """What the player is told. Limits that matter (lengths, masses) are in `constraints`."""

    scenario: str = Field(min_length=1, max_length=160_000)
    available_items: tuple[Line, ...] = Field(min_length=1, max_length=MAX_THINGS)
    constraints: tuple[Line, ...] = Field(max_length=40)


class PlainText(Record):
    """A room's text without everything that speaks of its red herrings."""

    scenario: Text
    constraints: tuple[Line, ...] = Field(max_length=40)


class Solution(Record):
    """The reference way out. Only the judge sees it."""

    steps: tuple[Line, ...] = Field(min_length=1, max_length=MAX_DOORS)
    key_insights: tuple[Line, ...] = Field(max_length=MAX_DOORS)


class Twist(Record):
    """What makes a room a twist of another: one fact differs, so that the other's way fails here.

    `of`: the other's id; `differs`: which fact, and why its way fails: told after an attempt; `known`: its way under
    this room's names: what somebody does here who recites it; `decides`: its deciding acts, `thing` or
    `thing -> second thing`, or `give up`; `renamed`: what its things are called here, where that differs.
    """

    of: str = Field(max_length=64)
    differs: Line
    known: tuple[Line, ...] = Field(min_length=1, max_length=30)
    decides: tuple[Line, ...] = Field(min_length=1, max_length=40)
    renamed: Mapping[Line, Line] = Field(default_factory=dict, max_length=80)


class Puzzle(Record):
    """One room, in the published JSON form. The fields from `title` on are this project's own, and optional."""

    problem_id: str = Field(pattern=PROBLEM_ID)
    setup: Setup
    physical_principles: tuple[Line, ...] = Field(min_length=1, max_length=80)
    red_herrings: tuple[Line, ...] = Field(max_length=40)
    solution: Solution
    title: str = Field("", max_length=120)
    family: str = Field("", max_length=80)
    parent: str | None = Field(None, max_length=64)
    difficulty: int | None = Field(None, ge=1, le=3)
    solvable: bool = True
    herring_notes: Mapping[str, Line] = Field(default_factory=dict)
    accepted_alternatives: tuple[Line, ...] = Field((), max_length=20)
    cues: Mapping[str, tuple[Line, ...]] = Field(default_factory=dict)
    other_names: Mapping[str, Line] = Field(default_factory=dict)  # thing -> what a similar room would call it
    plain: PlainText | None = None
    spare_herrings: Mapping[str, Line] = Field(default_factory=dict)  # item that fits this room -> why it cannot help
    source: str = Field("", max_length=500)
    world: World | None = None
    twist: Twist | None = None
    house: House | None = None
    lab: Laboratory | None = None
    environment: str = Field("", max_length=40)  # of a puzzle that is none of these, and what that makes of it:
    content: Mapping[str, JsonValue] = Field(default_factory=dict, max_length=100)

    @model_validator(mode="after")
    def _bounded(self) -> Puzzle:
        if (self.world, self.house, self.lab, self.environment or None).count(None) < 3:
            raise ValueError("a puzzle is a written room, a house or a laboratory, only one of them")
        if self.house or self.lab or self.environment:
            return self
        sizes: Mapping[str, tuple[Sized, int]] = {
            "setup.scenario": (self.setup.scenario, 4000),
            "setup.available_items": (self.setup.available_items, 40),
            "physical_principles": (self.physical_principles, 20),
            "solution.steps": (self.solution.steps, 40),
            "solution.key_insights": (self.solution.key_insights, 40),
        }
        for field, (value, most) in sizes.items():
            if len(value) > most:
                raise SizeError(field, f"has {len(value)}, of at most {most}")
        return self

    @model_serializer(mode="wrap")
    def _without_what_is_not_there(self, serialize: SerializerFunctionWrapHandler) -> dict[str, object]:
        """Files of rooms, houses and laboratories stay as they always were."""
        document: dict[str, object] = serialize(self)
        if not self.environment:
            document.pop("environment", None)
            document.pop("content", None)
        if not self.twist:
            document.pop("twist", None)
        return document

    @property
    def kind(self) -> str:
        """The name of the environment that it is played in."""
        return "houses" if self.house else "laboratories" if self.lab else self.environment or "rooms"

    def __hash__(self) -> int:
        """By its id, so that its room can be cached under it."""
        return hash(self.problem_id)

    @property
    def name(self) -> str:
        """The title, or the id of a puzzle without one."""
        return self.title or self.problem_id
