"""Houses: generated from a seed, each door harder than the one before; the figure is how many a player opens."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from escape.environments.dice import Dice
from escape.environments.environment import Bounds, Episode, FirstTurn, PlanPrompt, Seeds, Way
from escape.environments.generated import GeneratedEnvironment, Recipe
from escape.environments.houses import foresight
from escape.environments.houses.attempt import HouseAttempt
from escape.environments.houses.generate import VERSION, house
from escape.environments.houses.players import CONTROL_WAYS, DEMO_WAYS
from escape.environments.houses.puzzle import as_puzzle, check, sealed
from escape.environments.houses.text import moves_text
from escape.types import MAX_DOORS, House, PlayedBy, Puzzle, Question

PROMPT = 1  # its version


def one(seed: str, number: int, doors: int) -> Puzzle:
    """A seed's house of a number. Raises HouseError."""
    return as_puzzle(house(seed, number, doors))


class Houses(GeneratedEnvironment):
    """See Environment."""

    name = "houses"
    nouns = ("house", "houses")
    label = "Houses"
    about = (
        "A house is made from a seed, each door harder than the one before; the question is how many a player opens."
    )
    foreseeable = True
    skill = "formulas and search"
    by_people = False
    lead = "Open as many doors as you can. After each move the house tells you what happens."
    controls: ClassVar[dict[str, Way]] = CONTROL_WAYS
    demos: ClassVar[dict[str, Way]] = DEMO_WAYS
    prompt_versions: ClassVar[dict[str, int]] = {"house": PROMPT, "repair of houses": 2}
    first_players = ("demo:careful", "demo:hasty", "demo:hoarder")
    seeds = Seeds(
        one, puzzles=Bounds(10, 20), doors=Bounds(16, 20), daily=8, puzzles_listed=Bounds(10, 1000),
        doors_listed=Bounds(16, MAX_DOORS), seal=sealed,
        about="Each door is harder than the one before. Code carries the plans out, so no judge is asked.",
    )  # fmt: skip
    version = VERSION

    def made(self, puzzle: Puzzle) -> House | None:
        """See GeneratedEnvironment."""
        return puzzle.house

    def again(self, recipe: Recipe) -> House:
        """See GeneratedEnvironment."""
        return house(recipe.seed, recipe.number, recipe.doors)

    def episode(self, puzzle: Puzzle, protocol: PlayedBy = "plan") -> Episode:
        """See Environment."""
        return HouseAttempt(puzzle)

    def plan_prompt(self, puzzle: Puzzle, *, moves: bool) -> PlanPrompt:
        """The whole way in one answer, whatever else is asked for."""
        return PlanPrompt(
            "house",
            PROMPT,
            f"{self.text(puzzle)}\n\nWork your way out as far as you "
            'can. Reason as long as you like; then write, under the heading "Moves:" and with nothing after it, every '
            "move from the first door on, one a line, in the forms that stand with the doors. Each line is carried out "
            "just as it stands. Doors are opened by your moves alone: what is only reasoned about opens none.",
        )

    def form(self, puzzle: Puzzle) -> str:
        """The forms of move that each door has, and what can be moved."""
        return moves_text(HouseAttempt(puzzle).scene)

    def first_turn(self, puzzle: Puzzle) -> FirstTurn:
        """See Environment."""
        about = 'Moves have the forms that stand with the doors; "give up" ends it.'
        return FirstTurn(self.text(puzzle), about, "FORM: THING")

    def questions(self, puzzle: Puzzle, dice: Dice) -> Iterator[Question]:
        """See Environment."""
        return foresight.drawn(puzzle, dice)

    def reference(self, puzzle: Puzzle) -> list[str]:
        """See Environment."""
        return [*puzzle.house.way] if puzzle.house else []

    def hints(self, episode: Episode) -> tuple[str, ...]:
        """The principles of the next door, and what opens it from its start."""
        if not isinstance(episode, HouseAttempt):
            return ()
        scene, place = episode.scene, episode.place
        principles = dict.fromkeys(p for obstacle in scene.doors[place.opened] for p in obstacle.principles)
        lines = scene.door_way(place, scene.matching(place))
        way_text = f"From its start, this opens door {place.opened + 1}: {'; '.join(lines)}"
        no_way = "There is no way out of this room from here."
        return f"The idea: {'; '.join(principles)}.", no_way if episode.lost_at else way_text

    def check(self, puzzle: Puzzle) -> None:
        """See Environment."""
        check(puzzle)
