"""Crates in stacks, each of which bears so much and no more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar, Self

from pydantic import Field

from escape.environments.dice import Dice
from escape.environments.houses.obstacles import Act, Aim, Called, Deed, Machine, State, lettered

# level -> crates, pallets, and about how many are carried
SIZES = ((2, 3, 1), (3, 3, 2), (3, 3, 3), (4, 3, 4), (4, 3, 5), (5, 3, 6), (5, 3, 7))
Piles = tuple[tuple[int, ...], ...]


class Stacks(Machine):
    """Every crate bears the weight of all that stands on it; above what it bears it is crushed."""

    mechanism: ClassVar[str] = "stacks"
    title: ClassVar[str] = "Crates in stacks"
    family: ClassVar[str] = "strength and load"
    principles: ClassVar[tuple[str, ...]] = ("what stands below carries all that stands above it",)
    law: ClassVar[str] = (
        "Stacks: a lift carries the top crate of the pallet named first onto the second, on top of what stands there. "
        "A crate carries the masses of all crates above it; if they are together more than it bears, it is crushed, "
        "and the door stays shut for good. A lift from an empty pallet counts and moves nothing."
    )
    fixtures: ClassVar[tuple[str, ...]] = ("pallet",)
    wordings: ClassVar[tuple[str, ...]] = (
        "A crane over {parts} has current for {bound} lifts. Stack the crates as is wanted below.",
        "The door opens when {parts} bear what is wanted below. The crane lifts {bound} times at most.",
        "Under a crane that can lift {bound} times stand {parts}. Each must end up with the stack that is wanted "
        "below.",
    )
    top: ClassVar[int] = len(SIZES)
    verb: ClassVar[str] = "move"

    mass_kg: tuple[int, ...] = Field(min_length=2, max_length=8)
    bears_kg: tuple[int, ...] = Field(min_length=2, max_length=8)
    stands: tuple[int, ...] = Field(max_length=12)  # pallet by pallet from the bottom, crates from 1, 0 ends a pallet
    wanted: tuple[int, ...] = Field(max_length=12)

    @classmethod
    def draw(cls, dice: Dice, level: int) -> Self:
        """Stacks that are as many lifts from what is wanted as the level says."""
        return cls.fitting(dice, level, cls._bare(dice, level))

    @classmethod
    def _bare(cls, dice: Dice, level: int) -> Iterator[Self]:
        n, pallets, lifts = SIZES[level - 1]
        for _ in range(80):
            mass = tuple(dice.some(n, range(10, 61, 5)))
            bears = tuple(dice.between(2, 22) * 5 for _ in range(n))
            piles: list[list[int]] = [[] for _ in range(pallets)]
            for crate in dice.shuffled(range(1, n + 1)):
                dice.pick(piles).append(crate)
            stacks = cls.bare(mass_kg=mass, bears_kg=bears, stands=_flat(piles), wanted=_flat(piles), bound=lifts + 1)
            if stacks._holds(stacks._piles(stacks.stands)):
                yield stacks

    def aims(self, dice: Dice, states: Sequence[State]) -> Iterator[Aim]:
        for n in dice.in_turn(range(1, len(states))):
            end = states[n]
            yield {"wanted": _flat(end if isinstance(end, tuple) else ())}, frozenset({n})

    def fault(self) -> str:
        n, pallets = len(self.mass_kg), self.stands.count(0)
        if len(self.bears_kg) != n or min(*self.mass_kg, *self.bears_kg) < 0:
            return "the crates' tables do not belong together"
        for flat in (self.stands, self.wanted):
            if sorted(flat) != [*(0 for _ in range(pallets)), *range(1, n + 1)] or flat[-1]:
                return "the stacks do not hold every crate once"
        held = 2 <= pallets <= 6 and all(self._holds(self._piles(flat)) for flat in (self.stands, self.wanted))
        return "" if held else "the stacks cannot stand so"

    def _piles(self, flat: tuple[int, ...]) -> Piles:
        ends = [n for n, crate in enumerate(flat) if not crate]
        return tuple(flat[start + 1 : end] for start, end in zip([-1, *ends], ends, strict=False))

    def _holds(self, piles: Piles) -> bool:
        for pile in piles:
            above = 0
            for crate in reversed(pile):
                if above > self.bears_kg[crate - 1]:
                    return False
                above += self.mass_kg[crate - 1]
        return True

    @property
    def names(self) -> tuple[str, ...]:
        return lettered("pallet", self.stands.count(0))

    @property
    def acts(self) -> tuple[Act, ...]:
        return tuple((a, b) for a in self.names for b in self.names if a != b)

    def act_of(self, deed: Deed) -> Act | None:
        act = (deed.first, deed.second)  # the order of its two pallets decides
        return act if act in self.acts else None

    @property
    def first(self) -> State:
        return self._piles(self.stands)

    def step(self, state: State, act: Act) -> State | None:
        piles = list(state) if isinstance(state, tuple) else []
        a, b = self.numbers[act[0]], self.numbers[act[1]]
        if not piles[a]:
            return state
        piles[a], piles[b] = piles[a][:-1], (*piles[b], piles[a][-1])
        return tuple(piles) if self._holds((piles[b],)) else None  # the other bears less than before

    def reached(self, state: State) -> bool:
        return state == self._piles(self.wanted)

    def tell(self, before: State, act: Act, after: State | None, name_of: Called) -> str:
        if after is None:
            return "A crate below bears less than stands on it now: it is crushed."
        return f"Now {self._told(after, name_of)}." if after != before else f"There is no crate on {name_of(act[0])}."

    def _told(self, state: State, name_of: Called) -> str:
        piles = state if isinstance(state, tuple) else ()
        return "; ".join(
            f"{name_of(name)}: {' '.join(map(str, pile)) or 'nothing'}"
            for name, pile in zip(self.names, piles, strict=True)
        )

    def table(self, name_of: Called) -> Sequence[str]:
        crates = zip(self.mass_kg, self.bears_kg, strict=True)
        return [
            "Crates: "
            + "; ".join(f"{i}: {mass} kg, bears {bears} kg" for i, (mass, bears) in enumerate(crates, 1))
            + ".",
            f"Now, from the bottom: {self._told(self.first, name_of)}.",
            f"Wanted, from the bottom: {self._told(self._piles(self.wanted), name_of)}.",
        ]

    def forms(self, name_of: Called) -> tuple[str, ...]:
        return (f"move: PALLET -> PALLET ({name_of(self.names[0])} to {name_of(self.names[-1])})",)


def _flat(piles: Sequence[Sequence[int]]) -> tuple[int, ...]:
    return tuple(x for pile in piles for x in (*pile, 0))
