"""PROVIDERS: one table, and build(spec, key) -> Model. No other room knows a provider's address or key variable."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from pydantic import SecretStr, ValidationError

from escape.errors import SpecError
from escape.schema import Model, ModelSpec, Puzzle

Key = SecretStr | None


@dataclass(frozen=True)
class Provider:
    """One place that answers prompts. An OpenAI-compatible one is nothing but an entry in PROVIDERS."""

    name: str
    label: str
    wire: Callable[[Provider, ModelSpec, Key, Sequence[Puzzle]], Model]
    key_env: str = ""
    base_url: str | None = None
    base_url_env: str = ""
    prices: str = ""  # its id in genai-prices; "" where it has no list of prices
    limit_field: str = "max_tokens"
    scripted: bool = False
    here: bool = False  # answers on this machine or the owner's network, at no price
    keys_at: str = ""

    @property
    def free(self) -> bool:
        """Costs nothing to ask."""
        return self.scripted or self.here

    def address(self, spec: ModelSpec, env: Mapping[str, str]) -> str | None:
        """Where its calls go: the spec's own address, then the environment's, then the built-in one."""
        return spec.base_url or (env.get(self.base_url_env) if self.base_url_env else None) or self.base_url


def _chat(provider: Provider, spec: ModelSpec, key: Key, puzzles: Sequence[Puzzle]) -> Model:
    from escape.models.openai_chat import ChatModel

    return ChatModel(spec, key, provider.address(spec, os.environ), provider.limit_field)


def _messages(provider: Provider, spec: ModelSpec, key: Key, puzzles: Sequence[Puzzle]) -> Model:
    from escape.models.anthropic_messages import MessagesModel

    return MessagesModel(spec, key, provider.address(spec, os.environ))


def _demo(provider: Provider, spec: ModelSpec, key: Key, puzzles: Sequence[Puzzle]) -> Model:
    from escape.models.scripted import demo

    return demo(spec, puzzles)


def _control(provider: Provider, spec: ModelSpec, key: Key, puzzles: Sequence[Puzzle]) -> Model:
    from escape.models.scripted import control

    return control(spec, puzzles)


PROVIDERS: dict[str, Provider] = {
    p.name: p
    for p in (
        Provider("demo", "Demo players (scripted, no model is asked)", _demo, scripted=True),
        Provider("control", "Control answers (made by code)", _control, scripted=True),
        Provider(
            "openai",
            "OpenAI",
            _chat,
            "OPENAI_API_KEY",
            None,
            "OPENAI_BASE_URL",
            "openai",
            "max_completion_tokens",
            keys_at="platform.openai.com/api-keys",
        ),
        Provider(
            "anthropic",
            "Anthropic",
            _messages,
            "ANTHROPIC_API_KEY",
            None,
            "ANTHROPIC_BASE_URL",
            "anthropic",
            keys_at="platform.claude.com/settings/keys",
        ),
        Provider(
            "deepseek",
            "DeepSeek",
            _chat,
            "DEEPSEEK_API_KEY",
            "https://api.deepseek.com/v1",
            "DEEPSEEK_BASE_URL",
            "deepseek",
            keys_at="platform.deepseek.com/api_keys",
        ),
        Provider(
            "compatible", "Any OpenAI-compatible address", _chat, "COMPATIBLE_API_KEY", None, "COMPATIBLE_BASE_URL"
        ),
    )
}


def parse(text: str, max_tokens: int | None = None) -> ModelSpec:
    """`PROVIDER:MODEL`, or `PROVIDER:MODEL@http://ADDRESS/v1`, as a spec. Raises SpecError with the remedy."""
    provider, colon, rest = text.strip().partition(":")
    if provider not in PROVIDERS:
        near = get_close_matches(provider, PROVIDERS, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"choose one of {', '.join(PROVIDERS)}"
        raise SpecError(f"{text!r}: {provider!r} is no provider; {hint}")
    if not colon or not rest:
        raise SpecError(f"{text!r}: a model is named as PROVIDER:MODEL, for example {provider}:MODEL")
    model, at, address = rest.partition("@http")
    limit = {} if max_tokens is None else {"max_tokens": max_tokens}
    try:
        return ModelSpec(provider=provider, model=model, base_url=f"http{address}" if at else None, **limit)
    except ValidationError as error:
        raise SpecError(f"{text!r}: {error.errors()[0]['msg']}") from None


def key_for(spec: ModelSpec, typed: Mapping[str, SecretStr], env: Mapping[str, str]) -> Key:
    """The key to use: typed by this visitor, or the environment's. Raises SpecError where one is needed."""
    provider = PROVIDERS[spec.provider]
    if not provider.key_env:
        return None
    if provider.name in typed:
        return typed[provider.name]
    if env.get(provider.key_env):
        return SecretStr(env[provider.key_env])
    if spec.base_url or provider.name == "compatible" or env.get(provider.base_url_env or " "):
        return None  # somebody's own server: many ask for no key
    raise SpecError(f"{provider.label} needs a key; type one in or set {provider.key_env}")


def build(spec: ModelSpec, key: Key, puzzles: Sequence[Puzzle]) -> Model:
    """The model behind a spec. Scripted players look their answers up in `puzzles`. Raises SpecError."""
    provider = PROVIDERS[spec.provider]
    if provider.name == "compatible" and not provider.address(spec, os.environ):
        raise SpecError(f"{spec.name}: no address; write compatible:MODEL@http://HOST/v1 or set COMPATIBLE_BASE_URL")
    return provider.wire(provider, spec, key, puzzles)


def scripted_players() -> list[ModelSpec]:
    """The demo players, then the control answers, for menus."""
    from escape.controls import NAMES
    from escape.models.scripted import DEMO_NAMES

    return [ModelSpec(provider="demo", model=n) for n in DEMO_NAMES] + [
        ModelSpec(provider="control", model=n) for n in NAMES
    ]
