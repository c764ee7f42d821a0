"""A toy environment, to see that the rest of Escape asks for no name: doors that open when a coin lies heads up."""

from __future__ import annotations

from escape.environments import Bounds, Environment, FirstTurn, Recipe, Seeds
from escape.environments.dice import Dice
from escape.types import DoorsOpened, MoveResult, Outcome, Puzzle, Setup, Solution


def coins(seed: str, number: int, doors: int) -> Puzzle:
    """Each door shows a coin, as `content` has it."""
    shown = [*Dice(f"coins {seed} {number}").some(doors, ["heads", "tails"] * doors)]
    way = tuple(f"door {n}: {'leave' if side == 'heads' else 'turn'}" for n, side in enumerate(shown, 1))
    told = "; ".join(f"door {n} shows {side}" for n, side in enumerate(shown, 1))
    return Puzzle(
        problem_id=f"C1-{doors}-{seed}-{number}", physical_principles=("coins have two sides",), red_herrings=(),
        setup=Setup(scenario=f"Doors open where a coin shows heads: {told}", available_items=("coin",), constraints=()),
        solution=Solution(steps=way, key_insights=()), environment="coins",
        content={"shown": shown, "seed": seed, "number": number},
    )  # fmt: skip


class Game:
    """Turn or leave each coin; a wrong choice ends it."""

    def __init__(self, puzzle: Puzzle) -> None:
        self.puzzle, self.shown = puzzle, [*puzzle.content["shown"]]  # type: ignore[misc]
        self.steps, self.lost_at, self.opened = list[MoveResult](), None, 0
        self.max_lines = len(self.shown)

    over = property(lambda self: self.lost_at is not None or self.opened == len(self.shown))
    is_a_move = is_final = lambda self, line: True
    fault = lambda self, line: "" if line in ("turn", "leave") else "write turn or leave"  # noqa: E731

    def do(self, line: str) -> MoveResult:
        """Carry out one line."""
        right = line == ("leave" if self.shown[self.opened] == "heads" else "turn")
        self.opened, self.lost_at = self.opened + right, self.lost_at if right else len(self.steps) + 1
        self.steps.append(MoveResult(move=line, said="It opens." if right else "Shut for good.", changed=right))
        return self.steps[-1]

    @property
    def outcome(self) -> Outcome:
        """Where things stand."""
        n, ended = len(self.shown), "" if self.opened == len(self.shown) else "coin"
        doors = DoorsOpened(total=n, opened=self.opened, ended_at=ended)
        return Outcome(out=not ended, moves=len(self.steps), shortest=n, progress=self.opened / n, lost_at=self.lost_at,
                       doors=doors, steps=tuple(self.steps))  # fmt: skip


class Coins(Environment):
    """See Environment."""

    name, nouns, label, about = "coins", ("coin game", "coin games"), "Coins", "A toy."
    seeds = Seeds(coins, Bounds(6, 10), Bounds(4, 9), 3, Bounds(6, 10), Bounds(4, 9), "Turn or leave.")
    controls = {"heads": lambda puzzle: ["leave"] * 9, "teller": lambda puzzle: [s[8:] for s in puzzle.solution.steps]}  # noqa: RUF012
    first_players = ("control:teller", "control:heads")
    episode = lambda self, puzzle, protocol="plan": Game(puzzle)  # noqa: E731
    form = lambda self, puzzle: "Write turn or leave, a door a line."  # noqa: E731
    doors = lambda self, puzzle: len(puzzle.solution.steps)  # noqa: E731
    met = lambda self, puzzle, doors: {"coin"}  # noqa: E731
    reference = lambda self, puzzle: [s[8:] for s in puzzle.solution.steps]  # noqa: E731
    first_turn = lambda self, puzzle: FirstTurn(self.text(puzzle), self.form(puzzle), "turn")  # noqa: E731
    recipe = lambda self, p: Recipe(1, len(p.solution.steps), p.content["seed"], p.content["number"])  # noqa: E731
