"""`publish`: runs as a static board; `verify`: what a run or board says, worked out again; `inspect-log`: runs as logs
that Inspect opens.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from escape.extras.publish import Difference, check, differences, write_game
from escape.extras.publish import publish as write_site
from escape.puzzles import files
from escape.results import count
from escape.runs import now
from escape.runs.file import damaged, load
from escape.types import SpecError

SHOWN = 20  # differences of one file


@click.command()
@click.argument("runs", nargs=-1, metavar="RUN ...")
@click.option("--reran", multiple=True, metavar="RUN", help="A run that you made yourself. Repeat for each one.")
@click.option("--out", required=True, metavar="FOLDER", help="Where the board is written.")
@click.option("--play", is_flag=True, help="Also write play/index.html: five rooms and bets, without a server.")
@click.option("--live", default="", metavar="URL", help="With --play: where models can be tested.")
@click.option("--incomplete", is_flag=True, help="Also runs that lack answers; on the board those are not out.")
def publish(*, runs: Sequence[str], reran: Sequence[str], out: str, play: bool, live: str, incomplete: bool) -> None:
    """Write a board: index.html, the runs, replays, records for machines, and a workflow that verifies it. Runs that
    are only named are shown as self-reported. What `verify` refuses is not published.
    """
    if live and not (play and live.startswith(("https://", "http://"))):
        raise SpecError("--live is the address of a page, beginning with https://, and goes with --play")
    origins = [(load(name), "self-reported") for name in runs] + [(load(name), "re-run") for name in reran]
    written = write_site(origins, Path(out), now(), incomplete=incomplete)  # type: ignore[arg-type]
    if play:
        written.append(write_game(Path(out), live))
    click.echo(f"{out}: {count(len(written), 'file')}; open {out}/index.html, check with: escape verify {out}")


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


@click.command("inspect-log")
@click.argument("runs", nargs=-1, metavar="RUN ...")
@click.option("--out", required=True, metavar="FOLDER", help="Where the logs are written.")
def inspect_log(runs: Sequence[str], out: str) -> None:
    """Write runs as logs of Inspect, one a player; `inspect view --log-dir FOLDER` opens them."""
    if not runs:
        raise SpecError("name a run, as run --json saves it")
    try:
        from escape.extras.inspect import logs as inspect_logs
    except ImportError:
        raise SpecError("this needs Inspect: pip install 'escape-rooms-bench[inspect]'") from None
    for name in runs:
        for file in inspect_logs.write(load(name), Path(out)):
            click.echo(str(file))
