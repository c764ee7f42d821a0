"""Shared by `run` and `judge`: options, keys from the environment, the loop that Ctrl-C stops, messages."""

from __future__ import annotations

import asyncio
import gc
import math
import os
import signal
from collections.abc import Callable
from datetime import datetime, timedelta
from difflib import get_close_matches
from typing import Any

import click

from escape import models
from escape.calls import Retry
from escape.judges import DESIGNS, JUDGE_TOKENS, JUDGES
from escape.runs import Assembly, Emit
from escape.types import Answer, FailureKind, FileError, JudgeSpec, ModelSpec, SpecError, Trial

Say = Callable[[str], None]


class Finite(click.FloatRange):
    """A number within a range: `nan` lies in none."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return the number. Fails for anything else."""
        number = float(super().convert(value, param, ctx))
        if not math.isfinite(number):
            self.fail(f"{value!r} is not a number", param, ctx)
        return number


JUDGE = "|".join([*(d.name for d in DESIGNS if not d.asks_model), "PROVIDER:MODEL"])
PUZZLES = click.option(
    "--puzzles", "path", metavar="PATH", help="File or folder with puzzles. Default: the bundled ones."
)
DESIGN = click.option(
    "--judge-design",
    "design",
    type=click.Choice([d.name for d in JUDGES.values() if d.asks_model]),
    help="How a model judges. Default: checklist.",
)


def judge_spec(name: str, design: str | None, timeout_s: float | None = None) -> JudgeSpec:
    """Return an offline judge by its name, or `PROVIDER:MODEL` with a design. Raises SpecError."""
    if name in JUDGES and not JUDGES[name].asks_model:
        if design:
            raise SpecError(f"--judge-design is for a model as the judge, and {name} is none; name one with --judge")
        return JudgeSpec(design=name)
    if ":" not in name:
        near = get_close_matches(name, [d for d in JUDGES if not JUDGES[d].asks_model], 1, 0.5)
        hint = f"did you mean {near[0]!r}?" if near else f"write {JUDGE.replace('|', ', ')}"
        raise SpecError(f"there is no judge {name!r}; {hint}")
    spec = models.parse(name, max_tokens=JUDGE_TOKENS, timeout_s=timeout_s)
    return JudgeSpec(design=design or "checklist", model=spec.model_copy(update={"temperature": 0.0}))


def key_from_environment(spec: ModelSpec) -> models.ApiKey:
    """Return the key for a model, from the environment. Raises SpecError."""
    return models.key_for(spec, {}, os.environ)


def loop(work: Assembly, todo: list[Trial], answers: dict[Trial, Answer], keep: Emit, say: Say) -> None:
    """Run to the end. Ctrl-C: no new calls, and paid calls finish. A second Ctrl-C drops those too."""

    async def go() -> None:
        task = asyncio.current_task()

        def interrupt() -> None:
            if work.calls.stopping and task:
                task.cancel()
            work.calls.stop()
            say("stopping: waiting for the calls in flight; press Ctrl-C again to drop them")

        for number in (signal.SIGINT, signal.SIGTERM):
            try:
                asyncio.get_running_loop().add_signal_handler(number, interrupt)
            except NotImplementedError:
                break  # Windows has no such handlers; there Ctrl-C ends the process, and the file stays valid
        await work.run(todo, answers, keep)

    gc.collect()
    gc.freeze()  # what is loaded by now stays; the collector need not scan it again
    gc.set_threshold(50_000, 20, 50)  # results only accumulate: frequent collections find nothing
    try:
        asyncio.run(go())
    except (asyncio.CancelledError, KeyboardInterrupt):
        say("stopped")
    except FileError as error:  # no place accepts the results any more; what exists is still printed
        stderr(str(error))


def retry_line(retry: Retry) -> str:
    """`openai asks for fewer calls: next in 7 s, one every 1.1 s`."""
    if retry.kind is FailureKind.RATE_LIMIT:
        return f"{retry.provider} asks for fewer calls: next in {retry.wait_s:.1f} s, one every {retry.spacing_s:.2g} s"
    if retry.away_s:
        since = datetime.now().astimezone() - timedelta(seconds=retry.away_s)
        return f"waiting for {retry.provider}, away since {since:%H:%M} ({retry.kind}); nothing is lost by it"
    return f"retry {retry.attempt} for {retry.provider} in {retry.wait_s:.0f} s ({retry.kind})"


def silent(text: str) -> None:
    """Say nothing."""


def stderr(text: str) -> None:
    click.echo(text, err=True)
