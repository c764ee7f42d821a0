"""`house`: one house from its seed, as a player reads it, and its way; options that `run` and `check` share."""

from __future__ import annotations

import hashlib
import secrets

import click

from escape import prompts
from escape.environments.houses import SEALED, HouseError, as_puzzle, house, houses, seed_fault
from escape.environments.houses import sealed as under_label
from escape.environments.laboratories import LabError, laboratories
from escape.types import MAX_DOORS, Puzzle, SpecError

DEFAULT_DOORS, DEFAULT_LAB_DOORS = 16, 8
MAX_HOUSES = 1000
HOUSES = click.option(
    "--houses", type=click.IntRange(1, MAX_HOUSES), metavar="N", help="N houses made from a seed, not rooms."
)
DOORS = click.option(
    "--doors",
    type=click.IntRange(1, MAX_DOORS),
    metavar="D",
    help=f"Doors of each. Default: {DEFAULT_DOORS}; of a laboratory {DEFAULT_LAB_DOORS}, and 10 at most.",
)
LABORATORIES = click.option(
    "--laboratories",
    type=click.IntRange(1, 100),
    metavar="N",
    help="Play N laboratories made from a seed, move by move: their laws are hidden.",
)
SEED = click.option("--seed", metavar="S", help="Letters, digits, - and _; the same seed makes the same ones.")


def drawn(n: int, doors: int, seed: str | None, *, sealed: bool = False) -> list[Puzzle]:
    """The first n houses of a seed, which is drawn and told if none is given. Raises SpecError."""
    seed = secrets.token_hex(4) if seed is None else seed
    try:
        made = houses(seed, n, doors)
        if not sealed:
            click.echo(f"houses from --seed {seed} --doors {doors}", err=True)
            return made
        label = f"{SEALED}{hashlib.sha256(seed.encode()).hexdigest()[:16]}"
        told = (
            f"houses from --seed {seed} --doors {doors}; until you reveal it, ids and files say {label}, the beginning "
        )
        click.echo(f"{told}of its SHA-256", err=True)
        return [under_label(p, label) for p in made]
    except HouseError as error:
        raise _refused(seed, error) from None


def drawn_laboratories(n: int, doors: int, seed: str | None) -> list[Puzzle]:
    """The first n laboratories of a seed, which is drawn and told if none is given. Raises SpecError."""
    seed = secrets.token_hex(4) if seed is None else seed
    if fault := seed_fault(seed):
        raise SpecError(f"--seed {seed[:60]!r}: {fault}")
    try:
        made = laboratories(seed, n, doors)
    except LabError as error:
        raise SpecError(f"--seed {seed!r}: {error}") from None
    click.echo(f"laboratories from --seed {seed} --doors {doors}", err=True)
    return made


def _refused(seed: str, error: HouseError) -> SpecError:
    return SpecError(f"--seed {seed[:60]!r}: {error}")


@click.command("house")
@click.option("--seed", required=True, metavar="S", help="Letters, digits, - and _.")
@click.option("--number", type=click.IntRange(1, MAX_HOUSES), default=1, show_default=True, help="Which of its houses.")
@DOORS
@click.option("--solve", is_flag=True, help="Also print a way out, door by door, with its reasons.")
def print_house(*, seed: str, number: int, doors: int | None, solve: bool) -> None:
    """Print one house as a player reads it."""
    try:
        puzzle = as_puzzle(house(seed, number, doors or DEFAULT_DOORS))
    except HouseError as error:
        raise _refused(seed, error) from None
    click.echo(prompts.player(puzzle).user)
    if solve:
        click.echo("\nA WAY OUT")
        for step, reason in zip(puzzle.solution.steps, puzzle.solution.key_insights, strict=True):
            click.echo(f"{step}\n    {reason.partition(': ')[2]}")
