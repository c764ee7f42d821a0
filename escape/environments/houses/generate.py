"""A house from a seed: its obstacles, what lies in it and where, and the proof that it can be left.

`house` is pure and draws by `Dice` alone, so that a recipe gives the same house everywhere. What it draws may change
only with VERSION.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from escape.environments.dice import Dice
from escape.environments.generated import SEALED
from escape.environments.houses.mechanisms import MECHANISMS
from escape.environments.houses.obstacles import THINGS as IN_REACH
from escape.environments.houses.obstacles import Choice, Machine, Obstacle
from escape.environments.houses.scene import HouseError, HouseScene
from escape.environments.houses.things import ladder
from escape.types import MAX_DOORS, MAX_NUMBER, SEED, Amounts, Door, House, Kind, Part, Thing

VERSION = 1
TOP = 10  # the highest level of most mechanisms; above it a door has two parts, then three, whose levels add up
HARDEST = 12  # the highest level of a door's first part, which some mechanisms can be made for
SIZES = 15  # of each kind, so that none grows out of what a person can carry; longer houses have some again
DECOYS = IN_REACH - 1  # of each kind: things that fall short everywhere
FAR_BACK = 8  # rooms: a thing lies at most so many before the door that it is meant for
TRIES = 120  # draws of an obstacle until its numbers are clear
LADDERS = 10  # draws of a kind's sizes
HOUSES = 40  # attempts at a house


class _FailedError(Exception):
    """An attempt at a house that leads nowhere; the next one draws anew."""


@dataclass(frozen=True)
class _Slot:
    """A part to be: its door, mechanism and level, and the obstacle once it is made."""

    door: int
    mechanism: type[Obstacle]
    level: int
    made: Obstacle | None = None


def house(seed: str, number: int = 1, doors: int = 16) -> House:
    """The house that this recipe makes, proved. Raises HouseError for a recipe that cannot be."""
    if not 1 <= doors <= MAX_DOORS:
        raise HouseError(f"a house has 1 to {MAX_DOORS} doors, not {doors}")
    if not 1 <= number <= MAX_NUMBER:
        raise HouseError(f"houses of a seed are numbered from 1 to {MAX_NUMBER:,}, not {number}")
    if fault := seed_fault(seed):
        raise HouseError(fault)
    for attempt in range(HOUSES):
        dice = Dice(f"house {VERSION} {doors} {seed} {number} {attempt}")
        try:
            house_ = _drawn(dice, seed, number, doors)
        except _FailedError:
            continue
        if not (faults := list(prove(house_))):
            return house_
        raise HouseError(f"house {number} of seed {seed}: {faults[0]}")
    raise HouseError(f"no house {number} with {doors} doors could be made from the seed {seed}")


def seed_fault(seed: str) -> str:
    """Why no house can be made from this seed; "" if one can."""
    if not re.fullmatch(SEED, seed):
        return "a seed has 1 to 40 letters from A to Z, digits, - and _"
    if seed.startswith(SEALED):  # its houses would bear the ids of others, which are made from the seed behind it
        return f"a seed that begins with {SEALED} stands for one that has not been revealed"
    return ""


def _drawn(dice: Dice, seed: str, number: int, doors: int) -> House:
    slots = list(_slots(dice, doors))
    uses: dict[Kind, list[int]] = defaultdict(list)
    for n, slot in enumerate(slots):
        if slot.mechanism.kind:
            uses[slot.mechanism.kind].append(n)
    numbers = iter(dice.shuffled(range(10, 100) if len(slots) < 40 else range(100, 1000)))
    things, meant = [], {}
    for kind, parts in uses.items():
        decoys, supplied = _supplied(dice, kind, [slots[n] for n in parts])
        first = slots[parts[0]].door
        for n, (amounts, made_for_it) in zip(parts, supplied, strict=True):
            slot = slots[n] = replace(slots[n], made=made_for_it)
            room = dice.between(max(1, slot.door - FAR_BACK), max(1, slot.door - 1))
            things.append(Thing(name=_named(kind, numbers), kind=kind, room=room, amounts=amounts))
            meant[things[-1].name] = n
        things += [
            Thing(name=_named(kind, numbers), kind=kind, room=dice.between(max(1, first - FAR_BACK), first), amounts=a)
            for a in decoys
        ]
    house_ = House(
        version=VERSION,
        seed=seed,
        number=number,
        things=tuple(dice.shuffled(things)),
        doors=tuple(
            Door(parts=tuple(_part(dice, slot) for slot in slots if slot.door == door)) for door in range(1, doors + 1)
        ),
        way=(),
    )
    return house_.model_copy(update={"way": tuple(_way(HouseScene(house_), slots, meant))})


def _supplied(
    dice: Dice, kind: Kind, slots: Sequence[_Slot]
) -> tuple[Sequence[Amounts], Sequence[tuple[Amounts, Obstacle]]]:
    """What falls short everywhere; and for each slot of a kind the size that is meant for it and its obstacle."""
    for _ in range(LADDERS):
        sizes = ladder(dice, kind, min(len(slots), SIZES) + DECOYS)
        decoys, enough = sizes[:DECOYS], sizes[DECOYS:]
        kinds = dice.shuffled([enough[n % len(enough)] for n in range(len(slots))])
        try:
            return decoys, [
                (amounts, _fitted(dice, slot, amounts, [s for s in sizes if s is not amounts]))
                for slot, amounts in zip(slots, kinds, strict=True)
            ]
        except _FailedError:
            continue
    raise _FailedError


def _named(kind: Kind, numbers: Iterator[int]) -> str:
    number = next(numbers, None)
    if number is None:
        raise _FailedError
    return f"{kind} {number}"


def _slots(dice: Dice, doors: int) -> Iterator[_Slot]:
    """The parts of every door, each door's level its number; none has a mechanism of the door before while there are
    others, and each comes about equally often.
    """
    seen: Counter[str] = Counter()
    before: set[str] = set()
    for door in range(1, doors + 1):
        here: list[_Slot] = []
        for level in _split(door):
            slot = _next(dice, door, level, here, before, seen)
            seen[slot.mechanism.mechanism] += 1
            here.append(slot)
        before = {s.mechanism.mechanism for s in here}
        yield from here


def _split(level: int) -> list[int]:
    """The levels of a door's parts: above TOP the first is far harder than the rest, since two easy obstacles are less
    work than their levels together say.
    """
    if level <= TOP:
        return [level]
    first = max(-(-level // 2), min(HARDEST, level - TOP // 2)) if level <= HARDEST + TOP else HARDEST
    rest = level - first
    parts = -(-rest // TOP)
    return [first, *(rest // parts + (i < rest % parts) for i in range(parts))]


def _next(dice: Dice, door: int, level: int, here: Sequence[_Slot], before: set[str], seen: Counter[str]) -> _Slot:
    taken = {s.mechanism.mechanism for s in here}
    mapped = any(s.mechanism.has_map for s in here)
    free = [m for m in MECHANISMS.values() if m.mechanism not in taken and m.top >= level]
    free = [m for m in free if not (mapped and m.has_map)] or free
    # where a door has so many parts that some must come again, they do so last
    for mechanism in sorted(dice.shuffled(free), key=lambda m: (m.mechanism in before, seen[m.mechanism])):
        if issubclass(mechanism, Machine):
            try:
                return _Slot(door, mechanism, level, mechanism.draw(dice, level))
            except ValueError:
                continue
        return _Slot(door, mechanism, level)
    raise _FailedError


def _fitted(dice: Dice, slot: _Slot, amounts: Amounts, others: Sequence[Amounts]) -> Obstacle:
    """An obstacle that this thing overcomes, and which every other of its kind passes or fails clearly."""
    kind = slot.mechanism
    assert issubclass(kind, Choice)  # noqa: S101 - only these take a thing
    for _ in range(TRIES):
        try:
            part = kind.draw(dice, slot.level, amounts)
        except ValueError:
            break
        if part.is_clear(amounts, meant=True) and all(part.is_clear(other, meant=False) for other in others):
            return part
    raise _FailedError


def _part(dice: Dice, slot: _Slot) -> Part:
    part = slot.made
    if part is None:
        raise _FailedError
    return Part(
        mechanism=part.mechanism,
        level=slot.level,
        wording=dice.below(len(part.wordings)),
        numbers=part.model_dump(),
    )


def _way(scene: HouseScene, slots: Sequence[_Slot], meant: dict[str, int]) -> Iterator[str]:
    """The reference: each thing where it is meant to go."""
    serves = {}
    for name, n in meant.items():
        door = slots[n].door
        serves[name] = (door, [s for s in slots if s.door == door].index(slots[n]))
    for opened in range(len(scene.doors)):
        yield from scene.door_way(replace(scene.start, opened=opened), serves)


def prove(house_: House) -> Iterator[str]:
    """What is wrong with a house: its reference does not open every door, or a guesser would get too far."""
    scene = HouseScene(house_)
    place = scene.start
    for line in house_.way:
        move = scene.reader.read(line)[0]
        if move.fault or move.gives_up:
            yield f"its reference has a line that is no move: {line}"
            return
        place = scene.do(place, move).place
    if not scene.is_out(place):  # and if it is, it was never lost on the way
        yield f"its reference opens {place.opened} of {len(house_.doors)} doors"
    if guesses(scene) >= 1:
        yield "a guesser opens a door or more on average"


def guessed(house_: House) -> Fraction:
    """The number of doors that a guesser opens on average, worked out."""
    return guesses(HouseScene(house_))


def guesses(scene: HouseScene) -> Fraction:
    """The same, for a house that is ready to act in."""
    total, so_far = Fraction(0), Fraction(1)
    for door, parts in enumerate(scene.doors, 1):
        for obstacle in parts:
            things = sum(t.kind == obstacle.kind and t.room <= door for t in scene.house.things)
            so_far *= obstacle.chance(max(1, things))
        total += so_far
    return total
