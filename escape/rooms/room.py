"""A puzzle's room: what an act does in a state, every reachable state, the shortest way out. Pure.

Deterministic: a move does what the first matching rule says, or nothing.
"""

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple
from weakref import WeakKeyDictionary

from escape.rooms.reading import VERBS, Names, letters_and_digits
from escape.types import Amount, Puzzle, Range, normalized_name, stretches

MAX_STATES = 10_000
MAX_ACTS = 3_000
MAX_WORK = 400_000  # states times kinds of acts: 0.3 s and a few MB

State = tuple[str, ...]  # the value of every fact, in the order of `start`
Act = tuple[str, str, str, Amount | None]  # verb, thing, second thing or word ("" for none), how much


class TooLargeError(ValueError):
    """A world with too many reachable states or moves to explore."""


class _Answer(NamedTuple):
    """A rule that may answer a verb on a thing, with the second things and the amounts that it asks for."""

    rule: int
    at: frozenset[str] | None
    ranges: tuple[Range, ...] | None

    def is_of(self, amount: Amount | None) -> bool:
        if self.ranges is None:
            return True
        return any(r.holds(amount) for r in self.ranges) if amount else not self.ranges


@dataclass(frozen=True, slots=True)
class ActGroup:
    """Acts answered by the same rules, in rule order: they have the same effect in every state."""

    acts: tuple[Act, ...]
    rules: tuple[int, ...]
    cost: int


@dataclass(frozen=True, slots=True)
class Edge:
    """The effect of a group of equivalent acts in a state."""

    acts: tuple[Act, ...]
    rule: int
    to: State
    cost: int


@dataclass(frozen=True)
class StateGraph:
    """Every reachable state with its edges, and the least number of moves from each to the exit.

    A state without a way out is in neither `moves_left` nor `distances`. `distances`: (moves, edges) to the
    exit. Edges include uncounted moves, so they fall by one along a shortest path.
    """

    edges: dict[State, tuple[Edge, ...]]
    moves_left: dict[State, int]
    distances: dict[State, tuple[int, int]]


class Room:
    """A puzzle's world, ready to act in. Raises ValueError for a puzzle without one."""

    def __init__(self, puzzle: Puzzle) -> None:
        if puzzle.world is None:
            raise ValueError(f"{puzzle.problem_id} has no world")
        self.puzzle, self.world = puzzle, puzzle.world
        self.things = tuple(
            dict.fromkeys(
                [
                    *map(normalized_name, puzzle.setup.available_items),
                    *map(normalized_name, self.world.things),
                ]
            )
        )
        units = frozenset(r.unit for rule in self.world.rules for r in rule.amount or ())
        self.names = Names([*puzzle.setup.available_items, *self.world.things], self.world.names, units)
        self.kinds = {normalized_name(thing): kind for thing, kind in self.world.kinds.items()}
        self.herrings = frozenset(map(normalized_name, puzzle.red_herrings))
        self.facts = tuple(self.world.start)
        self.start: State = tuple(self.world.start.values())
        self._goal = self._where(self.world.goal)
        self._when = [self._where(r.when) for r in self.world.rules]
        self._then = [self._where(r.then) for r in self.world.rules]
        self._by: dict[tuple[str, str], list[_Answer]] = {}
        for n, rule in enumerate(self.world.rules):
            at = None if rule.at is None else frozenset(map(self._second, rule.at))
            for thing in dict.fromkeys(map(normalized_name, rule.thing)):
                for verb in (v for v in rule.verbs if self.is_possible(v, thing)):
                    self._by.setdefault((verb, thing), []).append(_Answer(n, at, rule.amount))

    def _where(self, facts: Mapping[str, str]) -> tuple[tuple[int, str], ...]:
        return tuple((self.facts.index(f), v) for f, v in facts.items())

    def _second(self, name: str) -> str:
        return normalized_name(name) if normalized_name(name) in self.things else letters_and_digits(name)

    def rule_name(self, number: int) -> str:
        """Name a rule so that its author finds it: `rule 3 (pour: bottle of water -> floor)`."""
        rule = self.world.rules[number]
        return f"rule {number + 1} ({move_text(rule.verbs[0], rule.thing[0], (rule.at or ('',))[0])})"

    def is_possible(self, verb: str, thing: str) -> bool:
        """Check whether a verb can be done with a thing of that kind, whatever comes of it."""
        kind = self.kinds.get(thing)
        return kind is None or verb not in VERBS or kind in VERBS[verb].kinds

    def knows_manner(self, act: Act, manner: str) -> bool:
        """Check whether a rule for this verb and thing mentions a manner, such as `upside down`."""
        rules = (self.world.rules[answer.rule] for answer in self._by.get(act[:2], ()))
        return any(manner in " ".join((rule.say, *(rule.at or ()))).casefold() for rule in rules)

    def is_out(self, state: State) -> bool:
        """Check whether the goal holds. A room with an empty goal has no exit: one can only give up."""
        return bool(self._goal) and all(state[i] == v for i, v in self._goal)

    def answering(self, state: State, act: Act) -> int | None:
        """Find the number of the rule that answers an act in a state. None if no rule does."""
        return self.first_of(state, self.rules_for(act))

    def rules_for(self, act: Act) -> tuple[int, ...]:
        """List the numbers of the rules that may answer an act, in the order in which they are tried."""
        return tuple(answer.rule for answer in self._answers(*act[:3]) if answer.is_of(act[3]))

    def _answers(self, verb: str, thing: str, second: str) -> list["_Answer"]:
        return [a for a in self._by.get((verb, thing), ()) if a.at is None or second in a.at]

    def unit(self, verb: str, thing: str, second: str) -> str:
        """Look up the unit in which rules for this ask for an amount. "" if none does."""
        return next((a.ranges[0].unit for a in self._answers(verb, thing, second) if a.ranges), "")

    def needs_amount(self, verb: str, thing: str, second: str) -> bool:
        """Check whether a move must say an amount: a rule asks for one, and none takes the move without.

        A rule takes it without if its `amount` is empty, or if it has no `amount` and its `at` names this
        second thing.
        """
        answers = self._answers(verb, thing, second)
        optional = any(a.ranges == () or (a.ranges is None and a.at is not None) for a in answers)
        return any(a.ranges for a in answers) and not optional

    def bounds(self, verb: str, thing: str, second: str) -> frozenset[float]:
        """Collect the amounts at which rules for this differ, or which lead from one total to another.

        They are in the first unit of their kind.
        """
        bounds: set[float] = set()
        for rule, _, ranges in self._answers(verb, thing, second):
            if ranges:
                totals = self.world.totals.get(self.world.rules[rule].adds, {}).values()
                bounds.update(Amount(b - a, ranges[0].unit).size for a in totals for b in totals if b > a)
                bounds.update(bound for range_ in ranges for bound in range_.bounds)
        return frozenset(bounds)

    def amounts(
        self, verb: str, thing: str, second: str, bounds: Iterable[float] = ()
    ) -> list[tuple[Amount | None, float]]:
        """List one amount of each stretch that rules for this tell apart, with the chance to guess it.

        The amount None is a move that says none. `bounds`: more places at which to part stretches, such as a
        twist's.
        """
        unit = self.unit(verb, thing, second)
        if not unit:
            return [(None, 1.0)]
        told_apart = list(stretches({*self.bounds(verb, thing, second), *bounds}, unit))
        if self.needs_amount(verb, thing, second):
            return [*told_apart]
        return [(None, 0.5), *((amount, share / 2) for amount, share in told_apart)]

    def first_of(self, state: State, rules: Iterable[int]) -> int | None:
        """Find the first of these rules whose facts hold. None if there is none."""
        for n in rules:
            for i, v in self._when[n]:
                if state[i] != v:
                    break
            else:
                return n
        return None

    def answers(self, state: State) -> Iterator[tuple[int, State]]:
        """Yield each rule that answers an act in a state, and the next state, which may be the same."""
        for same in self.act_groups:
            if (n := self.first_of(state, same.rules)) is not None:
                yield n, self.successor(state, n, same.acts[0][3])

    def successor(self, state: State, number: int, amount: Amount | None = None) -> State:
        changed = list(state)
        for i, v in self._then[number]:
            changed[i] = v
        if (fact := self.world.rules[number].adds) and amount:
            i = self.facts.index(fact)
            changed[i] = self._total(number, state[i], amount)
        return tuple(changed)

    def _total(self, number: int, value: str, amount: Amount) -> str:
        """Find a fact's value after an amount was added: the highest whose least total is reached."""
        rule = self.world.rules[number]
        least = self.world.totals[rule.adds]
        ranges = rule.amount or ()
        total = least.get(value, 0.0) + amount.size / Amount(1, ranges[0].unit).size
        return max((v for v in least if least[v] <= total + 1e-9), key=lambda v: least[v], default=value)

    @cached_property
    def acts(self) -> tuple[Act, ...]:
        """Every act that some rule may answer, once each. Raises TooLargeError."""
        acts_by_key: dict[Act, None] = {}
        for (verb, thing), answers in self._by.items():
            for second in (second for answer in answers for second in sorted(answer.at or {""})):
                of_each = self.amounts(verb, thing, second)
                acts_by_key.update(dict.fromkeys((verb, thing, second, amount) for amount, _ in of_each))
            if len(acts_by_key) > MAX_ACTS:
                raise TooLargeError(
                    f"its rules answer more than {MAX_ACTS} moves; name fewer verbs and things in each rule"
                )
        return tuple(acts_by_key)

    @cached_property
    def act_groups(self) -> tuple[ActGroup, ...]:
        return self._alike(self.acts)

    def _alike(self, acts: Iterable[Act]) -> tuple[ActGroup, ...]:
        groups: dict[tuple[tuple[int, ...], int, Amount | None], list[Act]] = {}
        for act in acts:
            rules = self.rules_for(act)
            added = act[3] if any(self.world.rules[n].adds for n in rules) else None
            groups.setdefault((rules, 0 if VERBS[act[0]].free else 1, added), []).append(act)
        return tuple(ActGroup(tuple(same), rules, cost) for (rules, cost, _), same in groups.items())

    @cached_property
    def firing(self) -> frozenset[int]:
        """The numbers of the rules that apply in some reachable state."""
        # once out, nothing more is done
        inside = [state for state in self.graph.edges if not self.is_out(state)]
        return frozenset(n for state in inside for n, _ in self.answers(state))

    def answered_before(self, number: int) -> frozenset[int]:
        """Find the earlier rules that answer acts in states where this rule could."""
        inside = [
            s
            for s in self.graph.edges
            if not self.is_out(s) and all(s[i] == v for i, v in self._when[number])
        ]
        groups = [same.rules for same in self.act_groups if number in same.rules]
        rule = (self.first_of(state, rules) for state in inside for rules in groups)
        return frozenset(n for n in rule if n is not None and n < number)

    @cached_property
    def working(self) -> Mapping[str, frozenset[str]]:
        """By thing, the verbs that change something in some state; of equal ones, the rule's first."""
        by_thing: dict[str, set[str]] = {}
        for acts, rule in {(edge.acts, edge.rule) for edges in self.graph.edges.values() for edge in edges}:
            order = self.world.rules[rule].verbs
            for thing in {act[1] for act in acts}:
                by_thing.setdefault(thing, set()).add(
                    min((a[0] for a in acts if a[1] == thing), key=order.index)
                )
        return {thing: frozenset(verbs) for thing, verbs in by_thing.items()}

    def answered(self, thing: str) -> list[str]:
        rules = (r for r in self.world.rules if thing in map(normalized_name, r.thing))
        return list(dict.fromkeys(r.verbs[0] for r in rules))

    @property
    def exploration_size(self) -> int:
        """States times kinds of acts: the cost of exploring this room."""
        return len(self.graph.edges) * len(self.act_groups)

    @cached_property
    def graph(self) -> StateGraph:
        """The graph of all reachable states. Raises TooLargeError."""
        return self._graph(self.act_groups)

    def graph_of(self, acts: Iterable[Act]) -> StateGraph:
        """Explore the states that can be reached with these acts only. Raises TooLargeError."""
        return self._graph(self._alike(acts))

    def _graph(self, act_groups: Sequence[ActGroup]) -> StateGraph:
        edges: dict[State, tuple[Edge, ...]] = {}
        states, waiting = {self.start: self.start}, [self.start]  # each once: many edges lead to the same
        while waiting:
            state = waiting.pop()
            edges[state] = (
                () if self.is_out(state) else tuple(self._edges(state, act_groups, states, waiting))
            )
            if len(states) > MAX_STATES or len(states) * len(act_groups) > MAX_WORK:
                raise TooLargeError(
                    f"has more than {len(states) - 1} reachable states; use fewer facts or values"
                )
        ways = self._ways(edges)
        return StateGraph(edges, {state: counted for state, (counted, _) in ways.items()}, ways)

    @cached_property
    def undoable(self) -> frozenset[State]:
        """The states from which everything can be put back as it was at the start."""
        back: dict[State, list[State]] = {}
        for state, onward in self.graph.edges.items():
            for edge in onward:
                back.setdefault(edge.to, []).append(state)
        states, waiting = {self.start}, [self.start]
        while waiting:
            for before in back.get(waiting.pop(), ()):
                if before not in states:
                    states.add(before)
                    waiting.append(before)
        return frozenset(states)

    def leads_back(self, state: State, earlier: State) -> bool:
        states, waiting = {state}, [state]
        while waiting:
            here = waiting.pop()
            if here == earlier:
                return True
            for edge in self.graph.edges.get(here, ()):
                if edge.to not in states:
                    states.add(edge.to)
                    waiting.append(edge.to)
        return False

    def _edges(
        self, state: State, act_groups: Iterable[ActGroup], states: dict[State, State], waiting: list[State]
    ) -> Iterator[Edge]:
        """Yield the edges from a state. New states are added to `states` and to `waiting`."""
        for same in act_groups:
            number = self.first_of(state, same.rules)
            if number is not None and (to := self.successor(state, number, same.acts[0][3])) != state:
                if (known := states.setdefault(to, to)) is to:
                    waiting.append(to)
                yield Edge(same.acts, number, known, same.cost)

    def _ways(self, edges: dict[State, tuple[Edge, ...]]) -> dict[State, tuple[int, int]]:
        back: dict[State, list[tuple[State, int]]] = {}
        for state, onward in edges.items():
            for edge in onward:
                back.setdefault(edge.to, []).append((state, edge.cost))
        ways = {s: (0, 0) for s in edges if self.is_out(s)}
        queue = [(0, 0, s) for s in ways]
        while queue:
            counted, steps, state = heapq.heappop(queue)
            if (counted, steps) > ways[state]:
                continue
            for before, cost in back.get(state, ()):
                count = (counted + cost, steps + 1)
                if before not in ways or count < ways[before]:
                    ways[before] = count
                    heapq.heappush(queue, (*count, before))
        return ways

    def way(self, state: State, graph: StateGraph | None = None) -> list[Edge]:
        """Find a shortest way out from a state. Empty if there is none, or if it is out already."""
        edges: list[Edge] = []
        graph = graph or self.graph
        ways = graph.distances
        while state in ways and not self.is_out(state):
            counted, steps = ways[state]
            edge = next(e for e in graph.edges[state] if ways.get(e.to) == (counted - e.cost, steps - 1))
            edges.append(edge)
            state = edge.to
        return edges


def move_text(verb: str, thing: str, second: str = "", amount: Amount | None = None) -> str:
    """Write a move: `pour: bottle of water -> tube, 120 ml`, `turn: nut -> 4 turns`."""
    things = " -> ".join(part for part in (thing, second) if part)
    return f"{verb}: {things}{', ' if second else ' -> '}{amount}" if amount else f"{verb}: {things}"


def room_of(puzzle: Puzzle) -> Room:
    """Build a puzzle's room, or take it from the cache. Raises ValueError if it has no world."""
    room = _ROOMS.get(puzzle)
    if room is None:
        room = _ROOMS[puzzle] = Room(puzzle)
    return room


_ROOMS: WeakKeyDictionary[Puzzle, Room] = WeakKeyDictionary()
