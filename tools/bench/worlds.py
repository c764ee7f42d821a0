"""Faults planted in the bundled rooms: `check` and the plans beside each room must notice.

Each fault changes one rule, one pair of rules, or the goal; a seeded sample a room, as many of each kind as
there are. One that cannot be seen does not count: the same moves get out of both rooms, and both say the
same. One that changes only what the room says is counted apart. Exits with 1 where too few of the others are
caught.
"""

import random
import sys
from collections import Counter, defaultdict, deque
from collections.abc import Iterator
from itertools import combinations
from multiprocessing import Pool
from typing import NamedTuple

from escape.puzzles import files, sample_plans
from escape.rooms import solver
from escape.rooms.room import Act, Room, State, TooLargeError, move_text, room_of
from escape.types import Puzzle, Rule, World, normalized_name

ENOUGH = 0.9
MAX_PAIRS = 20_000  # of states of the two rooms; beyond them two rooms count as different


class Planted(NamedTuple):
    """A world with one fault; `what` says which, in words that name the rule."""

    kind: str
    what: str
    world: World


class Seen(NamedTuple):
    """The moves that show a fault: in what the room says, and in whether the player gets out.

    None where no moves do.
    """

    words: str | None
    deeds: str | None


class Result(NamedTuple):
    """One fault, and what caught it; "" if nothing did."""

    planted: Planted
    seen: Seen
    caught: str


def every_fault(puzzle: Puzzle) -> Iterator[Planted]:
    """Yield every single fault of these kinds in a puzzle's world, whether it can be seen or not."""
    room = room_of(puzzle)
    rules, world = room.world.rules, room.world
    values: dict[str, dict[str, None]] = {fact: {value: None} for fact, value in world.start.items()}
    for rule in rules:
        for fact, value in (*rule.when.items(), *rule.then.items()):
            values[fact][value] = None

    def planted(kind: str, n: int, what: str, **change: object) -> Planted:
        mended = rules[n].model_copy(update=change)
        return Planted(
            kind, f"{room.rule_name(n)}: {what}", with_rules(world, *rules[:n], mended, *rules[n + 1 :])
        )

    for n, rule in enumerate(rules):
        rest = (*rules[:n], *rules[n + 1 :])
        yield Planted("removed", f"{room.rule_name(n)}: removed", with_rules(world, *rest))
        for fact, value in rule.when.items():
            yield planted("dropped", n, f"no longer asks for {fact} = {value}", when=without(rule.when, fact))
        for fact, value in rule.then.items():
            for other in values[fact]:
                if other != value:
                    yield planted(
                        "value", n, f"then {fact} = {other}, not {value}", then=rule.then | {fact: other}
                    )
            yield planted(
                "value", n, f"then {fact} stays as it was, not {value}", then=without(rule.then, fact)
            )
        for field in ("thing", "at"):
            named = tuple(getattr(rule, field) or ())
            for name in named if len(named) > 1 else ():
                yield planted(
                    "missing", n, f"{field} lacks {name}", **{field: tuple(x for x in named if x != name)}
                )
            for name in room.things if named else ():
                if name not in map(normalized_name, named):
                    yield planted("added", n, f"{field} has {name} as well", **{field: (*named, name)})
        if rule.at is not None:
            yield planted("missing", n, "asks for no second thing", at=None)
        if rule.final:
            yield planted("final", n, "changes nothing", then={})
            yield planted("final", n, "changes nothing and is not called final", then={}, final=False)
            yield Planted(
                "final",
                f"{room.rule_name(n)}: can be taken back",
                with_rules(world, back(world, rule), *rules),
            )
    for a, b in combinations(range(len(rules)), 2):
        if meet(rules[a], rules[b]):
            swapped = (*rules[:a], rules[b], *rules[a + 1 : b], rules[a], *rules[b + 1 :])
            yield Planted(
                "swapped", f"{room.rule_name(a)} and {room.rule_name(b)}", with_rules(world, *swapped)
            )
    for fact, value in world.goal.items():
        if len(world.goal) > 1:
            easier = world.model_copy(update={"goal": without(world.goal, fact)})
            yield Planted("goal", f"no longer asks for {fact} = {value}", easier)
        for other in values[fact]:
            if other != value:
                wrong = world.model_copy(update={"goal": {**world.goal, fact: other}})
                yield Planted("goal", f"asks for {fact} = {other}, not {value}", wrong)


def with_rules(world: World, *rules: Rule) -> World:
    return world.model_copy(update={"rules": rules})


def without(facts: object, fact: str) -> dict[str, str]:
    return {f: v for f, v in dict(facts).items() if f != fact}  # type: ignore[call-overload]


def meet(a: Rule, b: Rule) -> bool:
    """Test whether some move could be answered by either rule."""
    seconds = a.at is None or b.at is None or set(a.at) & set(b.at)
    return bool(set(a.verbs) & set(b.verbs) and set(a.thing) & set(b.thing) and seconds)


def back(world: World, rule: Rule) -> Rule:
    """A rule that takes another one back: the thing is taken, and all is as at the start."""
    earlier = {fact: world.start[fact] for fact in rule.then}
    return Rule(verbs=("take",), thing=rule.thing[:1], when=rule.then, then=earlier, say="You take it back.")


def seen(one: Room, other: Room) -> Seen:
    """Shortest moves that tell two rooms apart, found by carrying out all moves in both at once."""
    groups: dict[tuple[tuple[int, ...], tuple[int, ...]], Act] = {}
    for act in (*one.acts, *other.acts):
        groups.setdefault((one.rules_for(act), other.rules_for(act)), act)
    pairs: dict[tuple[State, State], tuple[tuple[State, State], Act] | None] = {
        (one.start, other.start): None
    }
    waiting = deque(pairs)
    words: str | None = None

    def moves_to(pair: tuple[State, State], *last: str) -> str:
        found = list(last)
        while step := pairs[pair]:
            pair, act = step
            found.insert(0, move_text(*act))
        return "; ".join(found)

    while waiting:
        pair = waiting.popleft()
        here, there = pair
        if ended(one, here) != ended(other, there):
            return Seen(words or moves_to(pair), moves_to(pair))
        if one.is_out(here):
            continue
        if len(pairs) > MAX_PAIRS:
            return Seen(words or "too many states", "too many states")
        for (left, right), act in groups.items():
            a, b = one.first_of(here, left), other.first_of(there, right)
            onward = (
                here if a is None else one.successor(here, a),
                there if b is None else other.successor(there, b),
            )
            said = ["" if n is None else room.world.rules[n].say for n, room in ((a, one), (b, other))]
            if words is None and (said[0] != said[1] or (onward[0] == here) != (onward[1] == there)):
                words = moves_to(pair, move_text(*act))
            if onward not in pairs:
                pairs[onward] = pair, act
                waiting.append(onward)
    return Seen(words, None)


def ended(room: Room, state: State) -> tuple[bool, bool]:
    """Out, or right to give up."""
    return room.is_out(state), not room.puzzle.solvable and state in room.undoable


def caught(puzzle: Puzzle, plans: list[sample_plans.SamplePlan]) -> str:
    """Return the first thing `check` says about a puzzle; "" if it finds it sound."""
    try:
        proof = solver.prove(puzzle)
    except TooLargeError as error:
        return str(error)
    for fault in (*proof.faults, *proof.too_easy):
        return f"{fault.where} {fault.remedy}"
    return next(iter(sample_plans.try_plans(puzzle, plans).faults), "")


def sample(puzzle: Puzzle, few: int, seed: int) -> Iterator[tuple[Planted, Seen]]:
    """Draw up to `few` faults that show in deeds, one kind after the other.

    Faults met on the way that show in words alone are drawn as well, at most `2 * few` in all: in a room
    without a way out hardly any others exist.
    """
    rng = random.Random(f"{seed} {puzzle.problem_id}")
    kinds: dict[str, list[Planted]] = defaultdict(list)
    for fault in every_fault(puzzle):
        kinds[fault.kind].append(fault)
    for faults in kinds.values():
        rng.shuffle(faults)
    found = drawn = 0
    while found < few and drawn < 2 * few and any(kinds.values()):
        for faults in kinds.values():
            while faults and found < few:
                fault = faults.pop()
                try:
                    how = seen(room_of(puzzle), Room(puzzle.model_copy(update={"world": fault.world})))
                except TooLargeError:
                    continue
                if how.words is not None:
                    drawn += 1
                    found += how.deeds is not None
                    yield fault, how
                    break


def results(work: tuple[Puzzle, int, int]) -> list[Result]:
    """Check a sample of one puzzle's faults."""
    puzzle, few, seed = work
    tried = sample_plans.load_plans(files.BUNDLED / "any.json", puzzle)
    return [
        Result(fault, how, caught(puzzle.model_copy(update={"world": fault.world}), tried))
        for fault, how in sample(puzzle, few, seed)
    ]


def main(faults: int = 20, puzzle: str = "", seed: int = 1) -> None:
    puzzles = [p for p in files.load(files.BUNDLED) if p.world and p.problem_id.startswith(puzzle)]
    deeds: Counter[bool] = Counter()
    words: Counter[bool] = Counter()
    with Pool() as pool:
        every = pool.imap(results, [(p, faults, seed) for p in puzzles])
        for room, found in zip(puzzles, every, strict=True):
            mine = Counter(bool(r.caught) for r in found if r.seen.deeds is not None)
            said = Counter(bool(r.caught) for r in found if r.seen.deeds is None)
            print(
                f"{room.problem_id}: {share(mine)} caught; of those in words alone {share(said)}", flush=True
            )
            for r in found:
                if not r.caught and r.seen.deeds is not None:
                    print(f"  SURVIVED {r.planted.kind}: {r.planted.what}\n    seen by {r.seen.deeds}")
            deeds += mine
            words += said
    print(f"{share(deeds)} planted faults were caught; of those in words alone {share(words)}")
    sys.exit(deeds[True] < ENOUGH * deeds.total())


def share(of: Counter[bool]) -> str:
    return f"{of[True]} of {of.total()} ({of[True] / max(1, of.total()):.0%})"
