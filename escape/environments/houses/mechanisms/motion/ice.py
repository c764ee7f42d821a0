"""A crate on ice: pushed, it slides until something stops it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import ClassVar, Self

from pydantic import Field

from escape.environments.dice import Dice
from escape.environments.houses.obstacles import Act, Aim, Called, Machine, State

_TO = {"north": (-1, 0), "east": (0, 1), "south": (1, 0), "west": (0, -1)}
SIZES = (4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)  # level -> squares a side


def _rests(side: int, rocks: frozenset[int]) -> dict[str, list[int]]:
    """For each way and square, the square where a crate comes to rest that is pushed that way from there."""
    squares = {}
    for way, (down, right) in _TO.items():
        to = list(range(side * side))
        for at in to[:] if down + right < 0 else to[::-1]:  # the squares that it slides to come first
            row, column = at // side + down, at % side + right
            beside = row * side + column
            if 0 <= row < side and 0 <= column < side and beside not in rocks:
                to[at] = to[beside]
        squares[way] = to
    return squares


def _farthest(rests: dict[str, list[int]], crate: int) -> int:
    """How many pushes the square takes that is hardest to come to rest on."""
    far, queue = {crate: 0}, [crate]
    for at in queue:
        for to in rests.values():
            if to[at] not in far:
                far[to[at]] = far[at] + 1
                queue.append(to[at])
    return far[queue[-1]]


class Ice(Machine):
    """Without friction a body keeps its velocity until a force acts on it (Newton's first law)."""

    mechanism: ClassVar[str] = "ice"
    title: ClassVar[str] = "A crate on ice"
    family: ClassVar[str] = "motion and friction"
    principles: ClassVar[tuple[str, ...]] = ("without friction a body keeps moving until something stops it",)
    law: ClassVar[str] = (
        "Crates on ice: a pushed crate slides on, over the plate too, until the next square is rock or lies off the "
        "map; there it rests. From wherever it rests, it can be pushed in all four directions; a push that moves "
        "nothing counts. North is up the map, east to the right."
    )
    fixtures: ClassVar[tuple[str, ...]] = ("crate",)
    wordings: ClassVar[tuple[str, ...]] = (
        "On the ice stands {parts}, which must come to rest on the plate. It can be pushed {bound} times.",
        "Bring {parts} to rest on the plate; your arms have strength for {bound} pushes.",
        "A plate in the ice holds the bolt: {parts} has to lie still on it. The ice bears {bound} pushes.",
    )
    top: ClassVar[int] = len(SIZES)
    has_map: ClassVar[bool] = True
    slacks: ClassVar[tuple[int, ...]] = (3, 4, 2, 1)  # where so few ways lead on, random moves need more
    verb: ClassVar[str] = "push"

    side: int = Field(ge=3, le=20)
    rocks: tuple[int, ...] = Field(max_length=200)  # squares, numbered row by row from 0
    crate: int = Field(ge=0, lt=400)
    plate: int = Field(ge=0, lt=400)

    @classmethod
    def draw(cls, dice: Dice, level: int) -> Self:
        """A map whose plate is as hard to reach as the level says."""
        return cls.fitting(dice, level, cls._bare(dice, level))

    @classmethod
    def _bare(cls, dice: Dice, level: int) -> Iterator[Self]:
        side, far_enough = SIZES[level - 1], (3 * level + 1) // 2 if level > 7 else (5 * level + 3) // 4
        for _ in range(200):
            squares = dice.shuffled(range(side * side))
            cut = side * side * (dice.between(12, 18) + 6 * (level > 7)) // 100
            rocks, rests = tuple(sorted(squares[:cut])), _rests(side, frozenset(squares[:cut]))
            for crate in squares[cut : cut + 8]:
                if _farthest(rests, crate) >= far_enough:
                    yield cls.bare(side=side, rocks=rocks, crate=crate, plate=crate, bound=far_enough + level // 2 + 1)

    def aims(self, dice: Dice, states: Sequence[State]) -> Iterator[Aim]:
        for n in dice.in_turn(range(1, len(states))):
            yield {"plate": states[n]}, frozenset({n})

    def fault(self) -> str:
        squares = {self.crate, self.plate, *self.rocks}
        if max(squares) >= self.side**2 or min(squares) < 0:
            return "a square lies outside the map"
        return "" if len(squares) == len(self.rocks) + 2 else "two things lie on one square"

    @cached_property
    def _rests(self) -> dict[str, list[int]]:
        return _rests(self.side, frozenset(self.rocks))

    @property
    def names(self) -> tuple[str, ...]:
        return ("crate",)

    @property
    def acts(self) -> tuple[Act, ...]:
        return tuple(("crate", way) for way in _TO)

    @property
    def first(self) -> State:
        return self.crate

    def step(self, state: State, act: Act) -> State | None:
        return self._rests[act[1]][state] if isinstance(state, int) else None

    def reached(self, state: State) -> bool:
        return state == self.plate

    def tell(self, before: State, act: Act, after: State | None, name_of: Called) -> str:
        if after == before:
            return "It is against something that way and does not move."
        row, column = divmod(after if isinstance(after, int) else 0, self.side)
        resting = "on the plate" if self.reached(after) else f"in row {row + 1}, column {column + 1}"
        return f"It slides {act[1]} and rests {resting}."

    def table(self, name_of: Called) -> Sequence[str]:
        marks = {**dict.fromkeys(self.rocks, "#"), self.plate: "P", self.crate: "C"}
        squares = "".join(marks.get(n, ".") for n in range(self.side**2))
        rows = [squares[n : n + self.side] for n in range(0, len(squares), self.side)]
        return ["Map (# rock, . ice, C crate, P plate):", *rows]

    def forms(self, name_of: Called) -> tuple[str, ...]:
        return (f"push: {name_of('crate')} -> DIRECTION (north, east, south or west)",)
