"""Puzzles and their rooms: setup, reference, rules that carry moves out, and outcomes of moves."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from escape.types.amounts import Range
from escape.types.fields import Line, MediumText, Record

Fact = Annotated[str, Field(min_length=1, max_length=120)]  # the name of a fact, or its value


def _as_tuple(value: object) -> object:
    return (value,) if isinstance(value, str) else value


MAX_MOVES = 30  # lines of a plan
Words = Annotated[tuple[Line, ...], Field(max_length=80)]
Things = Annotated[tuple[Line, ...], BeforeValidator(_as_tuple), Field(min_length=1, max_length=40)]


def _ranges(value: object) -> object:
    return (value,) if isinstance(value, dict | Range) else value


class Rule(Record):
    """The room's response to a move whose verb, thing, second thing, amount and facts match.

    `at`: the second thing (with or on what); None for any. `amount`: how much or how far, in one of several
    ranges; None for any, empty for a move without an amount. `when`: the facts that must hold. `then`: the
    facts that change. `adds`: the fact to whose total the amount is added. `enforces`: the numbers, from 1,
    of the puzzle's constraints that the rule stands for. `final`: a mistake after which there is no way out.
    """

    verbs: Things
    thing: Things
    at: Things | None = None
    amount: Annotated[tuple[Range, ...] | None, BeforeValidator(_ranges)] = Field(
        None, max_length=40, exclude_if=lambda amount: amount is None
    )
    when: Mapping[Fact, Fact] = Field(default_factory=dict, max_length=20)
    then: Mapping[Fact, Fact] = Field(default_factory=dict, max_length=20)
    adds: str = Field("", max_length=120, exclude_if=lambda fact: not fact)
    say: Line
    enforces: tuple[int, ...] = Field((), max_length=20)
    final: bool = False

    @property
    def touches(self) -> frozenset[str]:
        return frozenset({*self.thing, *(self.at or ())})


Kind = Literal[
    "solid", "vessel", "liquid", "powder", "cord", "sheet", "fixture", "opening", "source", "person"
]


class World(Record):
    """The world of a room. Every fact is listed in `start`; the first matching rule applies.

    `things`: what can be acted on besides the items. `kinds`: the kind of each item and thing, which decides
    what can be done with it. `names`: other words for things and amounts, as in the room's own text.
    `totals`: for a fact to which amounts are added, the least total of each value, in the unit of the rules
    that add. `goal`: true in every state that counts as out. `moves`: the reference solution as moves.
    `most_moves`: the limit of a plan, lower in an easy room.
    """

    things: tuple[Line, ...] = Field((), max_length=40)
    kinds: Mapping[Line, Kind] = Field(
        default_factory=dict, max_length=80, exclude_if=lambda kinds: not kinds
    )
    names: Mapping[Line, Words] = Field(default_factory=dict, max_length=80)
    totals: Mapping[Fact, Mapping[Fact, float]] = Field(
        default_factory=dict, max_length=20, exclude_if=lambda totals: not totals
    )
    start: Mapping[Fact, Fact] = Field(max_length=40)
    goal: Mapping[Fact, Fact] = Field(default_factory=dict, max_length=20)
    rules: tuple[Rule, ...] = Field(min_length=1, max_length=120)
    moves: tuple[Line, ...] = Field((), max_length=MAX_MOVES)
    most_moves: int = Field(MAX_MOVES, ge=1, le=MAX_MOVES, exclude_if=lambda most: most == MAX_MOVES)

    @property
    def is_easy(self) -> bool:
        """True if its plans are short: it has a shorter prompt, and its own limits for chance."""
        return self.most_moves < MAX_MOVES


# the whole way in one answer, or a conversation; never in one ranking
PlayedBy = Literal["plan", "move by move"]
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

    `lost_at`: the number, from 1, of the step after which there was no way out. `progress`, 0..1: how much of
    the shortest way the player had covered at the end.
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
        """True if the plan's end is unknown: a line was not read, and no earlier move had lost the room."""
        if self.out or self.gave_up:
            return False
        first = next((n for n, step in enumerate(self.steps, 1) if not step.understood), None)
        if first is None:
            return not self.tried
        return self.lost_at is None or first < self.lost_at

    @property
    def works(self) -> Literal["yes", "partly", "no"]:
        if self.out:
            return "yes"
        return "partly" if self.progress > 0 else "no"

    @property
    def not_understood(self) -> int:
        """The number of moves that could not be read: a formatting error, not wrong physics."""
        return sum(not s.understood for s in self.steps)

    @property
    def without_effect(self) -> int:
        """The number of moves that were read, counted, and changed nothing."""
        return sum(s.understood and not s.changed and not s.free for s in self.steps)


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
    """One room, in the published JSON form.

    The fields from `title` on are this project's own, and optional.
    """

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
    # which fact, and why the other's way fails: told after an attempt
    differs: str = Field("", max_length=500)
    # the other's things -> their names here
    renamed: Mapping[Line, Line] = Field(default_factory=dict, max_length=80)

    def __hash__(self) -> int:
        return hash(self.problem_id)

    @property
    def name(self) -> str:
        """The title, or the id of a puzzle without one."""
        return self.title or self.problem_id
