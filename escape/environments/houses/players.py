"""Scripted players of houses: controls with a known place, and demo players who reckon with the same numbers and err
by a stated habit. None copies the reference but `reference` itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial

from escape.environments.dice import Dice
from escape.environments.houses.obstacles import Choice, Deed, Machine, Obstacle, at_door
from escape.environments.houses.puzzle import scene_of
from escape.environments.houses.scene import HouseScene, Place
from escape.types import Puzzle, Thing


@dataclass(frozen=True)
class Habit:
    """How a scripted player plays. `habit`: in a sentence, for people; `digits`: significant ones that it reckons with,
    None for exact; `search`: the states that it looks at before it guesses; `prefers`: which of the things that fit it
    takes: the one that a plan for the whole house gives it, the first, or the largest.
    """

    name: str
    habit: str
    digits: int | None
    search: int
    prefers: str


GREEDY = Habit("greedy", "takes the first thing that fits and looks at 100 states at most", None, 100, "first")
DEMO_HABITS = {
    h.name: h
    for h in (
        Habit("careful", "plans for the whole house, reckons with four digits, and looks far", 4, 2_000, "planned"),
        Habit("hoarder", "always takes the largest thing that fits, and looks less far", None, 300, "largest"),
        Habit("hasty", "takes the first thing that fits, reckons with two digits, hardly looks ahead", 2, 20, "first"),
    )
}


def way_by(habit: Habit, puzzle: Puzzle) -> list[str]:
    """The lines that a player of this habit writes, until it is over."""
    scene, dice = scene_of(puzzle), Dice(f"{habit.name} {puzzle.problem_id}")
    return list(_lines(scene, lambda place, door: _deeds(habit, scene, place, door, dice)))


def guesser(puzzle: Puzzle) -> list[str]:
    """Every choice that a door asks, drawn at random."""
    scene, dice = scene_of(puzzle), Dice(f"guesser {puzzle.problem_id}")

    def deeds(place: Place, door: int) -> Iterator[tuple[Obstacle, Deed]]:
        for obstacle in scene.doors[door - 1]:
            yield from ((obstacle, deed) for deed in _guess(scene, place, obstacle, dice))

    return list(_lines(scene, deeds))


def _lines(scene: HouseScene, deeds: Callable[[Place, int], Iterator[tuple[Obstacle, Deed]]]) -> Iterator[str]:
    """Lines door by door, carried out as they are made, since what is at hand follows from what was spent."""
    place = scene.start
    while not scene.is_over(place):
        door = place.opened + 1
        for obstacle, deed in deeds(place, door):
            line = obstacle.written(deed, at_door(door))
            yield line
            place = scene.do(place, scene.reader.read(line)[0]).place
            if place.opened == door or place.dead:
                break
        else:
            return


def _deeds(habit: Habit, scene: HouseScene, place: Place, door: int, dice: Dice) -> Iterator[tuple[Obstacle, Deed]]:
    serves = scene.matching(place)
    taken: list[str] = []
    for i, obstacle in enumerate(scene.doors[door - 1]):
        at_hand = [t for t in scene.within_reach(place) if t.kind == obstacle.kind and t.name not in taken]
        if obstacle.work(len(at_hand)) > habit.search:
            deeds: Sequence[Deed] = _guess(scene, place, obstacle, dice)
        elif isinstance(obstacle, Choice):
            meant = next((n for n, part in serves.items() if part == (door, i)), "")
            deeds = _choice(habit, obstacle, at_hand, meant)
            taken += [deeds[-1].first] if deeds else []
        else:
            deeds = obstacle.way("", None)
        yield from ((obstacle, deed) for deed in deeds)


def _choice(habit: Habit, obstacle: Choice, at_hand: Sequence[Thing], meant: str) -> list[Deed]:
    """The thing by habit, and the marks reckoned with so many digits."""
    fitting = [t for t in at_hand if obstacle.exact(t.amounts).margin >= 0] or list(at_hand)
    if not fitting:
        return []
    thing = fitting[0]
    if habit.prefers == "largest":
        thing = max(fitting, key=lambda t: max(t.amounts.values()))
    elif habit.prefers == "planned":
        thing = next((t for t in fitting if t.name == meant), thing)
    marks = obstacle.nearest(tuple(_cut(x, habit.digits) for x in obstacle.exact(thing.amounts).marks))
    turned = [Deed(d, str(m)) for d, m, low in zip(obstacle.dials, marks, obstacle.lows, strict=True) if m != low]
    return [*turned, Deed(thing.name, obstacle.place)]


def _cut(x: Fraction, digits: int | None) -> Fraction:
    return x if digits is None else Fraction(f"{float(x):.{digits}g}")


def _guess(scene: HouseScene, place: Place, obstacle: Obstacle, dice: Dice) -> list[Deed]:
    if isinstance(obstacle, Machine):
        return [Deed(*dice.pick(obstacle.acts)) for _ in range(obstacle.bound)]
    at_hand = [t for t in scene.within_reach(place) if t.kind == obstacle.kind]
    if not isinstance(obstacle, Choice) or not at_hand:
        return []
    marks = [
        low + step * dice.below(n) for low, step, n in zip(obstacle.lows, obstacle.steps, obstacle.sizes, strict=True)
    ]
    return [
        *(Deed(d, str(m)) for d, m in zip(obstacle.dials, marks, strict=True)),
        Deed(dice.pick(at_hand).name, obstacle.place),
    ]


CONTROL_WAYS: dict[str, Callable[[Puzzle], list[str]]] = {
    "reference": lambda puzzle: list(puzzle.house.way) if puzzle.house else [],
    "guesser": guesser,
    "greedy": lambda puzzle: way_by(GREEDY, puzzle),
}
DEMO_WAYS: dict[str, Callable[[Puzzle], list[str]]] = {n: partial(way_by, h) for n, h in DEMO_HABITS.items()}
