"""OpenAI's SDK: OpenAI and every compatible address."""

from __future__ import annotations

import re
from types import ModuleType
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, SecretStr

from escape.models.sdk import Request, SdkModel
from escape.schema import Answer, ModelSpec, Prompt

if TYPE_CHECKING:
    from openai import AsyncOpenAI

_FINISH: dict[str, Literal["stop", "length", "refusal"]] = {
    "stop": "stop",
    "length": "length",
    "content_filter": "refusal",
}
_THINKING = re.compile(r"\A\s*<think(?:ing)?>(.*?)</think(?:ing)?>\s*", re.DOTALL)
_OTHER_LIMIT = {"max_tokens": "max_completion_tokens", "max_completion_tokens": "max_tokens"}


def split_thinking(text: str) -> tuple[str, str]:
    """(thinking, answer) of a text that opens with a <think> block, as R1 and its kin send it."""
    found = _THINKING.match(text)
    if found:
        return found.group(1).strip(), text[found.end() :]
    head, tag, tail = text.partition("</think>")
    if tag and "Solution Steps" not in head:  # a template that swallowed the opening tag
        return head.replace("<think>", "").strip(), tail.lstrip()
    if text.lstrip().startswith("<think>"):  # cut off while thinking
        return text.strip().removeprefix("<think>"), ""
    return "", text


class _Reading(BaseModel):
    """What we read of a reply; servers add fields of their own, which are passed over."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class _Message(_Reading):
    content: str | None = None
    refusal: str | None = None
    reasoning_content: str | None = None  # DeepSeek, vLLM
    reasoning: str | None = None  # OpenRouter, Groq


class _Choice(_Reading):
    message: _Message
    finish_reason: str | None = None


class _Usage(_Reading):
    prompt_tokens: int | None = Field(None, ge=0)
    completion_tokens: int | None = Field(None, ge=0)


class _Reply(_Reading):
    choices: tuple[_Choice, ...] = Field(min_length=1)
    model: str = ""
    usage: _Usage | None = None


class ChatModel(SdkModel["AsyncOpenAI"]):
    """One model behind Chat Completions.

    Newer OpenAI models refuse `temperature` and `max_tokens`; older servers know no `max_completion_tokens` and no
    JSON Schema.
    """

    sdk_name = "openai"
    models_path = "/models"

    def __init__(
        self,
        spec: ModelSpec,
        key: SecretStr | None,
        base_url: str | None,
        limit_field: str,
        *,
        public_only: bool = False,
    ) -> None:
        super().__init__(spec, key, base_url, public_only=public_only)
        self._limit_field = limit_field

    def connect(self, sdk: ModuleType, key: str, base_url: str | None) -> AsyncOpenAI:
        """See SdkModel."""
        client: AsyncOpenAI = sdk.AsyncOpenAI(
            api_key=key,
            base_url=base_url,
            timeout=self.spec.timeout_s,
            max_retries=0,
            http_client=self.http(),
            default_headers=self.without_owners_headers(sdk, "OpenAI-Organization", "OpenAI-Project"),
        )
        return client

    def request(self, prompt: Prompt) -> Request:
        """See SdkModel."""
        messages: list[JsonValue] = [{"role": "user", "content": prompt.user}]
        if prompt.system:
            messages.insert(0, {"role": "system", "content": prompt.system})
        request: Request = {
            "model": self.spec.model,
            "messages": messages,
            self._limit_field: self.spec.max_tokens,
        }
        if self.spec.temperature is not None:
            request["temperature"] = self.spec.temperature
        if prompt.reply_schema is not None:
            request["response_format"] = {
                "type": "json_schema",
                "json_schema": {"name": prompt.name, "strict": True, "schema": dict(prompt.reply_schema)},
            }
        return {k: v for k, v in request.items() if k not in self.left_out}

    def adapt(self, words: str, request: Request) -> bool:
        """See SdkModel."""
        names = {"temperature": ("temperature",), "response_format": ("response_format", "schema", "grammar")}
        for field, called in names.items():
            if field in request and any(c in words for c in called):
                self.left_out.add(field)
                return True
        sent = next((name for name in _OTHER_LIMIT if name in request), "")
        if sent and re.search(rf"\b{sent}\b", words):
            if sent != self._limit_field:  # another call that was under way has learnt it meanwhile
                return True
            if "limit switched" not in self.left_out:
                self._limit_field = _OTHER_LIMIT[sent]
                self.left_out.add("limit switched")
                return True
        return False

    async def send(self, client: AsyncOpenAI, request: Request) -> Answer:
        """See SdkModel."""
        # the SDK's own way in for a ready body: `create` would walk every message and the whole JSON Schema once more
        import httpx2

        raw = await client.post("/chat/completions", cast_to=httpx2.Response, body=request)
        reply = _Reply.model_validate_json(raw.content)
        choice, usage = reply.choices[0], reply.usage
        message = choice.message
        thinking, text = split_thinking(message.content or "")
        finish = _FINISH.get(choice.finish_reason or "stop", "other")
        if message.refusal:
            text, finish = message.refusal, "refusal"
        if not text.strip() and finish == "length":
            raise self.cut_off()
        return Answer(
            text=text,
            model=reply.model,
            reasoning=message.reasoning_content or message.reasoning or thinking,
            input_tokens=usage.prompt_tokens if usage else None,
            output_tokens=usage.completion_tokens if usage else None,
            finish_reason=finish,
        )
