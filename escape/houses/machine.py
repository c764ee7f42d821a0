"""States to think through: a bounded number of moves, each of which does what the state lets it do."""

from __future__ import annotations

from abc import abstractmethod
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import ClassVar, Self

from pydantic import Field

from escape.houses.dice import Dice
from escape.houses.obstacle import EASE, WORK, Called, Deed, Obstacle, Response, Sort, State, listed
from escape.world import Amounts

MAX_STATES = 4_000
SLACK = 2  # moves more than the shortest way takes
AIMS = 4  # tried of each obstacle before the next one is drawn
BAND, WORK_BAND = 3.0, 2.6  # how far an obstacle may lie from its level: some nine tenths of one
Act = tuple[str, str]  # a part and what it is given: ("crate", "north"), ("mirror b", ""); the names are its own


@dataclass(frozen=True)
class Graph:
    """What can happen within the bound. `after[s][a]`: the state after act a, None for a final mistake; `left[s]`: the
    fewest moves to the goal, absent where there is no way.
    """

    states: tuple[State, ...]
    index: dict[State, int]
    after: tuple[tuple[int | None, ...], ...]
    left: dict[int, int]


class Machine(Obstacle):
    """An obstacle whose state changes move by move. `bound`: the moves there are.

    Subclasses say what the acts are, what each does (`step`: None for a mistake that is final) and what is wanted.
    """

    sort: ClassVar[Sort] = "states to think through"
    verb: ClassVar[str]

    bound: int = Field(ge=1, le=80)

    @classmethod
    @abstractmethod
    def draw(cls, dice: Dice, level: int) -> Self:
        """An obstacle as hard as the level says. Raises ValueError if none was found."""

    @property
    @abstractmethod
    def acts(self) -> tuple[Act, ...]:
        """Everything that can be done, as a guesser would count it."""

    @property
    def facts(self) -> Mapping[str, int | str]:
        """Further numbers that its wordings speak of."""
        return {}

    @property
    @abstractmethod
    def first(self) -> State:
        """How it stands at the start."""

    @abstractmethod
    def step(self, state: State, act: Act) -> State | None:
        """The state after an act; the same if it does nothing, None if it is a mistake for good."""

    @abstractmethod
    def reached(self, state: State) -> bool:
        """Whether this is what opens the door."""

    @abstractmethod
    def tell(self, before: State, act: Act, after: State | None, called: Called) -> str:
        """What one sees happen, in a sentence."""

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(second for _, second in self.acts if second and second not in self.names))

    @cached_property
    def graph(self) -> Graph:
        """Every state that can be reached within the bound. Raises ValueError for more than MAX_STATES."""
        acts, index, states = self.acts, {self.first: 0}, [self.first]
        after: list[tuple[int | None, ...]] = []
        for depth_end in self._layers(states):
            for state in states[len(after) : depth_end]:
                row: list[int | None] = []
                for act in acts:
                    found = state if self.reached(state) else self.step(state, act)
                    if found is not None and found not in index:
                        index[found] = len(states)
                        states.append(found)
                    row.append(None if found is None else index[found])
                after.append(tuple(row))
            if len(states) > MAX_STATES:
                raise ValueError(f"{self.mechanism} has more than {MAX_STATES} states")
        last = len(after)
        after += [tuple(n for _ in acts) for n in range(last, len(states))]  # out of moves there
        return Graph(tuple(states), index, tuple(after), self._left(states, after))

    def _layers(self, states: list[State]) -> Iterable[int]:
        done = 0
        for _ in range(self.bound):
            if done == len(states):
                return
            done = len(states)
            yield done

    def _left(self, states: list[State], after: list[tuple[int | None, ...]]) -> dict[int, int]:
        back: dict[int, list[int]] = defaultdict(list)
        for n, row in enumerate(after):
            for to in row:
                if to is not None and to != n:
                    back[to].append(n)
        left = {n: 0 for n, state in enumerate(states) if self.reached(state)}
        queue = list(left)
        for n in queue:
            for before in back[n]:
                if before not in left:
                    left[before] = left[n] + 1
                    queue.append(before)
        return left

    @property
    def shortest(self) -> int | None:
        """The fewest moves that open it; None if it cannot be opened."""
        return self.graph.left.get(0)

    @property
    def start(self) -> State:
        return (self.first, self.bound)

    def _parts(self, state: State) -> tuple[State | None, int]:
        where, left = state if isinstance(state, tuple) else (None, 0)
        return where, int(left)

    def is_open(self, state: State) -> bool:
        where, _ = self._parts(state)
        return where is not None and self.reached(where)

    def is_dead(self, state: State) -> bool:
        where, left = self._parts(state)
        needed = None if where is None else self.graph.left.get(self.graph.index.get(where, -1))
        return needed is None or needed > left

    def act_of(self, deed: Deed) -> Act | None:
        """Which of its acts a deed is; None if it is none."""
        return next((a for a in ((deed.first, deed.second), (deed.second, deed.first)) if a in self.acts), None)

    def do(self, state: State, deed: Deed, thing: Amounts | None, called: Called) -> Response:
        where, left = self._parts(state)
        act = self.act_of(deed)
        if act is None:
            return Response(state, "That is none of the moves that are possible here.", fault=True)
        if where is None or left == 0:
            return Response(state, "Nothing can be moved here any more.")
        after = self.step(where, act)
        return Response((after, left - 1), self.tell(where, act, after, called))

    def said(self, wording: int, called: Called) -> str:
        parts = listed([called(n) for n in self.names])
        return self.wordings[wording].format(parts=parts, bound=self.bound, **self.facts)

    def way(self, thing: str, amounts: Amounts | None) -> tuple[Deed, ...]:
        graph, at, found = self.graph, 0, []
        while graph.left[at]:
            n = next(
                n
                for n, to in enumerate(graph.after[at])
                if to is not None and graph.left.get(to, self.bound) == graph.left[at] - 1
            )
            found.append(Deed(*self.acts[n]))
            at = graph.after[at][n] or 0
        return tuple(found)

    def written(self, deed: Deed, called: Called) -> str:
        second = called(deed.second) if deed.second in self.names else deed.second
        return f"{self.verb}: {called(deed.first)}" + (f" -> {second}" if second else "")

    def why(self, amounts: Amounts | None) -> str:
        return f"It can be done in {self.shortest} moves of {self.bound}."

    def chance(self, things: int = 0) -> Fraction:
        """Exactly, over all sequences of acts as long as the bound, each as likely as any other."""
        graph, size = self.graph, len(self.acts)
        hits = [int(graph.left.get(n) == 0) for n in range(len(graph.states))]
        for _ in range(self.bound):
            hits = [
                size * hits[n] if graph.left.get(n) == 0 else sum(hits[to] for to in row if to is not None)
                for n, row in enumerate(graph.after)
            ]
        return Fraction(hits[0], size**self.bound)

    def work(self, things: int = 0) -> Fraction:
        """Sequences of acts, shortest first, without those that change nothing or take the one before back, up to the
        middle of those that are just long enough.
        """
        shortest = self.shortest or 0
        walks = _walks(self.graph.after, shortest)
        return Fraction(sum(walks[:shortest])) + Fraction(walks[shortest], 2)

    @abstractmethod
    def aims(self, dice: Dice, states: Sequence[State]) -> Iterator[tuple[Self, frozenset[int]]]:
        """What could be wanted of these states, in a random order: the same obstacle wanting it (whatever its bound),
        and the numbers of the states in which it is reached.
        """

    @classmethod
    def fitting(cls, dice: Dice, level: int, bare: Iterable[Self]) -> Self:
        """Of obstacles that want nothing yet, the first with an aim that is as hard as the level says. Raises
        ValueError
        if there is none.
        """
        for made in bare:
            states, after, far = made.explored
            if len(states) > MAX_STATES:
                continue
            walks = _walks(after, max(far))
            hard = {d for d in range(1, max(far) + 1) if _work_fits(level, sum(walks[:d]) + walks[d] / 2)}
            tried = 0
            for aimed, where in made.aims(dice, states) if hard else ():
                shortest = min(far[n] for n in where)
                if shortest in hard:
                    bound = shortest + min(SLACK, shortest)
                    if _ease_fits(level, _chance(after, where, bound, len(made.acts))):
                        return aimed.model_copy(update={"bound": bound})
                    tried += 1
                if tried == AIMS:
                    break
        raise ValueError(f"no {cls.mechanism} of level {level}")

    @property
    def explored(self) -> tuple[list[State], list[tuple[int | None, ...]], list[int]]:
        """Every state within the bound, whatever is wanted: the states, what each act leads to, and how far each is."""
        acts, states, far, index = self.acts, [self.first], [0], {self.first: 0}
        after: list[tuple[int | None, ...]] = []
        for n, state in enumerate(states):
            row: list[int | None] = []
            if far[n] == self.bound or len(states) > MAX_STATES:
                break
            for act in acts:
                to = self.step(state, act)
                if to is not None and to not in index:
                    index[to] = len(states)
                    states.append(to)
                    far.append(far[n] + 1)
                row.append(None if to is None else index[to])
            after.append(tuple(row))
        after += [tuple(n for _ in acts) for n in range(len(after), len(states))]
        return states, after, far


def _walks(after: Sequence[tuple[int | None, ...]], longest: int) -> list[int]:
    """The number of sequences of each length that change something at every step and never take the last step back."""
    walks: dict[tuple[int, int], int] = {(-1, 0): 1}
    found = [1]
    for _ in range(longest):
        further: dict[tuple[int, int], int] = {}
        for (before, at), times in walks.items():
            for to in after[at]:
                if to is not None and to != at and to != before:
                    further[at, to] = further.get((at, to), 0) + times
        walks = further
        found.append(sum(walks.values()))
    return found


def _chance(after: Sequence[tuple[int | None, ...]], where: frozenset[int], bound: int, acts: int) -> float:
    """The chance that so many random acts come to one of these states. In floats, whose sums are the same
    everywhere.
    """
    hits = [float(n in where) for n in range(len(after))]
    for _ in range(bound):
        hits = [
            1.0 if n in where else sum([hits[to] for to in row if to is not None]) / acts for n, row in enumerate(after)
        ]
    return hits[0]


def _ease_fits(level: int, chance: float) -> bool:
    return bool(1 / BAND <= chance * EASE**level <= BAND)


def _work_fits(level: int, work: float) -> bool:
    return bool(1 / WORK_BAND <= work / WORK**level <= WORK_BAND)
