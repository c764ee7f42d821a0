"""Options of what seeds generate, which `run` and `check` share; and `house`: one house as a player reads it."""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

import click

from escape import prompts
from escape.environments import ENVIRONMENTS, SEALED, Environment
from escape.environments.houses import seed_fault
from escape.types import MAX_DOORS, Puzzle, SpecError

HOUSE, DEFAULT_DOORS = "houses", 16


def _seeded() -> list[Environment]:
    return [environment for environment in ENVIRONMENTS.values() if environment.seeds]


class WithSeeds(click.Command):
    """A command with an option `--NAME N` for every environment whose puzzles are generated."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """The command's own options, and one an environment."""
        return [*super().get_params(ctx), *map(_count, _seeded())]


def _count(environment: Environment) -> click.Option:
    most = environment.seeds.puzzles_listed.most if environment.seeds else 1
    return click.Option(
        [f"--{environment.name}"], type=click.IntRange(1, most), metavar="N",
        help=f"N {environment.nouns[1]} made from a seed. {environment.about}",
    )  # fmt: skip


DOORS = click.option(
    "--doors", type=click.IntRange(1, MAX_DOORS), metavar="D", help="Doors of each puzzle that is made from a seed."
)
SEED = click.option("--seed", metavar="S", help="Letters, digits, - and _; the same seed makes the same ones.")


def counts_of(options: dict[str, Any]) -> dict[str, int]:
    """How many puzzles of which environment are asked for, taken out of a command's options."""
    counts = {environment.name: options.pop(environment.name, None) for environment in _seeded()}
    return {name: n for name, n in counts.items() if n is not None}


def generated(name: str, n: int, doors: int | None, seed: str | None, *, sealed: bool = False) -> list[Puzzle]:
    """The first n puzzles of a seed, which is drawn and told if none is given. Raises SpecError."""
    environment = ENVIRONMENTS[name]
    seeds = environment.seeds
    if seeds is None:
        raise SpecError(f"{environment.nouns[1]} are written, not made from a seed")
    if sealed and seeds.seal is None:
        raise SpecError(f"--sealed does not work for {environment.nouns[1]}; leave it out")
    seed, doors = secrets.token_hex(4) if seed is None else seed, doors or seeds.doors_listed.first
    if doors > seeds.doors_listed.most:
        raise SpecError(f"--doors {doors}: {environment.nouns[1]} have at most {seeds.doors_listed.most}")
    if fault := seed_fault(seed):
        raise SpecError(f"--seed {seed[:60]!r}: {fault}")
    try:
        puzzles = seeds.generate(seed, n, doors)
        if not sealed or seeds.seal is None:
            click.echo(f"{name} from --seed {seed} --doors {doors}", err=True)
            return puzzles
        label = f"{SEALED}{hashlib.sha256(seed.encode()).hexdigest()[:16]}"
        click.echo(
            f"{name} from --seed {seed} --doors {doors}; until you reveal it, ids and files say {label}, the beginning "
            "of its SHA-256",
            err=True,
        )
        return [seeds.seal(p, label) for p in puzzles]
    except ValueError as error:
        raise SpecError(f"--seed {seed[:60]!r}: {error}") from None


@click.command("house")
@click.option("--seed", required=True, metavar="S", help="Letters, digits, - and _.")
@click.option("--number", type=click.IntRange(1, 1000), default=1, show_default=True, help="Which of its houses.")
@DOORS
@click.option("--solve", is_flag=True, help="Also print a way out, door by door, with its reasons.")
def print_house(*, seed: str, number: int, doors: int | None, solve: bool) -> None:
    """Print one house as a player reads it."""
    seeds = ENVIRONMENTS[HOUSE].seeds
    if seeds is None:
        return
    try:
        puzzle = seeds.one(seed, number, doors or DEFAULT_DOORS)
    except ValueError as error:
        raise SpecError(f"--seed {seed[:60]!r}: {error}") from None
    click.echo(prompts.player(puzzle).user)
    if solve:
        click.echo("\nA WAY OUT")
        for step, reason in zip(puzzle.solution.steps, puzzle.solution.key_insights, strict=True):
            click.echo(f"{step}\n    {reason.partition(': ')[2]}")
