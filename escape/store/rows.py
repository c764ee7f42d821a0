"""The rows of a class: classes, members, rounds, entries. No logic."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ClassRow:
    """A class without its run. Times are in seconds since 1970."""

    code: str
    teacher: str
    title: str
    made: float
    until: float
    content: int
    seats: int = 200
    door: str = ""

    @property
    def joining(self) -> str:
        return self.door or self.code


@dataclass(frozen=True)
class MemberRow:
    """Someone who joined. `number` counts from 1. `standing`: in, or waiting for the teacher's nod. `at`: when, in
    seconds since 1970.
    """

    id: int
    code: str
    number: int
    nickname: str
    standing: str = "in"
    at: float = 0.0


@dataclass(frozen=True)
class RoundRow:
    """A round. `state`: open, closed or revealed. `plan`: what is done in it, as JSON."""

    id: int
    code: str
    number: int
    state: str
    plan: str


@dataclass(frozen=True)
class Entry:
    """A member's entry for one item in a round."""

    member: int  # the member's number in the class
    item: str
    body: str
