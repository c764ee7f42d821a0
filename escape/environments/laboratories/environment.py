"""Laboratories: generated from a seed; each door has a hidden law, which trials must find."""

from __future__ import annotations

from typing import ClassVar

from escape.environments.environment import Bounds, Episode, FirstTurn, PlanPrompt, Seeds, Way
from escape.environments.generated import GeneratedEnvironment, Recipe
from escape.environments.laboratories.apparatus import APPARATUSES
from escape.environments.laboratories.attempt import LabAttempt
from escape.environments.laboratories.make import VERSION, laboratory
from escape.environments.laboratories.players import LAB_WAYS
from escape.environments.laboratories.puzzle import as_puzzle, check
from escape.types import MAX_LAB_DOORS, Laboratory, PlayedBy, Puzzle


def one(seed: str, number: int, doors: int) -> Puzzle:
    """A seed's laboratory of a number. Raises LabError."""
    return as_puzzle(laboratory(seed, number, doors))


class Laboratories(GeneratedEnvironment):
    """See Environment."""

    name = "laboratories"
    nouns = ("laboratory", "laboratories")
    label = "Labs"
    about = "In a laboratory each door has a hidden law, which trials must find."
    protocols = ("move by move",)
    skill = "trials, and with reckoning what they tell"
    hand = "trials"
    lead = "Find each apparatus's law by trials, then make the setting that opens its door."
    controls: ClassVar[dict[str, Way]] = LAB_WAYS
    first_players = ("control:experimenter", "control:one-thing", "control:random")
    seeds = Seeds(
        one, puzzles=Bounds(3, 20), doors=Bounds(6, MAX_LAB_DOORS), daily=4, puzzles_listed=Bounds(3, 100),
        doors_listed=Bounds(8, MAX_LAB_DOORS),
        about="Each door has an apparatus whose law is hidden. Trials must find it; then one setting decides.",
    )  # fmt: skip
    version = VERSION

    def made(self, puzzle: Puzzle) -> Laboratory | None:
        """See GeneratedEnvironment."""
        return puzzle.lab

    def again(self, recipe: Recipe) -> Laboratory:
        """See GeneratedEnvironment."""
        return laboratory(recipe.seed, recipe.number, recipe.doors)

    def episode(self, puzzle: Puzzle, protocol: PlayedBy = "plan") -> Episode:
        """See Environment."""
        return LabAttempt(puzzle)

    def plan_prompt(self, puzzle: Puzzle, *, moves: bool) -> PlanPrompt:
        """Never asked for: a law is found by trials."""
        raise ValueError("a laboratory is played move by move")

    def first_turn(self, puzzle: Puzzle) -> FirstTurn:
        """See Environment."""
        return FirstTurn(self.text(puzzle), 'A move is a trial or a setting; "give up" ends it.', "try: START | STEPS")

    def reference(self, puzzle: Puzzle) -> list[str]:
        """See Environment."""
        return [*puzzle.lab.way] if puzzle.lab else []

    def hints(self, episode: Episode) -> tuple[str, ...]:
        """The principles of the apparatus, and trials that tell its law."""
        if not isinstance(episode, LabAttempt):
            return ()
        principles = "; ".join(APPARATUSES[episode.door.apparatus].principles)
        steps = episode.puzzle.solution.steps
        lines = steps[min(episode.opened, len(steps) - 1)].partition(": ")[2]
        return f"The idea: {principles}.", f"Trials that tell the law, and the setting: {lines}"

    def check(self, puzzle: Puzzle) -> None:
        """See Environment."""
        check(puzzle)
