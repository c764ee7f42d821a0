"""Carries out one plan: asks, then marks, and hands each record to a sink as soon as it is there.

The order of work is decided only here: a player's answers are marked once its rooms are asked; under a cap,
once everybody's are.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from escape import judges, models
from escape.calls import Calls, Limits
from escape.models import prices
from escape.puzzles import scripted_model
from escape.runs.costs import TrialCosts
from escape.runs.marking import PROBATION, Marking
from escape.runs.plan import RunPlan, count_marks
from escape.runs.trials import Asking, Clock, TrialContext
from escape.runs.versions import now
from escape.types import Answer, Judge, Mark, Model, ModelSpec, Result, SpecError, Trial, TrialKey

PRICES = prices.Prices()


class Sink(Protocol):
    """The destination of records: a file, memory, a page with the store. What it raises ends the run."""

    def result(self, result: Result) -> object:
        """Keep a result. Falsy if it is not kept yet, as an unfinished conversation in a file."""

    def mark(self, mark: Mark) -> object: ...

    def stake(self, trial: TrialKey, usd: float) -> object:
        """Keep what calls about a trial may cost, in USD, before they leave."""

    async def committed(self) -> None:
        """Wait until every stake so far is kept."""


class Execution:
    """A plan with its players and its judge, whose calls share one guard.

    They are built before the first call, which raises SpecError.
    """

    def __init__(self, plan: RunPlan, limits: Limits = Limits()) -> None:  # noqa: B008 - frozen
        config = plan.run.config
        self.plan = plan
        self.calls = Calls(
            PRICES,
            replace(limits, concurrency=config.concurrency, cap_usd=plan.cap_usd, spent_usd=plan.spent_usd,
                    calls_a_minute=config.rpm),
        )  # fmt: skip
        self._public_only = limits.public_only
        self._built: list[Model] = []
        asked = plan.players_to_ask
        self.players = {s.name: self._guarded(s) for s in config.players if s.name in asked}
        self.judge = judges.build(plan.judge, self._guarded) if plan.to_mark else None

    def _guarded(self, spec: ModelSpec) -> Model:
        if self.plan.cap_usd is not None and prices.per_token(spec) is None:
            raise SpecError(prices.unpriced(spec))
        if models.provider_of(spec).scripted:
            model: Model = scripted_model(spec, self.plan.run.puzzles)
        else:
            model = models.build(spec, self.plan.key_of(spec), public_only=self._public_only)
        guarded = self.calls.guard(model)
        self._built.append(guarded)
        return guarded

    @property
    def makes_calls(self) -> bool:
        """True if a model is not scripted, so that a call leaves this process or takes a while."""
        return any(not models.provider_of(m.spec).scripted for m in self._built)

    @property
    def spent_usd(self) -> float | None:
        """USD of this execution's calls, doubtful costs included. None once a price was unknown."""
        return self.calls.budget.meter

    def stop(self) -> None:
        """Make no new calls. Those in flight may finish."""
        self.calls.stop()

    async def run(self, sink: Sink) -> None:
        """Carry the plan out to its end.

        Raises what the sink raised, after calls in flight have come back.
        """
        # the price list takes a quarter of a second to load: nobody waits for it while the first answer is on
        # its way
        warm = asyncio.create_task(asyncio.to_thread(lambda: [prices.per_token(m.spec) for m in self._built]))
        try:
            await Passes(self.plan, self.players, self.judge, self.calls, sink, now).both()
        finally:
            await warm
            for model in self._built:
                await model.close()


class Passes:
    """The asking and marking of an execution, by guarded players and judge. The clock is passed in."""

    def __init__(
        self,
        plan: RunPlan,
        players: Mapping[str, Model],
        judge: Judge | None,
        calls: Calls,
        sink: Sink,
        now: Clock,
    ) -> None:
        self.plan, self.calls, self.sink = plan, calls, sink
        self.results = {r.trial: r for r in plan.run.results}  # so far, with their answers
        puzzles, costs = plan.run.puzzle_by_id, TrialCosts(calls.budget, plan.run.config)
        context = TrialContext(puzzles, players, plan.run.config, dict(self.results), costs)
        self.asking = Asking(context, calls, self._answered, now)
        self.marking: Marking | None = None
        if judge:
            is_known = plan.is_exam or count_marks(plan.run, judge.name) >= PROBATION
            self.marking = Marking(judge, puzzles, calls, sink.mark, now, costs, must_prove=not is_known)
        calls.budget.ledger.write, calls.budget.ledger.commit = self._stake, sink.committed

    async def both(self) -> None:
        """Ask, then mark, and repeat once what failed in a way that may pass.

        Raises the first error that the sink raised.
        """
        try:
            await self._ask_then_mark()
        finally:
            self.calls.budget.ledger.close()
        if broken := self.asking.broken + (self.marking.broken if self.marking else []):
            raise broken[0]

    async def _ask_then_mark(self) -> None:
        asking, by_player, to_mark = self.asking, dict[str, list[Trial]](), frozenset(self.plan.to_mark)
        for trial in (*self.plan.to_ask, *self.plan.to_mark):
            by_player.setdefault(trial.player, [])
        for trial in self.plan.to_ask:
            by_player[trial.player].append(trial)
        if self.plan.cap_usd is not None:
            await asking.ask_rooms(self.plan.to_ask)
            await asking.ask_again()
            await self._mark(self.plan.to_mark)
        else:
            async with asyncio.TaskGroup() as group:
                for player, trials in by_player.items():
                    group.create_task(self._ask_and_mark(player, trials))
            again = await asking.ask_again()
            await self._mark([t for t in again if t in to_mark])
        if self.marking:
            await self.marking.mark_again()

    def _stake(self, trial: TrialKey, usd: float) -> None:
        """Hand a stake to the sink. If it cannot be kept, neither this call nor another leaves."""
        try:
            self.sink.stake(trial, usd)
        except Exception as error:
            self.asking.broken.append(error)
            self.calls.stop()

    async def _ask_and_mark(self, player: str, trials: Sequence[Trial]) -> None:
        await self.asking.ask(trials)
        await self._mark([t for t in self.plan.to_mark if t.player == player and t not in self.asking.lost])

    async def _mark(self, trials: Sequence[Trial]) -> None:
        """Mark those of the trials that have an answer by now."""
        if self.marking is None or self.calls.stopping:
            return
        await self.marking.mark(
            {t: answer.text for t in trials if (answer := self._whole_answer(t)) is not None}
        )

    def _whole_answer(self, trial: Trial) -> Answer | None:
        result = self.results.get(trial)
        return None if result is None or result.owes_repair else result.answer

    def _answered(self, result: Result) -> object:
        self.results[result.trial] = result.merge(self.results.get(result.trial))
        return self.sink.result(result)
