"""Shared by `run` and `judge`: options, keys from the environment, the loop that Ctrl-C stops, progress."""

import asyncio
import gc
import math
import os
import signal
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from difflib import get_close_matches
from typing import Any

import click

from escape import models
from escape.calls import Limits, Retry
from escape.judges import DESIGNS, JUDGE_TOKENS, JUDGES
from escape.results import bill_sentence, money, unconfirmed_sentence
from escape.runs import Execution, Sink, estimate_bills, make_plan
from escape.runs.file import GrowingRun, RunFile
from escape.types import (
    FailureKind,
    FileError,
    JudgeSpec,
    Mark,
    ModelSpec,
    Result,
    Run,
    SpecError,
    Trial,
    TrialKey,
)

Say = Callable[[str], None]


class Finite(click.FloatRange):
    """A number within a range, which `nan` and infinity never are."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
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
    """Parse a judge: an offline one by name, or `PROVIDER:MODEL`. Raises SpecError.

    A model judges at temperature 0, by the checklist unless another design is named.
    """
    if name in JUDGES and not JUDGES[name].asks_model:
        if design:
            raise SpecError(
                f"--judge-design needs a model as the judge, and {name} is not one; name one with --judge"
            )
        return JudgeSpec(design=name)
    if ":" not in name:
        near = get_close_matches(name, [d for d in JUDGES if not JUDGES[d].asks_model], 1, 0.5)
        hint = f"did you mean {near[0]!r}?" if near else f"write {JUDGE.replace('|', ', ')}"
        raise SpecError(f"there is no judge {name!r}; {hint}")
    spec = models.parse(name, max_tokens=JUDGE_TOKENS, timeout_s=timeout_s)
    return JudgeSpec(design=design or "checklist", model=spec.model_copy(update={"temperature": 0.0}))


def key_from_environment(spec: ModelSpec) -> models.ApiKey:
    """Look up a model's key in the environment. Raises SpecError."""
    return models.key_for(spec, {}, os.environ)


def run_to_end(work: Execution, sink: Sink, say: Say) -> None:
    """Run an execution to its end, in an event loop of its own.

    The first Ctrl-C makes no new calls and lets paid calls finish; a second drops those too. A FileError of
    the sink is printed and ends the run, so that what exists can still be shown.
    """

    async def go() -> None:
        task = asyncio.current_task()

        def interrupt() -> None:
            if work.calls.stopping and task:
                task.cancel()
                return
            work.calls.stop()
            say("stopping: waiting for the calls in flight; press Ctrl-C again to drop them")

        for number in (signal.SIGINT, signal.SIGTERM):
            try:
                asyncio.get_running_loop().add_signal_handler(number, interrupt)
            except NotImplementedError:
                break  # Windows has no such handlers; there Ctrl-C ends the process, and the file stays valid
        telling = asyncio.ensure_future(_tell_first_answers(work, say))
        try:
            await work.run(sink)
        finally:
            telling.cancel()

    gc.collect()
    gc.freeze()  # what is loaded by now stays; the collector need not scan it again
    gc.set_threshold(50_000, 20, 50)  # results only accumulate: frequent collections find nothing
    try:
        asyncio.run(go())
    except (asyncio.CancelledError, KeyboardInterrupt):
        say("stopped")
    except FileError as error:  # no place accepts the results any more; what exists is still printed
        stderr(str(error))


async def _tell_first_answers(work: Execution, say: Say) -> None:
    """Report every EVERY_S which models' first answers have been awaited for at least that long."""
    while True:
        await asyncio.sleep(EVERY_S)
        for model, passed_s in work.calls.first_answers().items():
            if passed_s >= EVERY_S:
                say(f"waiting for {model}'s first answer, {passed_s:.0f} s")


def retry_line(retry: Retry) -> str:
    """Describe a retry: `openai asks for fewer calls: next in 7.0 s, one every 1.1 s`."""
    if retry.kind is FailureKind.RATE_LIMIT:
        return (
            f"{retry.provider} asks for fewer calls: next in {retry.wait_s:.1f} s, one every "
            f"{retry.spacing_s:.2g} s"
        )
    if retry.away_s:
        since = datetime.now().astimezone() - timedelta(seconds=retry.away_s)
        return f"waiting for {retry.provider}, away since {since:%H:%M} ({retry.kind}); nothing is lost by it"
    return f"retry {retry.attempt} for {retry.provider} in {retry.wait_s:.0f} s ({retry.kind})"


def silent(text: str) -> None:
    """Print nothing, for `--quiet`."""


def stderr(text: str) -> None:
    click.echo(text, err=True)


EVERY_S = 10.0  # between two lines of progress in a log


class Progress:
    """A sink that passes records on to a file or to memory, and prints the progress of the run.

    It stops the run once the file's own place has failed.
    """

    def __init__(self, work: Execution, sink: RunFile | GrowingRun, say: Say) -> None:
        self._work, self._sink, self._say = work, sink, say
        self._said_at = time.monotonic()
        self._to_mark = frozenset(work.plan.to_mark)
        self._told = 0
        self._all = len({*work.plan.to_ask, *self._to_mark})
        self._done, self._failed, self._unmarked = set[Trial](), set[Trial](), set[Trial]()

    def result(self, result: Result) -> bool:
        is_kept = bool(self._sink.result(result))
        self._failed.discard(result.trial)
        if result.failure:
            self._failed.add(result.trial)
        elif result.trial not in self._to_mark and not result.owes_repair and result.status != "begun":
            self._done.add(result.trial)
        self._tell()
        return is_kept

    def mark(self, mark: Mark) -> None:
        self._sink.mark(mark)
        if mark.verdict:
            self._done.add(mark.trial)
            self._unmarked.discard(mark.trial)
        elif mark.failure:
            self._unmarked.add(mark.trial)
        self._tell()

    def stake(self, trial: TrialKey, usd: float) -> None:
        self._sink.stake(trial, usd)

    async def committed(self) -> None:
        """Do nothing: a line is in the file as soon as it is written."""

    def _tell(self) -> None:
        if isinstance(self._sink, RunFile) and self._sink.problem and not self._work.calls.stopping:
            self._work.stop()
        over = len(self._done) + len(self._failed) + len(self._unmarked)
        if over == self._told or not (self._is_due(over) or over == self._all):
            return
        self._told = over
        counts = [f"{len(self._done)} of {self._all} done"]
        if self._failed:
            counts.append(f"{len(self._failed)} failed")
        if self._unmarked:
            counts.append(f"{len(self._unmarked)} not marked")
        self._say(", ".join([*counts, money(self._work.spent_usd)]))

    def _is_due(self, over: int) -> bool:
        """Decide whether to print progress: some 20 times on a terminal, every EVERY_S in a log."""
        if sys.stderr.isatty():
            return over % max(1, self._all // 20) == 0
        if time.monotonic() - self._said_at < EVERY_S:
            return False
        self._said_at = time.monotonic()
        return True


def prepare(start: Run, say: Say, *, every: bool = False) -> Execution:
    """Build the execution of what is left of a run, and report its unconfirmed cost.

    Failed trials are asked again. `every`: include all answers that are there, not only those of trials that
    the run asks and those that were brought. Raises SpecError before anything is opened or asked.
    """
    limits = Limits(on_retry=lambda retry: say(retry_line(retry)))
    wanted = (
        None if every else {*start.config.trials(), *(r.trial for r in start.results if r.trial.is_imported)}
    )
    execution = Execution(make_plan(start, key_from_environment, again=True, only=wanted), limits)
    if sentence := unconfirmed_sentence(start):
        say(sentence)
    return execution


def execute(work: Execution, saved: RunFile | None, say: Say) -> Run:
    """Carry a plan out, into a file or in memory, and return the run as it is then.

    On a terminal the expected cost is printed first, so that a person can stop.
    """
    plan = work.plan
    if sys.stderr.isatty() and (plan.to_ask or plan.to_mark):  # a person can read it and stop
        players, judge = estimate_bills(plan.run.config, plan.run.puzzles, plan.to_ask, plan.to_mark)
        say("this is free" if (players + judge).free else f"this will cost {bill_sentence(players, judge)}")
    sink = saved or GrowingRun.of(plan.run)
    run_to_end(work, Progress(work, sink, say), say)
    return sink.run
