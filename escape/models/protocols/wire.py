"""What goes over the wire: requests as JSON, and as much of a reply as we read."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, JsonValue

Request = dict[str, JsonValue]


class Wire(BaseModel):
    """What we read of a reply; servers add fields of their own, which are passed over."""

    model_config = ConfigDict(extra="ignore", frozen=True)


def _count(value: object) -> int | None:
    good = isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < 10**9
    return int(value) if good and isinstance(value, (int, float)) else None


# A count of tokens as a server reports it: one that makes no sense is unknown, and no reason to ask again.
Tokens = Annotated[int | None, BeforeValidator(_count)]
