"""Lanes: one per provider and address, with its rates, and why it is closed. Never waits."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from escape.calls.breaker import FEW, Breaker
from escape.calls.rate_limit import RateLimit
from escape.types import ModelError, ModelSpec

LaneKey = tuple[str, str | None]


def lane_key(spec: ModelSpec) -> LaneKey:
    """(provider, address): the unit that shares a key and a limit on calls in flight."""
    return spec.provider, spec.base_url


@dataclass
class ProviderQueue:
    """One provider at one address: its models' paces, whether its key has worked, and why it is closed.

    Each model has a pace of its own, as OpenAI and Anthropic count, or all one, `together`, where an address counts
    them together. Models that share a limit unknown to us get into each other's way: they use 16 to 60 % of it.
    """

    most: int  # calls in flight at most
    width: float  # and for now: halved by a timeout, one wider after as many answers as it is wide
    proven: bool  # some call has come back that was not refused because of its key
    pace: Callable[[], RateLimit] = RateLimit  # of a model that has none yet
    together: bool = False
    paces: dict[str, RateLimit] = field(default_factory=dict)
    turns: defaultdict[str, asyncio.Lock] = field(default_factory=partial(defaultdict, asyncio.Lock))  # by model
    moved: asyncio.Event = field(default_factory=asyncio.Event)  # a call has come back, or the lane has closed
    in_flight: Counter[str] = field(default_factory=Counter)  # by model
    breakers: dict[str, Breaker] = field(default_factory=dict)  # by model
    closed: ModelError | None = None
    closed_models: dict[str, ModelError] = field(default_factory=dict)
    worked: set[str] = field(default_factory=set)
    bad_requests: Counter[str] = field(default_factory=Counter)

    def is_full(self, model: str) -> bool:
        """Return whether a model may have no further call in flight. Until its first reply, calls go one at a time."""
        flying = self.in_flight.total()
        return flying >= (int(self.width) if self.proven else 1) or (
            model not in self.worked and self.in_flight[model] > 0
        )

    def pace_of(self, model: str) -> RateLimit:
        return self.paces.setdefault("" if self.together else model, self.pace())

    def why_closed(self, model: str) -> ModelError | None:
        return self.closed or self.closed_models.get(model)

    def refuse(self, model: str) -> None:
        """Raise the error that closed this lane or model, without a call."""
        if error := self.why_closed(model):
            raise ModelError(error.kind, error.message, attempts=0)

    def close(self, error: ModelError, model: str | None = None) -> None:
        """Close the lane, or one model of it. Whoever waits for a turn is told at once."""
        if model is None:
            self.closed = self.closed or error
        else:
            self.closed_models.setdefault(model, error)
        self.moved.set()

    def learn(self, model: str, error: ModelError) -> None:
        """Close the lane or model if the error says that every further call would fail the same way."""
        if error.kind.closes_provider:
            self.close(error)
        elif error.kind.closes_model:
            self.close(error, model)
        elif error.kind.may_close_model and model not in self.worked:
            self.bad_requests[model] += 1
            if self.bad_requests[model] >= FEW:
                self.close(error, model)
