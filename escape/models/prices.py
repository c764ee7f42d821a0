"""What a call costs: an upper bound before, the real cost after. Prices come from genai-prices; None means unknown,
never 0.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple

from escape.models.providers import PROVIDERS
from escape.records import Bill
from escape.schema import Answer, ModelSpec, Prompt

BYTES_A_TOKEN = 4  # in English
QUARTER_S = 900.0  # no price list changes its prices within a quarter of an hour


def per_token(spec: ModelSpec, at: float | None = None) -> tuple[float, float] | None:
    """(input, output) in USD per token for prompts of ordinary length, now or at a Unix time `at`, since some providers
    charge by the hour; None if no price list has the model.
    """
    provider = PROVIDERS[spec.provider]
    if provider.free:
        return 0.0, 0.0
    if not provider.prices:
        return None
    return _listed(spec.model, provider.prices, int((time.time() if at is None else at) // QUARTER_S))


@lru_cache(maxsize=2048)
def _listed(model: str, provider: str, quarter: int) -> tuple[float, float] | None:
    from genai_prices import Usage, calc_price

    when = datetime.fromtimestamp(quarter * QUARTER_S, tz=UTC)
    usage = Usage(input_tokens=1000, output_tokens=1000)
    try:
        price = calc_price(usage, model, provider_id=provider, genai_request_timestamp=when)
    except LookupError:
        return None
    return float(price.input_price) / 1000, float(price.output_price) / 1000


def cost(spec: ModelSpec, answer: Answer) -> float | None:
    """USD that a finished call cost, from the usage the server reported; None if price or usage is unknown. A report
    of no tokens at all for a text is no report.
    """
    price = per_token(spec)
    if price is None:
        return None
    if price == (0.0, 0.0):
        return 0.0
    if answer.input_tokens is None or answer.output_tokens is None:
        return None
    if not (answer.input_tokens or answer.output_tokens) and answer.text:
        return None
    return answer.input_tokens * price[0] + answer.output_tokens * price[1]


class Ceiling(NamedTuple):
    """The most that one call can use: tokens in and out, and USD per token for each."""

    tokens_in: float
    tokens_out: float
    usd_in: float
    usd_out: float

    @property
    def usd(self) -> float:
        """The most that the call can cost."""
        return self.tokens_in * self.usd_in + self.tokens_out * self.usd_out


def ceiling(spec: ModelSpec, prompt: Prompt, more_bytes: int = 0) -> Ceiling | None:
    """The most one call can cost, with `more_bytes` yet to be added to its prompt, even if it ends in a dearer hour.

    A prompt has a token for every two bytes at most, and 50 around it. None if the price is unknown.
    """
    price, later = per_token(spec), per_token(spec, time.time() + spec.timeout_s)
    if price is None or later is None:
        return None
    sent = len((prompt.system + prompt.user).encode()) + more_bytes + len(str(prompt.reply_schema or ""))
    return Ceiling(sent / 2 + 50, spec.max_tokens, max(price[0], later[0]), max(price[1], later[1]))


# How many tokens an answer usually takes: from short answers to long ones without hidden thinking.
TYPICAL_ANSWER = (250, 900)
TYPICAL_PLAN = (1_500, 8_000)  # the way through a house
TYPICAL_VERDICT = (250, 1200)


NOTHING = Bill(0, 0.0, 0.0, 0.0)


def bill(
    spec: ModelSpec, prompts: Sequence[tuple[Prompt, int]], typical: tuple[int, int], *, longest_bytes: int = 0
) -> Bill:
    """An estimate for `prompts`, each with the number of times it is asked, from their length and the model's price.

    `longest_bytes`: how much longer a prompt can become, as a judge's prompt does when the answer is inserted.
    """
    price = per_token(spec)
    times = sum(n for _, n in prompts)
    calls = 0 if PROVIDERS[spec.provider].scripted else times
    if price is None:
        return Bill(calls, None, None, None)
    if price == (0.0, 0.0):
        return Bill(calls, 0.0, 0.0, 0.0)
    sent = sum(n * math.ceil(len((p.system + p.user).encode()) / BYTES_A_TOKEN) for p, n in prompts)
    low, high = (min(n, spec.max_tokens) * times for n in typical)
    most = [(ceiling(spec, p, longest_bytes), n) for p, n in prompts]
    return Bill(
        calls=calls,
        low=(0.85 * sent * price[0] + low * price[1]),
        high=(1.25 * sent * price[0] + high * price[1]),
        most=sum(n * c.usd for c, n in most if c),
    )
