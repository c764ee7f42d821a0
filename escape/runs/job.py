"""One job: all that a run needs before its first call, for the page and the command line alike."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from escape.calls import Limits
from escape.models import ApiKey
from escape.runs.assembly import Assembly
from escape.runs.conversation import unrepaired
from escape.types import Answer, ModelSpec, Run, Trial


@dataclass(frozen=True)
class Job:
    """A run with what is there already, what is left to do of it, whose keys pay, and what bounds it. `answers`: of the
    trials that only need a judge.
    """

    run: Run
    todo: tuple[Trial, ...]
    answers: Mapping[Trial, Answer]
    key_of: Callable[[ModelSpec], ApiKey]
    limits: Limits

    @property
    def asked(self) -> Collection[str]:
        todo = set(self.todo)
        results = [r for r in self.run.results if r.trial in todo]
        return {t.player for t in self.todo if t not in self.answers} | unrepaired(
            self.run.config, results, self.run.puzzle_by_id
        )

    def assembled(self) -> Assembly:
        """Players and judge behind one set of calls. Raises SpecError."""
        run, config, limits = self.run, self.run.config, self.limits
        repairs = {r.trial: r.repair for r in run.results if r.repair}
        return Assembly(
            config.model_copy(update={"max_cost_usd": limits.cap_usd}),
            run.puzzles,
            self.key_of,
            limits,
            repairs,
            player_names=self.asked,
        )
