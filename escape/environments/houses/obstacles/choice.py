"""Numbers decide: one thing is chosen among its kind, dials are set, and one deed, which is final, shows whether both
were right.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from escape.environments.dice import Dice
from escape.environments.houses.obstacles.obstacle import (
    Called,
    Deed,
    Obstacle,
    Response,
    Sort,
    State,
    lettered,
    listed,
)
from escape.types import Amounts, Kind

PASSES_BY = Fraction(6, 100)  # a right thing passes by this much or more,
FAILS_BY = Fraction(4, 100)  # a wrong one fails by this much or more
CLEAR = Fraction(2, 10)  # of a step: so near its mark lies each exact value that rounding on the way decides little
REDRAWS = 60  # of an obstacle, until its numbers are sensible
THINGS = 4  # of a kind that a guesser finds in reach: levels are reckoned with this number
OPEN, DEAD = ("open",), ("dead",)
Many = tuple[Annotated[int, Field(ge=1, le=1_000_000)], ...]  # numbers of an obstacle, none of which can be 0

# level -> the number of marks on each dial: with four things to choose from, the choices grow by 3.55 from level to
# level, which lies between what a guesser's chance and what a search's work ask for
DIALS: tuple[tuple[int, ...], ...] = (
    (), (3,), (11,), (40,), (12, 12), (22, 23), (42, 42), (18, 18, 19), (28, 28, 28), (43, 43, 43),
)  # fmt: skip


@dataclass(frozen=True)
class Exact:
    """What the formula says of a thing. `margin`: by what share it passes what is asked of it, negative if it falls
    short; `marks`: the exact value for each dial, in its unit, also for dials that low levels leave out; `reason`: the
    numbers in a sentence.
    """

    margin: Fraction
    marks: tuple[Fraction, ...]
    reason: str


def _rounded(x: Fraction) -> int:
    """The nearest whole number; of two as near, the lower."""
    return math.ceil(x - Fraction(1, 2))


def root(x: Fraction) -> Fraction:
    """The square root, cut to a millionth, by whole numbers alone: the same on every machine."""
    return Fraction(math.isqrt(int(x * 10**12)), 10**6)


class Choice(Obstacle):
    """An obstacle that takes one thing. `lows`, `sizes`, `steps`: of each dial the lowest mark, how many there are, and
    how far apart. A setting is right if it is the mark nearest to the exact value (of two as near, the lower).

    Subclasses name `dial` (a fixture's word), its `unit`, the `scales` of its dials (so that low levels have few and
    coarse marks), the `place` where the thing goes and the `verb` of the deed. What is asked of the thing is never what
    a dial shows: a mark just past the bound would be right too often.
    """

    kind: ClassVar[Kind]
    sort: ClassVar[Sort] = "numbers decide"
    top: ClassVar[int] = len(DIALS)
    dial: ClassVar[str]
    unit: ClassVar[str]
    place: ClassVar[str]
    verb: ClassVar[str]
    plain_wordings: ClassVar[tuple[str, ...]]

    lows: tuple[Annotated[int, Field(ge=0, le=1_000_000)], ...] = Field((), max_length=3)
    sizes: tuple[Annotated[int, Field(ge=2, le=1_000)], ...] = Field((), max_length=3)
    steps: Many = Field((), max_length=3)

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if not len(self.lows) == len(self.sizes) == len(self.steps):
            raise ValueError("its dials have unequal numbers of lows, sizes and steps")
        if fault := self.contradiction():
            raise ValueError(fault)
        return self

    @abstractmethod
    def contradiction(self) -> str:
        """Why these numbers cannot stand together, each being possible by itself; "" if they can."""

    def has_dials(self, parts: int) -> bool:
        """Whether it has a dial for each of so many parts, or none at all (a child's level)."""
        return len(self.lows) in (0, parts)

    @classmethod
    def draw(cls, dice: Dice, level: int, thing: Amounts) -> Self:
        """An obstacle that this thing overcomes by the `spare`, or nearly so, with the dials of its level. Raises
        ValueError if none was found whose numbers are sensible.
        """
        for _ in range(REDRAWS):
            obstacle = cls.drawn(dice, len(DIALS[level - 1]), thing).placed(dice, thing, level)
            if obstacle.is_sensible(thing) and obstacle._is_roomy(thing):
                return obstacle
        raise ValueError(f"no {cls.mechanism} of level {level} for {dict(thing)}")

    @classmethod
    @abstractmethod
    def drawn(cls, dice: Dice, dials: int, thing: Amounts) -> Self:
        """One for so many dials, which are still to be placed, and perhaps with numbers that are not sensible."""

    @abstractmethod
    def is_sensible(self, thing: Amounts) -> bool:
        """Whether everything that this thing would do here can be, with something to spare."""

    @property
    @abstractmethod
    def scales(self) -> tuple[Fraction, ...]:
        """About how much the marks of each dial cover, reckoned from numbers that are told: somewhat less than its
        exact value, since a dial begins at 0 or above.
        """

    def _is_roomy(self, thing: Amounts) -> bool:
        """Whether the right mark could lie anywhere in the lower half of each dial at least."""
        marks = zip(self.nearest(self.exact(thing).marks), self.sizes, self.steps, strict=False)
        return all(2 * (mark // step) >= size - 1 for mark, size, step in marks)

    @property
    @abstractmethod
    def facts(self) -> Mapping[str, int | str]:
        """The numbers that its wordings speak of."""

    @abstractmethod
    def exact(self, thing: Amounts) -> Exact:
        """The formula, with its source: what this thing would do here."""

    @property
    def dials(self) -> tuple[str, ...]:
        """The dials by their own names."""
        return lettered(self.dial, len(self.lows)) if self.lows else ()

    @staticmethod
    def in_words(values: Sequence[Fraction]) -> str:
        """Exact values as reasons give them: `12.3, 4.0 and 56.7`."""
        return listed([f"{float(x):.1f}" for x in values])

    @staticmethod
    def spare(dice: Dice) -> Fraction:
        """By how much the thing that is meant passes: the next smaller of its kind then fails clearly."""
        return Fraction(dice.between(64, 78), 1000)

    def placed(self, dice: Dice, thing: Amounts, level: int) -> Self:
        """The same with dials of the level's sizes, on each of which the mark for this thing lies anywhere."""
        sizes = DIALS[level - 1]
        steps = tuple(max(1, int(scale / size)) for scale, size in zip(self.scales, sizes, strict=False))
        exact = [_rounded(x) for x in self.exact(thing).marks[: len(sizes)]]
        lows = tuple(
            x - step * min(dice.below(size), max(0, x) // step)
            for x, size, step in zip(exact, sizes, steps, strict=True)
        )
        return self.model_copy(update={"lows": lows, "sizes": sizes, "steps": steps})

    def nearest(self, marks: tuple[Fraction, ...]) -> tuple[int, ...]:
        """The mark nearest to each exact value, whether the dial goes so far or not."""
        dials = zip(marks, self.lows, self.steps, strict=False)
        return tuple(low + step * _rounded((x - low) / step) for x, low, step in dials)

    def settings(self, thing: Amounts) -> tuple[int, ...] | None:
        """The settings that are right for a thing; None if it does not fit."""
        exact = self.exact(thing)
        marks = self.nearest(exact.marks)
        on_dials = all(self._on_dial(i, m) for i, m in enumerate(marks))
        return marks if exact.margin >= 0 and on_dials else None

    def _on_dial(self, i: int, mark: int) -> bool:
        return self.lows[i] <= mark <= self._high(i) and (mark - self.lows[i]) % self.steps[i] == 0

    def _high(self, i: int) -> int:
        return self.lows[i] + self.steps[i] * (self.sizes[i] - 1)

    def is_clear(self, thing: Amounts, *, meant: bool) -> bool:
        """Whether a thing passes or fails by so much that nobody can argue, and, if it is the one that is meant, its
        exact values lie close to their marks.
        """
        exact = self.exact(thing)
        if not meant:
            return exact.margin >= PASSES_BY or exact.margin <= -FAILS_BY
        marks = zip(exact.marks, self.nearest(exact.marks), self.steps, strict=False)
        near = all(abs(x - m) <= CLEAR * step for x, m, step in marks)
        return exact.margin >= PASSES_BY and near and self.settings(thing) is not None

    @property
    def names(self) -> tuple[str, ...]:
        return (self.place, *self.dials)

    @property
    def start(self) -> State:
        return self.lows

    def is_open(self, state: State) -> bool:
        return state == OPEN

    def is_dead(self, state: State) -> bool:
        return state == DEAD

    def do(self, state: State, deed: Deed, thing: Amounts | None, name_of: Called) -> Response:
        if not isinstance(state, tuple) or state in (OPEN, DEAD):
            return Response(state, "That is done already." if state == OPEN else "It is spoilt for good.")
        if deed.first in self.dials:
            return self._set(state, deed)
        if thing is None or self.place not in (deed.first, deed.second):
            return Response(state, "That is none of the moves that are possible here.", fault=True)
        name = deed.second if deed.first == self.place else deed.first
        exact, right = self.exact(thing), self.settings(thing)
        if right is None or state != right:
            return Response(DEAD, f"{exact.reason} {self._missed(state, right, exact, name_of)}", used=name)
        return Response(OPEN, exact.reason, used=name)

    def _set(self, state: tuple[int, ...], deed: Deed) -> Response:
        i = self.dials.index(deed.first)
        try:
            mark = Fraction(deed.second)
        except (ValueError, ZeroDivisionError):
            return Response(state, "It is set to a mark, which is a number.", fault=True)
        if mark.denominator != 1 or not self._on_dial(i, int(mark)):
            return Response(state, f"There is no such mark: there are {self._marks(i)}.")
        return Response((*state[:i], int(mark), *state[i + 1 :]), f"It stands at {int(mark)} {self.unit}.")

    def _missed(self, state: tuple[int, ...], right: tuple[int, ...] | None, exact: Exact, name_of: Called) -> str:
        if exact.margin < 0:
            return "That does not do."
        wrong = [
            f"{name_of(d)} stood at {s}" for d, s, r in zip(self.dials, state, right or state, strict=True) if s != r
        ]
        return f"But {listed(wrong)}." if wrong else "But no mark goes so far."

    def said(self, wording: int, name_of: Called) -> str:
        dials = listed([name_of(d) for d in self.dials]) if self.dials else ""
        wording_text = (self.wordings if self.dials else self.plain_wordings)[wording]
        return wording_text.format(place=name_of(self.place), dials=dials, **self.facts)

    def way(self, thing: str, amounts: Amounts | None) -> tuple[Deed, ...]:
        right = self.settings(amounts) if amounts is not None else None
        if right is None:
            raise ValueError(f"{thing} does not fit")
        turned = [Deed(d, str(m)) for d, m, low in zip(self.dials, right, self.lows, strict=True) if m != low]
        return (*turned, Deed(thing, self.place))

    def written(self, deed: Deed, name_of: Called) -> str:
        if deed.first in self.dials:
            return f"set: {name_of(deed.first)} -> {deed.second}"
        return f"{self.verb}: {deed.first} -> {name_of(deed.second)}"

    def forms(self, name_of: Called) -> tuple[str, ...]:
        dials = tuple(
            f"set: {name_of(d)} -> MARK ({self._marks(i)}; now {self.lows[i]})" for i, d in enumerate(self.dials)
        )
        return (*dials, f"{self.verb}: {self.kind.upper()} -> {name_of(self.place)} (final)")

    def _marks(self, i: int) -> str:
        steps = f" in steps of {self.steps[i]}" if self.steps[i] > 1 else ""
        return f"{self.lows[i]} to {self._high(i)} {self.unit}{steps}"

    def chance(self, things: int) -> Fraction:
        return Fraction(1, self._choices(things))

    def work(self, things: int) -> Fraction:
        return Fraction(self._choices(things), 2)

    def _choices(self, things: int) -> int:
        choices = things
        for size in self.sizes:
            choices *= size
        return choices
