"""Remarks for a room's author beside its proof. Pure.

They name nouns that are no thing, rules that change what their move does not name, rules that no plan tries,
and ways that leave both a room and its twist.
"""

import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence

from escape.rooms.play import RoomEpisode
from escape.rooms.reading import VERBS
from escape.rooms.room import Act, Room, State, TooLargeError, move_text
from escape.types import Amount, normalized_name

_ENDS = (
    "of|in|on|at|to|into|onto|from|with|by|for|and|or|but|that|which|who|is|are|was|were|has|have|can|will|may|must|"
    "lies|lie|stands|stand|hangs|hang|holds|hold|leads|opens|runs|under|over|above|below|behind|beside|between|through|"
    "as|so|if|when|where|than|there|not|only|out|up|down|goes|comes|rests|fits"
)
_NOUN = re.compile(
    rf"\b(?:the|an?|its|your)\s+((?:[a-z][a-z'-]*\s+){{0,3}}?[a-z][a-z'-]*)(?=[,.;:!?)]|\s+(?:{_ENDS})\b|$)"
)
_MEASURES = frozenset(
    "metre meter centimetre gram kilogram litre second minute hour degree way time side end".split()
)


def unnamed(room: Room) -> list[str]:
    """List nouns in the room's text that name no thing, such as `shaft`: plans with one are unread."""
    puzzle = room.puzzle
    story = " ".join((puzzle.setup.scenario, *puzzle.setup.constraints)).casefold()
    words_seen: dict[str, None] = {}
    for match in _NOUN.finditer(story):
        words = match[1].split()
        is_named = any(room.names.spotted(words[n:])[1] for n in range(len(words)))
        if not is_named and words[-1].removesuffix("s") not in _MEASURES:
            words_seen[match[1]] = None
    return list(words_seen)


def at_a_distance(room: Room) -> Iterator[str]:
    """Yield a remark for each fact of a thing that rules change without their move naming the thing.

    Such a rule may do the player's next step.
    """
    lines: dict[str, list[str]] = {}
    for number, rule in enumerate(room.world.rules):
        things = {normalized_name(room.names.find(thing) or thing) for thing in rule.touches}
        for fact, value in rule.then.items():
            thing = normalized_name(room.names.named(fact))
            if thing and thing not in things and rule.when.get(fact) != value:
                lines.setdefault(fact, []).append(str(number + 1))
    for fact, rules in lines.items():
        if len(rules) == 1:
            yield f"rule {rules[0]} changes {fact!r}, which its move does not name"
        else:
            yield f"rules {', '.join(rules)} change {fact!r}, which their moves do not name"


def untried(room: Room, plays: Iterable[RoomEpisode]) -> Iterator[str]:
    """Yield a remark for each rule with an effect on a thing, or a pair, that no plan brings about.

    This points out a rule that answers one thing too many, and a new rule without a plan. The verb does not
    matter. Words and codes are left out.
    """
    pairs = {pair for play in plays for act, rule in play.changes for pair in _things_of_act(room, act, rule)}
    numbers: set[int] = set()
    for edge in (edge for edges in room.graph.edges.values() for edge in edges):
        if edge.rule in numbers:
            continue
        for act in edge.acts:
            if not VERBS[act[0]].takes_word and not pairs & _things_of_act(room, act, edge.rule):
                numbers.add(edge.rule)
                yield (
                    f"{room.rule_name(edge.rule)} changes something on {move_text(*act)!r}, but in no plan "
                    "does anything come of that; add a plan, or let the rule not answer it"
                )
                break


def _things_of_act(room: Room, act: Act, rule: int) -> set[tuple[str, str]]:
    """Collect the thing and second thing of an act, in both orders if the verb is symmetric.

    The second is "" if the rule asks for none.
    """
    verb, thing, second, _ = act
    if room.world.rules[rule].at is None:
        return {(thing, "")}
    return {(thing, second), (second, thing)} if VERBS[verb].symmetric else {(thing, second)}


MAX_PAIRS = 400_000  # of states, one of each room
MAX_WAYS = 20_000  # ways that leave both, looked at one by one

Both = tuple[State, State]
Step = tuple[Act, Both]


class Together:
    """A room and its twist, given the same acts. `renamed`: things -> their names in the twist."""

    def __init__(self, original: Room, twist: Room, renamed: Mapping[str, str]) -> None:
        self._original, self._twist = original, twist
        self._renamed = {normalized_name(old): normalized_name(new) for old, new in renamed.items()}
        counterpart = {
            thing: new
            for thing in original.things
            if (new := self._renamed.get(thing, thing)) in twist.things
        }
        back = {new: old for old, new in counterpart.items()}
        of_twist = [
            (v, back[t], back.get(s, s)) for v, t, s, _ in twist.acts if t in back and (s in back or not s)
        ]
        alike: dict[tuple[tuple[int, ...], tuple[int, ...], Amount | None], Act] = {}
        for act in self._told_apart(dict.fromkeys([*(act[:3] for act in original.acts), *of_twist])):
            of_original, of_twist_ = _rules(original, act), _rules(twist, self._carried(act))
            adds = any(original.world.rules[n].adds for n in of_original)
            adds |= any(twist.world.rules[n].adds for n in of_twist_)
            alike.setdefault((of_original, of_twist_, act[3] if adds else None), act)
        self._acts = {act: rules[:2] for rules, act in alike.items()}
        self.start: Both = (original.start, twist.start)

    def is_out(self, both: Both) -> bool:
        return self._original.is_out(both[0]) and self._twist.is_out(both[1])

    def _told_apart(self, acts: Iterable[tuple[str, str, str]]) -> Iterator[Act]:
        """Yield each act with one amount of every stretch that the rules of either room tell apart."""
        for act in acts:
            there = self._carried((*act, None))[:3]
            bounds = self._original.bounds(*act) | self._twist.bounds(*there)
            room, its = (self._original, act) if self._original.unit(*act) else (self._twist, there)
            yield from ((*act, amount) for amount, _ in room.amounts(*its, bounds))

    def _carried(self, act: Act) -> Act:
        return act[0], self._renamed.get(act[1], act[1]), self._renamed.get(act[2], act[2]), act[3]

    def after(self, both: Both, act: Act) -> Both:
        """Carry out an act in both rooms. Once the twist has been left, it stays left."""
        here, other = both
        of_original, of_twist = self._acts[act]
        onward = other if self._twist.is_out(other) else _after(self._twist, other, of_twist, act[3])
        return _after(self._original, here, of_original, act[3]), onward

    def steps(self, both: Both) -> Iterator[Step]:
        """Yield the acts that change the original's state, each with the pair of states it leads to."""
        if self._original.is_out(both[0]):
            return
        seen: set[Both] = {both}
        for act in self._acts:
            to = self.after(both, act)
            if to not in seen and to[0] != both[0]:
                seen.add(to)
                yield act, to

    def reached(self) -> dict[Both, list[Step]]:
        """Explore all reachable pairs of states. Map each to the steps from it. Raises TooLargeError."""
        steps: dict[Both, list[Step]] = {}
        waiting, seen = deque([self.start]), {self.start}
        while waiting:
            both = waiting.popleft()
            steps[both] = [*self.steps(both)]
            for _, to in steps[both]:
                if to not in seen:
                    seen.add(to)
                    waiting.append(to)
            if len(seen) > MAX_PAIRS:
                raise TooLargeError(
                    f"has more than {MAX_PAIRS} states together with its original; use fewer facts"
                )
        return steps

    def needs_all(self, acts: Sequence[Act]) -> bool:
        """Check that without any single one of the acts the rest do not lead out of the original."""
        return not any(self._leaves([*acts[:n], *acts[n + 1 :]]) for n in range(len(acts)))

    def _leaves(self, acts: Sequence[Act]) -> bool:
        state = self._original.start
        for act in acts:
            if self._original.is_out(state):
                break
            state = _after(self._original, state, self._acts[act][0], act[3])
        return self._original.is_out(state)


def leaves_both(original: Room, twist: Room, renamed: Mapping[str, str]) -> str:
    """Find a way out of both rooms without a move that could be dropped. "" if none is found.

    Looks at MAX_WAYS ways. Raises TooLargeError.
    """
    together = Together(original, twist, renamed)
    steps = together.reached()
    good = _leading_out(together, steps)
    ways = _ways(together, steps, good) if together.start in good else ()
    return next(("; ".join(move_text(*act) for act in acts) for acts in ways if together.needs_all(acts)), "")


def _rules(room: Room, act: Act) -> tuple[int, ...]:
    verb, thing, second, amount = act
    swapped = room.rules_for((verb, second, thing, amount)) if second and VERBS[verb].symmetric else ()
    return room.rules_for(act) + swapped


def _after(room: Room, state: State, rules: Iterable[int], amount: Amount | None) -> State:
    number = room.first_of(state, rules)
    return state if number is None else room.successor(state, number, amount)


def _leading_out(together: Together, steps: Mapping[Both, list[Step]]) -> set[Both]:
    before: dict[Both, list[Both]] = {}
    for both, onward in steps.items():
        for _, to in onward:
            before.setdefault(to, []).append(both)
    good = {both for both in steps if together.is_out(both)}
    waiting = [*good]
    while waiting:
        for both in before.get(waiting.pop(), ()):
            if both not in good:
                good.add(both)
                waiting.append(both)
    return good


def _ways(together: Together, steps: Mapping[Both, list[Step]], good: set[Both]) -> Iterator[tuple[Act, ...]]:
    """Yield ways out of both that repeat no state of the original, shortest first; MAX_WAYS at most."""
    nothing: tuple[Act, ...] = ()
    waiting = deque([(nothing, together.start, frozenset({together.start[0]}))])
    n_found = 0
    while waiting and n_found < MAX_WAYS:
        acts, both, seen = waiting.popleft()
        if together.is_out(both):
            n_found += 1
            yield acts
            continue
        for act, to in steps[both]:
            if to in good and to[0] not in seen and len(waiting) < MAX_PAIRS:
                waiting.append(((*acts, act), to, seen | {to[0]}))
