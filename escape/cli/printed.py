"""What is printed and asks nobody: `house`, a house as a player reads it; `prompt`, exactly what a player is sent;
`table`, a run's figures for a paper. Also the options of what seeds generate, which `run` and `check` share.
"""

from __future__ import annotations

import csv
import hashlib
import io
import secrets
from collections.abc import Sequence
from typing import Any

import click

from escape import prompts
from escape.environments import ENVIRONMENTS, SEALED, Environment, attempt, counts_doors, playable
from escape.environments.foresight import questions
from escape.environments.houses import seed_fault
from escape.metrics import METRICS
from escape.puzzles import files
from escape.results import houses, names, ranking, twisted
from escape.runs.file import load
from escape.stats import Interval
from escape.types import MAX_DOORS, ModelSpec, Prompt, Puzzle, Run, SpecError

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


@click.command()
@click.argument("puzzle_id", metavar="PUZZLE")
@click.option("--move-by-move", is_flag=True, help="The first turn of a conversation.")
@click.option("--foresight", is_flag=True, help="The questions of what will happen.")
@click.option("--no-moves", is_flag=True, help="The published form, which asks for no moves.")
def prompt(puzzle_id: str, *, move_by_move: bool = False, foresight: bool = False, no_moves: bool = False) -> None:
    """Print the prompt that a player reads for a puzzle, any bundled room or twist, with its name and version."""
    found = next((p for p in files.named([puzzle_id]) if p.problem_id == puzzle_id), None)
    if found is None:
        raise SpecError(f"there is no puzzle {puzzle_id[:80]!r}; `escape check problems` lists the bundled ones")
    if move_by_move + foresight + no_moves > 1:
        raise SpecError("--move-by-move, --foresight and --no-moves exclude each other; choose one")
    made = _made(found, move_by_move=move_by_move, foresight=foresight, moves=not no_moves)
    click.echo(f"[{made.label}]\n\n{made.system}\n\n{made.user}")


def _made(puzzle: Puzzle, *, move_by_move: bool, foresight: bool, moves: bool) -> Prompt:
    if (move_by_move or foresight) and not playable(puzzle):
        raise SpecError(f"{puzzle.problem_id} has no rules, so there is only the whole plan to ask for")
    if move_by_move:
        most = attempt(puzzle, "move by move").max_lines
        return prompts.move_by_move(puzzle, most, ModelSpec(provider="any", model="any"))
    return prompts.foresight(puzzle, questions(puzzle)) if foresight else prompts.player(puzzle, moves=moves)


HEAD = ("player", "n", "rooms", "low", "high", "pairs", "pairs_low", "pairs_high", "lost_by_heart", "answer_budget")
DOORS_HEAD = ("player", "n", "doors", "low", "high", "answer_budget")
_LATEX = str.maketrans({c: f"\\{c}" for c in "&%$#_{}"} | {"~": r"\textasciitilde{}", "^": r"\textasciicircum{}"})


@click.command()
@click.argument("run_file", metavar="RUN")
@click.option("--latex", "form", flag_value="latex", help="A tabular, for a paper.")
@click.option("--csv", "form", flag_value="csv", default=True, help="Comma-separated values. The default.")
def table(run_file: str, form: str) -> None:
    """Print a run's figures, a line a player, each with its 95 % interval: the share of rooms got out of and of pairs,
    or the doors opened in the median.
    """
    run = load(run_file)
    head, rows = _doors(run) if counts_doors(run) else _rooms(run)
    click.echo(_latex(head, rows) if form == "latex" else _csv(head, rows), nl=False)


def _budget(run: Run, player: str) -> str:
    return next((str(spec.budget) for spec in run.config.players if spec.name == player and spec.budget), "")


def _span(span: Interval | None) -> list[str]:
    if span is None:
        return ["", "", ""]
    return [f"{span.mean:.3f}", *("" if end is None else f"{end:.3f}" for end in (span.low, span.high))]


def _rooms(run: Run) -> tuple[Sequence[str], list[list[str]]]:
    pairs = {line.player: line for line in twisted(run).lines}
    rows = []
    for line in ranking(run, METRICS["verified"]).standings:
        if line.headline:
            twist = pairs.get(line.player)
            heart = [str(twist.by_heart)] if twist else [""]
            both = _span(twist.pairs if twist else None)
            cells = [line.name, str(line.headline.n), *_span(line.headline), *both, *heart]
            rows.append([*cells, _budget(run, line.player)])
    return HEAD, rows


def _doors(run: Run) -> tuple[Sequence[str], list[list[str]]]:
    called = names(run)
    rows = []
    for line in houses.reach(run).lines:
        ends = ["" if end is None else f"{end:g}" for end in (line.low, line.high)]
        cells = [called.get(line.player, line.name), str(len(line.by_house)), f"{line.median:g}", *ends]
        rows.append([*cells, _budget(run, line.player)])
    return DOORS_HEAD, rows


def _csv(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([head, *rows])
    return out.getvalue()


def _latex(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [" & ".join(cell.translate(_LATEX) for cell in row) + r" \\" for row in (head, *rows)]
    columns = "l" + "r" * (len(head) - 1)
    body = "\n".join(lines[1:])
    return f"\\begin{{tabular}}{{{columns}}}\n\\hline\n{lines[0]}\n\\hline\n{body}\n\\hline\n\\end{{tabular}}\n"
