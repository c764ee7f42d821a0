"""What is read in providers' replies, refusals and headers; prices; names of models; what is sent to whom."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from pydantic import SecretStr

from escape import models
from escape.models import prices
from escape.models.families import family
from escape.models.network import is_loopback, is_public
from escape.models.protocols import failures
from escape.models.protocols.rates import rates, spacing_s
from escape.models.specs import key_scope, parse, with_budget
from escape.types import Answer, EscapeError, Prompt, Turn
from tests.approved import Approved
from tests.fake_server import PROBE, FakeServer
from tests.raw_server import RawServer, Sent
from tests.small_runs import listed_price

SAYS = (
    "insufficient_quota", "credit balance", "billing", "model_not_found", "does not exist", "invalid api key",
    "too many", "context length", "overloaded", "temperature is not supported", "content_filter", "",
)  # fmt: skip
STATUSES = (400, 401, 402, 403, 404, 408, 409, 413, 422, 429, 500, 503, 504, 529)
HEADERS: tuple[dict[str, str], ...] = (
    {"retry-after": "3"}, {"retry-after": "0.5"}, {"retry-after-ms": "250"}, {"retry-after": "inf"}, {},
    {"retry-after": "-4"}, {"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, {"retry-after": "soon"},
    {"x-ratelimit-limit-requests": "60", "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "1m4s"},
    {"x-ratelimit-limit-tokens": "9000", "x-ratelimit-remaining-tokens": "10", "x-ratelimit-reset-tokens": "250ms",
     "x-ratelimit-limit-requests": "60", "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "2s"},
    {"anthropic-ratelimit-requests-limit": "50", "anthropic-ratelimit-requests-remaining": "0",
     "anthropic-ratelimit-requests-reset": "2099-01-01T00:00:00Z"},
    {"anthropic-ratelimit-output-tokens-limit": "8000", "anthropic-ratelimit-output-tokens-remaining": "7000",
     "anthropic-ratelimit-output-tokens-reset": "nonsense"},
)  # fmt: skip


def test_refusals_and_headers_are_read_as_ever(approved: Approved) -> None:
    for status in STATUSES:
        for says in SAYS:
            approved.add(f"{status} {says}: {failures.kind_of(status, f'The model said: {says}')}")
            body = json.dumps({"error": {"message": f"The model said: {says} sk-secret-0000", "code": says}}).encode()
            error = failures.error_with(status, body, "sk-secret-0000")
            approved.add(f"{status} {says}: {error.kind} {error} {error.attempts} {failures.filtered(body)}")
    for headers in HEADERS:
        found = list(rates(headers))
        answer = Answer(text="x", input_tokens=300, output_tokens=500)
        wish = failures.retry_after(headers) if "2099" not in str(headers) else "long"
        approved.add(f"{headers}: wait {wish}, {len(found)} rates, {[(r.left, r.limit) for r in found]}")
        if "2099" not in str(headers):
            approved.add(f"{headers}: {found} {spacing_s(found, answer)}")
    for body in (
        b"",
        b"{",
        b"[]",
        b'{"error": "plain"}',
        b'{"detail": [{"msg": "bad"}]}',
        b"<html>no</html>",
        b'{"message": 3}',
    ):
        approved.add(f"{body!r}: {failures.told(body)} {failures.error_inside(body, 'sk')} {failures.filtered(body)}")


def chat(**more: Any) -> dict[str, Any]:
    message = {"content": "Answer.", **more.pop("message", {})}
    choice = {"message": message, "finish_reason": more.pop("finish", "stop")}
    return {"model": "m-2", "choices": [choice], "usage": {"prompt_tokens": 20, "completion_tokens": 7}, **more}


def response(*output: dict[str, Any], **more: Any) -> dict[str, Any]:
    usage = {"input_tokens": 20, "output_tokens": 7, "total_tokens": 27}
    return {
        "id": "r",
        "object": "response",
        "model": "m-2",
        "status": "completed",
        "output": list(output),
        "usage": usage,
        **more,
    }


def message(*content: dict[str, Any], **more: Any) -> dict[str, Any]:
    usage = {"input_tokens": 20, "output_tokens": 7, **more.pop("usage", {})}
    return {
        "id": "x", "type": "message", "role": "assistant", "model": "m-2", "content": list(content),
        "stop_reason": "end_turn", "usage": usage, **more,
    }  # fmt: skip


TEXT = {"type": "text", "text": "Answer."}
SAID = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Answer."}]}
THOUGHT = {
    "type": "reasoning",
    "id": "t",
    "encrypted_content": "zz",
    "summary": [{"type": "summary_text", "text": "hm"}],
}
REPLIES: dict[str, list[dict[str, Any]]] = {
    "compatible:m@{url}/v1": [
        chat(),
        *(chat(finish=why) for why in ("length", "content_filter", "tool_calls", "weird", None)),
        chat(message={"content": "<think>hm</think>Answer."}),
        chat(message={"content": "<think>hm, and no end"}),
        chat(message={"content": None, "refusal": "I will not."}),
        chat(message={"reasoning_content": "hm"}),
        chat(message={"reasoning": "hm", "content": ""}),
        chat(message={"content": [{"type": "text", "text": "An"}, {"type": "text", "text": "swer."}]}),
        chat(message={"content": "", "tool_calls": [{"function": {"name": "x"}}]}),
        chat(usage=None),
        chat(usage={"prompt_tokens": 20, "completion_tokens": 7, "total_tokens": 90}),
        chat(usage={"prompt_tokens": 20, "completion_tokens": 7, "prompt_tokens_details": {"cached_tokens": 15}}),
        chat(usage={"prompt_tokens": 20, "completion_tokens": 7, "completion_tokens_details": {"reasoning_tokens": 4}}),
        chat(usage={"prompt_tokens": "many", "completion_tokens": -3}),
        {"choices": [{"message": {"content": ""}, "finish_reason": "error", "error": {"code": 502, "message": "gone"}}]},  # noqa: E501
        {"choices": [{"message": {"content": "An"}, "finish_reason": "error"}]},
        chat(message={"content": [{"type": "text", "text": None}, {"type": "text", "text": "swer."}]}),
        chat(message={"content": "<thinking>hm, and no end"}),
        chat() | {"model": None},
        {"choices": []},
        {"error": {"message": "inside", "code": 429}},
        {"choices": "no"},
        {},
    ],
    "openai:gpt-5": [
        response(SAID),
        response(THOUGHT, SAID),
        response(THOUGHT, status="incomplete", incomplete_details={"reason": "max_output_tokens"}),
        response(SAID, status="incomplete", incomplete_details={"reason": "content_filter"}),
        response({"type": "message", "role": "assistant", "content": [{"type": "refusal", "refusal": "I will not."}]}),
        response({"type": "function_call", "name": "x", "arguments": "{}"}),
        response(SAID, usage={"input_tokens": 20, "output_tokens": 7, "input_tokens_details": {"cached_tokens": 5}}),
        response(SAID, usage=None),
        response(status="failed", error={"code": "server_error", "message": "broke"}),
        response(status="cancelled"),
        response(),
    ],
    "anthropic:claude-x": [
        message(TEXT),
        message({"type": "thinking", "thinking": "hm", "signature": "s"}, TEXT),
        message({"type": "redacted_thinking", "data": "zz"}, TEXT),
        *(message(TEXT, stop_reason=why) for why in ("max_tokens", "refusal", "tool_use", "pause_turn", "weird", None)),
        message(TEXT, usage={"cache_read_input_tokens": 9, "cache_creation_input_tokens": 4}),
        message(),
        message({"type": "tool_use", "id": "t", "name": "x", "input": {}}),
        {"type": "error", "error": {"type": "overloaded_error", "message": "busy"}},
    ],
}  # fmt: skip


ELSEWHERE = Sent(status=400, body=b'{"error": {"message": "This model is only supported in v1/responses"}}')


async def asked(name: str, prompt: Prompt) -> Answer:
    model = models.build(parse(name, timeout_s=20), SecretStr("sk-x"))
    try:
        return await model.complete(prompt)
    finally:
        await model.close()


@pytest.mark.parametrize("name", REPLIES)
def test_replies_are_read_as_ever(approved: Approved, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = Sent()
    with RawServer(lambda n: ELSEWHERE if name == "openai:gpt-5" and n % 2 else sent) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", f"{server.url}/v1")
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
        for number, body in enumerate(REPLIES[name]):
            sent = Sent(body=json.dumps(body).encode())
            try:
                answer = asyncio.run(asked(name.format(url=server.url), PROBE))
            except EscapeError as error:
                approved.add(f"{number}: {getattr(error, 'kind', '')} {error}")
            else:
                approved.add(f"{number}: {answer.model_copy(update={'latency_s': 0.0})!r} {server.calls}")


NAMES = (
    "openai:gpt-5", "openai:gpt-4o", "openai:o3", "anthropic:claude-haiku", "gemini:gemini-2.5-flash", "mistral:m",
    "deepseek:deepseek-chat", "openrouter:openai/gpt-4o", "groq:g", "xai:grok-4", "compatible:m@https://host.example/v1",
    "local:x", "demo:careful", "nobody:x", "openai:", "openai", "openai:gpt-5[high]", "openai:gpt-5[500]",
    "compatible:m@ftp://x", "openai:gpt-4o@https://host.example/v1", "ollama:qwen3", "", "a" * 300,
)  # fmt: skip


def test_names_prices_and_addresses_stay_as_they_are(approved: Approved, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prices, "_listed", listed_price)
    for name in NAMES:
        for effort in (None, "low"):
            try:
                spec = parse(name, effort=effort, max_tokens=700)
            except EscapeError as error:
                approved.add(f"{name[:40]}: {str(error).partition('choose one of')[0]}")  # all the providers
                continue
            approved.add(f"{name}: {spec!r} {spec.name} {family(spec)} {with_budget(spec, 90).name} {spec.budget}")
            answer = Answer(
                text="x", input_tokens=1_000, output_tokens=500, cache_read_tokens=200, cache_write_tokens=50
            )
            prompt = PROBE.model_copy(update={"user": "word " * 200})
            for batch in (False, True):
                ceiling = prices.ceiling(spec, prompt, 100, batch=batch)
                bill = prices.bill(spec, [(prompt, 3), (PROBE, 2)], (300, 200), batch=batch)
                approved.add(f"{name}, {batch}: {prices.cost(spec, answer, batch=batch)} {ceiling} {bill}")
            approved.add(f"{name}: {prices.conversations(spec, [(prompt, 5, 40, 100)])} {prices.batch_share(spec)}")
            if spec.provider != "demo":
                approved.add(f"{name}: {key_scope(spec, {'OPENAI_BASE_URL': 'https://other.example/v1'})}")
    for address in (
        "127.0.0.1",
        "::1",
        "10.0.0.1",
        "192.168.1.1",
        "8.8.8.8",
        "::ffff:127.0.0.1",
        "169.254.1.1",
        "fc00::1",
    ):
        approved.add(f"{address}: {is_loopback(address)} {is_public(address)}")


def test_what_is_sent_stays_as_it_is(approved: Approved, both_apis: FakeServer) -> None:
    turns = (Turn(number=1, answer=Answer(text="Move: look"), move="look", reply="You see a door."),)
    schema = {"type": "object", "properties": {"yes": {"type": "boolean"}}, "required": ["yes"]}
    prompts = (
        PROBE.model_copy(update={"system": "You are a player."}),
        PROBE.model_copy(update={"turns": turns}),
        PROBE.model_copy(update={"limit": 60, "system": "Be short."}),
        PROBE.model_copy(update={"reply_schema": schema}),
    )
    url = both_apis.url
    for name in (
        "openai:gpt-4o",
        "openai:gpt-5[low]",
        "anthropic:claude-haiku",
        f"compatible:m@{url}/v1",
        "openai:o3[300]",
    ):
        for prompt in prompts:
            try:
                asyncio.run(asked(name, prompt))
            except EscapeError as error:
                approved.add(f"{name.replace(url, '')}: {error}")
