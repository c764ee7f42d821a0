"""Laboratories: apparatuses that obey the textbook except for something hidden, which a few measurements must find."""

from __future__ import annotations

from typing import ClassVar

from escape.environments.environment import Bounds, Episode, FirstTurn, PlanPrompt, Seeds, Way
from escape.environments.generated import Generated, GeneratedEnvironment, Recipe
from escape.environments.laboratories.apparatus import APPARATUSES
from escape.environments.laboratories.attempt import LabAttempt, doors_of
from escape.environments.laboratories.make import VERSION, laboratory
from escape.environments.laboratories.players import LAB_WAYS
from escape.environments.laboratories.puzzle import as_puzzle, check, prediction
from escape.types import MAX_LAB_DOORS, PlayedBy, Puzzle


def one(seed: str, number: int, doors: int) -> Puzzle:
    """A seed's laboratory of a number. Raises LabError."""
    return as_puzzle(laboratory(seed, number, doors))


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
    controls: ClassVar[dict[str, Way]] = LAB_WAYS
    first_players = ("control:experimenter", "control:textbook", "control:random")
    seeds = Seeds(
        one, puzzles=Bounds(3, 20), doors=Bounds(6, MAX_LAB_DOORS), daily=4, puzzles_listed=Bounds(3, 100),
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
        return [prediction(door) for door in doors_of(puzzle).doors] if self.playable(puzzle) else []

    def hints(self, episode: Episode) -> tuple[str, ...]:
        """The principles of the apparatus, and what is at work."""
        if not isinstance(episode, LabAttempt):
            return ()
        principles = "; ".join(APPARATUSES[episode.door.apparatus].principles)
        names = ", ".join(sorted(episode.door.answer))
        return f"The idea: {principles}.", f"At work: {names}."

    def check(self, puzzle: Puzzle) -> None:
        """See Environment."""
        check(puzzle)
