"""Lanes: one per provider and address, with its rates, and why it is closed. Never waits."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from escape.calls.rate_limit import START_S, RateLimit
from escape.errors import ModelError
from escape.schema import ModelSpec

CLOSE_MODEL_AFTER = (
    3  # if this many first calls to a model were all bad requests, the model is to blame, not the prompts
)
PROOF_S = 2.0  # a wrong key is refused sooner than this; an answer may take a minute
SHARED_AFTER = 2  # refusals at a gap that had worked, each with another model's call in between
HOPELESS = 3  # refusals in a row of a model, while others' calls are let through
APART_AFTER = 6  # refusals of one model alone, while twice as many calls of others were let through

LaneKey = tuple[str, str | None]


def lane_key(spec: ModelSpec) -> LaneKey:
    """(provider, address): the unit that shares a key and a limit on calls in flight."""
    return spec.provider, spec.base_url


class Rates:
    """How often the models of a lane may be called: each has a rate of its own, and all together have one.

    A provider may count the calls of each model or of all together, and does not say which. At first each model learns
    by itself. A refusal at a gap that had worked, after a call of another model, is a sign that all are counted
    together, and so are many in a row; then one rate is learnt for all, until only one model is refused.
    """

    def __init__(self, start_s: float = START_S) -> None:
        self._start_s = start_s
        self._of_model: dict[str, RateLimit] = {}
        self._of_all = RateLimit(0.0)
        self._shared = False
        self._signs = 0
        self._refused: Counter[str] = Counter()  # by model, since all are counted together,
        self._let: Counter[str] = Counter()  # and the calls let through

    def of(self, model: str) -> RateLimit:
        """The rate of one model."""
        if model not in self._of_model:
            self._of_model[model] = RateLimit(0.0 if self._shared else self._start_s)
        return self._of_model[model]

    def spacing(self, model: str) -> float:
        """Seconds between the starts of this model's calls."""
        return max(self.of(model).spacing, self._of_all.spacing)

    def wait(self, model: str, now: float) -> float:
        """Seconds until the next call may start."""
        return max(self.of(model).wait(now), self._of_all.wait(now))

    def take(self, model: str, now: float) -> None:
        """A call starts."""
        self.of(model).take(now)
        self._of_all.take(now)

    def accepted(self, model: str, started: float, sent: float) -> None:
        """A call was answered; `sent` is when it left."""
        self._let[model] += 1
        self.of(model).accepted(started, sent)
        self._of_all.accepted(started, sent)

    def hold_to(self, model: str, spacing_s: float) -> None:
        """The provider's headers allow one call in so many seconds."""
        self.of(model).hold_to(spacing_s)

    def refused(self, model: str, started: float, now: float, wish: float | None) -> float:
        """A call was refused; `wish`: the wait the server asks for. Returns the length of the pause."""
        mine = self.of(model)
        self._refused[model] += 1
        if self._shared:
            self._part(model)
        elif len(self._of_model) > 1 and self._of_all.last_before(started) > mine.last:
            self._signs += mine.had_worked(started)
            if self._signs >= SHARED_AFTER or mine.refusals_in_a_row >= HOPELESS:
                self._share()
        learning, other = (self._of_all, self.of(model)) if self._shared else (mine, self._of_all)
        other.forget(started)
        return learning.refused(started, now, wish)

    def _share(self) -> None:
        self._shared = True
        self._of_model = {}
        self._refused.clear()
        self._let.clear()

    def _part(self, model: str) -> None:
        others = self._let.total() - self._let[model]
        if self._refused.total() == self._refused[model] >= APART_AFTER and others >= 2 * APART_AFTER:
            self._shared, self._signs = False, 0
            self._of_model, self._of_all = {}, RateLimit(0.0)

    def refusing_for_s(self, model: str, now: float) -> float:
        """How long every call has been refused."""
        return (self._of_all if self._shared else self.of(model)).refusing_for_s(now)


@dataclass
class Lane:
    """One provider at one address: its rates, whether its key has worked, and why it is closed."""

    width: int  # calls in flight at most
    proven: bool  # some call has come back that was not refused because of its key
    rates: Rates = field(default_factory=Rates)
    turns: defaultdict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))  # by model
    moved: asyncio.Event = field(default_factory=asyncio.Event)  # a call has come back
    shut: asyncio.Event = field(default_factory=asyncio.Event)  # set, and replaced, when the lane or a model closes
    in_flight: int = 0
    first_at: float | None = None  # when the first call started
    closed: ModelError | None = None
    closed_models: dict[str, ModelError] = field(default_factory=dict)
    worked: set[str] = field(default_factory=set)
    bad_requests: Counter[str] = field(default_factory=Counter)

    def alone_for_s(self, now: float) -> float:
        """How much longer the first call goes alone: until the key has worked, or would have been refused by now."""
        if self.proven or self.first_at is None:
            return 0.0
        return max(0.0, self.first_at + PROOF_S - now)

    def is_full(self, now: float) -> bool:
        """Whether no further call may be in flight."""
        return self.in_flight >= (1 if self.alone_for_s(now) > 0 else self.width)

    def refuse(self, model: str) -> None:
        """Raise the error that closed this lane or model, without a call."""
        if error := self.closed or self.closed_models.get(model):
            raise ModelError(error.kind, error.message, attempts=0)

    def close(self, error: ModelError, model: str | None = None) -> None:
        """Close the lane, or one model of it. Whoever waits for a turn is told at once."""
        if model is None:
            self.closed = self.closed or error
        else:
            self.closed_models.setdefault(model, error)
        self.shut.set()
        self.shut = asyncio.Event()
        self.moved.set()

    def learn(self, model: str, error: ModelError) -> None:
        """Close the lane or model if the error says that every further call would fail the same way."""
        if error.kind.closes_provider:
            self.close(error)
        elif error.kind.closes_model:
            self.close(error, model)
        elif error.kind.may_close_model and model not in self.worked:
            self.bad_requests[model] += 1
            if self.bad_requests[model] >= CLOSE_MODEL_AFTER:
                self.close(error, model)
