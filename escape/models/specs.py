"""From a name to a model: parse a spec, find its key, build(spec, key) -> Model."""

import os
import re
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path

from pydantic import SecretStr, ValidationError

from escape.intake import first_fault
from escape.models.parts import ApiKey, ApiKeys, Parts
from escape.models.protocols import Listed, SdkModel
from escape.models.providers import EFFORTS, PROVIDERS, Provider
from escape.types import INSTRUCTIONS_LETTERS, NAME_LETTERS, Model, ModelSpec, SpecError

_EFFORT = re.compile(rf"\[({'|'.join(EFFORTS)})\]$")
_BUDGET = re.compile(r"\[(\d{2,6})\]$")
_BRACKETS = re.compile(r"\[([^\[\]]*)\]$")


def parse(
    text: str,
    *,
    max_tokens: int | None = None,
    timeout_s: float | None = None,
    effort: str | None = None,
    temperature: float | None = None,
) -> ModelSpec:
    """Parse `PROVIDER:MODEL`, optionally followed by `[EFFORT]`, `[TOKENS]` and `@http://ADDRESS/v1`.

    `effort`: for a name without one, ignored if its provider offers no efforts. TOKENS: an answer budget,
    which stays in the name. Raises SpecError with the remedy, also for an effort that the provider does not
    offer.
    """
    provider, colon, model_text = text.strip().partition(":")
    if provider not in PROVIDERS:
        near = get_close_matches(provider, PROVIDERS, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"choose one of {', '.join(PROVIDERS)}"
        raise SpecError(f"{text!r}: {provider!r} is not a provider; {hint}")
    if not colon or not model_text:
        raise SpecError(f"{text!r}: name a model as PROVIDER:MODEL, for example {provider}:MODEL")
    model, at, address = model_text.partition("@http")
    budget = _BUDGET.search(model)
    model = _BUDGET.sub("", model)
    effort_match = _EFFORT.search(model)
    efforts = PROVIDERS[provider].efforts
    model = _EFFORT.sub("", model)
    if effort_match and not budget:  # the brackets may stand in either order
        budget = _BUDGET.search(model)
        model = _BUDGET.sub("", model)
    if provider == "local" and model.startswith(home := f"{Path.home()}/"):
        model = f"~/{model.removeprefix(home)}"  # names stand in runs and tables, which others read
    if effort_match:
        effort = effort_match[1]
    elif not efforts:
        effort = None
    parts: dict[str, object] = {"provider": provider, "model": model}
    options = {
        "base_url": f"http{address}" if at else None,
        "effort": effort,
        "max_tokens": int(budget[1]) if budget else max_tokens,
        "own_budget": True if budget else None,
        "timeout_s": timeout_s,
        "temperature": temperature,
    }
    try:
        spec = ModelSpec.model_validate(parts | {k: v for k, v in options.items() if v is not None})
    except ValidationError as error:
        raise SpecError(f"{text[:200]!r}: {first_fault(error)}") from None
    if spec.effort and spec.effort not in efforts:
        which = f"choose one of {', '.join(efforts)}" if efforts else "remove the brackets"
        raise SpecError(f"{text!r}: {PROVIDERS[provider].label} has no effort {spec.effort!r}; {which}")
    has_own_names = provider == "local" or PROVIDERS[provider].any_address  # files and servers of one's own
    if (unknown := _BRACKETS.search(spec.model)) and not has_own_names:
        near = get_close_matches(unknown[1], efforts, 1, 0.5)
        offered = f", or an effort: {', '.join(efforts)}" if efforts else ""
        budget_hint = f"write an answer budget in tokens, such as [4096]{offered}"
        hint = f"did you mean [{near[0]}]?" if near else budget_hint
        raise SpecError(f"{text!r}: [{unknown[1]}] is neither an effort nor an answer budget; {hint}")
    PROVIDERS[provider].address(spec, {})
    return with_budget(spec, spec.max_tokens)


def instructed(spec: ModelSpec, name: str, text: str) -> ModelSpec:
    """Make another player of the same model, with its own instructions. Raises SpecError.

    Its message has the remedy.
    """
    if provider_of(spec).scripted:
        raise SpecError(f"{spec.name} is scripted and reads no instructions; choose a model")
    own = {"instructed_as": " ".join(name.split()), "instructions": text.strip()}
    if not all(own.values()):
        raise SpecError("instructions need a name and a text; write both")
    try:
        return ModelSpec.model_validate(spec.model_dump() | own)
    except ValidationError as error:
        (where, *_), message = error.errors()[0]["loc"], first_fault(error)
        if where == "instructed_as":
            message = (
                f"the name is at most {NAME_LETTERS} letters, digits, spaces and - . _, a letter or "
                "digit first"
            )
        elif where == "instructions":
            message = f"the text is at most {INSTRUCTIONS_LETTERS} characters long"
        raise SpecError(f"instructions: {message}") from None


def with_budget(spec: ModelSpec, tokens: int) -> ModelSpec:
    """Change a model's answer budget, up to its provider's limit. A budget in the name stays."""
    tokens = spec.max_tokens if spec.own_budget else tokens
    most = PROVIDERS[spec.provider].longest_tokens if spec.provider in PROVIDERS else tokens
    return spec.model_copy(update={"max_tokens": min(tokens, most)})


def provider_of(spec: ModelSpec) -> Provider:
    """Look up a spec's provider. Raises SpecError if it is unknown, which a loaded file may cause."""
    if spec.provider not in PROVIDERS:
        raise SpecError(f"{spec.name}: {spec.provider!r} cannot be asked from here; choose another player")
    return PROVIDERS[spec.provider]


def key_scope(spec: ModelSpec, env: Mapping[str, str]) -> tuple[str, str]:
    """Find the provider and the address to which a typed key belongs, as people see them.

    Raises SpecError.
    """
    provider = provider_of(spec)
    return provider.name, provider.address(spec, env) or provider.home


def key_for(
    spec: ModelSpec, typed: ApiKeys, env: Mapping[str, str], *, addresses: Mapping[str, str] = os.environ
) -> ApiKey:
    """Find the key typed for this address, else the one in `env`. Raises SpecError if one is missing.

    None if the provider, or someone's own server, needs no key.
    """
    provider = provider_of(spec)
    if not provider.key_env:
        return None
    if key := typed.get(key_scope(spec, addresses)):
        if not key.get_secret_value().isascii():
            raise SpecError(
                f"the {provider.label} key has invalid characters; paste it again, without quotes"
            )
        return key
    owned = spec.base_url is None or spec.base_url == env.get(provider.base_url_env)
    if env.get(provider.key_env) and owned:  # the environment's key goes to the environment's address only
        if not env[provider.key_env].isascii():
            raise SpecError(f"{provider.key_env} has invalid characters; set it again, without quotes")
        return SecretStr(env[provider.key_env])
    if provider.any_address or env.get(provider.base_url_env or " "):
        return None  # someone's own server: many need no key
    raise SpecError(f"{provider.label} needs a key; type it in its field, or set {provider.key_env}")


def build(spec: ModelSpec, key: ApiKey, *, public_only: bool = False) -> Model:
    """Build the model behind a spec. Raises SpecError.

    `public_only`: refuse private addresses, if the spec gives its own.
    """
    provider = provider_of(spec)
    address = provider.address(spec, os.environ)
    if provider.any_address and not address:
        raise SpecError(
            f"{spec.name}: no address; write compatible:MODEL@http://HOST/v1 or set COMPATIBLE_BASE_URL"
        )
    if provider.wire is None:
        raise SpecError(f"{spec.name}: a scripted player answers without a model")
    return provider.wire(Parts(spec, key, address, public_only and spec.base_url is not None))


async def list_models(spec: ModelSpec, key: ApiKey, *, public_only: bool = False) -> list[Listed]:
    """List the chat models that a key gives access to, newest first. Free, and the way to test a key.

    Raises ModelError, and SpecError for a provider that has no list.
    """
    model = build(spec, key, public_only=public_only)
    if not isinstance(model, SdkModel):
        raise SpecError(f"{PROVIDERS[spec.provider].label} has no list of models; type the model's name")
    try:
        return sorted((m for m in await model.available() if m.chat), key=lambda m: -m.created)
    finally:
        await model.close()


def warm() -> None:
    """Import what most runs with a model need, so that the first visitor does not wait for it."""
    import aiohttp  # noqa: F401 - the SDKs' transport
    import genai_prices.data_snapshot
    import openai

    genai_prices.data_snapshot.get_snapshot()
    openai.AsyncOpenAI  # noqa: B018 - accessing the name loads its module


def is_scripted(player: str) -> bool:
    """Check whether a player's name is that of a script. A recorded model is not one."""
    provider = PROVIDERS.get(player.partition(":")[0])
    return provider is not None and bool(provider.scripted) and provider.name != "recorded"


# How model names start, and who makes those models.
FAMILIES = {
    "gpt": "openai",
    "o1": "openai",
    "o3": "openai",
    "o4": "openai",
    "claude": "anthropic",
    "gemini": "google",
    "gemma": "google",
    "llama": "meta",
    "mistral": "mistral",
    "mixtral": "mistral",
    "ministral": "mistral",
    "magistral": "mistral",
    "codestral": "mistral",
    "devstral": "mistral",
    "pixtral": "mistral",
    "chatgpt": "openai",
    "qwen": "alibaba",
    "qwq": "alibaba",
    "qvq": "alibaba",
    "kimi": "moonshot",
    "glm": "z.ai",
    "deepseek": "deepseek",
    "grok": "xai",
    "phi": "microsoft",
    "smollm": "huggingface",
}
_CALLED = {"mistralai": "mistral", "x-ai": "xai", "meta-llama": "meta"}  # makers by another name of theirs


def family(spec: ModelSpec) -> str:
    """Find the maker of a model from its name or what precedes it; unknown makers are their own."""
    maker, _, name = spec.model.casefold().rpartition("/")
    is_file = name.endswith(".gguf") or maker.startswith(("/", "~", "."))  # where a file lies says nothing
    maker = "" if is_file else maker.rpartition("/")[2]
    maker = _CALLED.get(maker, maker)
    makes_its_own = spec.provider in FAMILIES.values()
    otherwise = maker or (spec.provider if makes_its_own else f"{spec.provider}:{name}")
    return next((whose for begin, whose in FAMILIES.items() if name.startswith(begin)), otherwise)
