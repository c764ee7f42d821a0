"""OpenAI's Responses API, for models that are available nowhere else: building a request, reading its reply."""

from __future__ import annotations

from collections.abc import Collection

from pydantic import AliasPath, Field, JsonValue

from escape.models.protocols.wire import Named, Request, Tokens, Wire, spoken, tokens_left
from escape.types import Answer, Finish, ModelSpec, Prompt

_NAME = "responses"
FAILED = frozenset({"failed", "cancelled"})  # states in which a reply is an error and no answer


class _Part(Wire):
    type: str = ""
    text: str = ""
    refusal: str = ""


class _Item(Wire):
    type: str = ""
    content: tuple[_Part, ...] | None = Field(None, max_length=10_000)
    summary: tuple[_Part, ...] | None = Field(None, max_length=10_000)


class _Usage(Wire):
    input_tokens: Tokens = None
    output_tokens: Tokens = None
    cached: Tokens = Field(None, validation_alias=AliasPath("input_tokens_details", "cached_tokens"))


class ResponsesReply(Wire):
    """A reply, as far as we read it, its items also as they came, since a conversation sends them back."""

    output: tuple[_Item, ...] = Field(max_length=10_000)
    raw: tuple[JsonValue, ...] = Field((), validation_alias=AliasPath("output"))
    model: Named = ""
    status: str = "completed"
    why: str | None = Field(None, validation_alias=AliasPath("incomplete_details", "reason"))
    usage: _Usage | None = None


def responses_request(spec: ModelSpec, prompt: Prompt, left_out: Collection[str]) -> Request:
    """Return the fields of one call. The provider is asked not to store it."""
    request: Request = {
        "model": spec.model,
        "input": _input(prompt),
        "max_output_tokens": tokens_left(spec, prompt),
        "store": False,
    }
    if prompt.turns is not None:  # nothing is stored, so what the model thought comes back with the next turn
        request["include"] = ["reasoning.encrypted_content"]
    if prompt.system:
        request["instructions"] = prompt.system
    if spec.temperature is not None:
        request["temperature"] = spec.temperature
    if spec.effort is not None:
        request["reasoning"] = {"effort": spec.effort}
    if prompt.reply_schema is not None:
        form: Request = {
            "type": "json_schema",
            "name": prompt.name,
            "strict": True,
            "schema": dict(prompt.reply_schema),
        }
        request["text"] = {"format": form}
    return {k: v for k, v in request.items() if k not in left_out}


def _input(prompt: Prompt) -> list[JsonValue]:
    """Return what has been said so far, first to last, with the items that the provider wants back."""
    inputs: list[JsonValue] = [{"role": "user", "content": prompt.user}]
    for turn in prompt.turns or ():
        items = turn.answer.carried.get(_NAME)
        inputs += items if isinstance(items, list) else [{"role": "assistant", "content": spoken(turn)}]
        inputs.append({"role": "user", "content": turn.reply})
    return inputs


def responses_answer(reply: ResponsesReply) -> Answer:
    parts = [p for item in reply.output if item.type == "message" for p in item.content or ()]
    refused = "".join(p.refusal for p in parts)
    finish: Finish = "stop"
    if refused:
        finish = "refusal"
    elif reply.status == "incomplete":
        finish = "filter" if reply.why == "content_filter" else "length"
    elif not parts and any(item.type.endswith("_call") for item in reply.output):
        finish = "tool_call"
    return Answer(
        text=refused or "".join(p.text for p in parts),
        model=reply.model,
        reasoning="\n".join(p.text for item in reply.output if item.type == "reasoning" for p in item.summary or ()),
        input_tokens=reply.usage.input_tokens if reply.usage else None,
        output_tokens=reply.usage.output_tokens if reply.usage else None,
        cache_read_tokens=(reply.usage.cached or 0) if reply.usage else 0,
        carried={_NAME: list(reply.raw)} if any(i.type == "reasoning" for i in reply.output) else {},
        finish_reason=finish,
    )
