"""A room that answers back, as types: its rules and facts, and what became of a plan in it. No logic."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from escape.fields import Line, Record, Remark

Fact = Annotated[str, Field(min_length=1, max_length=120)]  # the name of a fact, or its value


def _listed(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Things = Annotated[tuple[Line, ...], BeforeValidator(_listed), Field(min_length=1, max_length=40)]


class Rule(Record):
    """What the room answers to some moves: it applies where verb, thing, second thing and facts fit.

    `at`: with or on what; None where it does not matter. `then`: the facts that it changes.
    """

    verbs: Things
    thing: Things
    at: Things | None = None
    when: Mapping[Fact, Fact] = Field(default_factory=dict, max_length=20)
    then: Mapping[Fact, Fact] = Field(default_factory=dict, max_length=20)
    say: Line

    @property
    def touches(self) -> frozenset[str]:
        """Every thing it names."""
        return frozenset({*self.thing, *(self.at or ())})


class World(Record):
    """A room that carries out a plan. Facts have a value each, all named in `start`; the first rule that fits applies.

    `things`: what can be acted on besides the items; `goal`: holds in every state that counts as out; `moves`: the
    reference solution as moves.
    """

    things: tuple[Line, ...] = Field((), max_length=40)
    start: Mapping[Fact, Fact] = Field(max_length=40)
    goal: Mapping[Fact, Fact] = Field(default_factory=dict, max_length=20)
    rules: tuple[Rule, ...] = Field(min_length=1, max_length=100)
    moves: tuple[Line, ...] = Field((), max_length=30)


class Step(Record):
    """One move of a plan and what the room said. `understood`: it could be read; `changed`: something is different now;
    `free`: it does not count as a move.
    """

    move: Remark
    said: Remark
    understood: bool = True
    changed: bool = False
    free: bool = False


class Outcome(Record):
    """What became of a plan when the room carried it out. Counted in moves; `shortest` is the solver's.

    `lost_at`: the number, from 1, of the step after which there was no way out any more; `progress` 0..1: how much of
    the shortest way was behind the player at the end.
    """

    out: bool
    moves: int = Field(ge=0)
    shortest: int = Field(ge=0)
    progress: float = Field(ge=0, le=1)
    lost_at: int | None = None
    gave_up: bool = False
    herrings_touched: tuple[Line, ...] = Field((), max_length=40)
    steps: tuple[Step, ...] = Field((), max_length=60)

    @property
    def tried(self) -> bool:
        """False where nothing could be read: a fault of form says nothing about physics."""
        return bool(self.moves or self.gave_up or self.out or any(s.understood for s in self.steps))

    @property
    def works(self) -> Literal["yes", "partly", "no"]:
        """Whether the plan works, as the room has it."""
        return "yes" if self.out else "partly" if self.progress > 0 else "no"

    @property
    def not_understood(self) -> int:
        """Moves that could not be read: a fault of form, not of physics."""
        return sum(not s.understood for s in self.steps)

    @property
    def without_effect(self) -> int:
        """Moves that were read, count, and changed nothing."""
        return sum(s.understood and not s.changed and not s.free for s in self.steps)
