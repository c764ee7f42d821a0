"""A room and its twist searched together: is there a way that leaves both? Pure.

A way out of the original, carried over thing by thing, must fail in the twist: unless a move of it could be dropped, as
where somebody fills the canister and the crate.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence

from escape.rooms.reading import VERBS
from escape.rooms.room import Act, Room, State, TooLargeError, move_text
from escape.types import normalized_name

MAX_PAIRS = 400_000  # of states, one of each room
MAX_WAYS = 20_000  # ways that leave both, looked at one by one

Both = tuple[State, State]
Step = tuple[Act, Both]


class Together:
    """An original and its twist, in which the same is done. `renamed`: what the original's things are called there."""

    def __init__(self, original: Room, twist: Room, renamed: Mapping[str, str]) -> None:
        self._original, self._twist = original, twist
        self._renamed = {normalized_name(old): normalized_name(new) for old, new in renamed.items()}
        counterpart = {
            thing: new for thing in original.things if (new := self._renamed.get(thing, thing)) in twist.things
        }
        back = {new: old for old, new in counterpart.items()}
        of_twist = [(v, back[t], back.get(s, s)) for v, t, s in twist.acts if t in back and (s in back or not s)]
        alike: dict[tuple[tuple[int, ...], tuple[int, ...]], Act] = {}
        for act in (*original.acts, *of_twist):
            alike.setdefault((_rules(original, act), _rules(twist, self._carried(act))), act)
        self._acts = {act: rules for rules, act in alike.items()}
        self.start: Both = (original.start, twist.start)

    def is_out(self, both: Both) -> bool:
        return self._original.is_out(both[0]) and self._twist.is_out(both[1])

    def _carried(self, act: Act) -> Act:
        return act[0], self._renamed.get(act[1], act[1]), self._renamed.get(act[2], act[2])

    def after(self, both: Both, act: Act) -> Both:
        """Return where an act leads. Whoever is out of the twist stays out, whatever comes next."""
        here, other = both
        of_original, of_twist = self._acts[act]
        onward = other if self._twist.is_out(other) else _after(self._twist, other, of_twist)
        return _after(self._original, here, of_original), onward

    def steps(self, both: Both) -> Iterator[Step]:
        """Yield what can be done that changes the original."""
        if self._original.is_out(both[0]):
            return
        seen: set[Both] = {both}
        for act in self._acts:
            to = self.after(both, act)
            if to not in seen and to[0] != both[0]:
                seen.add(to)
                yield act, to

    def reached(self) -> dict[Both, list[Step]]:
        """Return every pair of states that can be reached, with what leads on from it. Raises TooLargeError."""
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
                raise TooLargeError(f"has more than {MAX_PAIRS} states together with its original; use fewer facts")
        return steps

    def needs_all(self, acts: Sequence[Act]) -> bool:
        """Return whether the original is left with none of the acts dropped and not with one."""
        return not any(self._leaves([*acts[:n], *acts[n + 1 :]]) for n in range(len(acts)))

    def _leaves(self, acts: Sequence[Act]) -> bool:
        state = self._original.start
        for act in acts:
            if self._original.is_out(state):
                break
            state = _after(self._original, state, self._acts[act][0])
        return self._original.is_out(state)


def leaves_both(original: Room, twist: Room, renamed: Mapping[str, str]) -> str:
    """Return a way without idle moves out of both rooms, "" if there is none. Raises TooLargeError."""
    together = Together(original, twist, renamed)
    steps = together.reached()
    good = _leading_out(together, steps)
    ways = _ways(together, steps, good) if together.start in good else ()
    return next(("; ".join(move_text(*act) for act in acts) for acts in ways if together.needs_all(acts)), "")


def _rules(room: Room, act: Act) -> tuple[int, ...]:
    verb, thing, second = act
    swapped = room.rules_for((verb, second, thing)) if second and VERBS[verb].symmetric else ()
    return room.rules_for(act) + swapped


def _after(room: Room, state: State, rules: Iterable[int]) -> State:
    number = room.first_of(state, rules)
    return state if number is None else room.after(state, number)


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
    """Ways that leave both and never come back to a state of the original, the short ones first. So many at most."""
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
