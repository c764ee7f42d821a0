"""JSON Schema for replies, in the strict form that OpenAI and Anthropic both take. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import JsonValue

Schema = dict[str, JsonValue]
STRING: Schema = {"type": "string"}
BOOLEAN: Schema = {"type": "boolean"}
STRINGS: Schema = {"type": "array", "items": STRING}


def one_of(values: list[JsonValue], kind: str) -> Schema:
    """One of some values, all of one JSON type."""
    return {"type": kind, "enum": values}


def record(properties: Mapping[str, Schema]) -> Schema:
    """An object with exactly these keys, in this order."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }
