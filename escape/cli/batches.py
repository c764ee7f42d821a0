"""`batches`: what a run has with providers, how far it is, and how to call it off."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import click

from escape.calls import NO_ID, batches_of
from escape.cli.loop import batch_line, key_from_environment, printable, stderr
from escape.cli.run import write
from escape.cli.work import Work
from escape.results import count
from escape.runs.file import RunFile, load, unconfirmed
from escape.types import Run, SpecError


@click.command()
@click.argument("file", metavar="RUN")
@click.option("--cancel", is_flag=True, help="Ask the providers to answer no further requests of these batches.")
@click.option("--collect", is_flag=True, help="Wait for these batches and keep what they answer; hand nothing in.")
def batches(file: str, *, cancel: bool, collect: bool) -> None:
    """Show the batches of a run: when they were handed in and how far they are. `run --resume RUN` collects them and
    goes on with the run; `--collect` only collects.
    """
    run = load(file)
    if not run.batches:
        raise SpecError(f"{file}: has no batches; `run --batch` makes them")
    if collect and cancel:
        raise SpecError("--collect waits for what --cancel calls off; leave one of them out")
    raise SystemExit(_collect(file) if collect else asyncio.run(_show(run, cancel=cancel)))


def _collect(file: str) -> int:
    """Wait for what is with providers. Returns 1 if some of it did not come."""
    with RunFile.resume(file) as saved:
        work = Work(saved.run, stderr, lambda batch: write(saved, batch), collect=True)
        work.go(saved.run, saved)
        remaining = len(unconfirmed(saved.run))
    click.echo(
        f"collected; {count(remaining, 'request')} still with providers" if remaining else "collected; nothing is left"
    )
    return 1 if remaining else 0


async def _show(run: Run, *, cancel: bool) -> int:
    """Return 1 if something could not be learnt or done."""
    code = 0
    async for batch, progress in batches_of(run, key_from_environment, cancel=cancel):
        at = datetime.fromtimestamp(batch.since, UTC).strftime("%Y-%m-%d %H:%M UTC")
        what = f"{at}  {batch.batch_id or 'no id yet'}  {count(len(batch.requests), 'request')}"
        if isinstance(progress, str):
            click.echo(f"{what}  {printable(batch.model)}: {printable(progress)}", err=True)
            code = code if progress == NO_ID else 1
        else:
            click.echo(f"{what}  {batch_line(batch, progress)}")
    return code
