"""The wire format: requests as JSON, and the parts of a reply that we read."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, JsonValue

from escape.types import ModelSpec, Prompt, Turn

Request = dict[str, JsonValue]


class Wire(BaseModel):
    """The parts of a reply that we read. Servers add fields of their own, which are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True)


def _count(value: object) -> int | None:
    good = isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < 10**9
    return int(value) if good and isinstance(value, (int, float)) else None


# A token count as a server reports it. One that makes no sense counts as unknown and is no reason to ask again.
Tokens = Annotated[int | None, BeforeValidator(_count)]
# A name that some servers leave null.
Named = Annotated[str, BeforeValidator(lambda value: "" if value is None else value)]
_VALUES = re.compile(r"(?:supported|allowed|valid|permitted) values|must be one of|expected one of|should be '")


def refuses_value(words: str) -> bool:
    """Return whether a server says which values a field may have: it knows the field, and only ours is none of them."""
    return _VALUES.search(words) is not None


def tokens_left(spec: ModelSpec, prompt: Prompt) -> int:
    """Return how long the next answer may be, in tokens."""
    return spec.max_tokens if prompt.limit is None else min(spec.max_tokens, prompt.limit)


def spoken(turn: Turn) -> str:
    """Return what a player said, for the next request. No server takes an empty message."""
    return turn.answer.text if turn.answer.text.strip() else "(nothing)"
