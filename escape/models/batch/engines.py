"""ENGINES: the protocols that batches are spoken in, by the name that a provider gives."""

from __future__ import annotations

from escape.models.batch.anthropic_batches import AnthropicBatches
from escape.models.batch.engine import BatchEngine
from escape.models.batch.openai_batches import OpenAIBatches
from escape.models.protocols import SdkModel

ENGINES: dict[str, type[BatchEngine]] = {"openai": OpenAIBatches, "anthropic": AnthropicBatches}


def engine_for(model: object, kind: str) -> BatchEngine | None:
    """The batches of a model; None where it has none. `kind`: as in ENGINES, "" for none."""
    return ENGINES[kind](model) if isinstance(model, SdkModel) and kind in ENGINES else None
