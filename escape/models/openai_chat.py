"""OpenAI's SDK: OpenAI and every compatible address. One call a prompt; no retries, no waiting."""

from __future__ import annotations

import asyncio
import re
import time
from typing import TYPE_CHECKING, Literal

from pydantic import JsonValue, SecretStr

from escape.errors import Kind, ModelError
from escape.models.faults import UnreadableReply, model_error
from escape.schema import Answer, ModelSpec, Prompt

if TYPE_CHECKING:
    from openai import AsyncOpenAI
    from openai.types.chat import ChatCompletion

_FINISH: dict[str, Literal["stop", "length", "refusal"]] = {
    "stop": "stop", "length": "length", "content_filter": "refusal",
}
_THINKING = re.compile(r"\A\s*<think(?:ing)?>(.*?)</think(?:ing)?>\s*", re.DOTALL)
_OTHER_LIMIT = {"max_tokens": "max_completion_tokens", "max_completion_tokens": "max_tokens"}


def split_thinking(text: str) -> tuple[str, str]:
    """(thinking, answer) of a text that opens with a <think> block, as R1 and its kin send it."""
    found = _THINKING.match(text)
    if found:
        return found.group(1).strip(), text[found.end():]
    # a model cut off, or a template that swallowed the opening tag
    head, tag, tail = text.partition("</think>")
    if tag:
        return head.replace("<think>", "").strip(), tail.lstrip()
    return (text.strip()[7:], "") if text.lstrip().startswith("<think>") else ("", text)


class ChatModel:
    """One model behind Chat Completions.

    Servers differ in what they take: newer OpenAI models refuse `temperature` and `max_tokens`, older servers know
    no `max_completion_tokens` and no JSON Schema. A refusal that names such a field is answered by leaving it out,
    and remembered for the calls to come.
    """

    def __init__(self, spec: ModelSpec, key: SecretStr | None, base_url: str | None, limit_field: str) -> None:
        self.spec = spec
        self._key = key
        self._base_url = base_url
        self._limit_field = limit_field
        self._left_out: set[str] = set()
        self._client: AsyncOpenAI | None = None

    async def _connect(self) -> AsyncOpenAI:
        if self._client is None:
            openai = await asyncio.to_thread(__import__, "openai")  # 0.3 s of import; others keep running
            if self._client is None:
                self._client = openai.AsyncOpenAI(
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
        messages: list[JsonValue] = [{"role": "user", "content": prompt.user}]
        if prompt.system:
            messages.insert(0, {"role": "system", "content": prompt.system})
        request: dict[str, JsonValue] = {
            "model": self.spec.model, "messages": messages, self._limit_field: self.spec.max_tokens,
        }
        if self.spec.temperature is not None:
            request["temperature"] = self.spec.temperature
        if prompt.reply_schema is not None:
            request["response_format"] = {
                "type": "json_schema",
                "json_schema": {"name": prompt.name, "strict": True, "schema": dict(prompt.reply_schema)},
            }
        return {k: v for k, v in request.items() if k not in self._left_out}

    def _adapt(self, error: ModelError, request: dict[str, JsonValue]) -> bool:
        """Whether the same question, asked with one field fewer or another name, may be taken."""
        words = error.message.casefold()
        if error.kind is not Kind.BAD_REQUEST:
            return False
        for field in ("temperature", "response_format"):
            named = field in words or (field == "response_format" and ("schema" in words or "grammar" in words))
            if named and field in request:
                self._left_out.add(field)
                return True
        other = _OTHER_LIMIT[self._limit_field]
        if self._limit_field in request and re.search(rf"\b{self._limit_field}\b", words):
            if "limit switched" in self._left_out:
                return False
            self._limit_field = other
            self._left_out.add("limit switched")
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
                    reply: ChatCompletion = await client.chat.completions.create(**request)  # type: ignore[call-overload]
                return self._answer(reply, time.monotonic() - began)
            except Exception as raised:
                import openai

                error = model_error(raised, openai, self._secret)
                if not self._adapt(error, request):
                    raise error from None

    def _answer(self, reply: ChatCompletion, latency_s: float) -> Answer:
        choices = getattr(reply, "choices", None)
        if not choices or getattr(choices[0], "message", None) is None:
            raise UnreadableReply
        message, usage = choices[0].message, reply.usage
        extra = message.model_extra or {}
        thinking, text = split_thinking(message.content or "")
        finish = _FINISH.get(choices[0].finish_reason or "stop", "other")
        if message.refusal:
            text, finish = message.refusal, "refusal"
        if not text.strip() and finish == "length":
            raise ModelError(Kind.CUT_OFF, f"the limit of {self.spec.max_tokens} tokens was used up before an answer "
                             "came; allow more with --max-tokens or in the player's settings")
        return Answer(
            text=text,
            model=reply.model or "",
            reasoning=str(extra.get("reasoning_content") or extra.get("reasoning") or thinking),
            input_tokens=usage.prompt_tokens if usage else None,
            output_tokens=usage.completion_tokens if usage else None,
            latency_s=latency_s,
            finish_reason=finish,
        )

    async def close(self) -> None:
        """Give the connections back."""
        if self._client is not None:
            await self._client.close()
