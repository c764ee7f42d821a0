"""What every type is made of: the frozen record, text cut to a length, money, seconds. Touches nothing."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


def whole(text: str) -> str:
    """Text without lone surrogates, which no file and no page can hold: JSON and file names may bring them."""
    return text.encode("utf-8", "replace").decode()


def _clipped(longest: int) -> BeforeValidator:
    """Text cut to a length: a paid reply is not lost for being long, and no file fills the memory with one line."""
    return BeforeValidator(lambda text: whole(text)[:longest] if isinstance(text, str) else text)


Said = Annotated[str, _clipped(1_000_000)]  # what a model or a person sent
Remark = Annotated[str, _clipped(20_000)]
Text = Annotated[str, Field(min_length=1, max_length=4000)]
Line = Annotated[str, Field(min_length=1, max_length=500)]
Usd = Annotated[float, Field(ge=0, allow_inf_nan=False)]  # a file may not lower what has been spent
Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Record(BaseModel):
    """Frozen and closed: a misspelt field is an error, not a silent loss."""

    model_config = ConfigDict(frozen=True, extra="forbid")


_REMARK = re.compile(r"\([^()]*\)")  # linear: a bracket that is never closed ends at the next one


def bare(item: str) -> str:
    """An item's name for comparison: without bracketed remarks, case and double spaces."""
    return " ".join(_REMARK.sub(" ", item).casefold().split())


def total(parts: list[float | None]) -> float | None:
    """The sum, or None where a part is unknown: an unknown price must not look like a free call."""
    known = [p for p in parts if p is not None]
    return sum(known) if len(known) == len(parts) else None
