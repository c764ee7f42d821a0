"""Conversations over three protocols: what is sent with the next turn, and what is kept of a reply for it."""

import json
from typing import Any

import pytest
from pydantic import SecretStr

from escape import models
from escape.models import prices
from escape.models.protocols.anthropic_messages import MessagesModel, _Reply
from escape.models.protocols.openai import ChatModel, ResponsesReply, responses_answer, responses_request
from escape.models.protocols.sdk import SdkModel
from escape.types import Answer, ModelSpec, Prompt, Turn

KEY = "sk-test-0123456789"
THOUGHT: dict[str, Any] = {"type": "thinking", "thinking": "", "signature": "s1"}
SEALED: dict[str, Any] = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "e1"}


def model(provider: str) -> SdkModel:
    made = models.build(ModelSpec(provider=provider, model="m", max_tokens=500), SecretStr(KEY))
    assert isinstance(made, SdkModel)
    return made


def asked(carried: dict[str, Any] | None = None, text: str = "Move: a", limit: int = 300) -> Prompt:
    turn = Turn(number=1, answer=Answer(text=text, carried=carried or {}), reply="It moves.")
    return Prompt(name="x", version=1, system="sys", user="first", turns=(turn,), limit=limit)


def test_chat_sends_what_was_said_and_no_more_than_is_left() -> None:
    chat = model("openai")
    assert isinstance(chat, ChatModel)
    request = chat.request(asked({"chat": {"reasoning_details": [{"data": "d"}]}}))
    assert request["messages"] == [
        {"role": "system", "content": "sys"},
        {"role": "user", "content": "first"},
        {"role": "assistant", "content": "Move: a", "reasoning_details": [{"data": "d"}]},
        {"role": "user", "content": "It moves."},
    ]
    assert 300 in request.values()


def test_responses_sends_sealed_thoughts_back_as_they_came() -> None:
    message = {
        "type": "message",
        "role": "assistant",
        "content": [{"type": "output_text", "text": "Move: a"}],
    }
    reply = ResponsesReply.model_validate_json(json.dumps({"output": [SEALED, message], "model": "m"}))
    answer = responses_answer(reply)
    request = responses_request(ModelSpec(provider="openai", model="m"), asked(dict(answer.carried)), ())
    assert request["input"] == [
        {"role": "user", "content": "first"},
        SEALED,
        message,
        {"role": "user", "content": "It moves."},
    ]
    assert request["include"] == ["reasoning.encrypted_content"]
    assert request["store"] is False


def test_messages_sends_signed_thoughts_back_and_asks_for_the_cache() -> None:
    anthropic = model("anthropic")
    assert isinstance(anthropic, MessagesModel)
    blocks = [THOUGHT, {"type": "text", "text": "Move: a"}]
    assert _Reply.model_validate_json(json.dumps({"content": blocks})).raw == tuple(blocks)
    request = anthropic.request(asked({"messages": blocks}))
    assert request["messages"] == [
        {"role": "user", "content": "first"},
        {"role": "assistant", "content": blocks},
        {"role": "user", "content": "It moves."},
    ]
    assert request["cache_control"] == {"type": "ephemeral"}
    assert anthropic.adapt("cache_control: extra inputs are not permitted", request)
    assert "cache_control" not in anthropic.request(asked())


@pytest.mark.parametrize("provider", ["openai", "anthropic"])
def test_what_another_protocol_carried_is_left_out_and_no_message_is_empty(provider: str) -> None:
    request = model(provider).request(asked({"responses": [SEALED]}, text=" "))
    said = request["messages"]
    assert isinstance(said, list)
    assert {"role": "assistant", "content": "(nothing)"} in said


def test_a_key_that_a_server_sends_back_is_not_carried() -> None:
    chat = model("openai")
    answer = chat.told(Answer(text="x", carried={"chat": {"reasoning_details": [{"data": f"a {KEY}"}]}}), 0.1)
    assert answer.carried == {}
    told = chat.told(Answer(text=f"a {KEY}", reasoning=f"b {KEY}"), 0.1)
    assert (told.text, told.reasoning) == ("a [key]", "b [key]")


def test_a_model_under_the_name_that_its_provider_lists_reads_its_cache_at_the_same_price() -> None:
    answer = Answer(text="x", input_tokens=1000, output_tokens=0, cache_read_tokens=1000)
    bare, listed = (
        prices.call_cost(ModelSpec(provider="gemini", model=name), answer)
        for name in ("gemini-2.5-flash", "models/gemini-2.5-flash")
    )
    assert bare == listed
    assert bare


def test_cached_tokens_have_their_price_and_writing_them_is_in_the_ceiling() -> None:
    spec = ModelSpec(provider="anthropic", model="claude-haiku-4-5")
    dear = prices.call_cost(spec, Answer(text="x", input_tokens=1000, output_tokens=0))
    read = prices.call_cost(
        spec, Answer(text="x", input_tokens=1000, output_tokens=0, cache_read_tokens=1000)
    )
    written = prices.call_cost(
        spec, Answer(text="x", input_tokens=1000, output_tokens=0, cache_write_tokens=1000)
    )
    assert dear
    assert read
    assert written
    assert read < dear < written
    alone = Prompt(name="x", version=1, system="sys", user="first")
    once, talk = prices.ceiling(spec, alone), prices.ceiling(spec, alone.model_copy(update={"turns": ()}))
    assert once
    assert talk
    assert talk.usd_in * 1000 == pytest.approx(written)
    assert prices.ceiling(spec, asked(limit=7)).tokens_out == 7  # type: ignore[union-attr]


def test_all_that_was_said_before_counts_in_the_ceiling_of_a_turn() -> None:
    spec = ModelSpec(provider="openai", model="gpt-4o")
    short = prices.ceiling(spec, asked())
    assert short
    for longer, more in ((asked(text="Move: a" + "x" * 500), 500), (asked({"responses": [SEALED]}), 30)):
        found = prices.ceiling(spec, longer)
        assert found
        assert found.tokens_in - short.tokens_in >= more / 2
