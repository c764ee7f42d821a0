"""A laboratory as a puzzle, so that it stands wherever puzzles stand."""

from __future__ import annotations

from escape.environments.laboratories.apparatus import APPARATUSES
from escape.environments.laboratories.attempt import doors_of
from escape.environments.laboratories.make import ApparatusDoor, LabError, LaboratoryDoors, laboratory
from escape.environments.laboratories.text import RULES, at_work_text, laboratory_text
from escape.types import Puzzle, Setup, Solution

SOURCE = "Made by Escape from a seed; whoever has the seed can make it again."


def problem_id(lab: LaboratoryDoors) -> str:
    """`L2-6-2026-3`: version of the generator, doors, seed, and which of the seed's laboratories."""
    return f"L{lab.version}-{len(lab.doors)}-{lab.seed}-{lab.number}"


def prediction(door: ApparatusDoor) -> str:
    """The line that opens a door."""
    apparatus = APPARATUSES[door.apparatus]
    return f"predict: {apparatus.shown(door.truth)} | {', '.join(sorted(door.answer))}"


def as_puzzle(lab: LaboratoryDoors) -> Puzzle:
    """The puzzle that a laboratory is."""
    kinds = [APPARATUSES[name] for name in dict.fromkeys(d.apparatus for d in lab.doors)]
    steps = tuple(f"door {n}: {prediction(d)}" for n, d in enumerate(lab.doors, 1))
    return Puzzle(
        problem_id=problem_id(lab),
        title=f"Laboratory {lab.number} of {lab.seed}, {len(lab.doors)} door{'s' * (len(lab.doors) != 1)}",
        family="laboratories",
        setup=Setup(
            scenario=laboratory_text(lab), available_items=tuple(kind.name for kind in kinds), constraints=RULES
        ),
        physical_principles=tuple(dict.fromkeys(p for kind in kinds for p in kind.principles)),
        red_herrings=(),
        solution=Solution(
            steps=steps,
            key_insights=tuple(f"door {n}: at work were {at_work_text(d)}"[:500] for n, d in enumerate(lab.doors, 1)),
        ),
        source=SOURCE,
        environment="laboratories",
        content=lab.model_dump(mode="json"),
    )


def laboratories(seed: str, n: int, doors: int) -> list[Puzzle]:
    """The first n laboratories of a seed, as puzzles. Raises LabError."""
    return [as_puzzle(laboratory(seed, number, doors)) for number in range(1, n + 1)]


def check(puzzle: Puzzle) -> None:
    """Refuse a laboratory from a file whose numbers and text do not belong together. Raises LabError."""
    if puzzle.lab is not None:  # of an earlier form, which is only shown
        return
    try:
        lab = doors_of(puzzle)
    except ValueError as error:
        raise LabError(f"{puzzle.problem_id}: is no laboratory of this version: {str(error)[:200]}") from None
    for n, door in enumerate(lab.doors, 1):
        apparatus = APPARATUSES.get(door.apparatus)
        if apparatus is None or not _is_ours(door):
            raise LabError(f"{puzzle.problem_id}: door {n} is no apparatus of this version")
    if puzzle != as_puzzle(lab):
        raise LabError(f"{puzzle.problem_id}: its text is not that of its numbers")


def _is_ours(door: ApparatusDoor) -> bool:
    """Whether a door could have been drawn here: its disturbances, their strengths, and its target."""
    kinds = APPARATUSES[door.apparatus].disturbances
    if not {*door.at_work, *door.listed} <= set(kinds) or not APPARATUSES[door.apparatus].asks(door.target):
        return False
    return all(kinds[n].low <= abs(s) <= kinds[n].high for n, s in door.at_work.items())
