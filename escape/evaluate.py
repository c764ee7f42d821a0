"""Joins a RunConfig with players, judge and prices into work the runner can do. Decides nothing, waits for nothing."""

from __future__ import annotations

import asyncio
import importlib.metadata
import platform
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from escape import judges, models, runner
from escape.desk import Desk, Prices, Retry
from escape.models import Key, prices
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


class Evaluation:
    """One run's players and judge behind one desk. Built in full before the first call, so that a wrong name or a
    missing key costs nothing. Raises SpecError.
    """

    def __init__(
        self,
        config: RunConfig,
        puzzles: Sequence[Puzzle],
        key_of: Callable[[ModelSpec], Key],
        *,
        shared: asyncio.Semaphore | None = None,
        on_retry: Callable[[Retry], None] = lambda retry: None,
    ) -> None:
        self.desk = Desk(
            PRICES, concurrency=config.concurrency, max_cost=config.max_cost_usd, shared=shared, on_retry=on_retry
        )
        self._puzzles = {p.problem_id: p for p in puzzles}
        self._key_of = key_of
        self._built: list[Model] = []
        self.players = {spec.name: self._guarded(spec) for spec in config.players}
        self.judge = self.judge_for(config.judge)

    def _guarded(self, spec: ModelSpec) -> Model:
        model = models.build(spec, self._key_of(spec), list(self._puzzles.values()))
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
