"""A room with its rules, in which a plan is carried out, and what came of it. No logic."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from escape.types.fields import Line, MediumText, Record

Fact = Annotated[str, Field(min_length=1, max_length=120)]  # the name of a fact, or its value


def _listed(value: object) -> object:
    return (value,) if isinstance(value, str) else value


MAX_MOVES = 30  # lines of a plan
Words = Annotated[tuple[Line, ...], Field(max_length=80)]
Things = Annotated[tuple[Line, ...], BeforeValidator(_listed), Field(min_length=1, max_length=40)]


class Rule(Record):
    """The room's response to some moves: it applies if verb, thing, second thing and facts match.

    `at`: the second thing (with or on what). None if it does not matter. `then`: the facts that change. `enforces`: the
    numbers, from 1, of the puzzle's constraints that it stands for. `final`: a mistake after which there is no way out.
    """

    verbs: Things
    thing: Things
    at: Things | None = None
    when: Mapping[Fact, Fact] = Field(default_factory=dict, max_length=20)
    then: Mapping[Fact, Fact] = Field(default_factory=dict, max_length=20)
    say: Line
    enforces: tuple[int, ...] = Field((), max_length=20)
    final: bool = False

    @property
    def touches(self) -> frozenset[str]:
        return frozenset({*self.thing, *(self.at or ())})


class World(Record):
    """A room that carries out a plan. Every fact has a value and is listed in `start`. The first matching rule applies.

    `things`: what can be acted on besides the items. `names`: other words for things, as in the room's own text.
    `goal`: true in every state that counts as out. `moves`: the reference solution as moves. `most_moves`: that a plan
    may have, fewer in an easy room.
    """

    things: tuple[Line, ...] = Field((), max_length=40)
    names: Mapping[Line, Words] = Field(default_factory=dict, max_length=80)
    start: Mapping[Fact, Fact] = Field(max_length=40)
    goal: Mapping[Fact, Fact] = Field(default_factory=dict, max_length=20)
    rules: tuple[Rule, ...] = Field(min_length=1, max_length=120)
    moves: tuple[Line, ...] = Field((), max_length=MAX_MOVES)
    most_moves: int = Field(MAX_MOVES, ge=1, le=MAX_MOVES, exclude_if=lambda most: most == MAX_MOVES)

    @property
    def is_easy(self) -> bool:
        """True if its plans are short: it has a shorter prompt, and bars of its own for chance."""
        return self.most_moves < MAX_MOVES


PlayedBy = Literal["plan", "move by move"]  # the whole way in one answer, or a conversation; never in one ranking
MAX_TURNS = 4_000  # of one conversation
MAX_STEPS = 8_000  # of one attempt


class MoveResult(Record):
    """One move and the room's response. `free`: it does not count as a move."""

    move: MediumText
    said: MediumText
    understood: bool = True
    changed: bool = False
    free: bool = False


class Outcome(Record):
    """The outcome of a plan when the room carried it out. Counts are in moves. `shortest` is the solver's.

    `lost_at`: the number, from 1, of the step after which there was no way out. `progress`, 0..1: how much of the
    shortest way the player had covered at the end.
    """

    out: bool
    moves: int = Field(ge=0)
    shortest: int = Field(ge=0)
    progress: float = Field(ge=0, le=1)
    lost_at: int | None = None
    gave_up: bool = False
    herrings_touched: tuple[Line, ...] = Field((), max_length=40)
    steps: tuple[MoveResult, ...] = Field((), max_length=MAX_STEPS)

    @property
    def tried(self) -> bool:
        """False if nothing could be read: a formatting error says nothing about the physics."""
        return bool(self.moves or self.gave_up or self.out or any(s.understood for s in self.steps))

    @property
    def unread(self) -> bool:
        """True if the plan's end is unknown: a line could not be read, and no earlier move had lost the room."""
        if self.out or self.gave_up:
            return False
        first = next((n for n, step in enumerate(self.steps, 1) if not step.understood), None)
        if first is None:
            return not self.tried
        return self.lost_at is None or first < self.lost_at

    @property
    def works(self) -> Literal["yes", "partly", "no"]:
        """True if the plan works, according to the room."""
        return "yes" if self.out else "partly" if self.progress > 0 else "no"

    @property
    def not_understood(self) -> int:
        """The number of moves that could not be read: a formatting error, not wrong physics."""
        return sum(not s.understood for s in self.steps)

    @property
    def without_effect(self) -> int:
        """The number of moves that were read, counted, and changed nothing."""
        return sum(s.understood and not s.changed and not s.free for s in self.steps)
