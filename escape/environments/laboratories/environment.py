"""Laboratories: apparatuses that obey the textbook except for something hidden, which a few measurements must find."""

from __future__ import annotations

from typing import ClassVar

from escape.environments.environment import Bounds, Episode, FirstTurn, PlanPrompt, Seeds, Way
from escape.environments.generated import Generated, GeneratedEnvironment, Recipe
from escape.environments.laboratories.apparatus import APPARATUSES
from escape.environments.laboratories.attempt import LabAttempt, doors_of
from escape.environments.laboratories.make import VERSION, ApparatusDoor, LabError, LaboratoryDoors, laboratory
from escape.environments.laboratories.players import LAB_WAYS
from escape.environments.laboratories.text import RULES, at_work_text, laboratory_text
from escape.types import MAX_LAB_DOORS, PlayedBy, Puzzle, Setup, Solution

SOURCE = "Made by Escape from a seed; whoever has the seed can make it again."


def prediction(door: ApparatusDoor) -> str:
    """The line that opens a door."""
    apparatus = APPARATUSES[door.apparatus]
    return f"predict: {apparatus.shown(door.truth)} | {', '.join(sorted(door.answer))}"


def reference(puzzle: Puzzle) -> list[str]:
    """Opens every door, and measures nothing."""
    return [prediction(door) for door in doors_of(puzzle).doors]


def as_puzzle(lab: LaboratoryDoors) -> Puzzle:
    """A laboratory as a puzzle: `L2-6-2026-3` names the generator's version, doors, seed, and which of the seed's."""
    kinds = [APPARATUSES[name] for name in dict.fromkeys(d.apparatus for d in lab.doors)]
    at_work = [f"door {n}: at work were {at_work_text(d)}"[:500] for n, d in enumerate(lab.doors, 1)]
    return Puzzle(
        problem_id=f"L{lab.version}-{len(lab.doors)}-{lab.seed}-{lab.number}",
        title=f"Laboratory {lab.number} of {lab.seed}, {len(lab.doors)} door{'s' * (len(lab.doors) != 1)}",
        family="laboratories",
        setup=Setup(
            scenario=laboratory_text(lab), available_items=tuple(kind.name for kind in kinds), constraints=RULES
        ),
        physical_principles=tuple(dict.fromkeys(p for kind in kinds for p in kind.principles)),
        red_herrings=(),
        solution=Solution(
            steps=tuple(f"door {n}: {prediction(d)}" for n, d in enumerate(lab.doors, 1)), key_insights=tuple(at_work)
        ),
        source=SOURCE,
        environment="laboratories",
        content=lab.model_dump(mode="json"),
    )


def one(seed: str, number: int, doors: int) -> Puzzle:
    """A seed's laboratory of a number. Raises LabError."""
    return as_puzzle(laboratory(seed, number, doors))


def laboratories(seed: str, n: int, doors: int) -> list[Puzzle]:
    """The first n laboratories of a seed. Raises LabError."""
    return [one(seed, number, doors) for number in range(1, n + 1)]


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
        if apparatus is None or not apparatus.has(door.at_work, door.listed, door.target):
            raise LabError(f"{puzzle.problem_id}: door {n} is no apparatus of this version")
    if puzzle != as_puzzle(lab):
        raise LabError(f"{puzzle.problem_id}: its text is not that of its numbers")


class Laboratories(GeneratedEnvironment):
    """See Environment. Those of an earlier form are shown, and cannot be carried out any more."""

    name = "laboratories"
    nouns = ("laboratory", "laboratories")
    label = "Labs"
    about = (
        "In a laboratory something hidden disturbs an apparatus; measurements must find it, and a prediction decides."
    )
    protocols = ("move by move",)
    skill = "measurements, and with reckoning what they tell"
    hand = "trials"
    lead = "Measure a few times, then predict a reading that nobody can measure."
    controls: ClassVar[dict[str, Way]] = {**LAB_WAYS, "reference": reference}
    first_players = ("control:experimenter", "control:textbook", "control:random")
    seeds = Seeds(
        one, puzzles=Bounds(3, 6), doors=Bounds(6, 6), daily=4, puzzles_listed=Bounds(3, 100),
        doors_listed=Bounds(6, MAX_LAB_DOORS),
        about="Each door has an apparatus that something hidden disturbs. A few measurements, then one prediction.",
    )  # fmt: skip
    version = VERSION

    def playable(self, puzzle: Puzzle) -> bool:
        """See Environment."""
        return puzzle.lab is None

    def made(self, puzzle: Puzzle) -> Generated | None:
        """See GeneratedEnvironment."""
        return puzzle.lab or doors_of(puzzle)

    def again(self, recipe: Recipe) -> Generated:
        """See GeneratedEnvironment."""
        return laboratory(recipe.seed, recipe.number, recipe.doors)

    def episode(self, puzzle: Puzzle, protocol: PlayedBy = "plan") -> Episode:
        """See Environment."""
        return LabAttempt(puzzle)

    def plan_prompt(self, puzzle: Puzzle, *, moves: bool) -> PlanPrompt:
        """Never asked for: measurements are needed first."""
        raise ValueError("a laboratory is played move by move")

    def first_turn(self, puzzle: Puzzle) -> FirstTurn:
        """See Environment."""
        about = 'A move is a measurement or a prediction; "give up" ends it.'
        example = f"measure: {APPARATUSES[doors_of(puzzle).doors[0].apparatus].form}"
        return FirstTurn(self.text(puzzle), about, example)

    def reference(self, puzzle: Puzzle) -> list[str]:
        """The right predictions."""
        return reference(puzzle) if self.playable(puzzle) else []

    def hints(self, episode: Episode) -> tuple[str, ...]:
        """The principles of the apparatus, and what is at work."""
        if not isinstance(episode, LabAttempt):
            return ()
        principles = "; ".join(APPARATUSES[episode.door.apparatus].principles)
        return f"The idea: {principles}.", f"At work: {', '.join(sorted(episode.door.answer))}."

    def check(self, puzzle: Puzzle) -> None:
        """See Environment."""
        check(puzzle)
