"""`run`: a run to its end, saved as it grows. The leaderboard is printed even if files cannot be written."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import ExitStack

import click

from escape import models
from escape.cli.asked import RunOptions, asked_for
from escape.cli.printed import leaderboard
from escape.cli.progress import DESIGN, JUDGE, PUZZLES, Finite, Work, silent, stderr, unmarked
from escape.metrics import METRICS, Metric
from escape.puzzles import files
from escape.results import card, csv, digest, join_and, pluralize, usual, wants_told
from escape.runs.file import Output, RunFile, check_apart, load
from escape.types import FileError, Opinion, Run


@click.command()
@click.option("--model", "players", multiple=True, metavar="PROVIDER:MODEL", help="A player. Repeat for each one.")
@PUZZLES
@click.option(
    "--set",
    "puzzle_set",
    type=click.Choice(files.SETS),
    help="Default: rooms. Twists come with their originals, in a drawn order.",
)
@click.option("--puzzle", "only", multiple=True, metavar="ID", help="Only this puzzle. Repeat for each one.")
@click.option(
    "--judge",
    "judge_name",
    metavar=JUDGE,
    help="Default: room (code carries the moves out; the explanation is not marked).",
)
@DESIGN
@click.option(
    "--trials", "repeats", type=click.IntRange(1, 10_000), help="Times each player gets each puzzle. Default: 1."
)
@click.option("--concurrency", type=click.IntRange(1, 500), help="Concurrent calls per provider. Default: 8.")
@click.option("--rpm", type=Finite(1, 100_000), metavar="N", help="Calls a minute that each model allows, if known.")
@click.option("--max-cost", type=Finite(0), metavar="USD", help="Stop before the run would cost more.")
@click.option("--max-tokens", type=click.IntRange(1, 200_000), help="Longest answer from a player, in tokens.")
@click.option("--timeout", type=Finite(1, 3600), metavar="S", help="Longest wait for an answer. Default: 120.")
@click.option(
    "--effort", type=click.Choice(models.EFFORTS), help="How long reasoning models among the players may think."
)
@click.option("--temperature", type=Finite(0, 2), metavar="T", help="As sent to every model. Default: none is sent.")
@click.option(
    "--metric",
    type=click.Choice(list(METRICS)),
    help="Default: standard if a model judges; otherwise verified (rooms escaped).",
)
@click.option("--moves/--no-moves", default=True, help="Ask for moves if the room can carry them out. Default: yes.")
@click.option(
    "--move-by-move", is_flag=True, help="Ask for one move at a time and answer each. Not comparable with whole plans."
)
@click.option("--resume", metavar="FILE", help="Continue a saved run; only missing answers are requested.")
@click.option("--csv", "csv_file", metavar="FILE", help="Write one row per answer.")
@click.option("--report", "report_file", metavar="FILE", help="Write one HTML page: results and exactly what was run.")
@click.option(
    "--json", "json_file", metavar="FILE", help="Write the whole run, one line at a time, while the run is in progress."
)
@click.option("--force", is_flag=True, help="Overwrite files that are not empty.")
@click.option("--quiet", is_flag=True, help="No progress on standard error.")
@click.pass_context
def run(context: click.Context, /, **values: object) -> None:
    """Ask players, judge their answers, print a leaderboard."""
    raise SystemExit(_run(RunOptions(**context.params)))


def _run(options: RunOptions) -> int:
    """Return the exit code. Raises EscapeError before the first call if something is wrong."""
    say = silent if options.quiet else stderr
    in_place = options.resume if options.json_file in (None, options.resume) else None
    json_file = None if in_place else options.json_file
    check_apart(
        resume=options.resume, json=json_file, csv=options.csv_file, report=options.report_file, puzzles=options.path
    )
    with ExitStack() as held:
        saved = held.enter_context(RunFile.resume(in_place)) if in_place else None
        old = saved.run if saved else load(options.resume) if options.resume else None
        for line in old.damaged if old else ():
            stderr(f"{options.resume}: {line}; set aside")
        start = asked_for(options, old)
        ours = (csv.BEGINS, card.BEGINS) if old else (b"", b"")
        table = Output(options.csv_file, force=options.force, ours=ours[0]) if options.csv_file else None
        report = Output(options.report_file, force=options.force, ours=ours[1]) if options.report_file else None
        work = Work(start, say)
        if saved is None and options.json_file:
            saved = held.enter_context(RunFile.begin(options.json_file, start, force=options.force))
        elif saved and old and start.config != old.config:
            saved.head(start)
        if saved and old:
            _carry(saved, start.config.judge.name)
            start = start.model_copy(update={"results": saved.run.results})
        finished = work.go(start, saved)
        metric = METRICS[options.metric] if options.metric else usual(finished)
        to_stdout = bool(STDOUT & {options.csv_file, options.report_file, options.json_file})
        file = options.json_file or options.resume
        return _close(finished, saved, table, report, metric, file, to_stdout=to_stdout)


def _carry(saved: RunFile, judge_name: str) -> None:
    """Turn marks of another judge into opinions, so that their answers are marked again and nothing is lost."""
    for result in saved.run.results:
        if result.verdict and (bare := unmarked(result, judge_name)) is not result:
            saved.opinion(Opinion(trial=result.trial, rater=result.verdict.judge, verdict=result.verdict))
            saved.add(bare)


STDOUT = frozenset({"/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"})


def _close(
    finished: Run,
    saved: RunFile | None,
    table: Output | None,
    report: Output | None,
    metric: Metric,
    file: str | None,
    *,
    to_stdout: bool,
) -> int:
    """Print the leaderboard even if files cannot be written. Say what is missing. Returns the exit code.

    `to_stdout`: a file goes to standard output, which it then has for itself.
    """
    click.echo(leaderboard(finished, metric), err=to_stdout)
    is_written = _written(table, lambda: csv.csv_lines(finished, metric))
    is_written = _written(report, lambda: [card.page(finished, metric)]) and is_written
    counts = digest(finished)
    if counts.cut_off:
        click.echo(
            f"{pluralize(counts.cut_off, 'answer')} cut off at the answer budget; allow more with --max-tokens",
            err=True,
        )
    if is_written and (unclear := wants_told(finished)):
        click.echo(
            f"can {join_and(unclear)} follow the form? --set told asks six short rooms that say what to do", err=True
        )
    if saved and saved.problem:
        click.echo(f"{saved.problem}; continue with --resume {saved.where}", err=True)
        return 1
    if counts.lacking:
        hint = f"continue with --resume {file}" if file else "use --json FILE to be able to continue a run"
        cause = "".join(f"; most often: {message}" for (_, message), _ in counts.causes.most_common(1))
        click.echo(f"{pluralize(counts.lacking, 'answer')} without a mark{cause}; {hint}", err=True)
    return 1 if counts.lacking or not is_written else 0


def _written(output: Output | None, pieces: Callable[[], Iterable[str]]) -> bool:
    """Write a file at the end of a run, or say why not. Returns whether it is anywhere."""
    try:
        problem = output.write(pieces) if output else ""
    except FileError as error:
        click.echo(str(error), err=True)
        return False
    if problem:
        click.echo(problem, err=True)
    return True
