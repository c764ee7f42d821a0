"""Types of what a plan is carried out in, a room with its rules or a house with its doors, and of what came of it. No
logic.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from escape.types.fields import Line, MediumText, Record

Fact = Annotated[str, Field(min_length=1, max_length=120)]  # the name of a fact, or its value


def _listed(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Words = Annotated[tuple[Line, ...], Field(max_length=80)]
Things = Annotated[tuple[Line, ...], BeforeValidator(_listed), Field(min_length=1, max_length=40)]


class Rule(Record):
    """How the room responds to some moves: it applies if verb, thing, second thing and facts match.

    `at`: the second thing (with or on what); None if it does not matter. `then`: the facts that change. `enforces`: the
    numbers, from 1, of the puzzle's constraints that it stands for; `final`: a mistake after which there is no way out.
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
        """Every thing the rule names."""
        return frozenset({*self.thing, *(self.at or ())})


class World(Record):
    """A room that carries out a plan. Every fact has a value and is listed in `start`; the first matching rule applies.

    `things`: what can be acted on besides the items; `names`: other words for things, as in the room's own
    text; `goal`: true in every state that counts as out; `moves`: the reference solution as moves.
    """

    things: tuple[Line, ...] = Field((), max_length=40)
    names: Mapping[Line, Words] = Field(default_factory=dict, max_length=80)
    start: Mapping[Fact, Fact] = Field(max_length=40)
    goal: Mapping[Fact, Fact] = Field(default_factory=dict, max_length=20)
    rules: tuple[Rule, ...] = Field(min_length=1, max_length=120)
    moves: tuple[Line, ...] = Field((), max_length=30)


PlayedBy = Literal["plan", "move by move"]  # the whole way in one answer, or a conversation; never in one ranking
MAX_TURNS = 4_000  # of one conversation
MAX_DOORS = 60
MAX_THINGS = 200
MAX_NUMBER = 100_000  # houses of a seed
MAX_WAY = 30 * MAX_DOORS  # moves of a reference way
SEED = r"^[A-Za-z0-9_-]{1,40}$"

Kind = Literal["flask", "battery", "stone", "rope"]
Whole = Annotated[int, Field(ge=-1_000_000_000, le=1_000_000_000)]
Key = Annotated[str, Field(max_length=40)]  # what a number stands for, with its unit: "volume_ml"
Amounts = Mapping[Key, Whole]
Numbers = Mapping[Key, Whole | Annotated[tuple[Whole, ...], Field(max_length=400)]]  # a map or a table row by row


class Thing(Record):
    """Something that can be taken up. `room`: the number of the room it lies in, from 1; `amounts`: what it can do."""

    name: Annotated[str, Field(pattern=r"^[a-z]+ \d{2,3}$")]
    kind: Kind
    room: int = Field(ge=1, le=MAX_DOORS)
    amounts: Amounts = Field(max_length=4)


class Part(Record):
    """What keeps a door shut: a mechanism and the numbers drawn for it. `level`: its share in the door's level."""

    mechanism: Annotated[str, Field(max_length=40)]
    level: int = Field(ge=1, le=MAX_DOORS)
    wording: int = Field(ge=0, le=20)
    numbers: Numbers = Field(max_length=30)


class Door(Record):
    """One door. It opens when all its parts are overcome; their levels add up to its number."""

    parts: tuple[Part, ...] = Field(min_length=1, max_length=6)


class House(Record):
    """A row of rooms made from a seed: everything that was drawn. Room n, from 1, ends at door n.

    `version`: of the generator; `number`: which of the seed's houses; `way`: the reference solution, a move a line.
    """

    version: int = Field(ge=1, le=1000)
    seed: Annotated[str, Field(pattern=SEED)]
    number: int = Field(ge=1, le=MAX_NUMBER)
    things: tuple[Thing, ...] = Field(max_length=MAX_THINGS)
    doors: tuple[Door, ...] = Field(min_length=1, max_length=MAX_DOORS)
    way: tuple[Line, ...] = Field(max_length=MAX_WAY)

    def met(self, doors: int) -> set[str]:
        """The mechanisms of the first so many doors."""
        return {part.mechanism for door in self.doors[:doors] for part in door.parts}


MAX_LAB_DOORS = 10


class LabDoor(Record):
    """One apparatus of a laboratory of the first form. `law`: every number of it, causes that
    are not at work left out; `causes`: how many are at work; `values`: how many numbers each cause may have; `dim`:
    readings are rough; `starts`: those of trials; `start`: where the setting that decides begins; `wanted`: what it
    must lead to; `trials`: how many.
    """

    apparatus: Annotated[str, Field(max_length=40)]
    law: Mapping[Key, Whole] = Field(max_length=20)
    causes: int = Field(ge=1, le=6)
    values: int = Field(ge=1, le=4)
    dim: bool = False
    starts: tuple[Annotated[str, Field(max_length=20)], ...] = Field(min_length=1, max_length=6)
    start: Annotated[str, Field(max_length=20)]
    wanted: Whole
    trials: int = Field(ge=1, le=60)


class Laboratory(Record):
    """A laboratory of the first form, so that old runs can be shown: it cannot be carried out any more.

    `version`: of the generator; `number`: which of the seed's laboratories; `way`: trials and settings that open all.
    """

    version: int = Field(ge=1, le=1000)
    seed: Annotated[str, Field(pattern=SEED)]
    number: int = Field(ge=1, le=MAX_NUMBER)
    doors: tuple[LabDoor, ...] = Field(min_length=1, max_length=MAX_LAB_DOORS)
    way: tuple[Line, ...] = Field(max_length=MAX_WAY)

    def met(self, doors: int) -> set[str]:
        """The apparatuses of the first so many doors."""
        return {door.apparatus for door in self.doors[:doors]}


class Question(Record):
    """What will happen, is it still possible, where does a plan fail: answered by code. `right`: which of the
    `options`; questions with the same `pair`, from 1, count together: both must be answered rightly.
    """

    kind: Literal["happens", "possible", "fails", "changed"]
    text: Annotated[str, Field(min_length=1, max_length=8_000)]
    options: tuple[Line, ...] = Field(min_length=2, max_length=40)
    right: int = Field(ge=0, le=39)
    pair: int = Field(0, ge=0, le=100)


class Foreseen(Record):
    """What a player said to one question. `right`: whether it was so; `chance`: that a guess would be."""

    kind: Literal["happens", "possible", "fails", "changed"]
    said: MediumText
    wanted: Line
    right: bool
    chance: float = Field(gt=0, lt=1)
    pair: int = Field(0, ge=0, le=100)


class MoveResult(Record):
    """One move of a plan and the room's response. `understood`: it could be read; `changed`: it changed something;
    `free`: it does not count as a move.
    """

    move: MediumText
    said: MediumText
    understood: bool = True
    changed: bool = False
    free: bool = False


class DoorsOpened(Record):
    """How far an attempt at a house came. `ended_at`: the mechanism of the door that stayed shut, "" if none did;
    `in_vain`: things spent where they fall short; `misplaced`: things spent where they serve, but are missing
    elsewhere; `named`: of a laboratory, what is at work named rightly beyond chance, -1 to 1.
    """

    total: int = Field(ge=1, le=MAX_DOORS)
    opened: int = Field(ge=0, le=MAX_DOORS)
    ended_at: str = Field("", max_length=40)
    in_vain: tuple[Line, ...] = Field((), max_length=MAX_DOORS)
    misplaced: tuple[Line, ...] = Field((), max_length=MAX_DOORS)
    named: float | None = Field(None, ge=-1, le=1)


class Outcome(Record):
    """What came of a plan when the room carried it out. Counts are in moves; `shortest` is the solver's.

    `lost_at`: the number, from 1, of the step after which there was no way out; `progress`, 0..1: how much of the
    shortest way the player had covered at the end; `by_heart`: of a twist, that it was lost by doing what decides its
    original.
    """

    out: bool
    moves: int = Field(ge=0)
    shortest: int = Field(ge=0)
    progress: float = Field(ge=0, le=1)
    lost_at: int | None = None
    gave_up: bool = False
    herrings_touched: tuple[Line, ...] = Field((), max_length=40)
    doors: DoorsOpened | None = None  # of a house
    by_heart: bool = False
    steps: tuple[MoveResult, ...] = Field((), max_length=4 * MAX_WAY + 20)  # twice the moves that a house allows

    @property
    def tried(self) -> bool:
        """False if nothing could be read: a formatting error says nothing about the physics."""
        return bool(self.moves or self.gave_up or self.out or any(s.understood for s in self.steps))

    @property
    def works(self) -> Literal["yes", "partly", "no"]:
        """Whether the plan works, according to the room."""
        return "yes" if self.out else "partly" if self.progress > 0 else "no"

    @property
    def not_understood(self) -> int:
        """The number of moves that could not be read: a formatting error, not wrong physics."""
        return sum(not s.understood for s in self.steps)

    @property
    def without_effect(self) -> int:
        """The number of moves that were read, counted, and changed nothing."""
        return sum(s.understood and not s.changed and not s.free for s in self.steps)
