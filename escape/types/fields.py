"""Building blocks of every type: the frozen base class, length-limited text, money, seconds. No I/O."""

import html
import re
from collections.abc import Sequence
from typing import Annotated, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

N = TypeVar("N", int, float)


def without_surrogates(text: str) -> str:
    """Replace lone surrogates by "?": no file or page can hold them, but JSON and file names may."""
    return text.encode("utf-8", "replace").decode()


_NO_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def escaped(text: str) -> str:
    """Escape text for HTML or SVG to show exactly these characters, except those XML cannot hold."""
    return html.escape(_NO_XML.sub("", without_surrogates(text)), quote=True)


def _clipped(longest: int) -> BeforeValidator:
    """Build a validator that clips text: a long paid reply is not lost, and no line can fill memory."""
    return BeforeValidator(lambda text: without_surrogates(text)[:longest] if isinstance(text, str) else text)


LongText = Annotated[str, _clipped(1_000_000)]  # what a model or a person sent
MediumText = Annotated[str, _clipped(20_000)]
Text = Annotated[str, Field(min_length=1, max_length=4000)]
Name = Annotated[str, Field(max_length=300)]
Line = Annotated[str, Field(min_length=1, max_length=500)]
Usd = Annotated[float, Field(ge=0, allow_inf_nan=False)]  # a file may not lower the amount already spent
Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Record(BaseModel):
    """The base of all records: frozen and closed. A misspelt field is an error, not lost data."""

    model_config = ConfigDict(frozen=True, extra="forbid")


_REMARK = re.compile(r"\([^()]*\)")  # linear time: a match never crosses another bracket


def normalized_name(item: str) -> str:
    """Normalize an item's name for comparison: no bracketed remarks, case or repeated spaces."""
    return " ".join(_REMARK.sub(" ", item).casefold().split())


def total(parts: Sequence[N | None]) -> N | None:
    """Sum the parts; None if any is unknown, since an unknown price must not look like a free call."""
    numbers = [p for p in parts if p is not None]
    return sum(numbers) if len(numbers) == len(parts) else None
