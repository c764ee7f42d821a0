"""What a call costs: bounds before, real cost after. Prices are genai-prices'; None means unknown, never 0."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from escape.models import PROVIDERS
from escape.schema import Answer, ModelSpec, Prompt, total


@lru_cache(maxsize=512)
def per_token(spec: ModelSpec) -> tuple[float, float] | None:
    """(input, output) USD a token for prompts of ordinary length, or None where no list names the model."""
    provider = PROVIDERS[spec.provider]
    if provider.free:
        return 0.0, 0.0
    if not provider.prices:
        return None
    from genai_prices import Usage, calc_price

    try:
        price = calc_price(Usage(input_tokens=1000, output_tokens=1000), spec.model, provider_id=provider.prices)
    except LookupError:
        return None
    return float(price.input_price) / 1000, float(price.output_price) / 1000


def cost(spec: ModelSpec, answer: Answer) -> float | None:
    """USD that a finished call cost, from the usage the server reported; None where price or usage is unknown."""
    price = per_token(spec)
    if price is None:
        return None
    if price == (0.0, 0.0):
        return 0.0
    if answer.input_tokens is None or answer.output_tokens is None:
        return None
    return max(0, answer.input_tokens) * price[0] + max(0, answer.output_tokens) * price[1]


def tokens(text: str) -> int:
    """Tokens of a text, about: four bytes each in English."""
    return math.ceil(len(text.encode()) / 4)


def ceiling(spec: ModelSpec, prompt: Prompt) -> float | None:
    """The most one call can cost: two bytes a token going in, the whole limit coming out. None where unknown."""
    price = per_token(spec)
    if price is None:
        return None
    sent = len((prompt.system + prompt.user).encode()) / 2 + len(str(prompt.reply_schema or "")) / 2 + 50
    return sent * price[0] + spec.max_tokens * price[1]


# What an answer usually takes, in tokens: from short ones to long ones without hidden thinking.
TYPICAL_ANSWER = (250, 900)
TYPICAL_VERDICT = (250, 1200)


@dataclass(frozen=True)
class Bill:
    """What calls will probably cost, in USD: a range, and the most they can. None where the price is unknown."""

    calls: int
    low: float | None
    high: float | None
    most: float | None

    def __add__(self, other: Bill) -> Bill:
        """Both together; unknown where either is."""
        return Bill(
            self.calls + other.calls,
            total([self.low, other.low]),
            total([self.high, other.high]),
            total([self.most, other.most]),
        )


NOTHING = Bill(0, 0.0, 0.0, 0.0)


def bill(spec: ModelSpec, prompts: Sequence[Prompt], times: int, typical: tuple[int, int]) -> Bill:
    """An estimate for `prompts`, each asked `times` times, from the prompts' own text and the model's price."""
    price = per_token(spec)
    if price is None:
        return Bill(len(prompts) * times, None, None, None)
    sent = sum(tokens(p.system + p.user) for p in prompts)
    low, high = (min(n, spec.max_tokens) * len(prompts) for n in typical)
    return Bill(
        calls=len(prompts) * times,
        low=times * (0.85 * sent * price[0] + low * price[1]),
        high=times * (1.25 * sent * price[0] + high * price[1]),
        most=times * sum(ceiling(spec, p) or 0.0 for p in prompts),
    )
