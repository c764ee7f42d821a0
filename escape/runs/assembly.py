"""Builds everything a run needs (players, judge, prices) before its first call. Decides nothing, never waits."""

import asyncio
import hashlib
import importlib.metadata
import platform
import secrets
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from escape import __version__, judges, models
from escape.calls import Calls, Limits
from escape.judges import LLMJudge, checklist
from escape.models import ApiKey, prices
from escape.prompts import VERSIONS
from escape.puzzles import is_told, scripted
from escape.rooms import READING
from escape.runs import trials
from escape.runs.costs import TrialCosts
from escape.runs.trials import players_owing_repair
from escape.types import (
    EARLIER,
    Answer,
    FailureKind,
    Model,
    ModelError,
    ModelSpec,
    Puzzle,
    Repair,
    Result,
    Run,
    RunConfig,
    SpecError,
    Trial,
)

PROMPTS = VERSIONS | checklist.VERSIONS
READING_OF = "reading of moves"  # among a run's versions
_PACKAGES = ("openai", "anthropic", "genai-prices", "tenacity", "pydantic", "streamlit")


HERE = Path(__file__).parent.parent  # the package
_SOURCES = {".py", ".toml", ".json", ".jsonl"}
_APART = {"__pycache__", "recorded"}  # what was recorded is data, and changes nothing that the program does


@cache
def program_hash() -> str:
    """SHA-256 over the package's sources and data, recorded runs aside, file by file, sorted by name."""
    sha256 = hashlib.sha256()
    for file in sorted(
        p for p in HERE.rglob("*") if p.suffix in _SOURCES and not _APART & {*p.relative_to(HERE).parts}
    ):
        sha256.update(file.relative_to(HERE).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return sha256.hexdigest()


def now() -> str:
    """Return the current time as saved in runs: UTC, ISO 8601, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def new_run(config: RunConfig, puzzles: Sequence[Puzzle], title: str = "") -> Run:
    return Run(
        run_id=secrets.token_hex(6),
        title=title,
        started_at=now(),
        config=config,
        versions=_versions(),
        puzzles=tuple(puzzles),
    )


def _versions() -> dict[str, str]:
    versions = {"python": platform.python_version(), "escape": __version__, "program sha256": program_hash()}
    for package in _PACKAGES:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue  # not every install has every package, and a run does not need them all
    return versions | {READING_OF: str(READING)} | {f"prompt {name}": str(version) for name, version in PROMPTS.items()}


def stamp_versions(run: Run) -> Run:
    """Return a run that goes on under today's versions, keeping those of earlier answers beside them."""
    current = _versions()
    decides = [name for name in current if name.startswith("prompt ") or name == READING_OF]
    before = {name: version for name, version in run.versions.items() if name.startswith(EARLIER)}
    if run.results:
        older = {name: run.versions.get(name, "0") for name in decides}
        for name, version in older.items():
            if version != current[name]:
                versions = before.get(f"{EARLIER}{name}", "").split(", ")
                before[f"{EARLIER}{name}"] = ", ".join(dict.fromkeys(filter(None, (*versions, version))))
    return run.model_copy(update={"versions": current | before})


PRICES = prices.Prices()


class Assembly:
    """A run's players and judge behind one set of calls, built before the first. Raises SpecError."""

    def __init__(
        self,
        config: RunConfig,
        puzzles: Sequence[Puzzle],
        key_of: Callable[[ModelSpec], ApiKey],
        limits: Limits = Limits(),  # noqa: B008 - frozen
        repairs: Mapping[Trial, Repair] | None = None,
        *,
        player_names: Collection[str] | None = None,
    ) -> None:
        self._repairs = repairs or {}
        limits = replace(limits, concurrency=config.concurrency, cap_usd=config.max_cost_usd, calls_a_minute=config.rpm)
        self.calls = Calls(PRICES, limits)
        self._config = config
        self._puzzles = puzzles
        self._key_of = key_of
        self._public_only = limits.public_only
        self._built: list[Model] = []
        self.players = {
            s.name: self._guarded(s) for s in config.players if player_names is None or s.name in player_names
        }
        self.judge = judges.build(config.judge, self._guarded)

    def _guarded(self, spec: ModelSpec) -> Model:
        if self._config.max_cost_usd is not None and prices.per_token(spec) is None:
            raise SpecError(prices.unpriced(spec))
        if models.provider_of(spec).scripted:
            model: Model = scripted(spec, self._puzzles)
        else:
            model = models.build(spec, self._key_of(spec), public_only=self._public_only)
        guarded = self.calls.guard(model)
        self._built.append(guarded)
        return guarded

    @property
    def makes_calls(self) -> bool:
        """True if a call leaves this process or takes a while. Scripted players and offline judges do not."""
        return any(not models.provider_of(m.spec).scripted for m in self._built)

    async def run(self, todo: Sequence[Trial], answers: Mapping[Trial, Answer], emit: trials.Emit) -> None:
        # the price list takes a quarter of a second to load: nobody waits for it while the first answer is on its way
        warm = asyncio.create_task(asyncio.to_thread(lambda: [prices.per_token(m.spec) for m in self._built]))
        by_id = {p.problem_id: p for p in self._puzzles}
        paying = {name for name, m in self.players.items() if not models.provider_of(m.spec).scripted}
        paid = [t for t in todo if t not in answers and t.player in paying and not is_told(by_id[t.problem_id])]
        costs = TrialCosts(self.calls.budget, self._config)
        context = trials.TrialContext(by_id, self.players, self.judge, costs, self._config, self._repairs)
        try:
            if paid and isinstance(self.judge, LLMJudge):
                await self._prove(self.judge, by_id[paid[0].problem_id], paid[0], emit)
            await trials.run(todo, context, self.calls, emit, now=now, answers=answers)
        finally:
            await warm
            for model in self._built:
                await model.close()

    async def _prove(self, judge: LLMJudge, puzzle: Puzzle, first: Trial, emit: trials.Emit) -> None:
        """Ask the judge once before the first player is paid. Its cost is the first trial's. Raises SpecError."""
        try:
            reply = await judge.prove(puzzle)
            if usd := (reply.cost_usd or 0.0) + reply.doubtful_usd:
                emit(Result(trial=first, earlier_usd=usd))
        except ModelError as error:
            if error.kind is FailureKind.BUDGET:
                return  # what a trial may cost is said with the first of them
            if error.kind is not FailureKind.CANCELLED:
                raise SpecError(f"the judge did not answer, so no player was asked: {error.message}") from None


@dataclass(frozen=True)
class Job:
    """A run, what is left to do of it, whose keys pay, and its bounds. `answers`: of trials to judge only."""

    run: Run
    todo: tuple[Trial, ...]
    answers: Mapping[Trial, Answer]
    key_of: Callable[[ModelSpec], ApiKey]
    limits: Limits

    @property
    def players_to_ask(self) -> Collection[str]:
        todo = set(self.todo)
        results = [r for r in self.run.results if r.trial in todo]
        return {t.player for t in self.todo if t not in self.answers} | players_owing_repair(
            self.run.config, results, self.run.puzzle_by_id
        )

    def assemble(self) -> Assembly:
        """Players and judge behind one set of calls. Raises SpecError."""
        run, config, limits = self.run, self.run.config, self.limits
        repairs = {r.trial: r.repair for r in run.results if r.repair}
        return Assembly(
            config.model_copy(update={"max_cost_usd": limits.cap_usd}),
            run.puzzles,
            self.key_of,
            limits,
            repairs,
            player_names=self.players_to_ask,
        )


def find_remaining(
    config: RunConfig, results: Iterable[Result], *, failed_too: bool
) -> tuple[list[Trial], dict[Trial, Answer]]:
    """Return what is left to complete a run: trials, and, for those that only need a judge, their answers."""
    finished: set[Trial] = set()
    answers: dict[Trial, Answer] = {}
    further: list[Trial] = []
    planned = config.trials()
    for result in results:
        if result.verdict or result.status == "played" or (result.failure and not failed_too):
            finished.add(result.trial)
        else:
            further.append(result.trial)
            if result.answer:
                answers[result.trial] = result.answer
    todo = dict.fromkeys(t for t in planned if t not in finished)
    return list(todo | dict.fromkeys(further)), answers
