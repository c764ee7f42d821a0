"""What is sent over each protocol, how replies are read, and what failures are called: without a server."""

import asyncio
import email.utils
import json
import time
from types import SimpleNamespace

import httpx2
import openai
import pytest
from pydantic import JsonValue, SecretStr

from escape import models
from escape.models.protocols import failures
from escape.models.protocols.openai import _Usage, responses_request
from escape.models.protocols.sdk import SdkModel
from escape.types import Answer, FailureKind, ModelError, ModelSpec, Prompt, SpecError

ASK = Prompt(name="p", version=1, system="be brief", user="u")
FORM = ASK.model_copy(update={"reply_schema": {"type": "object"}})


def model(provider: str, **more: object) -> SdkModel:
    spec = ModelSpec.model_validate({"provider": provider, "model": "m", "max_tokens": 77, **more})
    return models.build(spec, SecretStr("sk-x"))  # type: ignore[return-value]


def answered(
    built: SdkModel, reply: dict[str, JsonValue], request: dict[str, JsonValue] | None = None
) -> Answer:
    return built.answer(request or {}, json.dumps(reply).encode(), {})


def test_a_chat_request_has_what_was_asked_for_and_nothing_else() -> None:
    plain = model("openai").request(ASK)
    assert plain == {
        "model": "m",
        "messages": [{"role": "system", "content": "be brief"}, {"role": "user", "content": "u"}],
        "max_completion_tokens": 77,
    }
    warm = model("openai", temperature=0.0, effort="low")
    assert (warm.request(ASK)["temperature"], warm.request(ASK)["reasoning_effort"]) == (0.0, "low")
    assert "response_format" not in warm.request(ASK)
    assert warm.request(FORM)["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "p", "strict": True, "schema": {"type": "object"}},
    }
    without = model("openai").request(ASK.model_copy(update={"system": ""}))
    assert without["messages"] == [{"role": "user", "content": "u"}]


class _SentError(Exception):
    """What would be sent, before it is."""


def test_instructions_stand_before_the_prompts_own_system_text_in_every_protocol(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    own = {"instructions": "Check each move twice.", "instructed_as": "careful"}
    for provider in ("openai", "anthropic"):
        built = model(provider, **own)

        def caught(request: dict[str, JsonValue]) -> None:
            raise _SentError(json.dumps(request))

        monkeypatch.setattr(built, "send", caught)
        with pytest.raises(_SentError) as sent:
            asyncio.run(built.complete(ASK))
        assert json.dumps("Check each move twice.\n\nbe brief")[1:-1] in str(sent.value)
        assert built.spec.name == f"{provider}:m + careful"


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("", "x", "write both"),
        ("careful", " ", "write both"),
        ("n" * 25, "x", "at most 24 letters"),
        ("=1+1", "x", "at most 24 letters"),
        ("careful", "x" * 4001, "at most 4000 characters"),
    ],
)
def test_instructions_that_cannot_be_are_refused_with_the_remedy(name: str, text: str, words: str) -> None:
    with pytest.raises(SpecError, match=words):
        models.instructed(models.parse("openai:gpt-5"), name, text)


def test_scripted_players_take_no_instructions() -> None:
    with pytest.raises(SpecError, match="scripted"):
        models.instructed(models.parse("demo:careful"), "careful", "x")


def test_a_messages_request_has_what_was_asked_for_and_nothing_else() -> None:
    plain = model("anthropic").request(ASK)
    assert plain == {
        "model": "m",
        "max_tokens": 77,
        "messages": [{"role": "user", "content": "u"}],
        "system": "be brief",
    }
    warm = model("anthropic", temperature=0.0, effort="low").request(FORM)
    assert warm["temperature"] == 0.0
    assert warm["output_config"] == {
        "format": {"type": "json_schema", "schema": {"type": "object"}},
        "effort": "low",
    }
    assert "system" not in model("anthropic").request(ASK.model_copy(update={"system": ""}))


def test_a_responses_request_has_what_was_asked_for_and_nothing_else() -> None:
    spec = ModelSpec(provider="openai", model="m", max_tokens=77)
    assert responses_request(spec, FORM, ()) == {
        "model": "m",
        "input": [{"role": "user", "content": "u"}],
        "max_output_tokens": 77,
        "store": False,
        "instructions": "be brief",
        "text": {
            "format": {"type": "json_schema", "name": "p", "strict": True, "schema": {"type": "object"}}
        },
    }


@pytest.mark.parametrize("provider", ["openai", "anthropic"])
def test_what_a_server_refuses_is_left_out_next_time_and_only_that(provider: str) -> None:
    built = model(provider, temperature=0.5, effort="low")
    assert built.adapt("temperature is deprecated for this model", built.request(ASK))
    assert "temperature" not in built.request(ASK)
    # it is not sent any more
    assert not built.adapt("temperature is deprecated for this model", built.request(ASK))
    assert not built.adapt("something else is wrong", built.request(ASK))


def test_a_form_that_a_server_refuses_is_left_out_and_the_rest_stays() -> None:
    built = model("anthropic", effort="low")
    why = "output_config.format: json_schema is not supported"
    assert built.adapt(why, built.request(FORM))
    assert built.request(FORM)["output_config"] == {"effort": "low"}
    assert sum(built.adapt(why, built.request(FORM)) for _ in range(5)) <= 1  # and nobody is asked for ever


def test_output_tokens_are_all_that_is_charged() -> None:
    def came(
        sent: float | None, out: float | None, all_: int | None = None, thought: int | None = None
    ) -> int | None:
        details = None if thought is None else {"reasoning_tokens": thought}
        return _Usage.model_validate(
            {
                "prompt_tokens": sent,
                "completion_tokens": out,
                "total_tokens": all_,
                "completion_tokens_details": details,
            }
        ).came

    assert came(10, 5) == came(10.0, 5.0) == 5
    assert came(10, True) is None
    assert came(10, 5, 15) == 5
    assert came(10, 5, 40) == 30  # thinking in the total alone
    assert came(None, 5, 40) == 40
    assert came(10, 5, 3) == 5
    assert came(10, 5, 15, 4) == 5  # thinking is part of the five
    assert came(10, 5, 15, 8) == 13  # more thinking than output: it comes on top
    assert came(10, None, 40) is None


def test_a_chat_reply_is_read_with_its_thinking_and_its_end() -> None:
    def reply(message: dict[str, JsonValue], why: str | None = "stop") -> Answer:
        said = {"choices": [{"message": message, "finish_reason": why}], "model": "m-1",
                "usage": {"prompt_tokens": 3, "completion_tokens": 4}}  # fmt: skip
        return answered(model("openai"), said)  # type: ignore[arg-type]

    plain = reply({"content": "Pour."})
    assert (plain.text, plain.model, plain.input_tokens, plain.output_tokens) == ("Pour.", "m-1", 3, 4)
    assert (plain.finish_reason, plain.reasoning) == ("stop", "")
    assert reply({"content": "Pour."}, None).finish_reason == "stop"
    assert reply({"content": "Pour."}, "length").cut_off
    assert reply({"content": "Pour."}, "strange").finish_reason == "other"
    assert reply({"content": "Pour.", "reasoning_content": "a", "reasoning": "b"}).reasoning == "a"
    assert reply({"content": "<think>c</think>Pour.", "reasoning": "b"}).reasoning == "b"
    assert reply({"content": "<think>c</think>Pour."}).reasoning == "c"
    refused = reply({"content": None, "refusal": "I will not."})
    assert (refused.text, refused.finish_reason) == ("I will not.", "refusal")
    # thinking took the whole budget: an answer, though an empty one
    silent = reply({"content": " "}, "length")
    assert (silent.text.strip(), silent.cut_off) == ("", True)
    assert reply({"content": "Pour."}, "content_filter").finish_reason == "filter"
    assert reply({"content": None}, "tool_calls").finish_reason == "tool_call"
    sealed: JsonValue = [{"data": "d"}]
    carried = reply({"content": "Pour.", "reasoning_details": sealed}).carried
    assert carried == {"chat": {"reasoning_details": sealed}}
    bare = answered(model("openai"), {"choices": [{"message": {"content": "x"}}]})
    assert (bare.input_tokens, bare.output_tokens) == (None, None)


def test_a_messages_reply_is_read_with_its_thinking_and_its_end() -> None:
    def reply(*blocks: dict[str, JsonValue], why: str | None = "end_turn") -> Answer:
        usage = {"input_tokens": 3, "output_tokens": 4, "cache_read_input_tokens": 10}
        return answered(
            model("anthropic"),
            {"content": [*blocks], "model": "m-1", "stop_reason": why, "usage": usage},  # type: ignore[list-item, dict-item]
        )

    text = {"type": "text", "text": "Pour."}
    plain = reply({"type": "thinking", "thinking": "a"}, {"type": "thinking", "thinking": "b"}, text, text)  # type: ignore[arg-type]
    assert (plain.text, plain.reasoning, plain.finish_reason) == ("Pour.Pour.", "a\nb", "stop")
    assert (plain.input_tokens, plain.output_tokens, plain.model) == (13, 4, "m-1")
    assert reply(text, why=None).finish_reason == "stop"  # type: ignore[arg-type]
    assert reply(text, why="max_tokens").cut_off  # type: ignore[arg-type]
    refused = reply(why="refusal")
    assert (refused.text, refused.finish_reason) == ("", "refusal")
    assert reply(text, why="refusal").text == "Pour."  # type: ignore[arg-type]
    assert reply(why="end_turn").text == ""
    assert (reply(why="max_tokens").text, reply(why="max_tokens").cut_off) == ("", True)
    assert reply(why="tool_use").finish_reason == "tool_call"


def test_a_responses_reply_is_read_with_its_refusal_and_its_end() -> None:
    def reply(*items: dict[str, JsonValue], **more: JsonValue) -> Answer:
        request: dict[str, JsonValue] = {"input": "u"}
        return answered(
            model("openai"), {"output": [*items], "model": "m", "status": "completed", **more}, request
        )

    said: dict[str, JsonValue] = {"type": "message", "content": [{"type": "output_text", "text": "Pour."}]}
    assert (reply(said).text, reply(said).finish_reason) == ("Pour.", "stop")
    cut = reply(said, status="incomplete", incomplete_details={"reason": "max_output_tokens"})
    assert cut.finish_reason == "length"
    held = reply(said, status="incomplete", incomplete_details={"reason": "content_filter"})
    assert held.finish_reason == "filter"
    refused = reply({"type": "message", "content": [{"type": "refusal", "refusal": "No."}]})
    assert (refused.text, refused.finish_reason) == ("No.", "refusal")
    assert reply({"type": "message", "content": None}, said).text == "Pour."
    counted = reply(said, usage={"input_tokens": 3, "output_tokens": 4})
    assert (counted.input_tokens, counted.output_tokens) == (3, 4)
    cached = reply(
        said, usage={"input_tokens": 3, "output_tokens": 4, "input_tokens_details": {"cached_tokens": 2}}
    )
    assert cached.cache_read_tokens == 2


def test_a_wish_to_wait_is_read_in_each_form_and_never_negative() -> None:
    def wish(**headers: str) -> float | None:
        return failures.retry_after({k.replace("_", "-"): v for k, v in headers.items()})

    assert wish(retry_after_ms="1500", retry_after="9") == 1.5
    assert wish(retry_after_ms="-5") == 0.0
    assert wish(retry_after="2.5") == 2.5
    soon, past = (email.utils.formatdate(time.time() + s, usegmt=True) for s in (30, -30))
    found = wish(retry_after=soon)
    assert found is not None
    assert 28 <= found <= 30
    assert wish(retry_after=past) == 0.0
    for none in ({}, {"retry_after": "soon"}, {"retry_after": ""}, {"retry_after_ms": "x"}):
        assert wish(**none) is None


@pytest.mark.parametrize(
    ("content", "kind", "words"),
    [
        (b'{"error": {"message": "slow down", "code": 429}}', FailureKind.RATE_LIMIT, "429: slow down"),
        (b'{"error": {"message": "broken", "code": 599}}', FailureKind.OVERLOADED, "599: broken"),
        (b'{"error": {"message": "broken", "code": 600}}', FailureKind.OVERLOADED, "500: broken"),
        (b'{"error": {"message": "what", "code": 400}}', FailureKind.BAD_REQUEST, "400: what"),
        (b'{"error": {"message": "what", "code": 399}}', FailureKind.OVERLOADED, "500: what"),
        (b'{"error": "down"}', FailureKind.OVERLOADED, "500: down"),
        (b'{"error": {"code": "model_not_found", "type": "x"}}', FailureKind.OVERLOADED, "500: "),
    ],
)
def test_an_error_in_a_good_reply_is_an_error(content: bytes, kind: FailureKind, words: str) -> None:
    found = failures.error_inside(content, "sk-x")
    assert found is not None
    assert found.kind is kind
    assert words in found.message


@pytest.mark.parametrize("content", [b"{}", b'{"error": null}', b"[1]", b"no json", b'{"error": {}}'])
def test_a_good_reply_has_no_error(content: bytes) -> None:
    assert failures.error_inside(content, "sk-x") is None


@pytest.mark.parametrize(
    ("status", "kind", "blocked"),
    [
        (500, FailureKind.OVERLOADED, False),
        (499, FailureKind.WRONG_ADDRESS, False),
        (401, FailureKind.WRONG_ADDRESS, True),
        (403, FailureKind.WRONG_ADDRESS, True),
        (407, FailureKind.WRONG_ADDRESS, True),
        (451, FailureKind.WRONG_ADDRESS, True),
        (404, FailureKind.WRONG_ADDRESS, False),
    ],
)
def test_a_web_page_has_one_of_three_causes(status: int, kind: FailureKind, blocked: bool) -> None:
    found = failures.web_page(status)
    assert (found.kind, "proxy" in found.message) == (kind, blocked)
    assert f"{status}, a web page" in found.message


def refused(status: int, body: object, content_type: str = "application/json") -> ModelError:
    response = httpx2.Response(
        status,
        headers={"content-type": content_type, "retry-after": "7"},
        content=body if isinstance(body, str) else json.dumps(body) if body is not None else b"",
        request=httpx2.Request("POST", "http://x/v1"),
    )
    error = openai.APIStatusError("the SDK's words", response=response, body=body)  # type: ignore[arg-type]
    return failures.model_error(error, openai, "sk-x")


def test_a_status_error_is_told_in_the_servers_words() -> None:
    inner = refused(422, {"error": {"message": "model m is not a valid model", "code": None}})
    assert (inner.kind, inner.retry_after_s) == (FailureKind.UNKNOWN_MODEL, 7.0)
    assert "422: model m is not a valid model" in inner.message
    assert refused(400, {"message": "too long"}).message.endswith("(400: too long)")
    assert "the SDK's words" in refused(400, {}).message
    assert refused(404, "plain text").kind is FailureKind.UNKNOWN_MODEL
    assert refused(404, "  <html>").kind is FailureKind.WRONG_ADDRESS
    assert refused(404, None, "text/html").kind is FailureKind.WRONG_ADDRESS
    assert refused(302, None).kind is FailureKind.WRONG_ADDRESS
    assert refused(302, {"message": "moved"}).kind is FailureKind.BAD_REQUEST
    assert refused(403, {"message": "your billing is off"}).kind is FailureKind.NO_CREDIT
    assert refused(404, {"message": "billing"}).kind is FailureKind.UNKNOWN_MODEL
    assert refused(418, {"message": "unknown model"}).kind is FailureKind.BAD_REQUEST


def test_a_broken_connection_is_told_from_a_timeout_and_a_bug_from_both() -> None:
    request = httpx2.Request("POST", "http://x/v1")
    slow = failures.model_error(openai.APITimeoutError(request=request), openai, "sk-x")  # type: ignore[arg-type]
    assert slow.kind is FailureKind.TIMEOUT

    class ServerDisconnectedError(Exception):
        pass

    broken = openai.APITimeoutError(request=request)  # type: ignore[arg-type]
    broken.__cause__ = ServerDisconnectedError()
    found = failures.model_error(broken, openai, "sk-x")
    assert found.kind is FailureKind.CONNECTION
    assert "the server hung up" in found.message
    alone = failures.model_error(openai.APIConnectionError(request=request), openai, "sk-x")  # type: ignore[arg-type]
    assert alone.kind is FailureKind.CONNECTION
    assert "(" not in alone.message
    with pytest.raises(ZeroDivisionError):
        failures.model_error(ZeroDivisionError(), openai, "sk-x")
    assert failures.model_error(
        TimeoutError(), SimpleNamespace(APIStatusError=(), APITimeoutError=OSError), ""
    ).kind is (FailureKind.TIMEOUT)  # type: ignore[arg-type]
