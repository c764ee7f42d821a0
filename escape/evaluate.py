"""Joins a RunConfig with players, judge and prices into work the runner can do. Decides nothing, waits for nothing."""

from __future__ import annotations

import asyncio
import importlib.metadata
import platform
import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import UTC, datetime

from escape import controls, judges, models, prompts, runner
from escape.desk import Desk, Prices, Retry
from escape.models import Key, prices
from escape.models.prices import Bill
from escape.prompts import VERSIONS
from escape.records import Result, Run, RunConfig, Trial
from escape.schema import Answer, Judge, JudgeSpec, Model, ModelSpec, Puzzle

PRICES = Prices(cost=prices.cost, ceiling=prices.ceiling)
_PACKAGES = ("openai", "anthropic", "genai-prices", "tenacity", "pydantic", "streamlit")


def now() -> str:
    """The time as saved in runs: UTC, ISO 8601, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def new_run(config: RunConfig, puzzles: Sequence[Puzzle], title: str = "") -> Run:
    """An empty run with everything that is needed to repeat it."""
    versions = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue  # not every install has every package, and a run does not need them all
    return Run(
        run_id=secrets.token_hex(6),
        title=title,
        started_at=now(),
        config=config,
        versions=versions | {f"prompt {name}": str(number) for name, number in VERSIONS.items()},
        puzzles=tuple(puzzles),
    )


def bills(config: RunConfig, puzzles: Sequence[Puzzle]) -> tuple[Bill, Bill]:
    """What a run will probably cost: its players, its judge. Prompts are the real ones; answers are taken to be as long
    as the reference.
    """
    asked = [prompts.player(p) for p in puzzles]
    times = config.repeats
    players = sum((prices.bill(s, asked, times, prices.TYPICAL_ANSWER) for s in config.players), prices.NOTHING)
    judge = prices.NOTHING
    longest = "word " * max((s.max_tokens for s in config.players), default=0)
    for spec in config.judge.models:
        marked = [prompts.checklist(p, controls.reference(p), "=" * 20) for p in puzzles]
        probably = prices.bill(spec, marked, times * len(config.players), prices.TYPICAL_VERDICT)
        at_most = [prompts.checklist(p, longest, "=" * 20) for p in puzzles]
        worst = prices.bill(spec, at_most, 2 * times * len(config.players), prices.TYPICAL_VERDICT)  # asked twice
        judge += replace(probably, most=worst.most)
    return players, judge


class Evaluation:
    """One run's players and judge behind one desk. Built in full before the first call, so that a wrong name or a
    missing key costs nothing; `asked` names the players that will be asked at all. Raises SpecError.
    """

    def __init__(
        self,
        config: RunConfig,
        puzzles: Sequence[Puzzle],
        key_of: Callable[[ModelSpec], Key],
        *,
        asked: Collection[str] | None = None,
        spent_usd: float = 0.0,
        shared: AbstractAsyncContextManager[None] | None = None,
        on_retry: Callable[[Retry], None] = lambda retry: None,
        public_only: bool = False,
    ) -> None:
        self.desk = Desk(
            PRICES,
            concurrency=config.concurrency,
            max_cost=config.max_cost_usd,
            spent_usd=spent_usd,
            shared=shared,
            on_retry=on_retry,
        )
        self._puzzles = {p.problem_id: p for p in puzzles}
        self._key_of = key_of
        self._public_only = public_only
        self._built: list[Model] = []
        self.players = {s.name: self._guarded(s) for s in config.players if asked is None or s.name in asked}
        self.judge = self.judge_for(config.judge)

    def _guarded(self, spec: ModelSpec) -> Model:
        model = models.build(spec, self._key_of(spec), list(self._puzzles.values()), public_only=self._public_only)
        self._built.append(model)
        return self.desk.guard(model)

    def judge_for(self, spec: JudgeSpec) -> Judge:
        """A judge that asks through the same desk."""
        return judges.build(spec, self._guarded, list(self._puzzles.values()))

    async def run(self, todo: Sequence[Trial], answers: Mapping[Trial, Answer], emit: Callable[[Result], None]) -> None:
        """Do the trials, then give the connections back."""
        # the price list takes a quarter of a second to load: while the first answer is on its way, nobody waits for it
        warm = asyncio.create_task(asyncio.to_thread(lambda: [prices.per_token(m.spec) for m in self._built]))
        try:
            await runner.run(todo, self._puzzles, self.players, self.judge, self.desk, emit, now=now, answers=answers)
        finally:
            await warm
            for model in self._built:
                if close := getattr(model, "close", None):
                    await close()
