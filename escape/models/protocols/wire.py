"""The wire format: requests as JSON, the parts of a reply that we read, rate limits in headers."""

import math
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, JsonValue

from escape.types import Answer, ModelSpec, Prompt, Turn

Request = dict[str, JsonValue]


class Wire(BaseModel):
    """The parts of a reply that we read. Servers add fields of their own, which are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True)


def _token_count(value: object) -> int | None:
    good = isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < 10**9
    return int(value) if good and isinstance(value, (int, float)) else None


# A token count as a server reports it. One that makes no sense counts as unknown and is no reason to ask
# again.
Tokens = Annotated[int | None, BeforeValidator(_token_count)]
# A name that some servers leave null.
Named = Annotated[str, BeforeValidator(lambda value: "" if value is None else value)]
_VALUES = re.compile(
    r"(?:supported|allowed|valid|permitted) values|must be one of|expected one of|should be '"
)


def refuses_value(words: str) -> bool:
    """Check whether a server lists a field's values: it refuses only ours, not the field."""
    return _VALUES.search(words) is not None


def tokens_left(spec: ModelSpec, prompt: Prompt) -> int:
    """Compute how long the next answer may be, in tokens."""
    return spec.max_tokens if prompt.limit is None else min(spec.max_tokens, prompt.limit)


def turn_text(turn: Turn) -> str:
    """Read a player's text for the next request. No server takes an empty message."""
    return turn.answer.text if turn.answer.text.strip() else "(nothing)"


MARGIN = 1.05  # of a gap that a provider allows: clocks and networks tremble
KINDS = ("requests", "tokens", "input-tokens", "output-tokens")
# OpenAI and those who speak its protocol; Anthropic
_NAMES = ("x-ratelimit-{part}-{kind}", "anthropic-ratelimit-{kind}-{part}")
_UNITS = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_TERM = re.compile(r"(\d+(?:\.\d+)?)(ms|[dhms])")
_EPOCH_S = 1e9  # larger numbers are points in time


@dataclass(frozen=True)
class AnnouncedLimit:
    """One announced limit. `kind`: what it counts. `reset_s`: seconds until it is full again."""

    kind: str
    limit: float
    left: float
    reset_s: float

    @property
    def per_s(self) -> float:
        """The use a second that it allows: a bucket's refill, or what is left of a window."""
        return max(self.left, self.limit - self.left) / self.reset_s if self.reset_s > 0 else math.inf


def announced_limits(headers: Mapping[str, str]) -> Iterator[AnnouncedLimit]:
    """Yield every limit that a reply's headers announce and that can be read."""
    if not any("ratelimit" in name.casefold() for name in headers):
        return
    for kind in KINDS:
        for name in _NAMES:
            values = [
                headers.get(name.format(kind=kind, part=part), "") for part in ("limit", "remaining", "reset")
            ]
            limit, remaining, reset = _header_number(values[0]), _header_number(values[1]), until(values[2])
            if limit and remaining is not None and reset is not None and remaining <= limit:
                yield AnnouncedLimit(kind, limit, remaining, reset)


def spacing_s(announced: list[AnnouncedLimit], answer: Answer) -> float | None:
    """Compute the seconds between calls like this one that all limits allow.

    None if nothing was announced.
    """
    came, went = answer.input_tokens or 0, answer.output_tokens or 0
    takes = {"requests": 1, "tokens": came + went, "input-tokens": came, "output-tokens": went}
    return max((MARGIN * takes[r.kind] / r.per_s for r in announced), default=None)


def _header_number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value < math.inf else None


def until(text: str) -> float | None:
    """Compute the seconds until a time given as `6m0s`, in seconds, as a Unix time, or as a date.

    None if it cannot be read, or for a date less than a second ahead, since dates are in whole seconds.
    """
    text = text.strip()
    if (value := _header_number(text)) is not None:
        if value < _EPOCH_S:
            return value
        return max(0.0, (value / 1000 if value > 1000 * _EPOCH_S else value) - time.time())
    if _TERM.sub("", text) == "":
        return sum(float(n) * _UNITS[unit] for n, unit in _TERM.findall(text)) if text else None
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return None
    seconds = when.timestamp() - time.time() if when.tzinfo else 0.0
    return seconds if seconds >= 1 else None  # told in whole seconds: less says nothing
