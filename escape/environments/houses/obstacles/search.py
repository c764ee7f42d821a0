"""How hard it is to reach a state: what a plain search looks at, and how often random acts come there.

In: what acts there are and what each does. Out: the aims and bounds that are as hard as a level says. All is counted in
whole numbers, so that a house is the same everywhere: sums of floats differ between versions of Python.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property

from escape.environments.houses.obstacles.obstacle import EASE, WORK, State

MAX_STATES = 4_000
AIMS = 12  # tried of each obstacle before the next one is drawn
BAND, WORK_BAND = 3.0, 2.6  # how far an obstacle may lie from its level: some nine tenths of one
Act = tuple[str, str]  # a part and what it is given: ("crate", "north"), ("mirror b", ""); the names are its own
Step = Callable[[State, Act], State | None]
Row = tuple[int | None, ...]  # the numbers of the states that each act leads to, None for a final mistake
_Step = tuple[int, int, int, int]  # to which state, by how many acts, the step's number and that of the step back
Aim = tuple[Mapping[str, object], frozenset[int]]  # the fields that want it, and the numbers of the states that do


def row_of(step: Step, state: State, acts: Sequence[Act], index: dict[State, int], states: list[State]) -> Row:
    """Where each act leads from a state; states not met before are added."""
    row: list[int | None] = []
    for act in acts:
        to = step(state, act)
        if to is not None and to not in index:
            index[to] = len(states)
            states.append(to)
        row.append(None if to is None else index[to])
    return tuple(row)


class Walks:
    """Counts sequences of acts that change something at every step and never take the last step back: `found[n]`, of
    length n.
    """

    def __init__(self) -> None:
        self.found = [1]
        self._onward: list[tuple[_Step, ...]] = []  # from each state
        self._ends: Mapping[int, int] = {0: 1}  # by their last state
        self._steps: Mapping[int, int] = {}  # by their last step

    def go_on(self, after: Sequence[Row]) -> None:
        """One act more. `after`: the rows of the states so far, more of them each time."""
        for at in range(len(self._onward), len(after)):
            others = [to for to in after[at] if to is not None and to != at]
            self._onward.append(
                tuple((to, others.count(to), at << 32 | to, to << 32 | at) for to in dict.fromkeys(others))
            )
        ends: dict[int, int] = defaultdict(int)
        steps: dict[int, int] = {}
        back, onward = self._steps.get, self._onward
        for at, times in self._ends.items():
            for to, acts, step, reverse in onward[at]:
                if further := (times - back(reverse, 0)) * acts:
                    steps[step] = further
                    ends[to] += further
        self._ends, self._steps = ends, steps
        self.found.append(sum(ends.values()))


class Search:
    """Everything within reach, whatever is wanted, as far as a level needs it. `states`: the nearest first; `far`: the
    acts that each is away; `hard`: how far off those lie that a plain search of the level's work comes to.
    """

    def __init__(self, first: State, acts: Sequence[Act], step: Step, level: int, slacks: tuple[int, ...]) -> None:
        self._level, self._slacks, self._acts = level, slacks, len(acts)
        self.states, self.far, self.hard = [first], [0], set[int]()
        self._after: list[Row] = []
        self._ways: list[Mapping[int, int]] = [{0: 1}]
        self._deep = self._explore(acts, step, {first: 0})

    def _explore(self, acts: Sequence[Act], step: Step, index: dict[State, int]) -> int:
        """Fills states, far and hard. Returns the largest bound within which all that can happen is known."""
        walks, deep, beyond = Walks(), 0, 0
        while len(self._after) < len(self.states):
            if beyond == self._slacks[0]:
                return deep
            size = len(self.states)
            for state in self.states[len(self._after) :]:
                self._after.append(row_of(step, state, acts, index, self.states))
            if len(self.states) > MAX_STATES:
                del self.states[size:]
                return deep
            deep += 1
            self.far += [deep] * (len(self.states) - size)
            if not beyond:
                walks.go_on(self._after)
                work = (sum(walks.found[:deep]) + walks.found[deep] / 2) / WORK**self._level
                if 1 / WORK_BAND <= work <= WORK_BAND and len(self.states) > size:
                    self.hard.add(deep)
            beyond += work > WORK_BAND
        return deep + max(self._slacks)

    @cached_property
    def _back(self) -> Mapping[int, list[int]]:
        back: dict[int, list[int]] = defaultdict(list)
        for n, after in enumerate(self._after):
            for to in after:
                if to is not None:
                    back[to].append(n)
        return back

    def _ways_of(self, acts: int) -> Mapping[int, int]:
        """How many sequences of so many acts end at each state."""
        while len(self._ways) <= acts:
            further: dict[int, int] = defaultdict(int)
            for n, times in self._ways[-1].items():
                for to in self._after[n]:
                    if to is not None:
                        further[to] += times
            self._ways.append(further)
        return self._ways[acts]

    def bound(self, where: frozenset[int], shortest: int) -> int | None:
        """The bound within which random acts come to one of these states as often as the level says; None if none
        does.
        """
        before, back = self._ways_of(shortest - 1), self._back
        fits, sequences = set(), 1
        coming: Mapping[int, int] = {}  # of the sequences of so many acts from a state, how many come there
        for slack in range(min(max(self._slacks), shortest) + 1):
            if shortest + slack > self._deep:
                break
            further: dict[int, int] = defaultdict(int)
            for at, times in (*dict.fromkeys(where, sequences).items(), *coming.items()):
                for n in back.get(at, ()):
                    if n not in where:
                        further[n] += times
            coming, sequences = further, sequences * self._acts
            hits = sum(times * before.get(n, 0) for n, times in coming.items())
            if 1 / BAND <= hits * EASE**self._level / self._acts ** (shortest + slack) <= BAND:
                fits.add(slack)
        return next((shortest + slack for slack in self._slacks if slack in fits), None)
