"""Lanes, one per provider and address: the pace of each model's calls, its outages, and why it is closed. Never waits.

Two things are kept apart. A `RateLimit` learns a pace from what is refused. A `Breaker` is for outages: while a server
is away nothing starts but one probe at a time, and nothing is lost by it. It is a breaker as in Nygard, *Release It!*
(2007), with one rule of its own: three failures in a row open it only if they come from two trials, so that one bad
prompt fails alone. Tried in virtual time against ten kinds of outages (`python -m tools.bench outages`). The clock is
passed in.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from functools import partial

from escape.types import ModelError, ModelSpec

FEW = 3  # what happens less often may be chance: failures in a row, of one trial, of a model's first calls
FIRST_S = 0.5  # until the first probe, which doubles: what a short outage may cost beyond its length
LONGEST_S = 5.0  # between probes: of forty calls a minute that an outage may cost, it takes eight
PATIENCE_S = 300.0  # after which a model is given up for this run: people do not wait longer for nothing


@dataclass
class Breaker:
    """The breaker of one model. `since`: its first failure. `next_at`: the next probe. `again`: trials to ask last."""

    since: float | None = None
    probing: bool = False
    next_at: float = 0.0
    openings: int = 0
    again: set[Hashable] = field(default_factory=set)
    _delay: float = FIRST_S
    _streak: list[Hashable] = field(default_factory=list)
    _first_at: float = 0.0

    def wait(self, now: float) -> float:
        """Seconds until a call may start: none while it is closed. While it is open, until the next probe."""
        if self.since is None:
            return 0.0
        return LONGEST_S if self.probing else max(0.0, self.next_at - now)

    def starts(self) -> bool:
        """Note that a call starts, and return whether it is a probe."""
        self.probing = self.since is not None
        return self.probing

    def probed(self) -> None:
        """The probe is over. What it showed was said by `works` or `fails`, if anything."""
        self.probing = False

    def works(self, started: float) -> None:
        """A call that started then was answered. What was under way before the first failure says nothing."""
        if started >= (self._first_at if self._streak else self.since or 0.0):
            self.since, self.probing, self._delay, self._streak = None, False, FIRST_S, []

    def fails(self, trial: Hashable, now: float, wish: float | None, *, probe: bool) -> bool:
        """Record a transient failure. True if it counts as no attempt. `wish`: Retry-After in seconds."""
        if self.since is not None:
            if probe:
                self.probing, self._delay = False, min(LONGEST_S, 2 * self._delay)
                self.next_at = now + (wish or self._delay)
            return True
        if trial in self.again:
            return False
        self._first_at = self._first_at if self._streak else now
        self._streak.append(trial)
        if len(self._streak) < FEW or len(set(self._streak)) < 2:
            return False
        self.since, self._delay, self._streak = self._first_at, FIRST_S, []
        self.openings += 1
        self.next_at = now + (wish or self._delay)
        return True

    def away_for(self, now: float) -> float:
        """Return how long its server has been away, in seconds."""
        return 0.0 if self.since is None else now - self.since


START = 10.0  # calls a second before anything is known: 3 leaves up to 38 % of a limit unused, 50 has 12 % refused
BETA = 0.85  # of the rate, after a refusal: at .8 a limit of 20 a second is used to 70 %
REGAIN = 31.0  # calls until the refused rate is back, or half as many pauses: at 25 more is refused, at 45 less used
MAX_PAUSE_S = 20.0  # without a Retry-After: at 10 more is refused by whoever counts by the minute, at 300 it oversleeps


@dataclass
class RateLimit:
    """The rate at which calls may start, learnt from what a server refuses: CUBIC, as in TCP and in the SDKs of AWS.

    After a refusal calls start at BETA times the rate at which it came. From there the rate follows a cubic in time:
    quickly back towards the rate that was refused, slowly around it, then quickly beyond. Before the first refusal the
    rate doubles with each round trip (slow start). A server that refuses again before anything was let through is no
    slower: its window is used up. Then pauses double, and the rate waits for them.

    Sources: RFC 9438, sections 4.2 and 4.6 (growth and decrease. The time until the refused rate is back is that of so
    many calls, so that a quick server is found out as fast as a slow one). Botocore, `botocore/retries/throttling.py`.
    Each constant above was varied against seventy-eight servers in simulated time (tests/calls/test_rate_limit.py): at
    these all are used to 76 % with 10 % refused (12 % by whoever counts by the minute and names no wait). The clock is
    passed in. Nothing here waits.

    The rate of one model's calls. Times are seconds on one clock, rates are calls a second.

    `top`: the rate at which a call was refused. Before the first refusal, the rate itself. `cut_at`: the last refusal.
    `let`: calls that started since and were not refused. `pause`: the last one. `next_at`: when the next may start.
    `fixed`: the rate, if somebody knows it. `told_s`: the gap that the provider's headers ask for. `refusing`: since
    when every call has been refused.
    """

    top: float = START
    cut_at: float | None = None
    let: int = 0
    pause: float = 0.0
    next_at: float = 0.0
    fixed: float | None = None
    told_s: float = 0.0
    refusing: float | None = None

    def rate(self, now: float) -> float:
        if self.cut_at is None:
            return self.top
        regain = REGAIN * max(1 / self.top, min(self.pause, 1.0) / 2)
        beyond = max(0.0, now - self.cut_at - self.pause) / regain - 1
        return self.top * (1 + (1 - BETA if beyond < 0 else 1) * beyond**3)

    def wait(self, now: float) -> float:
        """Seconds until the next call may start."""
        seconds = self.next_at - now
        return seconds if seconds > 1e-6 else 0.0

    def spacing(self, now: float) -> float:
        """Seconds between the starts of calls."""
        return (
            1 / self.fixed if self.fixed else max(1 / self.rate(now), min(self.told_s, 60.0))
        )  # limits count by the minute

    def refused_for(self, now: float) -> float:
        """How long every call has been refused, in seconds."""
        return 0.0 if self.refusing is None else now - self.refusing

    def take(self, now: float) -> None:
        probing = self.pause if self.let == 0 and self.cut_at is not None else 0.0
        self.next_at = max(now, self.next_at) + max(self.spacing(now), probing)
        self.let += 1

    def accepted(self, started: float, now: float) -> None:
        """A call that started at `started` was let through."""
        self.refusing = None
        if self.cut_at is None:
            self.top *= 1 + 1 / max(1.0, self.top * (now - started))
        elif started > self.cut_at and self.let == 1:  # it was alone: the server is back
            self.next_at = min(self.next_at, max(now, started + 1 / self.rate(now)))

    def refused(self, started: float, now: float, wish: float | None) -> float:
        """Record a refusal of a call and return the pause in seconds. `wish`: seconds, as the server asks."""
        first, wish = self.cut_at is None, max(0.0, wish or 0.0)
        self.refusing = now if self.refusing is None else self.refusing
        if self.cut_at is None or started > self.cut_at:
            self.let = max(0, self.let - 1)
            if self.let or first:  # slow start has overshot; `top` stays if enough was let through: the limit is near
                self.top = self.rate(started) * (BETA**3 if first else BETA if self.let < FEW else 1.0)
                self.pause = wish or max(1 / self.top, self.pause / 2)
            else:  # whoever asks for next to nothing is not believed twice
                self.pause = wish if wish >= FIRST_S else min(MAX_PAUSE_S, 2 * self.pause)
            self.cut_at, self.let = now, 0
        self.next_at = max(self.next_at, now + max(self.pause, wish))
        return self.next_at - now


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
    slot_freed: asyncio.Event = field(default_factory=asyncio.Event)  # a call has come back, or the lane has closed
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
        self.slot_freed.set()

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
