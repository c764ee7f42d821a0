"""One model's batches with an engine that does as it is told: what is looked for, asked again, and waited for."""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import SecretStr

from escape import models
from escape.calls import batcher as batching
from escape.calls.batch_errors import broken, missing
from escape.calls.batched import Batched
from escape.calls.batcher import SURE_LOOKS, Batcher
from escape.calls.budget import Budget
from escape.calls.journal import Asked, Asker, Journal
from escape.calls.out import batches_of
from escape.calls.steady import Steady
from escape.models import BatchProgress
from escape.types import Answer, Batch, FailureKind, JudgeSpec, ModelError, ModelSpec, Prompt, SpecError
from tests.calls.test_budget import priced
from tests.small_runs import puzzles, run_of

PROMPT = Prompt(name="player", version=1, problem_id="P", system="", user="u")
ANSWER = Answer(text="x", input_tokens=1, output_tokens=1)
SPEC = ModelSpec(provider="fake", model="m")
OVER = BatchProgress(over=True, done=1, failed=0, total=1)


class Engine:
    """Finds batches by `found`, one look after the other; each that is handed in is over at once."""

    most_requests, most_bytes, finds_surely = 100, 10**6, True

    def __init__(self, found: Sequence[str | None] = ()) -> None:
        self.model = SimpleNamespace(spec=SPEC, request=lambda prompt: {"u": prompt.user})
        self.found, self.looks, self.made, self.cancelled = list(found), 0, list[list[str]](), list[str]()

    async def create(self, requests: Sequence[tuple[str, object]], tag: str) -> str:
        self.made.append([request_id for request_id, _ in requests])
        return f"batch_{len(self.made)}"

    async def find(self, tag: str, n: int, since: float, known_ids: Sequence[str]) -> str | None:
        self.looks += 1
        return self.found.pop(0) if self.found else None

    async def look(self, batch_id: str) -> BatchProgress:
        return OVER

    async def results(self, batch_id: str) -> AsyncIterator[tuple[str, Answer]]:
        yield "request", ANSWER

    async def cancel(self, batch_id: str, tag: str) -> None:
        self.cancelled.append(batch_id)


class Clock:
    """Never stopped; its waits are over at once, and counted."""

    stopping = False

    def __init__(self) -> None:
        self.waits: list[float] = []

    async def wait(self, seconds: float, *until: asyncio.Event) -> None:
        self.waits.append(seconds)
        await asyncio.sleep(0)


async def nothing(batch: Batch) -> None:
    """Nobody writes anything down."""


def unnamed(since: float) -> Batch:
    """Written down before it was handed in; its id never arrived."""
    return Batch(tag="t", model=SPEC.name, since=since, requests=("request",))


def outcome(engine: Engine, *known: Batch) -> object:
    async def scene() -> object:
        batcher = Batcher(Clock(), engine, Journal("r", known, nothing))  # type: ignore[arg-type]
        return await asyncio.wait_for(batcher.ask(Asked("request", PROMPT, since=-1.0)), 5)

    return asyncio.run(scene())


@pytest.mark.parametrize(
    ("age_s", "found", "looks", "made"),
    [
        (0.0, [None, None, "batch_1"], 3, 0),  # listed a moment late: it is collected, and not paid twice
        (0.0, [], SURE_LOOKS, 1),
        (10_000.0, [], 1, 1),  # an old one that nobody knows was never handed in
    ],
)
def test_an_unnamed_batch_is_looked_for_and_its_requests_are_asked_once_it_is_sure_that_nobody_has_it(
    age_s: float, found: list[str | None], looks: int, made: int
) -> None:
    engine = Engine(found)
    assert outcome(engine, unnamed(time.time() - age_s)) == ANSWER
    assert (engine.looks, len(engine.made)) == (looks, made)


def test_a_run_has_so_many_batches_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    known = [Batch(tag=t, model=SPEC.name, since=0.0, batch_id=i, requests=()) for t, i in (("a", "b1"), ("b", ""))]
    journal = Journal("r", known, nothing)
    assert (journal.tags, journal.taken) == ({"a", "b"}, {"b1"})
    monkeypatch.setattr(batching, "MAX_BATCHES", 2)
    failure = outcome(Engine(), *known)
    assert isinstance(failure, ModelError)
    assert "a run has at most 2 batches" in failure.message


def test_a_request_of_an_older_run_file_keeps_its_name_the_first_time_it_is_asked() -> None:
    trial = ("P", SPEC.name, 1, 7)
    old = hashlib.sha256(json.dumps(["r", SPEC.name, trial[:3], "player", 1]).encode()).hexdigest()[:32]
    for handed_in, same in (((old,), True), ((), False)):
        batch = Batch(tag="t", model=SPEC.name, since=1.0, batch_id="b", requests=handed_in)
        journal = Journal("r", [batch], nothing)
        model = Batched(Clock(), Budget(priced(), None), Engine(), journal)  # type: ignore[arg-type]
        names = [model._name(Asker(trial), PROMPT) for _ in range(2)]
        assert (names[0] == old) is same
        assert names[1] not in (names[0], old)


def test_a_call_about_a_batch_waits_as_long_as_the_provider_asks_for() -> None:
    def failing(*errors: ModelError) -> Callable[[], Awaitable[str]]:
        left = list(errors)

        async def call() -> str:
            if left:
                raise left.pop(0)
            return "done"

        return call

    async def scene() -> None:
        clock = Clock()
        busy = [ModelError(FailureKind.OVERLOADED, "busy", 300.0) for _ in range(2)]
        assert await Steady(clock).call(failing(*busy), 3) == "done"
        assert clock.waits == [300.0, 300.0]
        wrong = ModelError(FailureKind.BAD_KEY, "wrong key")
        for tries, kind in ((3, FailureKind.BAD_KEY), (None, FailureKind.BATCH)):
            with pytest.raises(ModelError) as caught:
                await Steady(clock).call(failing(wrong), tries)
            assert caught.value.kind is kind
        assert len(clock.waits) == 2  # what cannot pass is not waited for

    asyncio.run(scene())


def test_of_an_error_that_nobody_foresaw_only_its_name_is_kept() -> None:
    secret, ours = broken(ValueError("sk-secret")), broken(SpecError("say it"))
    assert (secret.message, ours.message) == ("internal error: ValueError", "say it")
    assert {(e.kind, e.attempts) for e in (secret, ours)} == {(FailureKind.BATCH, 0)}


def test_a_judges_batch_is_shown_and_called_off_like_a_players(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Engine()
    monkeypatch.setattr(models, "engine_for", lambda model, protocol: engine)
    judge = JudgeSpec(design="checklist", model=models.parse("openai:gpt-5"))
    batch = Batch(tag="t", model="openai:gpt-5", since=1.0, batch_id="b1")
    run = run_of(puzzles(1), [], judge=judge).model_copy(update={"batches": (batch,)})

    async def told() -> list[Any]:
        return [said async for _, said in batches_of(run, lambda spec: SecretStr("sk-0123456789"), cancel=True)]

    assert asyncio.run(told()) == [OVER]
    assert engine.cancelled == ["b1"]


def test_a_batch_that_ended_before_anything_was_answered_is_asked_again() -> None:
    def why(done: int, failed: int, read: int, **more: bool) -> tuple[FailureKind, int]:
        error = missing(BatchProgress(over=True, done=done, failed=failed, total=5, **more), read)
        return error.kind, error.attempts

    assert why(0, 0, 0) == (FailureKind.OVERLOADED, 0)  # nobody answered, so nobody charged
    assert why(2, 0, 0) == (FailureKind.BATCH, 0)  # there are answers, and they are waited for
    assert why(2, 1, 2) == (FailureKind.MALFORMED, 1)
    assert why(2, 1, 3) == (FailureKind.OVERLOADED, 0)
    assert why(0, 0, 0, called_off=True)[0] is FailureKind.CALLED_OFF


def test_a_batch_that_failed_as_a_whole_in_an_earlier_life_is_asked_anew() -> None:
    class Fails(Engine):
        async def look(self, batch_id: str) -> BatchProgress:
            return BatchProgress(over=True, why="the file was refused", done=0, failed=1, total=1)

    known = Batch(tag="t", batch_id="b", model=SPEC.name, since=time.time(), requests=("request",))
    one: list[Asked] = []

    async def scene() -> None:
        batcher = Batcher(Clock(), Fails([]), Journal("r", (known,), nothing))  # type: ignore[arg-type]
        one.append(Asked("request", PROMPT, since=-1.0))
        assert isinstance(await asyncio.wait_for(batcher.ask(one[0]), 5), ModelError)

    asyncio.run(scene())
    assert one[0].from_before
