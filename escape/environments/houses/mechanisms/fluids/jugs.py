"""Jugs without marks: what one holds goes into another until the one is empty or the other full."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar, Self

from pydantic import Field

from escape.environments.dice import Dice
from escape.environments.houses.obstacles import Act, Aim, Called, Deed, Machine, State, lettered

# level -> jugs, the largest in dl, and about how many pours it takes
SIZES = ((3, 8, 1), (3, 9, 2), (3, 10, 3), (3, 12, 4), (4, 9, 3), (4, 10, 4), (4, 11, 5))


class Jugs(Machine):
    """Water is neither made nor lost: what leaves one jug is in the other."""

    mechanism: ClassVar[str] = "jugs"
    title: ClassVar[str] = "Jugs without marks"
    family: ClassVar[str] = "volumes"
    principles: ClassVar[tuple[str, ...]] = ("the volume of water is kept when it is poured",)
    law: ClassVar[str] = (
        "Jugs have no marks: a pour goes on until the jug named first is empty or the second is full. Nothing is "
        "spilt, there is no other water and nowhere else to pour it, and a pour that moves nothing counts. What is in "
        "the other jugs at the end does not matter."
    )
    fixtures: ClassVar[tuple[str, ...]] = ("jug",)
    wordings: ClassVar[tuple[str, ...]] = (
        "The door opens when {which} holds exactly {amount} dl. You may pour {bound} times among {parts}.",
        "Chained to a shelf stand {parts}. Exactly {amount} dl must be in {which} after {bound} pours or fewer.",
        "Of {parts}, {which} must hold {amount} dl, no more and no less. The shelf bears {bound} pours.",
    )
    top: ClassVar[int] = len(SIZES)
    verb: ClassVar[str] = "pour"

    holds_dl: tuple[int, ...] = Field(min_length=3, max_length=5)
    has_dl: tuple[int, ...] = Field(min_length=3, max_length=5)
    which: int = Field(ge=0, le=4)
    amount_dl: int = Field(ge=1, le=100)

    @classmethod
    def draw(cls, dice: Dice, level: int) -> Self:
        """Jugs whose wanted amount is as many pours away as the level says."""
        return cls.fitting(dice, level, cls._bare(dice, level))

    @classmethod
    def _bare(cls, dice: Dice, level: int) -> Iterator[Self]:
        n, largest, pours = SIZES[level - 1]
        for _ in range(60):
            holds = tuple(dice.some(n, range(2, largest + 1)))
            full = dice.some(dice.between(1, n - 1), range(n))
            has = tuple(
                size if i in full else dice.below(size) if dice.below(3) == 0 else 0 for i, size in enumerate(holds)
            )
            yield cls.bare(holds_dl=holds, has_dl=has, which=0, amount_dl=1, bound=pours + 2)

    def aims(self, dice: Dice, states: Sequence[State]) -> Iterator[Aim]:
        where: dict[tuple[int, int], set[int]] = {}
        for n, state in enumerate(states):
            for jug, amount in enumerate(state if isinstance(state, tuple) else ()):
                where.setdefault((jug, amount), set()).add(n)
        for jug, amount in dice.in_turn([end for end in where if end[1]]):
            yield {"which": jug, "amount_dl": amount}, frozenset(where[jug, amount])

    def fault(self) -> str:
        if len(self.holds_dl) != len(self.has_dl):
            return "the jugs' tables differ in length"
        if any(not 0 <= has <= holds <= 1000 for holds, has in zip(self.holds_dl, self.has_dl, strict=True)):
            return "a jug has more than it holds"
        return "" if self.which < len(self.holds_dl) else "there is no such jug"

    @property
    def names(self) -> tuple[str, ...]:
        return lettered("jug", len(self.holds_dl))

    @property
    def acts(self) -> tuple[Act, ...]:
        return tuple((a, b) for a in self.names for b in self.names if a != b)

    @property
    def first(self) -> State:
        return self.has_dl

    def step(self, state: State, act: Act) -> State | None:
        has = list(state) if isinstance(state, tuple) else []
        a, b = self.numbers[act[0]], self.numbers[act[1]]
        moved = min(has[a], self.holds_dl[b] - has[b])
        has[a], has[b] = has[a] - moved, has[b] + moved
        return tuple(has)

    def reached(self, state: State) -> bool:
        return isinstance(state, tuple) and state[self.which] == self.amount_dl

    def act_of(self, deed: Deed) -> Act | None:
        act = (deed.first, deed.second)  # the order of its two jugs decides
        return act if act in self.acts else None

    def tell(self, before: State, act: Act, after: State | None, name_of: Called) -> str:
        amounts = after if isinstance(after, tuple) else ()
        has = ", ".join(f"{name_of(name)} has {amount} dl" for name, amount in zip(self.names, amounts, strict=True))
        return f"Now {has}." if before != after else f"Nothing flows: {has}."

    @property
    def facts(self) -> Mapping[str, int | str]:
        return {"amount": self.amount_dl}

    def said(self, wording: int, name_of: Called) -> str:
        parts = f"{name_of(self.names[0])} to {name_of(self.names[-1])}"
        which = name_of(self.names[self.which])
        return self.wordings[wording].format(parts=parts, bound=self.bound, which=which, amount=self.amount_dl)

    def table(self, name_of: Called) -> Sequence[str]:
        return [
            f"{name_of(name)}: holds {size} dl, has {has}"
            for name, size, has in zip(self.names, self.holds_dl, self.has_dl, strict=True)
        ]

    def forms(self, name_of: Called) -> tuple[str, ...]:
        return (f"pour: JUG -> JUG ({name_of(self.names[0])} to {name_of(self.names[-1])})",)
