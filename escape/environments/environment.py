"""What an environment is: all that the rest of Escape asks about what is played. A kind of puzzle is one of these."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal, NamedTuple, Protocol

from escape.environments.dice import Dice
from escape.types import Answer, MoveResult, Outcome, PlayedBy, Puzzle, Question

Way = Callable[[Puzzle], list[str]]  # what a scripted player does, a move a line


class Episode(Protocol):
    """One attempt at a puzzle. `lost_at`: the number, from 1, of the step after which there was no way out.

    Methods with a body are what holds in an environment that takes no whole plans.
    """

    puzzle: Puzzle
    steps: list[MoveResult]
    lost_at: int | None

    @property
    def max_lines(self) -> int: ...  # noqa: D102 - the lines of a plan that are read

    @property
    def over(self) -> bool: ...  # noqa: D102 - True once later lines are not carried out

    def do(self, line: str) -> MoveResult: ...  # noqa: D102 - carries out one line

    def fault(self, line: str) -> str:
        """Why a line cannot be read; "" if it can."""
        return ""

    def is_a_move(self, line: str) -> bool:
        """Whether it does something, or tries to: no looking, no giving up."""
        return True

    def is_final(self, line: str) -> bool:
        """Whether what it does here can be neither undone nor lead out."""
        return False

    @property
    def outcome(self) -> Outcome: ...  # noqa: D102 - where things stand now


class Bounds(NamedTuple):
    """A number that people choose: what it is at first, and at most."""

    first: int
    most: int


@dataclass(frozen=True)
class Seeds:
    """How puzzles of an environment are generated. `one`: a seed's puzzle of a number, from 1, with so many doors;
    raises ValueError. `puzzles`, `doors`: on the page and on the command line; `daily`: the doors of the day's puzzle;
    `seal`: the same puzzle under a label that does not tell its seed; `about`: a sentence under the fields.
    """

    one: Callable[[str, int, int], Puzzle]
    puzzles: Bounds
    doors: Bounds
    daily: int
    puzzles_listed: Bounds
    doors_listed: Bounds
    about: str = ""
    seal: Callable[[Puzzle, str], Puzzle] | None = None

    def generate(self, seed: str, n: int, doors: int) -> list[Puzzle]:
        """The first n puzzles of a seed. Raises ValueError."""
        return [self.one(seed, number, doors) for number in range(1, n + 1)]


class Recipe(NamedTuple):
    """What makes a generated puzzle again: the generator's version, doors, seed, and which of the seed's puzzles."""

    version: int
    doors: int
    seed: str
    number: int


class FirstTurn(NamedTuple):
    """What a conversation begins with: what is told of the puzzle, how moves are written, and one of them."""

    text: str
    about: str
    example: str


class PlanPrompt(NamedTuple):
    """The prompt for a whole plan in one answer."""

    name: str
    version: int
    user: str


def bullets(items: Iterable[str], mark: str = "-") -> str:
    """One item a line."""
    return "\n".join(f"{mark} {x}" for x in items) or f"{mark} none"


class Environment:
    """One kind of puzzle. `name`: the same on the command line, in files and in Inspect; `nouns`: one and many;
    `counts`: what a player's figure is, the median of doors it opens (a puzzle with a single goal has one door) or,
    of rooms, which a judge marks, the share of puzzles it gets out of;
    `is_marked`: explanations are marked by a judge; `foreseeable`: it has questions; `hand`: how the page lets people
    play, `by_people`: whether it does; `lead`: what it tells them; `skill`: what a figure shows; `controls`, `demos`:
    the scripted players that play by code; `prompt_versions`: of its own prompts, by name; `seeds`: how puzzles are
    generated, None if they are written.
    """

    name: ClassVar[str]
    nouns: ClassVar[tuple[str, str]]
    label: ClassVar[str]
    about: ClassVar[str]
    protocols: ClassVar[tuple[PlayedBy, ...]] = ("plan", "move by move")
    counts: ClassVar[Literal["out", "doors"]] = "doors"
    is_marked: ClassVar[bool] = False
    foreseeable: ClassVar[bool] = False
    hand: ClassVar[str] = "lines"
    by_people: ClassVar[bool] = True
    skill: ClassVar[str] = "its moves"
    lead: ClassVar[str] = "Get out. After each move you are told what happens."
    controls: ClassVar[Mapping[str, Way]] = {}
    demos: ClassVar[Mapping[str, Way]] = {}
    prompt_versions: ClassVar[Mapping[str, int]] = {}
    first_players: ClassVar[tuple[str, ...]] = ()
    seeds: ClassVar[Seeds | None] = None

    def playable(self, puzzle: Puzzle) -> bool:
        """Whether moves can be carried out in it."""
        return True

    def episode(self, puzzle: Puzzle, protocol: PlayedBy = "plan") -> Episode:
        """A new episode. Move by move, what stands on things may be told only by looking. Raises ValueError for a
        puzzle in which nothing can be done.
        """
        raise NotImplementedError

    def by_hand(self, puzzle: Puzzle) -> Episode:
        """A new episode for a person, who sees what players read."""
        return self.episode(puzzle)

    def text(self, puzzle: Puzzle) -> str:
        """What a player is told of a puzzle."""
        setup = puzzle.setup
        return (
            f"Situation:\n{setup.scenario}\n\nAvailable items:\n{bullets(setup.available_items)}\n\n"
            f"Constraints:\n{bullets(setup.constraints)}"
        )

    def plan_prompt(self, puzzle: Puzzle, *, moves: bool) -> PlanPrompt:
        """What a player is asked for a whole plan in one answer; without `moves`, for an explanation alone."""
        return PlanPrompt(
            self.name,
            1,
            f"{self.text(puzzle)}\n\n{self.form(puzzle)}\n\nReason as long as you like; then write, under the heading "
            '"Moves:" and with nothing after it, every move, one a line.',
        )

    def form(self, puzzle: Puzzle) -> str:
        """How a move is written: told in a prompt, and again to whoever wrote lines that cannot be read."""
        return "One move a line, as the text says."

    def first_turn(self, puzzle: Puzzle) -> FirstTurn:
        """What a conversation begins with."""
        return FirstTurn(self.text(puzzle), self.form(puzzle), "...")

    def plan_text(self, answer: Answer) -> str:
        """The part of an answer that a plan is read from."""
        return answer.whole_lines

    def questions(self, puzzle: Puzzle, dice: Dice) -> Iterable[Question]:
        """What may be asked of what would happen, answered by code."""
        return ()

    def reference(self, puzzle: Puzzle) -> list[str]:
        """A way out, a move a line; empty if there is none."""
        return []

    def hints(self, episode: Episode) -> tuple[str, ...]:
        """What helps a person from here, each saying more."""
        return ()

    def doors(self, puzzle: Puzzle) -> int:
        """How many doors a puzzle has."""
        return 1

    def met(self, puzzle: Puzzle, doors: int) -> set[str]:
        """The kinds of obstacles in the first so many doors."""
        return set()

    def recipe(self, puzzle: Puzzle) -> Recipe | None:
        """What makes the puzzle again; None if it was written."""
        return None

    def check(self, puzzle: Puzzle) -> None:
        """Refuse a puzzle from a file whose parts do not belong together. Raises ValueError."""

    def makes(self, version: int) -> bool:
        """Whether the generator here is of this version."""
        return False

    def difference(self, puzzle: Puzzle) -> str:
        """How a puzzle differs from what its recipe makes; "" if it does not, or if an older generator made it."""
        return ""
