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
from escape.runs import Assembly, Emit, Job, assembly, estimate_bills
from escape.runs.file import RunFile
from escape.types import Answer, FailureKind, FileError, JudgeSpec, ModelSpec, Result, Run, SpecError, Trial

Say = Callable[[str], None]


class Finite(click.FloatRange):
    """A number within a range: `nan` lies in none."""

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
        telling = asyncio.ensure_future(_tell_first_answers(work, say))
        try:
            await work.run(todo, answers, keep)
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


async def _tell_first_answers(work: Assembly, say: Say) -> None:
    """Say now and then which model's first answer is waited for."""
    while True:
        await asyncio.sleep(EVERY_S)
        for model, passed_s in work.calls.first_answers().items():
            if passed_s >= EVERY_S:
                say(f"waiting for {model}'s first answer, {passed_s:.0f} s")


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


EVERY_S = 10.0  # between two lines of progress in a log


def unmarked(result: Result, judge_name: str) -> Result:
    """Return a result without its mark, if that is another judge's. The answer stays."""
    other = result.verdict is not None and result.answer is not None and result.verdict.judge != judge_name
    return result.model_copy(update={"verdict": None}) if other else result


class Work:
    """One run's work, built before anything is opened or asked. Raises SpecError."""

    def __init__(self, start: Run, say: Say) -> None:
        config = start.config
        # a mark by another judge than the one asked for does not count
        as_marked = (unmarked(r, config.judge.name) for r in start.results)
        every, self.answers = assembly.find_remaining(config, as_marked, failed_too=True)
        self.todo = [t for t in every if config.asks(t) or (t in self.answers and t.is_imported)]
        self.say = say
        self._said_at = time.monotonic()
        limits = Limits(cap_usd=config.max_cost_usd, spent_usd=start.charged_usd, on_retry=lambda r: say(retry_line(r)))
        job = Job(start, tuple(self.todo), self.answers, key_from_environment, limits)
        self.assembly = job.assemble()
        if sentence := unconfirmed_sentence(start):
            say(sentence)

    def _is_due(self, n_done: int) -> bool:
        """Return whether to print progress: 20 times on a terminal, and every EVERY_S where it is written to a log."""
        if sys.stderr.isatty():
            return n_done % max(1, len(self.todo) // 20) == 0
        if time.monotonic() - self._said_at < EVERY_S:
            return False
        self._said_at = time.monotonic()
        return True

    def go(self, start: Run, saved: RunFile | None) -> Run:
        n_asked = len(self.todo) - len(self.answers)
        if sys.stderr.isatty() and n_asked > 0:  # a person can read it and stop
            players, judge = estimate_bills(start.config, start.puzzles, self.todo, self.answers)
            self.say("this is free" if (players + judge).free else f"this will cost {bill_sentence(players, judge)}")
        here: dict[Trial, Result] = {} if saved else {r.trial: r for r in start.results}
        if saved:
            self.assembly.calls.budget.ledger.write = saved.write_pending
        over: set[Trial] = set()
        lost: set[Trial] = set()

        def keep(result: Result) -> None:
            if saved:
                saved.write_result(result)
                if saved.problem and not self.assembly.calls.stopping:
                    self.assembly.calls.stop()
            else:
                here[result.trial] = result.merge(here.get(result.trial))
            if result.status not in ("answered", "begun"):
                new = result.trial not in over
                over.add(result.trial)
                (lost.add if result.failure else lost.discard)(result.trial)
                if new and (self._is_due(len(over)) or len(over) == len(self.todo)):
                    failed = f", {len(lost)} failed" if lost else ""
                    spent = money(self.assembly.calls.budget.meter)
                    self.say(f"{len(over) - len(lost)} of {len(self.todo)} done{failed}, {spent}")

        loop(self.assembly, self.todo, self.answers, keep, self.say)
        if saved:
            return saved.run
        return start.model_copy(update={"results": tuple(here.values())})
