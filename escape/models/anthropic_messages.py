"""Anthropic's SDK: the Messages API."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field

from escape.models.sdk import Request, SdkModel
from escape.schema import Answer, Prompt

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic

_FINISH: dict[str, Literal["stop", "length", "refusal"]] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "refusal": "refusal",
}


class _Reading(BaseModel):
    """What we read of a reply; servers add fields of their own, which are passed over."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class _Block(_Reading):
    type: str
    text: str = ""
    thinking: str = ""


class _Usage(_Reading):
    input_tokens: int | None = Field(None, ge=0)
    output_tokens: int | None = Field(None, ge=0)
    cache_read_input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None

    @property
    def sent(self) -> int | None:
        """All tokens that went in; Anthropic counts those read from or written to a cache apart."""
        parts = (self.input_tokens, self.cache_read_input_tokens, self.cache_creation_input_tokens)
        return None if self.input_tokens is None else sum(p or 0 for p in parts)


class _Reply(_Reading):
    content: tuple[_Block, ...]
    model: str = ""
    stop_reason: str | None = None
    usage: _Usage | None = None


class MessagesModel(SdkModel["AsyncAnthropic"]):
    """One model behind the Messages API. The SDK's `create` has no `temperature`."""

    sdk_name = "anthropic"
    models_path = "/v1/models?limit=1000"

    def connect(self, sdk: ModuleType, key: str, base_url: str | None) -> AsyncAnthropic:
        """See SdkModel."""
        client: AsyncAnthropic = sdk.AsyncAnthropic(
            api_key=key,
            base_url=base_url,
            timeout=self.spec.timeout_s,
            max_retries=0,
            http_client=self.http(),
            default_headers=self.without_owners_headers(sdk),
        )
        return client

    def request(self, prompt: Prompt) -> Request:
        """See SdkModel."""
        request: Request = {
            "model": self.spec.model,
            "max_tokens": self.spec.max_tokens,
            "messages": [{"role": "user", "content": prompt.user}],
        }
        if prompt.system:
            request["system"] = prompt.system
        if self.spec.temperature is not None:
            request["temperature"] = self.spec.temperature
        if prompt.reply_schema is not None:
            request["output_config"] = {"format": {"type": "json_schema", "schema": dict(prompt.reply_schema)}}
        return {k: v for k, v in request.items() if k not in self.left_out}

    def adapt(self, words: str, request: Request) -> bool:
        """See SdkModel."""
        names = {"temperature": ("temperature",), "output_config": ("output_config", "schema", "format", "structured")}
        for field, called in names.items():
            if field in request and any(c in words for c in called):
                self.left_out.add(field)
                return True
        return False

    async def send(self, client: AsyncAnthropic, request: Request) -> Answer:
        """See SdkModel."""
        # the SDK's own way in for a ready body: `create` has no temperature, and would walk the whole JSON Schema
        import httpx2

        raw = await client.post("/v1/messages", cast_to=httpx2.Response, body=request)
        reply = _Reply.model_validate_json(raw.content)
        text = "".join(b.text for b in reply.content if b.type == "text")
        finish = _FINISH.get(reply.stop_reason or "end_turn", "other")
        if not text.strip() and finish == "length":
            raise self.cut_off()
        if not text.strip() and finish == "refusal":
            text = "The model refused to answer."
        return Answer(
            text=text,
            model=reply.model,
            reasoning="\n".join(b.thinking for b in reply.content if b.type == "thinking"),
            input_tokens=reply.usage.sent if reply.usage else None,
            output_tokens=reply.usage.output_tokens if reply.usage else None,
            finish_reason=finish,
        )
