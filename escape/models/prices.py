"""The cost of calls: an upper bound before, the actual cost after.

Prices come from genai-prices. None means unknown, never 0.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple

from escape.models.providers import PROVIDERS
from escape.types import Answer, ModelSpec, Prompt, Turn, total

BYTES_A_TOKEN = 4  # in English
QUARTER_S = 900.0  # no price list changes its prices within a quarter of an hour


@dataclass(frozen=True)
class Bill:
    """An estimate of what calls will cost, in USD: a range, and the most they can cost.

    None if the price is unknown.
    `calls` counts only calls that go over a network or cost anything. Scripted players make none.
    """

    calls: int
    low: float | None
    high: float | None
    most: float | None

    @property
    def free(self) -> bool:
        return self.most == 0

    @property
    def about(self) -> float | None:
        """The middle of the range. None if the price is unknown."""
        return None if self.low is None or self.high is None else (self.low + self.high) / 2

    def __add__(self, other: Bill) -> Bill:
        return Bill(
            self.calls + other.calls,
            total([self.low, other.low]),
            total([self.high, other.high]),
            total([self.most, other.most]),
        )


def per_token(spec: ModelSpec, at: float | None = None) -> tuple[float, float] | None:
    """Look up USD per input and output token, now or at Unix time `at`. None if it is not listed."""
    provider = PROVIDERS[spec.provider]
    if provider.free:
        return 0.0, 0.0
    if not provider.prices:
        return None
    model = spec.model.removeprefix("models/")  # as Google lists them
    return _listed_price(model, provider.prices, int((time.time() if at is None else at) // QUARTER_S))


def _cached(spec: ModelSpec) -> tuple[float, float]:
    """Look up USD per token for reading from and for writing to a prompt cache.

    A provider without such prices charges the usual one. 0.0 if the model is free or its price unknown.
    """
    usual, provider = per_token(spec), PROVIDERS[spec.provider]
    if usual is None or not provider.prices or provider.free:
        return 0.0, 0.0
    quarter = int(time.time() // QUARTER_S)
    model = spec.model.removeprefix("models/")
    parts = (
        _listed_price(model, provider.prices, quarter, kind)
        for kind in ("cache_read_tokens", "cache_write_tokens")
    )
    read, write = (part[0] if part else usual[0] for part in parts)
    return read, write


@lru_cache(maxsize=2048)
def _listed_price(model: str, provider: str, quarter: int, of_input: str = "") -> tuple[float, float] | None:
    """Look up a model's USD per input and output token in genai-prices. None if it is not there.

    `quarter`: the time in units of QUARTER_S, so that cached prices expire. `of_input`: the kind of input
    tokens, if they are not fresh ones.
    """
    from genai_prices import Usage, calc_price

    when = datetime.fromtimestamp(quarter * QUARTER_S, tz=UTC)
    usage = Usage(input_tokens=1000, output_tokens=1000, **({of_input: 1000} if of_input else {}))
    try:
        price = calc_price(usage, model, provider_id=provider, genai_request_timestamp=when)
    except LookupError:
        return None
    return float(price.input_price) / 1000, float(price.output_price) / 1000


def call_cost(spec: ModelSpec, answer: Answer) -> float | None:
    """Compute the USD of an answered call from its reported usage. None if price or usage is unknown."""
    price = per_token(spec)
    if price is None:
        return None
    if price == (0.0, 0.0):
        return 0.0
    if answer.input_tokens is None or answer.output_tokens is None:
        return None
    if not (answer.input_tokens or answer.output_tokens) and answer.text:
        return None
    read, written = answer.cache_read_tokens, answer.cache_write_tokens
    cached = _cached(spec) if read or written else (0.0, 0.0)
    fresh = max(0, answer.input_tokens - read - written)
    return fresh * price[0] + read * cached[0] + written * cached[1] + answer.output_tokens * price[1]


class Ceiling(NamedTuple):
    """The most that one call can use: tokens in and out, and USD per token for each."""

    tokens_in: float
    tokens_out: float
    usd_in: float
    usd_out: float

    @property
    def usd(self) -> float:
        return self.tokens_in * self.usd_in + self.tokens_out * self.usd_out


def ceiling(spec: ModelSpec, prompt: Prompt, more_bytes: int = 0) -> Ceiling | None:
    """Compute the most one call can use and cost, even if it ends at an hour with a higher price.

    `more_bytes`: still to be added to the prompt. A prompt has at most a token for every two bytes, and 50
    for each message around it. None if the price is unknown.
    """
    price, later = per_token(spec), per_token(spec, time.time() + spec.timeout_s)
    if price is None or later is None:
        return None
    sent = (
        len((spec.system(prompt) + prompt.user).encode()) + more_bytes + len(str(prompt.reply_schema or ""))
    )
    sent += sum(turn_bytes(t) for t in prompt.turns or ())
    usd_in = max(price[0], later[0], _cached(spec)[1] if prompt.turns is not None else 0.0)
    most = spec.max_tokens if prompt.limit is None else min(spec.max_tokens, prompt.limit)
    return Ceiling(sent / 2 + 50 * (1 + len(prompt.turns or ())), most, usd_in, max(price[1], later[1]))


@dataclass(frozen=True)
class Prices:
    """The two price functions: `cost` afterwards, `ceiling` beforehand (third argument: bytes added).

    None from either: the price is unknown.
    """

    cost: Callable[[ModelSpec, Answer], float | None] = call_cost
    ceiling: Callable[[ModelSpec, Prompt, int], Ceiling | None] = ceiling


def unpriced(spec: ModelSpec) -> str:
    """Explain why a cap cannot be enforced for a model."""
    return (
        f"the price of {spec.name} is unknown, so the cap cannot be enforced; remove the cap or choose a "
        "model with a known price"
    )


def turn_bytes(turn: Turn) -> int:
    carried = len(str(turn.answer.carried)) if turn.answer.carried else 0
    return max(carried, len(turn.answer.text.encode())) + len(turn.reply.encode())


# How many tokens an answer usually takes: from short answers to long ones without hidden thinking.
TYPICAL_ANSWER = (250, 900)
TYPICAL_TURN = (40, 400)  # one move, and what is thought before it
TYPICAL_VERDICT = (250, 1200)


MOST_BYTES_A_TOKEN = 8  # of an answer that is sent back, with what is carried beside it
REPLY_BYTES = 2_000  # of a room's answer to one move

NOTHING = Bill(0, 0.0, 0.0, 0.0)


def bill(
    spec: ModelSpec,
    prompts: Sequence[tuple[Prompt, int]],
    typical: tuple[int, int],
    *,
    longest_bytes: int = 0,
) -> Bill:
    """Estimate the cost of `prompts`, each with the number of times it is asked.

    `typical`: tokens of a short and of a long answer. `longest_bytes`: how much longer a prompt can become,
    as a judge's prompt does when the answer is inserted.
    """
    price = per_token(spec)
    times = sum(n for _, n in prompts)
    calls = 0 if PROVIDERS[spec.provider].scripted else times
    if price is None:
        return Bill(calls, None, None, None)
    if price == (0.0, 0.0):
        return Bill(calls, 0.0, 0.0, 0.0)
    sent = sum(n * math.ceil(len((spec.system(p) + p.user).encode()) / BYTES_A_TOKEN) for p, n in prompts)
    low, high = (min(n, spec.max_tokens) * times for n in typical)
    most = [(ceiling(spec, p, longest_bytes), n) for p, n in prompts]
    return Bill(
        calls=calls,
        low=(0.85 * sent * price[0] + low * price[1]),
        high=(1.25 * sent * price[0] + high * price[1]),
        most=sum(n * c.usd for c, n in most if c),
    )


def conversations(spec: ModelSpec, prompts: Sequence[tuple[Prompt, int, int, int]]) -> Bill:
    """Estimate the cost of conversations; each turn sends all turns before it again.

    `prompts`: the first prompt, the fewest and the most turns, and how many such conversations.
    """
    price, calls = per_token(spec), sum(shortest * times for _, shortest, _, times in prompts)
    if PROVIDERS[spec.provider].scripted:
        return NOTHING
    if price is None:
        return Bill(calls, None, None, None)
    low = high = most = 0.0
    for first, shortest, longest, times in prompts:
        sent, n = len((spec.system(first) + first.user).encode()), min(longest, 2 * shortest + 2)

        def usd(turns: int, bytes_a_token: float, usual: int, sent: int = sent) -> float:
            came = min(spec.max_tokens, usual * turns)
            again = (turns - 1) / 2 * (came + 40 * turns)  # what was said, sent again at each later turn
            return (turns * sent / bytes_a_token + again) * price[0] + came * price[1]

        low += times * usd(shortest, 5.0, TYPICAL_TURN[0])
        high += times * usd(n, 3.0, TYPICAL_TURN[1])
        again = longest * (spec.max_tokens * MOST_BYTES_A_TOKEN + longest * REPLY_BYTES) / 2
        usd_in = max(price[0], _cached(spec)[1])
        most += times * ((longest * (sent / 2 + 50 * longest) + again) * usd_in + spec.max_tokens * price[1])
    return Bill(calls, low, high, most)
