"""Machines simulated a second time, from what a player reads: the law's words and the printed table or map alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from fractions import Fraction

State = Hashable
AT = {"north": (-1, 0), "south": (1, 0), "west": (0, -1), "east": (0, 1)}


@dataclass(frozen=True)
class Read:
    """What a text says: `moves`: every line that can be written; `after`: the state that one leads to, None for a final
    mistake.
    """

    start: State
    moves: tuple[str, ...]
    bound: int
    after: Callable[[State, str], State | None]
    opens: Callable[[State], bool]

    def reachable(self) -> dict[State, int]:
        """Every state, with the fewest moves that bring it about."""
        far: dict[State, int] = {self.start: 0}
        queue = [self.start]
        for state in queue:
            if far[state] < self.bound and not self.opens(state):
                for to in (self.after(state, line) for line in self.moves):
                    if to is not None and to not in far:
                        far[to] = far[state] + 1
                        queue.append(to)
        return far

    def needed(self, far: dict[State, int]) -> dict[State, int]:
        """The fewest moves that open it from each state, by trying again and again until nothing gets shorter."""
        onward = {
            s: {self.after(s, line) for line in self.moves}
            for s, n in far.items()
            if n < self.bound
            if not self.opens(s)
        }
        left = {s: 0 for s in far if self.opens(s)}
        for n in range(1, self.bound + 1):
            new = [s for s, there in onward.items() if s not in left and any(left.get(x) == n - 1 for x in there)]
            left |= dict.fromkeys(new, n)
        return left

    def chance(self) -> Fraction:
        """Of all sequences of moves as long as the bound, the share that opens it; step by step over states."""
        share: dict[State, Fraction] = {self.start: Fraction(1)}
        opened = Fraction(0)
        for _ in range(self.bound):
            further: dict[State, Fraction] = {}
            for state, part in share.items():
                for to in (self.after(state, line) for line in self.moves):
                    if to is not None and self.opens(to):
                        opened += part / len(self.moves)
                    elif to is not None:
                        further[to] = further.get(to, Fraction(0)) + part / len(self.moves)
            share = further
        return opened

    def sequences(self, n: int) -> int:
        """How many sequences of n moves change something each time and never take the last move back."""

        def further(before: State | None, state: State, left: int) -> Iterator[int]:
            if not left:
                yield 1
                return
            for to in (self.after(state, line) for line in self.moves):
                if to is not None and to not in (state, before):
                    yield from further(state, to, left - 1)

        return sum(further(None, self.start, n))


def number(pattern: str, text: str) -> int:
    """The one number that stands so in a text."""
    found = {int(x) for x in re.findall(pattern, text)}
    assert len(found) == 1, (pattern, text)
    return found.pop()


def bound_of(text: str) -> int:
    return number(r"(\d+) (?:push|tip|press|pour|lift|opening|times)", re.sub(r"lifts (\d+) times", r"\1 times", text))


def board(text: str) -> dict[tuple[int, int], str]:
    rows = text.partition("):\n")[2].splitlines()
    return {(r, c): mark for r, row in enumerate(rows) for c, mark in enumerate(row)}


def ice(text: str) -> Read:
    squares = board(text)
    where = {mark: at for at, mark in squares.items()}

    def after(at: State, line: str) -> State:
        down, right = AT[line.rpartition(" ")[2]]
        assert isinstance(at, tuple)
        row, column = at
        while squares.get((row + down, column + right), "#") != "#":
            row, column = row + down, column + right
        return row, column

    moves = tuple(f"push: crate 7 -> {way}" for way in AT)
    return Read(where["C"], moves, bound_of(text), after, lambda at: at == where["P"])


def slabs(text: str) -> Read:
    squares = board(text)
    where = {mark: at for at, mark in squares.items()}

    def after(block: State, line: str) -> State | None:
        """A block is the set of squares that it covers."""
        assert isinstance(block, frozenset)
        down, right = AT[line.rpartition(" ")[2]]
        along = {(r + down, c + right) for r, c in block} & block  # it lies along the way that it is tipped
        front = {(r + down, c + right) for r, c in block} - block
        if len(block) == 1:
            (one,) = front
            there = {one, (one[0] + down, one[1] + right)}
        else:
            there = front
        assert len(there) == (1 if along else 2)
        if any(squares.get(at, "#") == "#" for at in there):
            return block
        breaks = len(there) == 1 and squares[next(iter(there))] == "~"
        return None if breaks else frozenset(there)

    moves = tuple(f"tip: block 7 -> {way}" for way in AT)
    return Read(frozenset({where["B"]}), moves, bound_of(text), after, lambda b: b == frozenset({where["P"]}))


def relays(text: str) -> Read:
    shown = re.findall(r"(?:lit|dark)(?: (?:lit|dark))+", text)[:2]
    now, wanted = ([None, *x.split()] for x in shown)
    switches = {}
    for line in text.splitlines()[1:]:
        name, over, lamp, when = re.fullmatch(
            r"(switch 7[a-z]): turns over lamps? ([\d, and]+), only if lamp (\d+) is (lit|dark)", line
        ).groups()  # type: ignore[union-attr]
        switches[f"press: {name}"] = ({int(x) for x in re.findall(r"\d+", over)}, int(lamp), when)

    def after(lamps: State, line: str) -> State:
        assert isinstance(lamps, tuple)
        over, lamp, when = switches[line]
        if lamps[lamp] != when:
            return lamps
        return tuple({"lit": "dark", "dark": "lit"}[x] if i in over else x for i, x in enumerate(lamps))

    return Read(tuple(now), tuple(switches), bound_of(text), after, lambda lamps: lamps == tuple(wanted))


def jugs(text: str) -> Read:
    rows = {n: (int(h), int(x)) for n, h, x in re.findall(r"(jug 7[a-z]): holds (\d+) dl, has (\d+)", text)}
    sentence = text.splitlines()[0]
    amount = number(r"(\d+) dl", sentence)
    which = re.search(r"(?:opens when|must be in|,) (jug 7[a-z])", sentence)
    assert which is not None
    moves = {f"pour: {a} -> {b}": (a, b) for a in rows for b in rows if a != b}

    def after(state: State, line: str) -> State:
        assert isinstance(state, frozenset)
        has, (a, b) = dict(state), moves[line]
        while has[a] > 0 and has[b] < rows[b][0]:
            has[a], has[b] = has[a] - 1, has[b] + 1
        return frozenset(has.items())

    start = frozenset((n, x) for n, (_, x) in rows.items())
    return Read(start, tuple(moves), bound_of(text), after, lambda s: dict(s)[which[1]] == amount)  # type: ignore[call-overload]


def stacks(text: str) -> Read:
    crates = {int(i): (int(m), int(b)) for i, m, b in re.findall(r"(\d+): (\d+) kg, bears (\d+) kg", text)}

    def piles(start: str) -> dict[str, tuple[int, ...]]:
        line = next(x for x in text.splitlines() if x.startswith(start))
        found = re.findall(r"(pallet 7[a-z]): ((?:\d+ ?)+|nothing)", line)
        return {n: () if p == "nothing" else tuple(map(int, p.split())) for n, p in found}

    now, wanted = piles("Now"), piles("Wanted")
    moves = {f"move: {a} -> {b}": (a, b) for a in now for b in now if a != b}

    def after(state: State, line: str) -> State | None:
        assert isinstance(state, frozenset)
        there, (a, b) = dict(state), moves[line]
        if not there[a]:
            return state
        there[b] = (*there[b], there[a][-1])
        there[a] = there[a][:-1]
        crushed = any(
            sum(crates[x][0] for x in pile[n + 1 :]) > crates[crate][1]
            for pile in there.values()
            for n, crate in enumerate(pile)
        )
        return None if crushed else frozenset(there.items())

    end = frozenset(wanted.items())
    return Read(frozenset(now.items()), tuple(moves), bound_of(text), after, lambda s: s == end)


def valves(text: str) -> Read:
    rows = [(int(i), int(s), int(x)) for i, s, x in re.findall(r"(\d+): (\d+) cm2, water (\d+) mm high", text)]
    section = {i: s for i, s, _ in rows}
    pairs = {f"open: {n}": (int(a), int(b)) for n, a, b in re.findall(r"(valve 7[a-z]) joins (\d+) and (\d+)", text)}
    sentence = text.splitlines()[0]
    low, high = map(int, re.search(r"(\d+) to (\d+) mm", sentence).groups())  # type: ignore[union-attr]
    which = number(r"vessel (\d+)", sentence)

    def after(state: State, line: str) -> State:
        assert isinstance(state, tuple)
        a, b = pairs[line]
        level = (state[a - 1] * section[a] + state[b - 1] * section[b]) / Fraction(section[a] + section[b])
        return tuple(level if i in (a, b) else x for i, x in enumerate(state, 1))

    start = tuple(Fraction(x) for _, _, x in rows)
    return Read(start, tuple(pairs), bound_of(text), after, lambda s: low <= s[which - 1] <= high)  # type: ignore[index]


READ: dict[str, Callable[[str], Read]] = {
    "ice": ice, "slabs": slabs, "relays": relays, "jugs": jugs, "stacks": stacks, "valves": valves,
}  # fmt: skip
