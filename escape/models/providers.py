"""PROVIDERS: every provider, its address and the variable of its key."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple
from urllib.parse import urlsplit

from escape.models.llamacpp import MAX_ANSWER_TOKENS, LocalModel
from escape.models.parts import Parts
from escape.models.protocols import ChatModel, MessagesModel
from escape.types import Effort, Model, ModelSpec, SpecError

EFFORTS: tuple[Effort, ...] = ("minimal", "low", "medium", "high")


FREE = ":free"  # the end of the names of models that cost nothing and have an allowance


class Allowance(NamedTuple):
    """The calls that a provider allows to all its free models together."""

    a_day: int
    a_minute: int


@dataclass(frozen=True)
class Provider:
    """One place that answers prompts. An OpenAI-compatible one is just an entry in PROVIDERS."""

    name: str
    label: str
    wire: Callable[[Parts], Model] | None  # None: no model is asked
    key_env: str = ""
    base_url: str | None = None
    base_url_env: str = ""
    prices: str = ""  # its id in genai-prices; "" if it has no prices there
    scripted: str = ""  # the kind of its texts, if no model is asked
    here: bool = False  # answers on this machine or the owner's network, free of charge
    any_address: bool = False  # whoever names a model may also give its address
    efforts: tuple[Effort, ...] = ()  # the reasoning efforts that its models accept
    home: str = ""  # the SDK's own address, shown next to the key that is sent there
    keys_at: str = ""
    longest_tokens: int = 200_000  # of an answer: whoever asks for more gets this
    one_limit: bool = False  # its address counts the calls of all models together
    at_once: int | None = None  # calls at most: on a laptop more time each other out
    free_allowance: Allowance | None = None  # of models whose names end in FREE

    @property
    def free(self) -> bool:
        return bool(self.scripted) or self.here

    @property
    def at_first(self) -> int | None:
        """Calls in flight to begin with at an unknown server. None: as many as the run may make."""
        return 8 if self.any_address else None

    def calls_a_minute(self, model: str) -> int | None:
        """Look up how many calls a minute are allowed to a model, if the provider says so."""
        return self.free_allowance.a_minute if self.free_allowance and model.endswith(FREE) else None

    def address(self, spec: ModelSpec, env: Mapping[str, str]) -> str | None:
        """Choose where calls go: the spec's address, else the environment's, else the built-in one.

        None: the SDK's own. Raises SpecError if the spec gives an address to a provider whose address is
        fixed, or if it is not an address.
        """
        if spec.base_url and not self.any_address:
            raise SpecError(
                f"{spec.name}: {self.label} has a fixed address; to use another one write "
                f"compatible:MODEL@{spec.base_url[:80]}"
            )
        url = spec.base_url or (env.get(self.base_url_env) if self.base_url_env else None)
        if url and not _is_address(url):
            raise SpecError(f"{url[:80]!r} is not an address; write it as http://HOST:PORT/v1")
        return url or self.base_url


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    labels = host.removesuffix(".").split(".")
    return parts.scheme in {"http", "https"} and (
        ":" in host or all(0 < len(label) <= 63 for label in labels)
    )


def _preset(
    name: str, label: str, base_url: str, prices: str, keys_at: str, efforts: tuple[Effort, ...] = ()
) -> Provider:
    """Build a provider that speaks OpenAI's protocol at its own address."""
    upper = name.upper()
    key, where = f"{upper}_API_KEY", f"{upper}_BASE_URL"
    return Provider(name, label, ChatModel, key, base_url, where, prices, keys_at=keys_at, efforts=efforts)


def _local_provider(name: str, label: str, port: int, at_once: int | None = None) -> Provider:
    """Build the provider for a server program on one's own machine, at its default port."""
    address = f"http://localhost:{port}/v1"
    return Provider(
        name,
        label,
        ChatModel,
        "",
        address,
        f"{name.upper()}_BASE_URL",
        here=True,
        any_address=True,
        one_limit=True,
        at_once=at_once,
    )


PROVIDERS: dict[str, Provider] = {
    p.name: p
    for p in (
        Provider("demo", "Demo players (scripted, no model is asked)", None, scripted="scripted"),
        Provider("control", "Control answers (made by code)", None, scripted="control"),
        Provider(
            "recorded", "Recorded models (asked before, nobody is asked now)", None, scripted="recorded"
        ),
        Provider(
            "openai",
            "OpenAI",
            partial(ChatModel, limit_field="max_completion_tokens"),
            "OPENAI_API_KEY",
            None,
            "OPENAI_BASE_URL",
            "openai",
            efforts=EFFORTS,
            home="https://api.openai.com/v1",
            keys_at="platform.openai.com/api-keys",
        ),
        Provider(
            "anthropic",
            "Anthropic",
            MessagesModel,
            "ANTHROPIC_API_KEY",
            None,
            "ANTHROPIC_BASE_URL",
            "anthropic",
            efforts=("low", "medium", "high"),
            home="https://api.anthropic.com",
            keys_at="platform.claude.com/settings/keys",
        ),
        _preset(
            "deepseek",
            "DeepSeek",
            "https://api.deepseek.com/v1",
            "deepseek",
            "platform.deepseek.com/api_keys",
        ),
        _preset(
            "gemini",
            "Google Gemini",
            "https://generativelanguage.googleapis.com/v1beta/openai/",
            "google",
            "aistudio.google.com/apikey",
            ("low", "medium", "high"),
        ),
        _preset("mistral", "Mistral", "https://api.mistral.ai/v1", "mistral", "console.mistral.ai/api-keys"),
        _preset("xai", "xAI", "https://api.x.ai/v1", "x-ai", "console.x.ai", ("low", "high")),
        _preset("groq", "Groq", "https://api.groq.com/openai/v1", "groq", "console.groq.com/keys"),
        _preset(
            "together",
            "Together",
            "https://api.together.xyz/v1",
            "together",
            "api.together.ai/settings/api-keys",
        ),
        replace(
            _preset(
                "openrouter",
                "OpenRouter",
                "https://openrouter.ai/api/v1",
                "openrouter",
                "openrouter.ai/keys",
                EFFORTS,
            ),
            one_limit=True,
            # openrouter.ai/docs/guides/routing/model-variants/free, read in October 2026
            free_allowance=Allowance(50, 20),
        ),
        _local_provider("ollama", "Ollama, on this machine", 11434, at_once=2),
        _local_provider("lmstudio", "LM Studio, on this machine", 1234, at_once=2),
        _local_provider("vllm", "vLLM, on this machine", 8000),
        _local_provider("llamacpp", "llama.cpp server, on this machine", 8080),
        Provider(
            "local", "A small model in this program", LocalModel, here=True, longest_tokens=MAX_ANSWER_TOKENS
        ),
        Provider(
            "compatible",
            "Any OpenAI-compatible address",
            ChatModel,
            "COMPATIBLE_API_KEY",
            None,
            "COMPATIBLE_BASE_URL",
            any_address=True,
            efforts=EFFORTS,
        ),
    )
}
