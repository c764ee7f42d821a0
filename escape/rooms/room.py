"""A puzzle's room: what an act does in a state, every reachable state, the shortest way out. Pure.

Deterministic: no model is involved: a move does what the first matching rule says, or nothing.
"""

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from weakref import WeakKeyDictionary

from escape.rooms.reading import VERBS, Names, spoken
from escape.types import Puzzle, normalized_name

MAX_STATES = 10_000
MAX_ACTS = 3_000
MAX_WORK = 400_000  # states times kinds of acts: 0.3 s and a few MB

State = tuple[str, ...]  # the value of every fact, in the order of `start`
Act = tuple[str, str, str]  # verb, thing, second thing or word; "" for none


class TooLargeError(ValueError):
    """A world with more reachable states than can be explored."""


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
    """Every reachable state, with its edges, and the number of moves from each to being out (absent: lost).

    `distances`: (moves, edges) to the exit. Edges include uncounted moves, so they fall by one along a shortest path.
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
                [*map(normalized_name, puzzle.setup.available_items), *map(normalized_name, self.world.things)]
            )
        )
        self.names = Names([*puzzle.setup.available_items, *self.world.things], self.world.names)
        self.herrings = frozenset(map(normalized_name, puzzle.red_herrings))
        self.facts = tuple(self.world.start)
        self.start: State = tuple(self.world.start.values())
        self._goal = self._where(self.world.goal)
        self._when = [self._where(r.when) for r in self.world.rules]
        self._then = [self._where(r.then) for r in self.world.rules]
        self._by: dict[tuple[str, str], list[tuple[int, frozenset[str] | None]]] = {}
        for n, rule in enumerate(self.world.rules):
            at = None if rule.at is None else frozenset(map(self._second, rule.at))
            for thing in dict.fromkeys(map(normalized_name, rule.thing)):
                for verb in rule.verbs:
                    self._by.setdefault((verb, thing), []).append((n, at))

    def _where(self, facts: Mapping[str, str]) -> tuple[tuple[int, str], ...]:
        return tuple((self.facts.index(f), v) for f, v in facts.items())

    def _second(self, name: str) -> str:
        return normalized_name(name) if normalized_name(name) in self.things else spoken(name)

    def rule_name(self, number: int) -> str:
        """Return a rule as its author can find it: `rule 3 (pour: bottle of water -> floor)`."""
        rule = self.world.rules[number]
        return f"rule {number + 1} ({move_text(rule.verbs[0], rule.thing[0], (rule.at or ('',))[0])})"

    def knows_manner(self, act: Act, manner: str) -> bool:
        """Return whether a rule for this verb and thing speaks of a manner, such as `upside down`."""
        rules = (self.world.rules[n] for n, _ in self._by.get(act[:2], ()))
        return any(manner in " ".join((rule.say, *(rule.at or ()))).casefold() for rule in rules)

    def is_out(self, state: State) -> bool:
        """Return True if the goal holds. A room with an empty goal has no exit. The player can only give up."""
        return bool(self._goal) and all(state[i] == v for i, v in self._goal)

    def answering(self, state: State, act: Act) -> int | None:
        """Return the number of the rule that answers an act here. None if no rule does."""
        return self.first_of(state, self.rules_for(act))

    def rules_for(self, act: Act) -> tuple[int, ...]:
        """Return the numbers of the rules that may answer an act, in the order in which they are asked."""
        verb, thing, second = act
        return tuple(n for n, at in self._by.get((verb, thing), ()) if at is None or second in at)

    def first_of(self, state: State, rules: Iterable[int]) -> int | None:
        """Return the number of the first of these rules whose facts hold. None if those of none do."""
        for n in rules:
            for i, v in self._when[n]:
                if state[i] != v:
                    break
            else:
                return n
        return None

    def answers(self, state: State) -> Iterator[int]:
        """Return the numbers of the rules that answer the acts in a state, whether or not they change it."""
        return (n for same in self.act_groups if (n := self.first_of(state, same.rules)) is not None)

    def successor(self, state: State, number: int) -> State:
        changed = list(state)
        for i, v in self._then[number]:
            changed[i] = v
        return tuple(changed)

    @cached_property
    def acts(self) -> tuple[Act, ...]:
        """Every act that some rule may answer, once each."""
        acts_by_key: dict[Act, None] = {}
        for (verb, thing), rules in self._by.items():
            for _, at in rules:
                acts_by_key.update(dict.fromkeys((verb, thing, second) for second in sorted(at or {""})))
            if len(acts_by_key) > MAX_ACTS:
                raise TooLargeError(
                    f"its rules answer more than {MAX_ACTS} moves; name fewer verbs and things in each rule"
                )
        return tuple(acts_by_key)

    @cached_property
    def act_groups(self) -> tuple[ActGroup, ...]:
        return self._alike(self.acts)

    def _alike(self, acts: Iterable[Act]) -> tuple[ActGroup, ...]:
        groups: dict[tuple[tuple[int, ...], int], list[Act]] = {}
        for act in acts:
            groups.setdefault((self.rules_for(act), 0 if VERBS[act[0]].free else 1), []).append(act)
        return tuple(ActGroup(tuple(same), rules, cost) for (rules, cost), same in groups.items())

    @cached_property
    def firing(self) -> frozenset[int]:
        """The numbers of the rules that apply in some reachable state."""
        inside = [state for state in self.graph.edges if not self.is_out(state)]  # once out, nothing more is done
        return frozenset(n for state in inside for n in self.answers(state))

    def answered_before(self, number: int) -> frozenset[int]:
        """Return the rules that answer in a rule's place wherever it could: earlier ones whose facts hold there too."""
        inside = [s for s in self.graph.edges if not self.is_out(s) and all(s[i] == v for i, v in self._when[number])]
        groups = [same.rules for same in self.act_groups if number in same.rules]
        rule = (self.first_of(state, rules) for state in inside for rules in groups)
        return frozenset(n for n in rule if n is not None and n < number)

    @cached_property
    def working(self) -> Mapping[str, frozenset[str]]:
        """Thing -> the verbs that change something in some state. Of equivalent verbs the first in the rule."""
        by_thing: dict[str, set[str]] = {}
        for acts, rule in {(edge.acts, edge.rule) for edges in self.graph.edges.values() for edge in edges}:
            order = self.world.rules[rule].verbs
            for thing in {act[1] for act in acts}:
                by_thing.setdefault(thing, set()).add(min((a[0] for a in acts if a[1] == thing), key=order.index))
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
        """Everything that can happen here. Raises TooLargeError."""
        return self._graph(self.act_groups)

    def graph_of(self, acts: Iterable[Act]) -> StateGraph:
        """Return everything that can happen with these acts only. Raises TooLargeError."""
        return self._graph(self._alike(acts))

    def _graph(self, act_groups: Sequence[ActGroup]) -> StateGraph:
        edges: dict[State, tuple[Edge, ...]] = {}
        states, waiting = {self.start: self.start}, [self.start]  # each once: many edges lead to the same
        while waiting:
            state = waiting.pop()
            edges[state] = () if self.is_out(state) else tuple(self._edges(state, act_groups, states, waiting))
            if len(states) > MAX_STATES or len(states) * len(act_groups) > MAX_WORK:
                raise TooLargeError(f"has more than {len(states) - 1} reachable states; use fewer facts or values")
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
        """Return whether some moves lead from a state back to an earlier one."""
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
        """Yield what leads on from a state. States that are new are noted, and wait for their own edges."""
        for same in act_groups:
            number = self.first_of(state, same.rules)
            if number is not None and (to := self.successor(state, number)) != state:
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
        """Return a shortest way out from here. Empty if there is none or the player is already out."""
        edges: list[Edge] = []
        graph = graph or self.graph
        ways = graph.distances
        while state in ways and not self.is_out(state):
            counted, steps = ways[state]
            edge = next(e for e in graph.edges[state] if ways.get(e.to) == (counted - e.cost, steps - 1))
            edges.append(edge)
            state = edge.to
        return edges


def move_text(verb: str, thing: str, second: str = "") -> str:
    """Return a move in written form: `pour: bottle of water -> tube`. `say: open sesame`."""
    return f"{verb}: {' -> '.join(part for part in (thing, second) if part)}"


def room_of(puzzle: Puzzle) -> Room:
    """Return a puzzle's room, cached as long as the puzzle exists. Raises ValueError for a puzzle without a world."""
    room = _ROOMS.get(puzzle)
    if room is None:
        room = _ROOMS[puzzle] = Room(puzzle)
    return room


_ROOMS: WeakKeyDictionary[Puzzle, Room] = WeakKeyDictionary()
