"""`verify`: what saved runs say, worked out again."""

from __future__ import annotations

from collections.abc import Sequence

import click

from escape.puzzles import files
from escape.results import count
from escape.runs import differences
from escape.runs.file import load
from escape.types import SpecError

SHOWN = 20  # differences of one file


@click.command()
@click.argument("runs", nargs=-1, metavar="RUN ...")
def verify(runs: Sequence[str]) -> None:
    """Work out again whatever code decides in saved runs: outcomes, turns, marks from checklists, which trials there
    are. Says what differs and what is missing; exit code 0 if nothing does or is, 1 otherwise.
    """
    if not runs:
        raise SpecError("name a run to verify, as run --json saves it")
    bundled = {p.problem_id: p for p in files.load(*files.sets(files.BUNDLED).values())}
    wrong = 0
    for name in runs:
        run = load(name)
        findings = [*(f"{line}; set aside" for line in run.damaged), *differences(run, bundled)]
        wrong += len(findings)
        for line in findings[:SHOWN]:
            click.echo(f"{name}: {line}")
        if len(findings) > SHOWN:
            click.echo(f"{name}: and {len(findings) - SHOWN} more")
        if not findings:
            click.echo(f"{name}: {count(len(run.results), 'answer')}, nothing differs")
    raise SystemExit(1 if wrong else 0)
