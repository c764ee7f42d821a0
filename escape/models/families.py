"""Who made a model: by its name if that says so, else by its provider."""

from __future__ import annotations

from escape.types import ModelSpec

# How model names start, and who makes those models.
FAMILIES = {
    "gpt": "openai", "o1": "openai", "o3": "openai", "o4": "openai", "claude": "anthropic", "gemini": "google",
    "gemma": "google", "llama": "meta", "mistral": "mistral", "mixtral": "mistral", "ministral": "mistral",
    "qwen": "alibaba", "deepseek": "deepseek", "grok": "xai", "phi": "microsoft", "smollm": "huggingface",
}  # fmt: skip


def family(spec: ModelSpec) -> str:
    """Who made a model: by its name if that says so, else by its provider."""
    name = spec.model.casefold().rpartition("/")[2]
    return next((whose for begin, whose in FAMILIES.items() if name.startswith(begin)), spec.provider)
