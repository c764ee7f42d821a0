"""`batches`: what a run has with providers, how far it is, and how to call it off."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import click

from escape import models
from escape.cli.loop import key_from_environment
from escape.errors import ModelError, SpecError
from escape.models import BatchProgress
from escape.records import Batch, Run
from escape.results import count
from escape.runs.file import load


def batch_line(batch: Batch, progress: BatchProgress) -> str:
    """`openai:gpt-5: 120 of 300 done in its batch`."""
    failed = f", {progress.failed} failed" if progress.failed else ""
    over = "" if not progress.over else ", over"
    return f"{batch.model}: {progress.done} of {progress.total or len(batch.requests)} done in its batch{failed}{over}"


@click.command()
@click.argument("file", metavar="RUN")
@click.option("--cancel", is_flag=True, help="Ask the providers to answer no further requests of these batches.")
def batches(file: str, *, cancel: bool) -> None:
    """Show the batches of a run: when they were handed in and how far they are. `run --resume RUN` collects them."""
    run = load(file)
    if not run.batches:
        raise SpecError(f"{file}: has no batches; `run --batch` makes them")
    raise SystemExit(asyncio.run(_show(run, cancel=cancel)))


async def _show(run: Run, *, cancel: bool) -> int:
    """Return 1 if something could not be learnt or done."""
    specs = {s.name: s for s in (*run.config.players, *run.config.judge.models)}
    code = 0
    for batch in run.batches:
        at = datetime.fromtimestamp(batch.since, UTC).strftime("%Y-%m-%d %H:%M UTC")
        what = f"{at}  {batch.batch_id or 'no id yet'}  {count(len(batch.requests), 'request')}"
        spec = specs.get(batch.model)
        if spec is None or not batch.batch_id:
            click.echo(f"{what}  {batch.model}: --resume looks for it at the provider")
            continue
        model = models.build(spec, key_from_environment(spec), [])
        engine = models.engine_for(model, models.provider_of(spec).batch)
        try:
            if engine is None:
                raise SpecError(f"{batch.model}: this provider has no batches")
            if cancel:
                await engine.cancel(batch.batch_id)
            click.echo(f"{what}  {batch_line(batch, await engine.look(batch.batch_id))}")
        except ModelError as error:
            click.echo(f"{what}  {batch.model}: {error}", err=True)
            code = 1
        finally:
            await model.close()
    return code
