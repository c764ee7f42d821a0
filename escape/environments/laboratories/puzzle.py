"""A laboratory as a puzzle, so that it stands wherever puzzles stand."""

from __future__ import annotations

from escape.environments.laboratories.apparatus import APPARATUSES
from escape.environments.laboratories.attempt import LabAttempt
from escape.environments.laboratories.laws import MOST_LAWS, size
from escape.environments.laboratories.make import LabError, laboratory
from escape.environments.laboratories.text import RULES, laboratory_text, law_text
from escape.types import LabDoor, Laboratory, Puzzle, Setup, Solution

SOURCE = "Made by Escape from a seed; whoever has the seed can make it again."


def problem_id(lab: Laboratory) -> str:
    """`L1-8-2026-3`: version of the generator, doors, seed, and which of the seed's laboratories."""
    return f"L{lab.version}-{len(lab.doors)}-{lab.seed}-{lab.number}"


def as_puzzle(lab: Laboratory) -> Puzzle:
    """The puzzle that a laboratory is."""
    lines, steps = list(lab.way), []
    for number in range(1, len(lab.doors) + 1):
        cut = next((i for i, line in enumerate(lines) if line.startswith("set:")), len(lines)) + 1
        steps.append(f"door {number}: {'; '.join(lines[:cut])}"[:500])
        lines = lines[cut:]
    kinds = [APPARATUSES[d.apparatus] for d in lab.doors]
    return Puzzle(
        problem_id=problem_id(lab),
        title=f"Laboratory {lab.number} of {lab.seed}, {len(lab.doors)} door{'s' * (len(lab.doors) != 1)}",
        family="laboratories",
        setup=Setup(
            scenario=laboratory_text(lab),
            available_items=tuple(dict.fromkeys(kind.name for kind in kinds)),
            constraints=RULES,
        ),
        physical_principles=tuple(dict.fromkeys(p for kind in kinds for p in kind.principles)),
        red_herrings=(),
        solution=Solution(
            steps=tuple(steps),
            key_insights=tuple(f"door {n}: {law_text(d)}"[:500] for n, d in enumerate(lab.doors, 1)),
        ),
        source=SOURCE,
        lab=lab,
    )


def laboratories(seed: str, n: int, doors: int) -> list[Puzzle]:
    """The first n laboratories of a seed, as puzzles. Raises LabError."""
    return [as_puzzle(laboratory(seed, number, doors)) for number in range(1, n + 1)]


def check(puzzle: Puzzle) -> None:
    """Refuse a laboratory from a file whose numbers, text or way do not belong together. Raises LabError."""
    if puzzle.lab is None:
        return
    lab = puzzle.lab
    if puzzle.problem_id != problem_id(lab):
        raise LabError(f"{puzzle.problem_id}: a laboratory with these numbers is called {problem_id(lab)}")
    for n, door in enumerate(lab.doors, 1):
        if not _is_one_of_ours(door):
            raise LabError(f"{puzzle.problem_id}: door {n} is no apparatus of this version")
    episode = LabAttempt(puzzle)
    for line in lab.way:
        episode.do(line)
    if not episode.outcome.out:
        raise LabError(f"{puzzle.problem_id}: its way does not open every door")
    if puzzle != as_puzzle(lab):
        raise LabError(f"{puzzle.problem_id}: its text is not that of its numbers")


def _is_one_of_ours(door: LabDoor) -> bool:
    """Whether a door could have been drawn here: its apparatus, its starts, and every number of its law."""
    kind = APPARATUSES.get(door.apparatus)
    if kind is None or not {door.start, *door.starts} <= set(kind.starts) or door.start in door.starts:
        return False
    base = {name: number for name, number in door.law.items() if name in kind.bases[0]}
    causes = {name: number for name, number in door.law.items() if name not in base}
    offered = {name: cause.values[: door.values] for name, cause in kind.causes.items()}
    is_law = base in kind.bases and all(number in offered.get(name, ()) for name, number in causes.items())
    return is_law and len(causes) == door.causes and size(kind, door.causes, door.values) <= MOST_LAWS
