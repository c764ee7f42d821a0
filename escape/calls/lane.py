"""Lanes: one per provider and address, with its gate, its rate, and why it is closed. Never waits."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field

from escape.calls.rate_limit import RateLimit
from escape.errors import ModelError
from escape.schema import ModelSpec

FEW = 0.5  # share of the concurrency limit used until most first calls have returned, to avoid a refused burst
CLOSE_MODEL_AFTER = (
    3  # if this many first calls to a model were all bad requests, the model is to blame, not the prompts
)

LaneKey = tuple[str, str | None]


def lane_key(spec: ModelSpec) -> LaneKey:
    """(provider, address): the unit that shares a key, a gate and a rate limit."""
    return spec.provider, spec.base_url


@dataclass
class Lane:
    """One provider at one address: its gate and rate, whether its key has worked, and why it is closed."""

    gate: asyncio.Semaphore
    width: int  # of the gate
    proven: bool  # some call has come back that was not refused because of its key
    rate_limit: RateLimit = field(default_factory=RateLimit)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    moved: asyncio.Event = field(default_factory=asyncio.Event)  # a call has come back
    in_flight: int = 0
    answered: int = 0  # answered calls
    closed: ModelError | None = None
    closed_models: dict[str, ModelError] = field(default_factory=dict)
    worked: set[str] = field(default_factory=set)
    bad_requests: Counter[str] = field(default_factory=Counter)

    @property
    def max_in_flight(self) -> float:
        """How many calls may be in flight: one until the key has worked, then a few until most of those are back."""
        few = max(2, FEW * self.width)
        return 1 if not self.proven else few if self.answered < 0.75 * few else float("inf")

    def refuse(self, model: str) -> None:
        """Raise the error that closed this lane or model, without a call."""
        if error := self.closed or self.closed_models.get(model):
            raise ModelError(error.kind, error.message, attempts=0)

    def learn(self, model: str, error: ModelError) -> None:
        """Close the lane or model if the error says that every further call would fail the same way."""
        if error.kind.closes_provider:
            self.closed = self.closed or error
        elif error.kind.closes_model:
            self.closed_models.setdefault(model, error)
        elif error.kind.may_close_model and model not in self.worked:
            self.bad_requests[model] += 1
            if self.bad_requests[model] >= CLOSE_MODEL_AFTER:
                self.closed_models.setdefault(model, error)
