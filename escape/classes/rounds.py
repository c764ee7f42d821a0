"""The rounds of a class, and the entries of its members. Types only."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from escape.types import MediumText, Name, Record, Trial

MAX_ENTRY_LENGTH = 100_000  # characters
# if a kind is added, mypy reports every place that does not handle it
RoundKind = Literal["mark", "play", "write", "review", "predict", "bet", "note"]


class StoredBet(Record):
    """A plan to bet on. `by`: its author. `why`: a reader's reason for how it ends, if any."""

    problem_id: Name
    by: Name
    lines: tuple[MediumText, ...] = Field(max_length=30)
    why: MediumText = ""


class RoundSettings(Record):
    """The settings of a round.

    `answers`: to mark or read. `puzzles`: to play. `players`: to vote on. `bets`: plans to bet on. `groups`:
    the class's categories for notes, by student and answer.
    """

    kind: RoundKind
    answers: tuple[Trial, ...] = Field((), max_length=30)
    checklist: bool = False
    puzzles: tuple[Name, ...] = Field((), max_length=30)
    players: tuple[Name, ...] = Field((), max_length=50)
    bets: tuple[StoredBet, ...] = Field((), max_length=10)
    groups: Mapping[Name, Name] = Field(default_factory=dict, max_length=2000)
    written: int = 0  # the id of the writing round whose rooms are reviewed
    opened_at: float = 0.0  # in seconds since 1970
    content: int = 0  # the number of the class's run it is about, counted from 1


class Played(Record):
    """A member's answer to a room, in a player's form. `starts`: how often the room was entered."""

    answer: str = Field(max_length=MAX_ENTRY_LENGTH)
    starts: int = Field(1, ge=1, le=1000)


class Review(Record):
    """A classmate's review of a room. `room` and `out`, whether the moves lead out, are filled in by code."""

    moves: str = Field(max_length=4_000)
    word: Literal["clear", "ambiguous", "there is a shortcut"]
    line: str = Field("", max_length=300)
    room: Name = ""
    out: bool = False


class Prediction(Record):
    """A vote before the result. `enough`: whether the voter expects enough rooms to tell who is better."""

    winner: Name
    enough: bool


class BetEntry(Record):
    out: bool


class Remark(Record):
    """One line on what went wrong in an answer."""

    text: str = Field(max_length=300)
    category: Name = ""


@dataclass(frozen=True)
class Round:
    id: int
    number: int
    state: Literal["open", "closed", "revealed"]
    settings: RoundSettings


def member_label(number: int) -> str:
    """Format the name that stands for a member on the board and in exports: `S01`."""
    return f"S{number:02d}"
