"""The makers of models, to warn of self-preference bias."""

from __future__ import annotations

from escape.types import ModelSpec

# How model names start, and who makes those models.
FAMILIES = {
    "gpt": "openai", "o1": "openai", "o3": "openai", "o4": "openai", "claude": "anthropic", "gemini": "google",
    "gemma": "google", "llama": "meta", "mistral": "mistral", "mixtral": "mistral", "ministral": "mistral",
    "magistral": "mistral", "codestral": "mistral", "devstral": "mistral", "pixtral": "mistral", "chatgpt": "openai",
    "qwen": "alibaba", "qwq": "alibaba", "qvq": "alibaba", "kimi": "moonshot", "glm": "z.ai", "deepseek": "deepseek",
    "grok": "xai", "phi": "microsoft", "smollm": "huggingface",
}  # fmt: skip
_CALLED = {"mistralai": "mistral", "x-ai": "xai", "meta-llama": "meta"}  # makers by another name of theirs


def family(spec: ModelSpec) -> str:
    """Return who made a model: by its name if that says so, else whoever stands before it in the name. A provider that
    serves many makers' models says nothing: such a model is of its own family.
    """
    maker, _, name = spec.model.casefold().rpartition("/")
    is_file = name.endswith(".gguf") or maker.startswith(("/", "~", "."))  # where a file lies says nothing
    maker = "" if is_file else maker.rpartition("/")[2]
    maker = _CALLED.get(maker, maker)
    makes_its_own = spec.provider in FAMILIES.values()
    otherwise = maker or (spec.provider if makes_its_own else f"{spec.provider}:{name}")
    return next((whose for begin, whose in FAMILIES.items() if name.startswith(begin)), otherwise)
