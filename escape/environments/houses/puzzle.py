"""A house as a puzzle, so that it stands wherever puzzles stand; and a puzzle's house, ready to act in."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from escape.environments.houses.generate import house as make
from escape.environments.houses.generate import prove
from escape.environments.houses.scene import HouseError, HouseScene
from escape.environments.houses.text import house_text, laws
from escape.environments.houses.things import told
from escape.types import House, Puzzle, Setup, Solution, Thing

SOURCE = "Made by Escape from a seed; whoever has the seed can make it again."


def problem_id(house: House) -> str:
    """`H1-16-2026-3`: version of the generator, doors, seed, and which of the seed's houses."""
    return f"H{house.version}-{len(house.doors)}-{house.seed}-{house.number}"


def as_puzzle(house: House) -> Puzzle:
    """The puzzle that a house is. Raises HouseError."""
    scene = HouseScene(house)
    steps, reasons = [], []
    lines = list(house.way)
    place = scene.start
    for number in range(1, len(house.doors) + 1):
        door_lines = []
        while lines and place.opened < number:
            door_lines.append(lines.pop(0))
            response = scene.do(place, scene.reader.read(door_lines[-1])[0])
            place = response.place
        steps.append(f"door {number}: {'; '.join(door_lines)}"[:500])
        reasons.append(f"door {number}: {response.said}"[:500] if door_lines else f"door {number}: not opened")
    return Puzzle(
        problem_id=problem_id(house),
        title=f"House {house.number} of {house.seed}, {len(house.doors)} doors",
        family="houses",
        setup=Setup(
            scenario=house_text(scene),
            available_items=tuple(told(t) for t in house.things) or ("nothing",),
            constraints=laws(scene),
        ),
        physical_principles=tuple(dict.fromkeys(p for obstacle in scene.obstacles for p in obstacle.principles)),
        red_herrings=(),
        solution=Solution(steps=tuple(steps), key_insights=tuple(reasons)),
        source=SOURCE,
        house=house,
    )


def houses(seed: str, n: int, doors: int) -> list[Puzzle]:
    """The first n houses of a seed, as puzzles. Raises HouseError."""
    return [as_puzzle(make(seed, number, doors)) for number in range(1, n + 1)]


def sealed(puzzle: Puzzle, label: str) -> Puzzle:
    """The same house under a label that does not tell its seed."""
    if puzzle.house is None:
        raise HouseError(f"{puzzle.problem_id} is no house")
    return as_puzzle(puzzle.house.model_copy(update={"seed": label}))


def things_of(puzzle: Puzzle) -> tuple[Thing, ...]:
    """What lies in a puzzle's house."""
    return puzzle.house.things if puzzle.house else ()


_SCENES: WeakKeyDictionary[Puzzle, HouseScene] = WeakKeyDictionary()


def scene_of(puzzle: Puzzle) -> HouseScene:
    """A puzzle's house, cached as long as the puzzle exists. Raises HouseError for a puzzle without one."""
    if puzzle.house is None:
        raise HouseError(f"{puzzle.problem_id} is no house")
    scene = _SCENES.get(puzzle)
    if scene is None:
        scene = _SCENES[puzzle] = HouseScene(puzzle.house)
    return scene


def check(puzzle: Puzzle) -> None:
    """Refuse a house from a file whose numbers, text or reference do not belong together. Raises HouseError."""
    if puzzle.house is None:
        return
    if puzzle.problem_id != problem_id(puzzle.house):
        raise HouseError(f"{puzzle.problem_id}: a house with these numbers is called {problem_id(puzzle.house)}")
    if fault := next(iter(prove(puzzle.house)), ""):
        raise HouseError(f"{puzzle.problem_id}: {fault}")
    if puzzle.setup != as_puzzle(puzzle.house).setup:
        raise HouseError(f"{puzzle.problem_id}: its text is not that of its numbers")
