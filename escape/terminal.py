"""What the command line does and prints: one run to its end, saved as it grows, and its leaderboard."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import click

from escape import models, report, runfile, runner
from escape.errors import SpecError
from escape.evaluate import Evaluation, bills
from escape.records import BROUGHT, Result, Run, Trial
from escape.schema import Answer, ModelSpec
from escape.words import bill_sentence, money


def key(spec: ModelSpec) -> models.Key:
    """The key for a model, from the environment. Raises SpecError."""
    return models.key_for(spec, {}, os.environ)


def go(start: Run, file: str | None, *, quiet: bool) -> Run:
    """Do what is left of a run, saving each result as it comes."""
    results = {r.trial: runfile.pack(r) for r in start.results}
    every, answers = runner.missing(start.config, start.results, failed_too=True)
    wanted = set(start.config.trials())
    todo = [t for t in every if t in wanted or (t in answers and t.player.startswith(BROUGHT))]
    say = silent if quiet else stderr
    evaluation = Evaluation(
        start.config,
        start.puzzles,
        key,
        asked={t.player for t in todo if t not in answers},
        spent_usd=sum(r.cost_usd or 0.0 for r in start.results),
        on_retry=lambda r: say(f"retry {r.attempt} at {r.provider} in {r.wait_s:.0f} s ({r.kind})"),
    )
    if sys.stderr.isatty() and len(todo) > len(answers):  # a person may read it and stop; a script must not wait for it
        estimate = bill_sentence(*bills(start.config, start.puzzles))
        say(f"this will cost {estimate}" if estimate != "free" else "this is free")
    saved = runfile.RunFile(file, start) if file else None
    ended = 0

    def keep(result: Result) -> None:
        nonlocal ended
        results[result.trial] = line = runfile.pack(result)
        if saved:
            saved.add(line)
        if result.status != "answered":
            ended += 1
            if ended % max(1, len(todo) // 20) == 0 or ended == len(todo):
                say(f"{ended} of {len(todo)} done, {money(evaluation.desk.spent)}")

    loop(evaluation, todo, answers, keep, say)
    order = [line for t in start.config.trials() if (line := results.pop(t, None))]
    done = start.model_copy(update={"results": runfile.Packed([*order, *results.values()])})
    if saved and file:
        with saved:
            runfile.save(file, done)
    return done


def loop(
    evaluation: Evaluation,
    todo: list[Trial],
    answers: dict[Trial, Answer],
    keep: Callable[[Result], None],
    say: Callable[[str], None],
) -> None:
    """Run to the end. Ctrl-C: no new calls, what is paid comes in; a second Ctrl-C drops that too."""

    async def work() -> None:
        task = asyncio.current_task()

        def interrupt() -> None:
            if evaluation.desk.stopping and task:
                task.cancel()
            evaluation.desk.stop()
            say("stopping: waiting for the calls in flight; Ctrl-C again drops them")

        for number in (signal.SIGINT, signal.SIGTERM):
            try:
                asyncio.get_running_loop().add_signal_handler(number, interrupt)
            except NotImplementedError:
                break  # Windows has no such handlers; there Ctrl-C ends the process, and the file is whole anyway
        await evaluation.run(todo, answers, keep)

    gc.collect()
    gc.freeze()  # what is loaded by now stays; the collector need not walk it again
    gc.set_threshold(50_000, 20, 50)  # results only pile up: looking through them often finds nothing
    try:
        asyncio.run(work())
    except (asyncio.CancelledError, KeyboardInterrupt):
        say("stopped")


def leaderboard(done: Run) -> str:
    """The leaderboard as text."""

    def cell(value: float | None) -> str:
        return "   -" if value is None else f"{value:4.2f}"

    lines = [f"{'player':32} overall   95 % interval    PUS   SPS   RHH   judged  failed  cost"]
    for line in report.leaderboard(done):
        span = line.overall
        between = f"{span.low:5.2f} to {span.high:4.2f}" if span and span.low is not None else " " * 13
        means = line.means
        lines.append(
            f"{line.player:32} {cell(means.overall)} of {means.maximum:.0f} {between:15}  {cell(means.pus)}  "
            f"{cell(means.sps)}  {cell(means.rhh)}   {line.judged:6}  {line.failed:6}  {money(line.cost_usd)}"
        )
    return "\n".join(lines)


def silent(text: str) -> None:
    """Say nothing."""


def stderr(text: str) -> None:
    """Say it on standard error."""
    click.echo(text, err=True)


def write(file: str, pieces: Iterable[str]) -> None:
    """Write a file whole or not at all. Raises SpecError."""
    try:
        runfile.replace(Path(file), pieces)
    except OSError as error:
        raise SpecError(f"{file}: cannot be written ({error.strerror}); choose another place") from None
