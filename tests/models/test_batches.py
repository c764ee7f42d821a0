"""Batches of each protocol by themselves: finding one again, what its lines mean, calling it off."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from pydantic import SecretStr

from escape import models
from escape.models.batch.anthropic_batches import AnthropicBatches
from escape.models.batch.engine import BatchEngine
from escape.models.batch.openai_batches import OpenAIBatches, _Batches
from escape.types import FailureKind, ModelError
from tests.models.fake_batches import FakeBatches


def engine(name: str) -> BatchEngine:
    model: Any = models.build(models.parse(name), SecretStr("sk-batches-0123456789"))
    return AnthropicBatches(model) if name.startswith("anthropic") else OpenAIBatches(model)


def test_a_batch_is_found_behind_a_hundred_newer_ones() -> None:
    now = int(time.time())
    others = [{"id": f"b{n}", "status": "completed", "created_at": now, "metadata": {}} for n in range(100)]
    ours = {"id": "ours", "status": "completed", "created_at": now, "metadata": {"escape": "tag"}}
    paths: list[str] = []

    async def ask(method: str, path: str, form: object, body: object = None) -> _Batches:
        paths.append(path)
        found = [ours] if "after" in path else others
        return _Batches.model_validate({"data": found, "has_more": "after" not in path})

    one = engine("openai:gpt-5")
    one.model.ask = ask  # type: ignore[method-assign, assignment]
    assert asyncio.run(one.find("tag", 5, now, ())) == "ours"
    assert "&after=b99" in paths[1]


@pytest.mark.parametrize("code", ["batch_cancelled", "batch_canceled", "batch_expired"])
def test_what_a_provider_gives_back_was_not_asked(code: str) -> None:
    line = f'{{"custom_id": "a", "response": null, "error": {{"code": "{code}"}}}}'.encode()
    found = engine("openai:gpt-5")._outcome(line)  # type: ignore[attr-defined]
    assert found is not None
    _, outcome = found
    assert isinstance(outcome, ModelError)
    assert outcome.attempts == 0
    assert (outcome.kind is FailureKind.CALLED_OFF) is ("cancel" in code)


@pytest.mark.parametrize(("status", "called_off"), [(401, False), (400, True), (None, True)])
def test_calling_off_is_done_or_said_not_to_be(
    status: int | None, called_off: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    with FakeBatches(50) as running:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", running.url)
        running._take([("r", {"model": "claude-sonnet-4-5"})], {})
        running.refusals = {"/cancel": (status, 1)} if status else {}
        one = engine("anthropic:claude-sonnet-4-5")
        if called_off:
            asyncio.run(one.cancel("batch_0", "t"))
            assert ("ends" in running.batches["batch_0"]) is (status is None)
        else:
            with pytest.raises(ModelError) as caught:
                asyncio.run(one.cancel("batch_0", "t"))
            assert caught.value.kind is FailureKind.BAD_KEY


def test_a_server_that_takes_no_files_is_said_to_take_no_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeBatches() as running:
        monkeypatch.setenv("OPENAI_BASE_URL", f"{running.url}/v1")
        running.refusals = {"/v1/files": (404, 1)}
        with pytest.raises(ModelError, match="takes no batches; run without them") as caught:
            asyncio.run(engine("openai:gpt-5").create([("a", {"model": "gpt-5", "messages": []})], "t"))
        assert caught.value.kind is FailureKind.BAD_REQUEST
