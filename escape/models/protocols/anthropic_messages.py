"""Anthropic's SDK: the Messages API."""

from collections.abc import Mapping

from pydantic import AliasPath, Field, JsonValue

from escape.models.protocols.sdk import SdkModel
from escape.models.protocols.wire import Named, Request, Tokens, Wire, refuses_value, tokens_left, turn_text
from escape.types import Answer, Finish, Prompt

_NAME = "messages"
_FINISH: dict[str, Finish] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "refusal": "refusal",
    "tool_use": "tool_call",
}


class _Block(Wire):
    type: str
    text: str = ""
    thinking: str = ""


class _Usage(Wire):
    input_tokens: Tokens = None
    output_tokens: Tokens = None
    cache_read_input_tokens: Tokens = None
    cache_creation_input_tokens: Tokens = None

    @property
    def sent(self) -> int | None:
        """All input tokens. Anthropic counts those read from or written to a cache separately."""
        parts = (self.input_tokens, self.cache_read_input_tokens, self.cache_creation_input_tokens)
        return None if self.input_tokens is None else sum(p or 0 for p in parts)


class _Reply(Wire):
    content: tuple[_Block, ...] = Field(max_length=10_000)
    raw: tuple[JsonValue, ...] = Field((), validation_alias=AliasPath("content"))
    model: Named = ""
    stop_reason: str | None = None
    usage: _Usage | None = None


_NAMES = {
    "temperature": ("temperature",),
    "cache_control": ("cache_control",),
    "effort": ("effort",),
    "format": ("schema", "format", "structured"),
}


class MessagesModel(SdkModel):
    """One model behind the Messages API. The SDK's `create` has no `temperature`."""

    sdk_name = "anthropic"
    client_name = "AsyncAnthropic"
    models_path = "/v1/models?limit=1000"

    def request(self, prompt: Prompt) -> Request:
        messages: list[JsonValue] = [{"role": "user", "content": prompt.user}]
        for turn in prompt.turns or ():  # with signed thinking as it came
            blocks = turn.answer.carried.get(_NAME)
            messages.append(
                {"role": "assistant", "content": blocks if isinstance(blocks, list) else turn_text(turn)}
            )
            messages.append({"role": "user", "content": turn.reply})
        request: Request = {
            "model": self.spec.model,
            "max_tokens": tokens_left(self.spec, prompt),
            "messages": messages,
        }
        if prompt.turns is not None:  # what was said before costs a tenth when it is read again
            request["cache_control"] = {"type": "ephemeral"}
        if prompt.system:
            request["system"] = prompt.system
        if self.spec.temperature is not None:
            request["temperature"] = self.spec.temperature
        output: dict[str, JsonValue] = {}
        if prompt.reply_schema is not None and "format" not in self.left_out:
            output["format"] = {"type": "json_schema", "schema": dict(prompt.reply_schema)}
        if self.spec.effort is not None and "effort" not in self.left_out:
            output["effort"] = self.spec.effort
        if output:
            request["output_config"] = output
        return {k: v for k, v in request.items() if k not in self.left_out}

    def adapt(self, words: str, request: Request) -> bool:
        output = request.get("output_config")
        sent = {*request, *(output if isinstance(output, dict) else ())}
        for field, markers in _NAMES.items():
            if field == "effort" and refuses_value(words):
                continue  # it knows the field, and says which efforts there are
            if field in sent and any(c in words for c in markers):
                self.left_out.add(field)
                return True
        if output and "output_config" in words:
            self.left_out.add("output_config")
            return True
        return False

    def path(self, request: Request) -> str:
        return "/v1/messages"

    def answer(self, request: Request, content: bytes, headers: Mapping[str, str]) -> Answer:
        reply = self.read(_Reply, content, headers)
        text = "".join(b.text for b in reply.content if b.type == "text")
        finish = _FINISH.get(reply.stop_reason or "end_turn", "other")
        return Answer(
            text=text,
            model=reply.model,
            reasoning="\n".join(b.thinking for b in reply.content if b.type == "thinking"),
            input_tokens=reply.usage.sent if reply.usage else None,
            output_tokens=reply.usage.output_tokens if reply.usage else None,
            cache_read_tokens=(reply.usage.cache_read_input_tokens or 0) if reply.usage else 0,
            cache_write_tokens=(reply.usage.cache_creation_input_tokens or 0) if reply.usage else 0,
            carried={_NAME: list(reply.raw)} if any("thinking" in b.type for b in reply.content) else {},
            finish_reason=finish,
        )
