"""Anthropic's SDK: the Messages API. One call a prompt; no retries, no waiting."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Literal

from pydantic import JsonValue, SecretStr

from escape.errors import Kind, ModelError
from escape.models.faults import UnreadableReply, model_error
from escape.schema import Answer, ModelSpec, Prompt

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic
    from anthropic.types import Message

_FINISH: dict[str, Literal["stop", "length", "refusal"]] = {
    "end_turn": "stop", "stop_sequence": "stop", "max_tokens": "length",
    "model_context_window_exceeded": "length", "refusal": "refusal",
}


class MessagesModel:
    """One model behind the Messages API. The SDK's `create` has no `temperature`; it travels in the body, and is left
    out, as is the JSON Schema, once a model has refused it."""

    def __init__(self, spec: ModelSpec, key: SecretStr | None, base_url: str | None) -> None:
        self.spec = spec
        self._key = key
        self._base_url = base_url
        self._left_out: set[str] = set()
        self._client: AsyncAnthropic | None = None

    async def _connect(self) -> AsyncAnthropic:
        if self._client is None:
            anthropic = await asyncio.to_thread(__import__, "anthropic")  # 0.6 s of import; others keep running
            if self._client is None:
                self._client = anthropic.AsyncAnthropic(
                    api_key=self._secret or "none",
                    base_url=self._base_url,
                    timeout=self.spec.timeout_s,
                    max_retries=0,
                )
        return self._client

    @property
    def _secret(self) -> str:
        return self._key.get_secret_value() if self._key else ""

    def _request(self, prompt: Prompt) -> dict[str, JsonValue]:
        request: dict[str, JsonValue] = {
            "model": self.spec.model,
            "max_tokens": self.spec.max_tokens,
            "messages": [{"role": "user", "content": prompt.user}],
        }
        if prompt.system:
            request["system"] = prompt.system
        if self.spec.temperature is not None and "temperature" not in self._left_out:
            request["extra_body"] = {"temperature": self.spec.temperature}
        if prompt.reply_schema is not None and "output_config" not in self._left_out:
            request["output_config"] = {"format": {"type": "json_schema", "schema": dict(prompt.reply_schema)}}
        return request

    def _adapt(self, error: ModelError, request: dict[str, JsonValue]) -> bool:
        words = error.message.casefold()
        if error.kind is not Kind.BAD_REQUEST:
            return False
        if "extra_body" in request and "temperature" in words:
            self._left_out.add("temperature")
            return True
        if "output_config" in request and any(w in words for w in ("output_config", "schema", "format", "structured")):
            self._left_out.add("output_config")
            return True
        return False

    async def complete(self, prompt: Prompt) -> Answer:
        """Ask once (again only where the server refused a field). Raises ModelError."""
        client = await self._connect()
        began = time.monotonic()
        while True:
            request = self._request(prompt)
            try:
                async with asyncio.timeout(self.spec.timeout_s):
                    reply: Message = await client.messages.create(**request)  # type: ignore[call-overload]
                return self._answer(reply, time.monotonic() - began)
            except Exception as raised:
                import anthropic

                error = model_error(raised, anthropic, self._secret)
                if not self._adapt(error, request):
                    raise error from None

    def _answer(self, reply: Message, latency_s: float) -> Answer:
        blocks = getattr(reply, "content", None)
        if blocks is None or isinstance(blocks, str):
            raise UnreadableReply
        text = "".join(b.text for b in blocks if b.type == "text")
        thinking = "\n".join(b.thinking for b in blocks if b.type == "thinking")
        finish = _FINISH.get(reply.stop_reason or "end_turn", "other")
        if not text.strip() and finish == "length":
            raise ModelError(Kind.CUT_OFF, f"the limit of {self.spec.max_tokens} tokens was used up before an answer "
                             "came; allow more with --max-tokens or in the player's settings")
        if not text.strip() and finish == "refusal":
            text = "The model refused to answer."
        usage = reply.usage
        return Answer(
            text=text,
            model=reply.model or "",
            reasoning=thinking,
            input_tokens=usage.input_tokens if usage else None,
            output_tokens=usage.output_tokens if usage else None,
            latency_s=latency_s,
            finish_reason=finish,
        )

    async def close(self) -> None:
        """Give the connections back."""
        if self._client is not None:
            await self._client.close()
