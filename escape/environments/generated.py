"""What environments share whose puzzles are rows of doors made from a seed."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Protocol

from escape.environments.environment import Environment, Recipe, bullets
from escape.types import Puzzle

SEALED = "sealed-"  # before a label that stands for a seed which is not told


class Generated(Protocol):
    """What a seed made."""

    @property
    def version(self) -> int: ...  # noqa: D102 - of its generator

    @property
    def seed(self) -> str: ...  # noqa: D102 - as it is written

    @property
    def number(self) -> int: ...  # noqa: D102 - which of the seed's

    @property
    def doors(self) -> Sequence[object]: ...  # noqa: D102 - one after the other

    def met(self, doors: int) -> set[str]: ...  # noqa: D102 - the kinds of obstacles in the first so many doors


class GeneratedEnvironment(Environment):
    """Its figure is doors; nobody marks it."""

    version: int  # of its generator

    @abstractmethod
    def made(self, puzzle: Puzzle) -> Generated | None:
        """What the seed made."""

    @abstractmethod
    def again(self, recipe: Recipe) -> Generated:
        """The same from its recipe. Raises ValueError."""

    def text(self, puzzle: Puzzle) -> str:
        """See Environment."""
        return f"{puzzle.setup.scenario}\n\nLAWS\n{bullets(puzzle.setup.constraints)}"

    def doors(self, puzzle: Puzzle) -> int:
        """See Environment."""
        generated = self.made(puzzle)
        return len(generated.doors) if generated else 0

    def met(self, puzzle: Puzzle, doors: int) -> set[str]:
        """See Environment."""
        generated = self.made(puzzle)
        return generated.met(doors) if generated else set()

    def recipe(self, puzzle: Puzzle) -> Recipe | None:
        """See Environment."""
        generated = self.made(puzzle)
        return Recipe(generated.version, len(generated.doors), generated.seed, generated.number) if generated else None

    def makes(self, version: int) -> bool:
        """See Environment."""
        return version == self.version

    def difference(self, puzzle: Puzzle) -> str:
        """See Environment. A seed that is sealed cannot be tried."""
        generated, recipe = self.made(puzzle), self.recipe(puzzle)
        if (
            generated is None
            or recipe is None
            or generated.seed.startswith(SEALED)
            or not self.makes(generated.version)
        ):
            return ""
        try:
            again = self.again(recipe)
        except ValueError as error:
            return str(error)
        return "" if again == generated else "the seed makes another one"
