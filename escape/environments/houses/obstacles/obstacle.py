"""What keeps a door shut: what every mechanism says of itself, and the levels that are the same for all.

A mechanism is a class; one obstacle is an instance of it, its fields the numbers that were drawn.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar, Literal

from escape.types import Amounts, Kind, Record

State = Hashable  # what has been done to one obstacle so far
Sort = Literal["numbers decide", "states to think through"]
Called = Callable[[str], str]  # a fixture's own name, such as "ring a", as it is called at its door: "ring 6a"

EASE = 4  # the chance of a guesser falls by this factor from level to level
WORK = 3  # and the states that a plain search looks at grow by this one


@dataclass(frozen=True)
class Deed:
    """What a line does at a door: `first` is a fixture by its own name, or a thing; `second` a fixture, a thing, a
    number or a word, "" for none.
    """

    first: str
    second: str = ""


@dataclass(frozen=True)
class Response:
    """What came of a deed. `used`: the thing that is used up, "" for none; `fault`: no such deed is possible here."""

    state: State
    said: str
    used: str = ""
    fault: bool = False


class Obstacle(Record):
    """One obstacle. Subclasses say how it is drawn, what a deed does, and how it is overcome.

    `mechanism`: its name in files; `title`: what people call it; `law`: the formula with its constants, told once,
    after the rooms; `wordings`: at least three texts with the same facts, none of which says what is right; `fixtures`:
    the words its parts go by, which no other mechanism uses; `top`: its highest level.
    """

    mechanism: ClassVar[str]
    title: ClassVar[str]
    family: ClassVar[str]
    principles: ClassVar[tuple[str, ...]]
    law: ClassVar[str]
    fixtures: ClassVar[tuple[str, ...]]
    wordings: ClassVar[tuple[str, ...]]
    top: ClassVar[int]
    sort: ClassVar[Sort]
    kind: ClassVar[Kind | None] = None
    has_map: ClassVar[bool] = False

    @property
    @abstractmethod
    def names(self) -> tuple[str, ...]:
        """Its parts by their own names: `ring`, or `ring a` and `ring b`."""

    def text(self, wording: int, name_of: Called) -> str:
        """What stands in the room, with every number that decides: at most 36 words, and a table or a map."""
        return "\n".join([self.said(wording, name_of), *self.table(name_of)])

    @abstractmethod
    def said(self, wording: int, name_of: Called) -> str:
        """One of its wordings with its names and numbers."""

    @abstractmethod
    def table(self, name_of: Called) -> Sequence[str]:
        """The lines of its table or map."""

    @abstractmethod
    def forms(self, name_of: Called) -> tuple[str, ...]:
        """Every form of move that it answers, as it is written: `set: ring 6 -> MARK`."""

    @property
    def words(self) -> tuple[str, ...]:
        """Words that can stand second in a move, such as `north`."""
        return ()

    @property
    @abstractmethod
    def start(self) -> State:
        """How it stands before anything is done."""

    @abstractmethod
    def do(self, state: State, deed: Deed, thing: Amounts | None, name_of: Called) -> Response:
        """What a deed does. `thing`: what the thing that the deed names can do."""

    @abstractmethod
    def is_open(self, state: State) -> bool:
        """True once it is overcome."""

    @abstractmethod
    def is_dead(self, state: State) -> bool:
        """True if it can no longer be overcome, whatever is done."""

    @abstractmethod
    def way(self, thing: str, amounts: Amounts | None) -> tuple[Deed, ...]:
        """A shortest way to overcome it, worked out from the numbers; with this thing, if it takes one."""

    @abstractmethod
    def written(self, deed: Deed, name_of: Called) -> str:
        """A deed as a line of a plan."""

    @abstractmethod
    def chance(self, things: int) -> Fraction:
        """The chance of somebody who guesses every choice, with so many things of its kind in reach."""

    @abstractmethod
    def work(self, things: int) -> Fraction:
        """The number of states that a plain search looks at before it finds a way."""


_LETTER = re.compile(r" ([a-z])$")


def at_door(door: int) -> Called:
    """How fixtures are called at a door: `ring` is `ring 6` there, `ring a` is `ring 6a`."""

    def called(name: str) -> str:
        letter = _LETTER.search(name)
        return f"{name[: letter.start()]} {door}{letter[1]}" if letter else f"{name} {door}"

    return called


def lettered(word: str, n: int) -> tuple[str, ...]:
    """Names of n parts of one kind: the word alone, or with letters."""
    return (word,) if n == 1 else tuple(f"{word} {chr(ord('a') + i)}" for i in range(n))


def listed(parts: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
