"""Lanes: one per provider and address, with its rates, and why it is closed. Never waits."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field

from escape.calls.rate_limit import START, RateLimit
from escape.types import FailureKind, ModelError, ModelSpec

CLOSE_MODEL_AFTER = 3  # first calls to a model that were all bad requests: it is to blame, and not the prompts
AWAY = frozenset({503, 529})  # replies of a server that is away for a while
SETTLED = 8  # calls let through of each model before it is looked at,
LOOK_BACK, IN_THE_WAY = 16, 0.15  # calls; if more than this share of them were refused, their models share a limit
APART_AFTER = 5  # refusals of one model alone among as many calls
MAX_SPACING_S = 60.0  # whatever headers say

LaneKey = tuple[str, str | None]


def lane_key(spec: ModelSpec) -> LaneKey:
    """(provider, address): the unit that shares a key and a limit on calls in flight."""
    return spec.provider, spec.base_url


class Rates:
    """How often the models of a lane may be called: each at a rate of its own, unless they turn out to share one.

    A provider counts the calls of each model or of all together, and does not say which. Models that share a limit get
    into each other's way: many of their calls are refused although each keeps to its rate. Then they take one rate, and
    each its own again if only one of them is refused.
    """

    def __init__(self, start: float = START) -> None:
        """`start`: calls a second at first."""
        self._start = start
        self._of_model: dict[str, RateLimit] = {}
        self._told: dict[str, float] = {}  # seconds between a model's calls by its provider's headers
        self._of_all: RateLimit | None = None
        self._recent: deque[tuple[str, bool]] = deque(maxlen=LOOK_BACK)  # calls that came back: whose, and if refused
        self._let: Counter[str] = Counter()
        self._refusing: dict[str, float] = {}  # model -> since when every call of it has been refused

    def of(self, model: str) -> RateLimit:
        return self._of_all or self._of_model.setdefault(model, RateLimit(self._start))

    def spacing(self, model: str, now: float) -> float:
        """Seconds between the starts of this model's calls."""
        return max(1 / self.of(model).rate(now), self._told.get(model, 0.0))

    def wait(self, model: str, now: float) -> float:
        """Seconds until the next call may start."""
        return self.of(model).wait(now)

    def take(self, model: str, now: float) -> None:
        self.of(model).take(now, self._told.get(model, 0.0))

    def hold_to(self, model: str, spacing_s: float) -> None:
        """The provider's headers allow one call in so many seconds."""
        self._told[model] = min(spacing_s, MAX_SPACING_S)

    def accepted(self, model: str, started: float, now: float) -> None:
        self._refusing.pop(model, None)
        self._let[model] += 1
        self._look(model, refused=False)
        self.of(model).accepted(started, now)

    def refused(self, model: str, started: float, now: float, wish: float | None, *, overloaded: bool = False) -> float:
        """A call was refused; `wish`: the wait the server asks for. Returns the length of the pause."""
        self._refusing.setdefault(model, now)
        self._look(model, refused=True)
        self._share_or_part(now)
        return self.of(model).refused(started, now, wish, overloaded=overloaded)

    def _look(self, model: str, *, refused: bool) -> None:
        if self._of_all or (len(self._let) > 1 and min(self._let.values()) >= SETTLED):
            self._recent.append((model, refused))

    def _share_or_part(self, now: float) -> None:
        refused = [model for model, was_refused in self._recent if was_refused]
        if len({model for model, _ in self._recent}) < 2 or len(self._recent) < LOOK_BACK:
            return
        if self._of_all is None and len(set(refused)) > 1 and len(refused) > IN_THE_WAY * LOOK_BACK:
            self._of_all = RateLimit(sum(limit.rate(now) for limit in self._of_model.values()))
        elif self._of_all is not None and len(set(refused)) == 1 and len(refused) >= APART_AFTER:
            self._of_all, self._of_model = None, {}
        else:
            return
        self._recent.clear()

    def refusing_for_s(self, model: str, now: float) -> float:
        """How long every call of a model has been refused."""
        return now - self._refusing.get(model, now)


@dataclass
class Lane:
    """One provider at one address: its rates, whether its key has worked, and why it is closed."""

    width: int  # calls in flight at most
    proven: bool  # some call has come back that was not refused because of its key
    rates: Rates = field(default_factory=Rates)
    turns: defaultdict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))  # by model
    moved: asyncio.Event = field(default_factory=asyncio.Event)  # a call has come back
    shut: asyncio.Event = field(default_factory=asyncio.Event)  # set, and replaced, when the lane or a model closes
    in_flight: Counter[str] = field(default_factory=Counter)  # by model
    closed: ModelError | None = None
    closed_models: dict[str, ModelError] = field(default_factory=dict)
    worked: set[str] = field(default_factory=set)
    bad_requests: Counter[str] = field(default_factory=Counter)

    def is_full(self, model: str) -> bool:
        """Whether no further call of a model may be in flight. Until its first reply its calls go one at a time."""
        flying = self.in_flight.total()
        return flying >= (self.width if self.proven else 1) or (model not in self.worked and self.in_flight[model] > 0)

    def is_away(self, model: str, error: ModelError) -> bool:
        """Whether a call failed because it came too early: its server counts calls, or is away for a while. A
        connection that never came about is an outage only of a server that has answered before.
        """
        unreached = error.kind is FailureKind.CONNECTION and error.attempts == 0 and model in self.worked
        return error.kind is FailureKind.RATE_LIMIT or error.status in AWAY or unreached

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
