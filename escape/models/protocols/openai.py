"""OpenAI's SDK: Chat Completions at compatible addresses, and the Responses API where a model needs it."""

import json
import re
from collections.abc import Collection, Mapping
from typing import Annotated

from pydantic import AliasPath, BeforeValidator, Field, JsonValue

from escape.models.parts import Parts
from escape.models.protocols.failures import filtered
from escape.models.protocols.sdk import SdkModel
from escape.models.protocols.wire import Named, Request, Tokens, Wire, refuses_value, tokens_left, turn_text
from escape.types import Answer, Finish, ModelError, ModelSpec, Prompt

_RESPONSES = "responses"
FAILED = frozenset({"failed", "cancelled"})  # states in which a reply is an error and no answer


class _Part(Wire):
    type: str = ""
    text: str = ""
    refusal: str = ""


class _Item(Wire):
    type: str = ""
    content: tuple[_Part, ...] | None = Field(None, max_length=10_000)
    summary: tuple[_Part, ...] | None = Field(None, max_length=10_000)


class _ResponsesUsage(Wire):
    input_tokens: Tokens = None
    output_tokens: Tokens = None
    cached: Tokens = Field(None, validation_alias=AliasPath("input_tokens_details", "cached_tokens"))


class ResponsesReply(Wire):
    """The parts of a reply that we read.

    `raw`: its items as they came, since a conversation sends them back.
    """

    output: tuple[_Item, ...] = Field(max_length=10_000)
    raw: tuple[JsonValue, ...] = Field((), validation_alias=AliasPath("output"))
    model: Named = ""
    status: str = "completed"
    why: str | None = Field(None, validation_alias=AliasPath("incomplete_details", "reason"))
    usage: _ResponsesUsage | None = None


def responses_request(spec: ModelSpec, prompt: Prompt, left_out: Collection[str]) -> Request:
    """Build the fields of one call to the Responses API. The provider is asked not to store it."""
    inputs: list[JsonValue] = [{"role": "user", "content": prompt.user}]
    for turn in prompt.turns or ():  # with the items that the provider wants back
        items = turn.answer.carried.get(_RESPONSES)
        inputs += items if isinstance(items, list) else [{"role": "assistant", "content": turn_text(turn)}]
        inputs.append({"role": "user", "content": turn.reply})
    request: Request = {
        "model": spec.model,
        "input": inputs,
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
        reasoning="\n".join(
            p.text for item in reply.output if item.type == "reasoning" for p in item.summary or ()
        ),
        input_tokens=reply.usage.input_tokens if reply.usage else None,
        output_tokens=reply.usage.output_tokens if reply.usage else None,
        cache_read_tokens=(reply.usage.cached or 0) if reply.usage else 0,
        carried={_RESPONSES: list(reply.raw)} if any(i.type == "reasoning" for i in reply.output) else {},
        finish_reason=finish,
    )


_FINISH: dict[str, Finish] = {
    "stop": "stop",
    "length": "length",
    "content_filter": "filter",
    "tool_calls": "tool_call",
    "function_call": "tool_call",
}
_THINKING = re.compile(r"\A\s*<think(?:ing)?>(.*?)</think(?:ing)?>\s*", re.DOTALL)
_UNCLOSED = re.compile(r"\A\s*<think(?:ing)?>")
_OTHER_LIMIT = {"max_tokens": "max_completion_tokens", "max_completion_tokens": "max_tokens"}
# Words that servers use for fields which some of them refuse.
_NAMES = {
    "temperature": ("temperature",),
    "reasoning_effort": ("reasoning_effort", "reasoning.effort", "reasoning"),
    "response_format": ("response_format", "schema", "grammar"),
    "reasoning": ("reasoning.effort", "reasoning"),
    "text": ("text.format", "schema"),
    "include": ("include", "encrypted"),
}
_EFFORT = ("reasoning_effort", "reasoning")
_NAME = "chat"  # under which a conversation carries what this protocol wants back
_RESPONSES_ONLY = ("v1/responses", "responses api", "responses endpoint")


def split_thinking(text: str) -> tuple[str, str]:
    """Split a text that starts with a <think> block, as R1 sends it, into (thinking, answer)."""
    match = _THINKING.match(text)
    if match:
        return match.group(1).strip(), text[match.end() :]
    head, tag, tail = text.partition("</think>")
    if tag and "Solution Steps" not in head:  # a template that dropped the opening tag
        return head.replace("<think>", "").strip(), tail.lstrip()
    if cut := _UNCLOSED.match(text):  # cut off while thinking
        return text[cut.end() :].strip(), ""
    return "", text


def _joined(content: JsonValue) -> JsonValue:
    if not isinstance(content, list):
        return content
    return "".join(str(p.get("text") or "") if isinstance(p, dict) else str(p) for p in content)


class _Message(Wire):
    content: Annotated[str | None, BeforeValidator(_joined)] = None
    refusal: str | None = None
    reasoning_content: str | None = None  # DeepSeek, vLLM
    reasoning: str | None = None  # OpenRouter, Groq
    reasoning_details: JsonValue = None  # OpenRouter: to be sent back as it came


class _Choice(Wire):
    message: Annotated[_Message, BeforeValidator(lambda m: {} if m is None else m)] = _Message()
    finish_reason: str | None = None
    error: JsonValue = None  # OpenRouter: what went wrong at the provider behind it


class _Usage(Wire):
    prompt_tokens: Tokens = None
    completion_tokens: Tokens = None
    total_tokens: Tokens = None
    cached: Tokens = Field(None, validation_alias=AliasPath("prompt_tokens_details", "cached_tokens"))
    thinking: Tokens = Field(
        None, validation_alias=AliasPath("completion_tokens_details", "reasoning_tokens")
    )

    @property
    def came(self) -> int | None:
        """All output tokens: some servers count thinking only in the total or in the details."""
        if self.completion_tokens is None:
            return None
        hidden = max(0, (self.total_tokens or 0) - (self.prompt_tokens or 0))
        thought = self.thinking or 0
        tokens = self.completion_tokens + (thought if thought > self.completion_tokens else 0)
        return max(tokens, hidden)


class _Reply(Wire):
    choices: tuple[_Choice, ...] = Field(min_length=1, max_length=100)
    model: Named = ""
    usage: _Usage | None = None


class ChatModel(SdkModel):
    """One model behind Chat Completions.

    Newer OpenAI models refuse `temperature` and `max_tokens`. Older servers do not know
    `max_completion_tokens` or JSON Schema. A few models answer only through the Responses API, and their
    refusal says so.
    """

    sdk_name = "openai"
    client_name = "AsyncOpenAI"
    models_path = "/models"
    owners_headers = ("OpenAI-Organization", "OpenAI-Project")

    def __init__(self, parts: Parts, limit_field: str = "max_tokens") -> None:
        super().__init__(parts)
        self._limit_field = limit_field
        self._limit_switched = False
        self._by_responses = False

    def request(self, prompt: Prompt) -> Request:
        if self._by_responses:
            return responses_request(self.spec, prompt, self.left_out)
        request: Request = {
            "model": self.spec.model,
            "messages": _messages(prompt),
            self._limit_field: tokens_left(self.spec, prompt),
        }
        if self.spec.temperature is not None:
            request["temperature"] = self.spec.temperature
        if self.spec.effort is not None:
            request["reasoning_effort"] = self.spec.effort
        if prompt.reply_schema is not None:
            request["response_format"] = {
                "type": "json_schema",
                "json_schema": {"name": prompt.name, "strict": True, "schema": dict(prompt.reply_schema)},
            }
        return {k: v for k, v in request.items() if k not in self.left_out}

    def adapt(self, words: str, request: Request) -> bool:
        if any(w in words for w in _RESPONSES_ONLY) and "messages" in request:
            self._by_responses = True
            return True
        for field, markers in _NAMES.items():
            if field in _EFFORT and refuses_value(words):
                continue  # it knows the field, and says which efforts there are
            if field in request and any(c in words for c in markers):
                self.left_out.add(field)
                return True
        sent = next((name for name in _OTHER_LIMIT if name in request), "")
        if sent and re.search(rf"\b{sent}\b", words):
            if sent != self._limit_field:  # a concurrent call has already switched the field
                return True
            if not self._limit_switched:
                self._limit_field, self._limit_switched = _OTHER_LIMIT[sent], True
                return True
        return False

    def path(self, request: Request) -> str:
        return "/responses" if "input" in request else "/chat/completions"

    def answer(self, request: Request, content: bytes, headers: Mapping[str, str]) -> Answer:
        if "input" in request:
            reply = self.read(ResponsesReply, content, headers)
            if reply.status in FAILED:
                raise self.inside(content, headers)
            return responses_answer(reply)
        try:
            chat = self.read(_Reply, content, headers)
            choice = chat.choices[0]
            if choice.error or choice.finish_reason == "error":
                content = json.dumps({"error": choice.error}).encode()
                raise self.inside(content, headers)
            return _chat(chat)
        except ModelError:
            if filtered(content):  # in the form of an error, with status 200
                return Answer(text="", finish_reason="filter")
            raise


def _chat(reply: _Reply) -> Answer:
    choice, usage = reply.choices[0], reply.usage
    message = choice.message
    thinking, text = split_thinking(message.content or "")
    finish = _FINISH.get(choice.finish_reason or "stop", "other")
    if message.refusal:
        text, finish = message.refusal, "refusal"
    return Answer(
        text=text,
        model=reply.model,
        reasoning=message.reasoning_content or message.reasoning or thinking,
        input_tokens=usage.prompt_tokens if usage else None,
        output_tokens=usage.came if usage else None,
        cache_read_tokens=(usage.cached or 0) if usage else 0,
        carried={_NAME: {"reasoning_details": message.reasoning_details}}
        if message.reasoning_details
        else {},
        finish_reason=finish,
    )


def _messages(prompt: Prompt) -> list[JsonValue]:
    messages: list[JsonValue] = [{"role": "user", "content": prompt.user}]
    if prompt.system:
        messages.insert(0, {"role": "system", "content": prompt.system})
    for turn in prompt.turns or ():
        carried = turn.answer.carried.get(_NAME)
        message: Request = {"role": "assistant", "content": turn_text(turn)}
        messages += [
            message | carried if isinstance(carried, dict) else message,
            {"role": "user", "content": turn.reply},
        ]
    return messages
