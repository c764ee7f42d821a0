"""Someone in a house: which door stands before them, what a move does, whether it is lost for good. Pure.

What a `Play` is to a written room (`escape.environments.rooms.play`), a scene is to a house.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from pydantic import ValidationError

from escape.environments.houses.mechanisms import MECHANISMS
from escape.environments.houses.obstacles import Choice, Deed, Obstacle, State, at_door
from escape.environments.houses.reading import HouseMove, Reader
from escape.environments.houses.things import fault
from escape.intake import first_fault
from escape.types import Amounts, House, Part, Thing


@dataclass(frozen=True)
class Place:
    """Where somebody stands: doors opened, the state of the next door's parts, things used up, and the door at which it
    ended for good (0 for none). `in_vain`, `misplaced`: things that fell short, or are now wanted at another door.
    """

    opened: int
    parts: tuple[State, ...]
    used: tuple[str, ...] = ()
    dead: int = 0
    in_vain: tuple[str, ...] = ()
    misplaced: tuple[str, ...] = ()


@dataclass(frozen=True)
class Done:
    """What came of one move. `changed`: the place is another one now."""

    place: Place
    said: str
    changed: bool = False


class HouseError(ValueError):
    """A house whose numbers cannot be: its message says what and where."""


def obstacle(part: Part) -> Obstacle:
    """A part's obstacle. Raises HouseError for a mechanism or numbers that are not known here."""
    kind = MECHANISMS.get(part.mechanism)
    if kind is None:
        raise HouseError(f"no mechanism is called {part.mechanism!r}; a newer version may know it")
    if part.wording >= len(kind.wordings):
        raise HouseError(f"{part.mechanism} has no wording {part.wording}")
    try:
        return kind.model_validate(part.numbers)
    except ValidationError as error:
        raise HouseError(f"{part.mechanism}: its numbers cannot be: {first_fault(error)[:200]}") from None


class HouseScene:
    """A house ready to act in. Raises HouseError."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.doors: tuple[tuple[Obstacle, ...], ...] = tuple(
            tuple(obstacle(part) for part in door.parts) for door in house.doors
        )
        self.things = {t.name: t for t in house.things}
        if len(self.things) < len(house.things):
            raise HouseError("two things in it have one name")
        if why := next(filter(None, map(fault, house.things)), ""):
            raise HouseError(why)
        self._owner: dict[str, tuple[int, int, str]] = {}
        for door, parts in enumerate(self.doors, 1):
            for i, obstacle_ in enumerate(parts):
                for own in obstacle_.names:
                    if self._owner.setdefault(at_door(door)(own), (door, i, own)) != (door, i, own):
                        raise HouseError(f"door {door} has two parts called {at_door(door)(own)!r}")
        words = {w for parts in self.doors for obstacle_ in parts for w in obstacle_.words}
        self.reader = Reader([*self.things, *self._owner], words)

    @property
    def obstacles(self) -> tuple[Obstacle, ...]:
        """Every obstacle, door by door."""
        return tuple(obstacle_ for parts in self.doors for obstacle_ in parts)

    @property
    def limit(self) -> int:
        """The moves that a plan may have: twice the reference way and ten more."""
        return 2 * len(self.house.way) + 10

    @cached_property
    def start(self) -> Place:
        """In the first room, with nothing done."""
        return Place(0, self._shut(0))

    def _shut(self, opened: int) -> tuple[State, ...]:
        return tuple(obstacle_.start for obstacle_ in self.doors[opened]) if opened < len(self.doors) else ()

    def is_out(self, place: Place) -> bool:
        """True behind the last door."""
        return place.opened == len(self.doors)

    def is_over(self, place: Place) -> bool:
        """True once nothing more can come of it: out, or a door is spoilt."""
        return self.is_out(place) or bool(place.dead)

    def stuck_on(self, place: Place) -> str:
        """The mechanism that keeps the next door shut, the spoilt one first; "" for somebody who is out."""
        if self.is_out(place):
            return ""
        parts = list(zip(self.doors[place.opened], place.parts, strict=True))
        spoilt = [obstacle_ for obstacle_, state in parts if obstacle_.is_dead(state)]
        return (spoilt or [obstacle_ for obstacle_, state in parts if not obstacle_.is_open(state)])[0].mechanism

    def within_reach(self, place: Place) -> list[Thing]:
        """What lies in the rooms that are open and is not used up."""
        return [t for t in self.house.things if t.room <= place.opened + 1 and t.name not in place.used]

    def do(self, place: Place, move: HouseMove) -> Done:
        """Carry out a move that could be read."""
        first, second = (*move.names, "")[:2]
        at = next((self._owner[n] for n in (first, second) if n in self._owner), None)
        if at is None:
            return Done(place, "Nothing happens: say what is to be done with it, in one of the forms given.")
        door, i, _ = at
        if door != place.opened + 1:
            return Done(
                place, f"Door {door} is open already." if door <= place.opened else f"Door {door} is out of reach."
            )
        thing = next((self.things[n] for n in (first, second) if n in self.things), None)
        if thing is not None and (why := self._out_of_reach(place, thing)):
            return Done(place, why)
        if any(self._owner[n][:2] != (door, i) for n in (first, second) if n in self._owner):
            return Done(place, f"{first} and {second} do not belong together.")
        deed = Deed(self._own(first), self._own(second) if second else move.value)
        return self._answer(place, i, deed, thing)

    def _own(self, name: str) -> str:
        return self._owner[name][2] if name in self._owner else name

    def _out_of_reach(self, place: Place, thing: Thing) -> str:
        if thing.name in place.used:
            return f"{thing.name} is used up."
        return f"{thing.name} is out of reach, behind door {thing.room - 1}." if thing.room > place.opened + 1 else ""

    def _answer(self, place: Place, i: int, deed: Deed, thing: Thing | None) -> Done:
        obstacle_, before = self.doors[place.opened][i], place.parts[i]
        if thing is not None and thing.kind != obstacle_.kind:
            return Done(place, f"{thing.name} is nothing for this door.")
        response = obstacle_.do(before, deed, thing.amounts if thing else None, at_door(place.opened + 1))
        if response.fault:
            return Done(place, response.said)
        after = replace(place, parts=(*place.parts[:i], response.state, *place.parts[i + 1 :]))
        if response.used:
            after = replace(after, used=(*after.used, response.used))
        if obstacle_.is_dead(response.state):
            wrong = (
                response.used and isinstance(obstacle_, Choice) and thing and obstacle_.settings(thing.amounts) is None
            )
            vain = (*after.in_vain, response.used) if wrong else after.in_vain
            sentence = f"{response.said} Door {place.opened + 1} stays shut for good."
            return Done(replace(after, dead=place.opened + 1, in_vain=vain), sentence, changed=True)
        if all(x.is_open(s) for x, s in zip(self.doors[place.opened], after.parts, strict=True)):
            opened = place.opened + 1
            response = replace(response, said=f"{response.said} Door {opened} opens.")
            after = replace(after, opened=opened, parts=self._shut(opened))
        if response.used and not self.is_lost(place) and self.is_lost(after):
            after = replace(after, misplaced=(*after.misplaced, response.used))
        return Done(after, response.said, changed=after != place)

    def is_lost(self, place: Place) -> bool:
        """True if not every door can still be opened: a door is spoilt, or what is left does not suffice. Exact, since
        each thing serves one part, so that it is a matching of things to parts.
        """
        return bool(place.dead) or len(self.matching(place)) < len(self._wanting(place))

    def _wanting(self, place: Place) -> list[tuple[int, int]]:
        """The parts that still take a thing, as (door, part)."""
        return [
            (door, i)
            for door in range(place.opened + 1, len(self.doors) + 1)
            for i, obstacle_ in enumerate(self.doors[door - 1])
            if obstacle_.kind and not (door == place.opened + 1 and obstacle_.is_open(place.parts[i]))
        ]

    @cached_property
    def fits(self) -> dict[tuple[int, int], tuple[str, ...]]:
        """For each part, the names of the things that fit it and lie where they can be had in time."""
        return {
            (door, i): tuple(
                t.name
                for t in self.house.things
                if t.room <= door and t.kind == obstacle_.kind and obstacle_.settings(t.amounts) is not None
            )
            for door, parts in enumerate(self.doors, 1)
            for i, obstacle_ in enumerate(parts)
            if isinstance(obstacle_, Choice)
        }

    def matching(self, place: Place) -> dict[str, tuple[int, int]]:
        """As many things as possible, each with the part it can serve (augmenting paths, Kuhn 1955)."""
        serves: dict[str, tuple[int, int]] = {}

        def find(part: tuple[int, int], visited: set[str]) -> bool:
            for name in self.fits[part]:
                if name not in place.used and name not in visited:
                    visited.add(name)
                    if name not in serves or find(serves[name], visited):
                        serves[name] = part
                        return True
            return False

        for part in self._wanting(place):
            find(part, set())
        return serves

    def amounts(self, name: str) -> Amounts | None:
        """What a thing can do; None for "" or what is no thing."""
        return self.things[name].amounts if name in self.things else None

    def door_way(self, place: Place, serves: dict[str, tuple[int, int]]) -> list[str]:
        """The lines that open the next door, untouched so far, with the things that a matching gives it."""
        door, lines = place.opened + 1, []
        for i, obstacle_ in enumerate(self.doors[place.opened]):
            name = next((n for n, part in serves.items() if part == (door, i)), "")
            lines += [obstacle_.written(deed, at_door(door)) for deed in obstacle_.way(name, self.amounts(name))]
        return lines
