"""A block that is tipped over its edges across a floor, parts of which are too thin for it to stand on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import ClassVar, Self

from pydantic import Field

from escape.environments.dice import Dice
from escape.environments.houses.obstacles import Act, Aim, Called, Machine, State

_WAYS = ("north", "east", "south", "west")
STANDS, EAST, SOUTH = 0, 1, 2  # upright; lying on its square and the next to the east, or to the south
SIZES = (4, 4, 5, 5, 6, 7, 8, 9, 9, 10, 11, 12)  # level -> squares a side


class Slabs(Machine):
    """Pressure is force over area: the block lies on two squares and stands on one, so that standing it presses twice
    as
    hard.
    """

    mechanism: ClassVar[str] = "slabs"
    title: ClassVar[str] = "A block to be tipped"
    family: ClassVar[str] = "pressure on solids"
    principles: ClassVar[tuple[str, ...]] = ("pressure is force over area", "a body tips over the edge it is pushed at")
    law: ClassVar[str] = (
        "Blocks are one square wide and deep and two high. Tipped, a standing block comes to lie on the next two "
        "squares that way; a lying one tipped lengthways stands up on the square beyond its end, and tipped sideways "
        "rolls onto the two squares beside it. If one of those squares is a pillar or off the map, the tip counts and "
        "nothing moves. Thin floor bears a lying block; under a standing one it breaks, and the door stays shut for "
        "good. North is up the map, east to the right."
    )
    fixtures: ClassVar[tuple[str, ...]] = ("block",)
    wordings: ClassVar[tuple[str, ...]] = (
        "On B stands {parts}, upright. The door opens when the block stands upright on the plate, after {bound} tips "
        "or fewer.",
        "Bring {parts} to stand upright on the plate, as it now stands on B; your back allows {bound} tips.",
        "The plate wants {parts} upright on it, as it now stands on B. You have {bound} tips at most.",
    )
    top: ClassVar[int] = len(SIZES)
    has_map: ClassVar[bool] = True
    slacks: ClassVar[tuple[int, ...]] = (3, 4, 2, 1)  # where so few ways lead on, random moves need more
    verb: ClassVar[str] = "tip"

    side: int = Field(ge=3, le=12)
    pillars: tuple[int, ...] = Field(max_length=80)  # squares, numbered row by row from 0
    thin: tuple[int, ...] = Field(max_length=80)
    block: int = Field(ge=0, lt=144)
    plate: int = Field(ge=0, lt=144)

    @classmethod
    def draw(cls, dice: Dice, level: int) -> Self:
        """A floor whose plate is as hard to reach as the level says."""
        return cls.fitting(dice, level, cls._bare(dice, level))

    @classmethod
    def _bare(cls, dice: Dice, level: int) -> Iterator[Self]:
        side = SIZES[level - 1]
        for _ in range(80):
            squares = dice.shuffled(range(side * side))
            n = side * side * dice.between(10, 16) // 100
            block = squares[-1]
            yield cls.bare(
                side=side,
                pillars=tuple(sorted(squares[:n])),
                thin=tuple(sorted(squares[n : 2 * n + side])),
                block=block,
                plate=block,
                bound=level + 3,
            )

    def aims(self, dice: Dice, states: Sequence[State]) -> Iterator[Aim]:
        for n in dice.in_turn(range(1, len(states))):
            square, lies = self._at(states[n])
            if lies == STANDS:
                yield {"plate": square}, frozenset({n})

    def fault(self) -> str:
        squares = {self.block, self.plate, *self.pillars, *self.thin}
        if max(squares) >= self.side**2 or min(squares) < 0:
            return "a square lies outside the map"
        apart = len(squares) == len(self.pillars) + len(self.thin) + 2
        return "" if apart else "two things lie on one square"

    @property
    def names(self) -> tuple[str, ...]:
        return ("block",)

    @property
    def acts(self) -> tuple[Act, ...]:
        return tuple(("block", way) for way in _WAYS)

    @property
    def first(self) -> State:
        return (self.block, STANDS)

    def _at(self, state: State) -> tuple[int, int]:
        square, lies = state if isinstance(state, tuple) else (0, STANDS)
        return int(square), int(lies)

    @cached_property
    def _walls(self) -> frozenset[int]:
        return frozenset(self.pillars)

    def step(self, state: State, act: Act) -> State | None:
        square, lies = self._at(state)
        row, column = divmod(square, self.side)
        way = act[1]
        # what it covers is [row, row + tall) by [column, column + wide); tipped, it lands beside the edge it turns over
        tall, wide = (2 if lies == SOUTH else 1), (2 if lies == EAST else 1)
        if way in ("east", "west"):
            column += wide if way == "east" else -(2 if lies == STANDS else 1)
            after = {STANDS: EAST, EAST: STANDS, SOUTH: SOUTH}[lies]
        else:
            row += tall if way == "south" else -(2 if lies == STANDS else 1)
            after = {STANDS: SOUTH, SOUTH: STANDS, EAST: EAST}[lies]
        cells = [(row, column)]
        if after != STANDS:
            cells.append((row, column + 1) if after == EAST else (row + 1, column))
        if any(not (0 <= r < self.side and 0 <= c < self.side) or r * self.side + c in self._walls for r, c in cells):
            return state
        landed = row * self.side + column
        return None if after == STANDS and landed in self.thin else (landed, after)

    def reached(self, state: State) -> bool:
        return state == (self.plate, STANDS)

    def tell(self, before: State, act: Act, after: State | None, name_of: Called) -> str:
        if after is None:
            return "It stands up on thin floor and breaks through."
        square, lies = self._at(after)
        row, column = divmod(square, self.side)
        how = {STANDS: "stands", EAST: "lies from west to east", SOUTH: "lies from north to south"}[lies]
        still = "Something is in the way. " if after == before else ""
        return f"{still}It {how} at row {row + 1}, column {column + 1}."

    def table(self, name_of: Called) -> Sequence[str]:
        marks = dict.fromkeys(self.pillars, "#") | dict.fromkeys(self.thin, "~") | {self.plate: "P", self.block: "B"}
        squares = "".join(marks.get(n, ".") for n in range(self.side**2))
        rows = [squares[n : n + self.side] for n in range(0, len(squares), self.side)]
        return ["Map (# pillar, . floor, ~ thin floor, B block and P plate, both on floor):", *rows]

    def forms(self, name_of: Called) -> tuple[str, ...]:
        return (f"tip: {name_of('block')} -> DIRECTION (north, east, south or west)",)
