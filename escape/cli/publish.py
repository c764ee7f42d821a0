"""`publish`: runs as a static board that anyone can verify; `inspect-log`: runs as logs that Inspect opens."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from escape.extras.publish import publish as write_site
from escape.extras.publish import write_game
from escape.results import count
from escape.runs import now
from escape.runs.file import load
from escape.types import SpecError


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
