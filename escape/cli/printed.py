"""Commands that only print, without any call: `list`, `prompt` and `table`.

`prompt` prints exactly the text that a player is sent, `table` a run's figures for a paper.
"""

import csv
import importlib.util
import os
import sys

import click

from escape import models, prompts, results
from escape.judges import ITEM_KINDS
from escape.metrics import METRICS
from escape.puzzles import files, recorded_players, recorded_run, scripted_players
from escape.results import MarkedShares, error_shares
from escape.rooms import attempt, playable
from escape.runs.file import load
from escape.stats import Interval
from escape.types import NOT_READ, Ended, ModelSpec, Run, SpecError


@click.command(name="list")
def list_all() -> None:
    """List the bundled rooms by set, the models that can be asked now, and the recorded runs.

    No room is proved and no model is called.
    """
    for name in files.SETS:
        puzzles = files.load(files.sets_in(files.BUNDLED)[name])
        click.echo(f"{name} ({len(puzzles)} rooms)")
        for puzzle in puzzles:
            click.echo(f"  {puzzle.problem_id:<12} {puzzle.name}")
    click.echo("models that can be asked now")
    for provider in models.PROVIDERS.values():
        if provider.key_env and os.environ.get(provider.key_env):
            click.echo(f"  {provider.name}:MODEL, with the key in {provider.key_env}")
    name, _, is_fetched = models.small_model()
    if is_fetched and importlib.util.find_spec("xllamacpp"):
        click.echo(f"  local:{name}, on this machine")
    for name in (spec.name for spec in scripted_players(files.load(files.BUNDLED))):
        click.echo(f"  {name}, free")
    click.echo("recorded runs, for `table` and `verify`")
    for about in recorded_players().values():
        click.echo(f"  {', '.join(file.removesuffix('.jsonl') for file in about.files)}")


@click.command()
@click.argument("puzzle_id", metavar="PUZZLE")
@click.option("--move-by-move", is_flag=True, help="The first turn of a conversation.")
@click.option("--no-moves", is_flag=True, help="The published form, which asks for no moves.")
def prompt(puzzle_id: str, *, move_by_move: bool = False, no_moves: bool = False) -> None:
    """Print the prompt that a player is sent for a puzzle, with its name and version.

    PUZZLE is the id of a room or twist, bundled or from ESCAPE_PUZZLES.
    """
    puzzle = next((p for p in files.with_ids([puzzle_id]) if p.problem_id == puzzle_id), None)
    if puzzle is None:
        known = [p.problem_id for p in files.load(*files.sets_in(files.standard()).values())]
        raise SpecError(f"there is no puzzle {puzzle_id[:80]!r}; {files.did_you_mean(puzzle_id, known)}")
    if move_by_move and no_moves:
        raise SpecError("--move-by-move and --no-moves exclude each other; choose one")
    if move_by_move and not playable(puzzle):
        raise SpecError(f"{puzzle.problem_id} has no rules, so it can only be asked as a whole plan")
    prompt_sent = prompts.player(puzzle, moves=not no_moves)
    if move_by_move:
        most = attempt(puzzle, "move by move").max_lines
        prompt_sent = prompts.move_by_move(puzzle, most, ModelSpec(provider="any", model="any"))
    click.echo(f"[{prompt_sent.label}]\n\n{prompt_sent.system}\n\n{prompt_sent.user}")


NOT_THERE: tuple[Ended, ...] = (*NOT_READ, "failed", "not asked")
CORRECTED = tuple(
    f"{kind}{end}" for kind in ITEM_KINDS for end in ("_as_marked", "_corrected", "_low", "_high")
)
HEAD = (
    *(
        "player",
        "set",
        "n",
        "rooms",
        "low",
        "high",
        "pairs",
        "pairs_low",
        "pairs_high",
        *NOT_THERE,
        "least",
        "most",
    ),
    *("every_time", "once", "usd", "seconds", "tokens", *CORRECTED, "judge_exam"),
)
ALWAYS = HEAD[:6]
_LATEX = str.maketrans(
    {c: f"\\{c}" for c in "&%$#_{}"} | {"~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
)


@click.command()
@click.argument("run_file", metavar="RUN")
@click.option("--latex", "form", flag_value="latex", help="A tabular, for a paper.")
@click.option(
    "--csv", "form", flag_value="csv", help="Comma-separated values. The default, except in a terminal."
)
def table(run_file: str, form: str | None) -> None:
    """Print a run's figures, one line per player and set, with 95 % intervals.

    The figures are the shares of rooms and of pairs escaped. Below them stand what chance alone achieves, and
    how often the rooms themselves are wrong. RUN is a file, or a recorded run by name (`escape list`).

    Answers that were `unread`, `cut off`, `empty` or `refused` count as not out. If some `failed` or were
    `not asked`, no share is given; instead `least` counts all of them as not out and `most` as out. With
    repeats, `every_time` and `once` are the shares of rooms escaped in every repeat and in at least one.
    `usd`, `seconds` and `tokens` are medians over the rooms escaped. A model's marks are given as marked and
    corrected by its exam, which `judge_exam` gives as `passed`, `failed` or `none`.
    """
    run = load(recorded_run(run_file))
    rows = [
        row for name in results.sets(run) for row in (*_of_set(run, name), *_by_chance(run, name))
    ] + _told_rows(run)
    rows += [
        [what, "held out", str(share.n), *_span(share), *[""] * (len(HEAD) - 6)]
        for what, share in error_shares()
    ]
    given = [n for n, name in enumerate(HEAD) if name in ALWAYS or any(row[n] for row in rows)]
    to_read = [[row[n] for n in given] for row in [[*HEAD], *rows]]  # without columns that are empty
    if form == "latex":
        head, *lines = (" & ".join(cell.translate(_LATEX) for cell in row) + r" \\" for row in to_read)
        click.echo(f"\\begin{{tabular}}{{l{'r' * (len(given) - 1)}}}\n\\hline\n{head}\n\\hline")
        click.echo("\n".join((*lines, r"\hline", r"\end{tabular}")))
    elif form is None and sys.stdout.isatty():
        widths = [max(map(len, column)) for column in zip(*to_read, strict=True)]
        for first, *cells in to_read:
            padded = [cell.rjust(width) for cell, width in zip(cells, widths[1:], strict=True)]
            click.echo("  ".join((first.ljust(widths[0]), *padded)).rstrip())
    else:
        csv.writer(sys.stdout, lineterminator="\n").writerows([HEAD, *rows])


def _span(span: Interval | None) -> list[str]:
    if span is None:
        return ["", "", ""]
    return [f"{span.mean:.3f}", *("" if end is None else f"{end:.3f}" for end in (span.low, span.high))]


def _by_chance(run: Run, name: str) -> list[list[str]]:
    by_control = {
        control: shares[name]
        for control, shares in results.by_chance(run).items()
        if name in shares and f"control:{control}" not in run.players
    }
    empty = [""] * (len(HEAD) - 4)
    return [
        [results.CHANCE[control], name, str(of), f"{outs / of:.3f}", *empty]
        for control, (outs, of) in by_control.items()
    ]


def _told_rows(run: Run) -> list[list[str]]:
    """Build the rows of the told rooms, which show whether a player follows the form.

    They have no interval, since these rooms count in no share.
    """
    subset = results.of_set(run, files.TOLD)
    tallies = results.digest(subset).tallies if subset.puzzles else {}
    rows = []
    for player, told in results.follows(run).items() if subset.puzzles else ():
        tally = tallies[player]
        unread = [str(tally.ended[word]) for word in NOT_THERE]
        row = [
            results.display_name(player),
            files.TOLD,
            str(told.of),
            f"{told.did / told.of:.3f}",
            *[""] * 5,
            *unread,
        ]
        rows.append(row + [""] * (len(HEAD) - len(row)))
    return rows


def _of_set(run: Run, name: str) -> list[list[str]]:
    pairs = {line.player: line for line in results.twisted(run)} if name == files.TWISTS else {}
    rows, part = [], results.of_set(run, name)
    repeated, took, marked = results.every_time(part), results.typical(part), results.marked_shares(part)
    for line in results.ranking(part, METRICS["verified"]).standings:
        if line.headline:
            twist = pairs.get(line.player)
            both = _span(twist.pairs if twist else None)
            tally, out = line.tally, line.tally.ended["out"]
            every = max(1, tally.plans + tally.missing)
            ends = [f"{x / every:.3f}" for x in (out, out + tally.missing)] if tally.missing else ["", ""]
            bounds_shown = [*(str(tally.ended[word]) for word in NOT_THERE), *ends]
            share = _span(None if tally.missing else line.headline)
            times = (
                [f"{span.mean:.3f}" for span in repeated[line.player]]
                if line.player in repeated
                else ["", ""]
            )
            spent = [
                getattr(took.get(line.player), measure, None) for measure in ("usd", "seconds", "tokens")
            ]
            costs = ["" if span is None else f"{span.mean:.4g}" for span in spent]
            marks = _corrected_cells(marked.get(line.player))
            rows.append(
                [line.name, name, str(line.headline.n), *share, *both, *bounds_shown, *times, *costs, *marks]
            )
    return rows


def _corrected_cells(by_model: MarkedShares | None) -> list[str]:
    """Format a player's marks by a model as the CORRECTED cells, then the result of its exam."""
    cells = []
    for kind in ITEM_KINDS:
        share = by_model.shares.get(kind) if by_model else None
        cells += [f"{share.as_marked.mean:.3f}" if share else "", *_span(share.corrected if share else None)]
    return [*cells, by_model.exam if by_model else ""]
