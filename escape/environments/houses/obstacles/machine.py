"""States to think through: a bounded number of moves, each of which does what the state lets it do."""

from __future__ import annotations

from abc import abstractmethod
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import ClassVar, Self, cast

from pydantic import Field, model_validator

from escape.environments.dice import Dice
from escape.environments.houses.obstacles.obstacle import Called, Deed, Obstacle, Response, Sort, State, listed
from escape.environments.houses.obstacles.search import AIMS, MAX_STATES, Act, Aim, Row, Search, Walks, row_of
from escape.types import Amounts


@dataclass(frozen=True)
class Graph:
    """What can happen within the bound. `after[s][a]`: the state after act a, None for a final mistake; `left[s]`: the
    fewest moves to the goal, absent where there is no way.
    """

    index: dict[State, int]
    after: tuple[Row, ...]
    left: dict[int, int]


class Machine(Obstacle):
    """An obstacle whose state changes move by move. `bound`: the moves there are.

    Subclasses say what the acts are, what each does (`step`: None for a mistake that is final) and what is wanted.
    """

    sort: ClassVar[Sort] = "states to think through"
    verb: ClassVar[str]
    slacks: ClassVar[tuple[int, ...]] = (2, 1, 3)  # moves more than the shortest way takes, the best first

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
    def tell(self, before: State, act: Act, after: State | None, name_of: Called) -> str:
        """What one sees happen, in a sentence."""

    @cached_property
    def numbers(self) -> Mapping[str, int]:
        """The number of each of its parts, from 0."""
        return {name: n for n, name in enumerate(self.names)}

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(second for _, second in self.acts if second and second not in self.names))

    @classmethod
    def bare(cls, **numbers: object) -> Self:
        """An obstacle that wants nothing yet, and so is not checked."""
        return cast("Callable[..., Self]", cls.model_construct)(**numbers)

    @abstractmethod
    def fault(self) -> str:
        """What is wrong with numbers that do not belong together; "" if nothing is."""

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if why := self.fault():
            raise ValueError(why)
        if not self.shortest:
            raise ValueError("it cannot be opened" if self.shortest is None else "it is open from the start")
        return self

    @cached_property
    def graph(self) -> Graph:
        """Every state that can be reached within the bound. Raises ValueError for more than MAX_STATES."""
        return _graph(self)

    @property
    def shortest(self) -> int | None:
        """The fewest moves that open it; None if it cannot be opened."""
        return self.graph.left.get(0)

    @property
    def start(self) -> State:
        return (self.first, self.bound)

    def _parts(self, state: State) -> tuple[State | None, int]:
        where, acts_left = state if isinstance(state, tuple) else (None, 0)
        return where, int(acts_left)

    def is_open(self, state: State) -> bool:
        where, _ = self._parts(state)
        return where is not None and self.reached(where)

    def is_dead(self, state: State) -> bool:
        where, acts_left = self._parts(state)
        needed = None if where is None else self.graph.left.get(self.graph.index.get(where, -1))
        return needed is None or needed > acts_left

    def act_of(self, deed: Deed) -> Act | None:
        """Which of its acts a deed is; None if it is none."""
        return next((a for a in ((deed.first, deed.second), (deed.second, deed.first)) if a in self.acts), None)

    def do(self, state: State, deed: Deed, thing: Amounts | None, name_of: Called) -> Response:
        where, acts_left = self._parts(state)
        act = self.act_of(deed)
        if act is None:
            return Response(state, "That is none of the moves that are possible here.", fault=True)
        if where is None or acts_left == 0:
            return Response(state, "Nothing can be moved here any more.")
        after = self.step(where, act)
        return Response((after, acts_left - 1), self.tell(where, act, after, name_of))

    def said(self, wording: int, name_of: Called) -> str:
        parts = listed([name_of(n) for n in self.names])
        return self.wordings[wording].format(parts=parts, bound=self.bound, **self.facts)

    def way(self, thing: str, amounts: Amounts | None) -> tuple[Deed, ...]:
        graph, at, acts = self.graph, 0, []
        while graph.left[at]:
            n = next(
                n
                for n, to in enumerate(graph.after[at])
                if to is not None and graph.left.get(to, self.bound) == graph.left[at] - 1
            )
            acts.append(Deed(*self.acts[n]))
            at = graph.after[at][n] or 0
        return tuple(acts)

    def written(self, deed: Deed, name_of: Called) -> str:
        second = name_of(deed.second) if deed.second in self.names else deed.second
        return f"{self.verb}: {name_of(deed.first)}" + (f" -> {second}" if second else "")

    def chance(self, things: int = 0) -> Fraction:
        """Exactly, over all sequences of acts as long as the bound, each as likely as any other."""
        graph, size, hits = self.graph, len(self.acts), 0
        ways = {0: 1}  # of coming to each state from which the goal can still be reached
        for acts_left in range(self.bound - 1, -1, -1):
            further: dict[int, int] = defaultdict(int)
            for n, times in ways.items():
                for to in graph.after[n]:
                    needed = None if to is None else graph.left.get(to)
                    if to is None or needed is None or needed > acts_left:
                        continue
                    if needed:
                        further[to] += times
                    else:
                        hits += times * size**acts_left
            ways = further
        return Fraction(hits, size**self.bound)

    def work(self, things: int = 0) -> Fraction:
        """Sequences of acts, shortest first, without those that change nothing or take the one before back, up to the
        middle of those that are just long enough.
        """
        shortest, walks = self.shortest or 0, Walks()
        for _ in range(shortest):
            walks.go_on(self.graph.after)
        return Fraction(sum(walks.found[:shortest])) + Fraction(walks.found[shortest], 2)

    @abstractmethod
    def aims(self, dice: Dice, states: Sequence[State]) -> Iterator[Aim]:
        """What could be wanted of these states, in a random order."""

    @classmethod
    def fitting(cls, dice: Dice, level: int, bare: Iterable[Self]) -> Self:
        """Of obstacles that want nothing yet, the first with an aim that is as hard as the level says. Raises
        ValueError if there is none.
        """
        for machine in bare:
            search = Search(machine.first, machine.acts, machine.step, level, cls.slacks)
            attempts = 0
            for aim, where in machine.aims(dice, search.states) if search.hard else ():
                shortest = search.far[min(where)]  # states are numbered in the order of how far they are
                if shortest in search.hard:
                    if bound := search.bound(where, shortest):
                        return machine.model_copy(update={**aim, "bound": bound})
                    attempts += 1
                if attempts == AIMS:
                    break
        raise ValueError(f"no {cls.mechanism} of level {level}")


@lru_cache(maxsize=64)  # a house is made, proved, printed and played: one graph does for all
def _graph(machine: Machine) -> Graph:
    acts, index, states = machine.acts, {machine.first: 0}, [machine.first]
    after: list[Row] = []
    for _ in range(machine.bound):
        for state in states[len(after) :]:
            ended = machine.reached(state)
            row = (len(after),) * len(acts) if ended else row_of(machine.step, state, acts, index, states)
            after.append(row)
            if len(states) > MAX_STATES:
                raise ValueError(f"{machine.mechanism} has more than {MAX_STATES} states")
    after += [(n,) * len(acts) for n in range(len(after), len(states))]  # out of moves there
    back: dict[int, list[int]] = defaultdict(list)
    for n, row in enumerate(after):
        for to in row:
            if to is not None and to != n:
                back[to].append(n)
    distance = {n: 0 for n, state in enumerate(states) if machine.reached(state)}
    queue = list(distance)
    for n in queue:
        for before in back[n]:
            if before not in distance:
                distance[before] = distance[n] + 1
                queue.append(before)
    return Graph(index, tuple(after), distance)
