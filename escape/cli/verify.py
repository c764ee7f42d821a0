"""`verify`: whether a run says what its answers and moves say, worked out again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from escape.extras.publish import Difference, check, differences
from escape.puzzles import files
from escape.results import count
from escape.runs.file import damaged, load
from escape.types import SpecError

SHOWN = 20  # differences of one file


@click.command()
@click.argument("runs", nargs=-1, metavar="RUN|SITE ...")
def verify(runs: Sequence[str]) -> None:
    """Work out again whatever code decides in saved runs, or in a folder that `publish` made: houses and laboratories
    from their seeds, outcomes, turns, marks from checklists, foresight. Says what differs and what is missing; exit
    code 0 if nothing does or is, 1 otherwise. Outcomes that an earlier version read otherwise are counted and no fault.
    """
    if not runs:
        raise SpecError("name a run to verify, as run --json saves it")
    bundled = {p.problem_id: p for p in files.load(*files.sets(files.BUNDLED).values())}
    wrong = 0
    for name in runs:
        reread = 0
        if Path(name).is_dir():
            differences_, what = list(check(Path(name), bundled)), "a board"
        else:
            run = load(name)
            aside = [Difference("wrong", f"{line}; set aside") for line in damaged(run)]
            every = aside + list(differences(run, bundled))
            reread = sum(d.kind == "reading" for d in every)
            differences_, what = [d.text for d in every if d.kind != "reading"], count(len(run.results), "answer")
        wrong += len(differences_)
        for line in differences_[:SHOWN]:
            click.echo(f"{name}: {line}")
        if len(differences_) > SHOWN:
            click.echo(f"{name}: and {len(differences_) - SHOWN} more")
        if reread:
            click.echo(f"{name}: {count(reread, 'outcome')} differ{'s' * (reread == 1)} under today's rules of reading")
        if not differences_:
            click.echo(f"{name}: {what}, nothing {'else ' * bool(reread)}differs")
    raise SystemExit(1 if wrong else 0)
