"""The work of `run`: what is left to ask, and asking it, with a line of progress now and then."""

from __future__ import annotations

import sys
import time

from escape.calls import Limits
from escape.cli.loop import Say, key_from_environment, loop, retry_line
from escape.results import bill_sentence, money, unconfirmed_sentence
from escape.runs import Job, assembly, bills
from escape.runs.file import RunFile
from escape.types import Result, Run, Trial

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
        every, self.answers = assembly.missing(config, as_marked, failed_too=True)
        self.todo = [t for t in every if config.asks(t) or (t in self.answers and t.is_imported)]
        self.say = say
        self._said_at = time.monotonic()
        limits = Limits(cap_usd=config.max_cost_usd, spent_usd=start.charged_usd, on_retry=lambda r: say(retry_line(r)))
        job = Job(start, tuple(self.todo), self.answers, key_from_environment, limits)
        self.assembly = job.assembled()
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
        """Do what is left, saving each result as it arrives."""
        n_asked = len(self.todo) - len(self.answers)
        if sys.stderr.isatty() and n_asked > 0:  # a person can read it and stop
            players, judge = bills(start.config, start.puzzles, self.todo, self.answers)
            self.say("this is free" if (players + judge).free else f"this will cost {bill_sentence(players, judge)}")
        here: dict[Trial, Result] = {} if saved else {r.trial: r for r in start.results}
        if saved:
            self.assembly.calls.budget.ledger.write = saved.pending
        over: set[Trial] = set()
        lost: set[Trial] = set()

        def keep(result: Result) -> None:
            if saved:
                saved.add(result)
                if saved.problem and not self.assembly.calls.stopping:
                    self.assembly.calls.stop()
            else:
                here[result.trial] = result.after(here.get(result.trial))
            if result.status not in ("answered", "begun"):
                new = result.trial not in over
                over.add(result.trial)
                (lost.add if result.failure else lost.discard)(result.trial)
                if new and (self._is_due(len(over)) or len(over) == len(self.todo)):
                    failed = f", {len(lost)} failed" if lost else ""
                    spent = money(self.assembly.calls.budget.meter)
                    self.say(f"{len(over) - len(lost)} of {len(self.todo)} done{failed}, {spent}")

        loop(self.assembly, self.todo, self.answers, keep, self.say)
        return start.model_copy(update={"results": saved.run.results if saved else tuple(here.values())})
