"""A lane controls all calls to one address with one key.

It holds the pace and the breaker of each model, the slots of calls in flight, what was learnt about the key,
the address and model names, and why it or a model is closed. It says when the next call may start, but never
waits itself; the clock is passed in.
"""

import asyncio
import math
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from escape.calls.breaker import FEW, Breaker
from escape.calls.pace import RateLimit
from escape.types import Answer, FailureKind, ModelError, ModelSpec

LaneKey = tuple[str, str | None]

PATIENCE_S = 300.0  # how long a model may be away before the run gives it up
# How long a call with an untried key goes alone. Every provider we know refuses a wrong key sooner.
ALONE_S = 1.0
# Pause before an error that looks permanent is tried once more: load balancers reach another node within it.
AGAIN_S = 1.0
# Two models that are refused within this time share one limit.
TOGETHER_S = 3.0
# A call hangs, and loses its slot, after this many times the 95th percentile of durations, and after this
# many seconds at least.
HUNG_TIMES, HUNG_S = 3.0, 10.0
# The same factor for a call that later ones have overtaken. With 1.5, a server that hangs one call in ten
# takes 1.33 times as long.
OVERTAKEN_TIMES = 1.25
REMEMBERED = 200  # durations kept, from which the percentile is computed


def lane_key(spec: ModelSpec) -> LaneKey:
    """Build a spec's lane key: the provider and address, which share one key and one limit."""
    return spec.provider, spec.base_url


@dataclass(eq=False)
class Flight:
    """A call that is out. `task`: its pending reply, once sent. `dropped`: ended because it hung."""

    model: str
    started: float
    probe: bool = False
    task: asyncio.Future[Answer] | None = None
    dropped: bool = False


@dataclass
class _Suspicion:
    """A permanent failure that is not confirmed yet. `times`: in a row. `at`: when it first occurred."""

    kind: FailureKind
    at: float
    times: int = 1


@dataclass
class Lane:
    """The state of all calls to one address with one key.

    `most`: calls in flight at most. `width`: calls in flight that an unknown server bears, as far as is
    known; None for a known server. `proven`: a call was answered, or failed for another reason than its key,
    credit, address or rate. `together`: all its models share one pace.
    """

    most: int
    proven: bool
    width: float | None = None
    pace: Callable[[str], RateLimit] = lambda model: RateLimit()  # of a model that has none yet
    together: bool = False
    again: set[object] = field(default_factory=set)
    # set when a call has come back, or something has closed
    moved: asyncio.Event = field(default_factory=asyncio.Event)
    turns: defaultdict[str, asyncio.Lock] = field(
        default_factory=partial(defaultdict, asyncio.Lock)
    )  # by model
    waiting: Counter[str] = field(default_factory=Counter)  # calls waiting for a slot, by model
    flights: list[Flight] = field(default_factory=list)
    worked: set[str] = field(default_factory=set)
    closed: dict[str, ModelError] = field(default_factory=dict)  # by model; "" for the whole lane
    paces: dict[str, RateLimit] = field(default_factory=dict)
    breakers: dict[str, Breaker] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)  # models whose server names their own limit
    _took: defaultdict[str, deque[float]] = field(
        default_factory=lambda: defaultdict(partial(deque, maxlen=REMEMBERED))
    )
    _usual_s: dict[str, float] = field(default_factory=dict)  # the 95th percentile of these
    # by model: when the newest answered call started
    _answered: dict[str, float] = field(default_factory=dict)
    _taken: Counter[str] = field(default_factory=Counter)  # calls since models share a pace
    _refused_at: dict[str, float] = field(default_factory=dict)
    _suspicions: dict[str, _Suspicion] = field(default_factory=dict)  # by model; "" for the whole lane
    _bad_requests: Counter[str] = field(default_factory=Counter)
    _halved_at: float = -1.0

    def breaker_of(self, model: str) -> Breaker:
        return self.breakers.setdefault(model, Breaker(again=self.again))

    def pace_of(self, model: str) -> RateLimit:
        if model not in self.paces:
            common = next(iter(self.paces.values()), None) if self.together else None
            self.paces[model] = common or self.pace(model)
        return self.paces[model]

    # may a call start?

    def wait(self, model: str, now: float) -> float | None:
        """Compute the seconds until a call may start, 0.0 for now. None: only once something has moved.

        Infinite while calls of unknown duration hold every slot. Raises ModelError if the lane or
        the model is closed.
        """
        self.raise_if_closed(model)
        own = [f for f in self.flights if f.model == model]
        if model not in self.worked and own:
            # until its first reply has shown what its server counts, a model's calls go one at a time
            return None
        for scope in ("", model):
            if suspicion := self._suspicions.get(scope):
                if any(scope in ("", f.model) for f in self.flights):
                    return None
                if (rest := suspicion.at + AGAIN_S - now) > 0:
                    return rest
        if not self.proven and self.flights:
            rest = max(f.started for f in self.flights) + ALONE_S - now
            if rest > 1e-9:
                return rest
        holding = [f for f in self.flights if self._frees_at(f) > now + 1e-9]
        own_holding = sum(f.model == model for f in holding)
        if (
            len(holding) >= min(self.most, int(self.width or self.most))
            or own_holding >= self.breaker_of(model).allowed
            or (own_holding and self._stalled(model, now))
        ):
            return min((self._frees_at(f) - now for f in holding), default=None)
        if self._is_others_turn(model, now):
            return None
        return max(self.pace_of(model).wait(now), self.breaker_of(model).wait(now))

    def _is_others_turn(self, model: str, now: float) -> bool:
        """Check whether a ready model with the same pace also waits and has had fewer calls."""
        pace = self.pace_of(model)
        others = [m for m, p in self.paces.items() if p is pace and m != model and self.waiting[m]]
        return any(
            (self._taken[m], m) < (self._taken[model], model) and self._is_ready(m, now) for m in others
        )

    def _is_ready(self, model: str, now: float) -> bool:
        is_first = model not in self.worked and any(f.model == model for f in self.flights)
        return not is_first and model not in self._suspicions and not self.breaker_of(model).wait(now)

    def start(self, model: str, now: float) -> Flight:
        self.pace_of(model).take(now)
        self._taken[model] += 1
        flight = Flight(model, now, self.breaker_of(model).starts())
        self.flights.append(flight)
        return flight

    def end(self, flight: Flight) -> None:
        self.flights.remove(flight)
        self.moved.set()

    # calls that hang

    def hangs_at(self, flight: Flight) -> float:
        """Compute when a call counts as hanging: never while the model's usual time is unknown."""
        usual = self._usual_s.get(flight.model)
        return math.inf if usual is None else flight.started + max(HUNG_S, HUNG_TIMES * usual)

    def _frees_at(self, flight: Flight) -> float:
        """Compute when a call gives its slot back: sooner if a call that started later was answered."""
        hangs_at = self.hangs_at(flight)
        if self._answered.get(flight.model, -1.0) <= flight.started:
            return hangs_at
        return min(hangs_at, flight.started + OVERTAKEN_TIMES * self._usual_s[flight.model])

    def _may_hang(self, now: float) -> bool:
        """Check whether the oldest call has been out so long that any may hang.

        `flights` is in the order in which calls started.
        """
        return bool(self.flights) and now >= self.flights[0].started + HUNG_S - 1e-9

    def hangs(self, flight: Flight, now: float) -> bool:
        return now >= self.hangs_at(flight) - 1e-9

    def is_left_behind(self, flight: Flight, now: float) -> bool:
        """Check whether a call hangs although one that started later was answered."""
        return self.hangs(flight, now) and self._answered.get(flight.model, -1.0) > flight.started

    def _stalled(self, model: str, now: float) -> bool:
        """Check whether calls of a model hang and no later one was answered, so one probe may pass."""
        newest = self._answered.get(model, -1.0)
        return self._may_hang(now) and any(
            f.model == model and f.started >= newest and self.hangs(f, now) for f in self.flights
        )

    def out_beside(self, failed: Flight, now: float) -> tuple[int, int]:
        """Count the model's calls that are out, and those of them that count as evidence.

        Calls that hang are left out. The second number is of calls that started in the present row of
        failures, before `failed`.
        """
        began = self.breaker_of(failed.model).row_began
        out = [f for f in self.flights if f.model == failed.model and not self.hangs(f, now)]
        return len(out), sum(began <= f.started < failed.started for f in out)

    # what is learnt from replies

    def answered(self, flight: Flight, now: float, spacing_s: float | None) -> None:
        """Record the answer to a call. `spacing_s`: seconds between calls that its headers allow."""
        model = flight.model
        pace = self.pace_of(model)
        pace.accepted(flight.started, now)
        if spacing_s is not None:
            pace.told_s = spacing_s
            self.told.add(model)
        self.worked.add(model)
        self.proven = True
        self._suspicions.pop("", None)
        self._suspicions.pop(model, None)
        took = self._took[model]
        took.append(now - flight.started)
        self._usual_s[model] = sorted(took)[int(0.95 * (len(took) - 1))]
        self._answered[model] = max(self._answered.get(model, -1.0), flight.started)
        if self.width is not None:
            self.width = min(self.most, self.width + 1 / self.width)
        self.breaker_of(model).works(flight.started, now)
        if self._may_hang(now):
            for other in [
                f for f in self.flights if f is not flight and f.task and self.is_left_behind(f, now)
            ]:
                self.drop(other)

    def drop(self, flight: Flight) -> None:
        """Cancel a call that hangs. Its caller asks again."""
        if flight.task and not flight.dropped:
            flight.dropped = True
            flight.task.cancel()

    def refused(self, flight: Flight, now: float, wish: float | None) -> float:
        """Record that a rate limit was hit; return the pause in seconds. `wish`: Retry-After."""
        model = flight.model
        pause = self.pace_of(model).refused(flight.started, now, wish)
        self._refused_at[model] = now
        for other, at in self._refused_at.items():
            if other != model and now - at <= TOGETHER_S and not {other, model} & self.told:
                self._share_pace(model, other)
        self.narrow(flight, now)
        return max(pause, self.pace_of(model).wait(now))

    def _share_pace(self, model: str, other: str) -> None:
        """Give two models one pace, used in turns: refused together, they share a limit."""
        first, second = self.pace_of(model), self.pace_of(other)
        if first is second:
            return
        first.join(second)
        for name, pace in self.paces.items():
            if pace is second:
                self.paces[name] = first
        self._taken.clear()

    def narrow(self, flight: Flight, now: float) -> None:
        """Halve the calls in flight at an unknown server, once for all that were out together.

        Called when it has refused a call or let it time out.
        """
        if self.width is not None and flight.started > self._halved_at:
            self.width, self._halved_at = max(1.0, self.width / 2), now

    # what closes it

    def raise_if_closed(self, model: str) -> None:
        """Raise the error that closed this lane or model. Does nothing if both are open."""
        if error := self.closed.get("") or self.closed.get(model):
            raise ModelError(error.kind, error.message, attempts=0)

    def is_closed(self, model: str) -> bool:
        return "" in self.closed or model in self.closed

    def close(self, error: ModelError, scope: str = "") -> None:
        """Close the lane, or one of its models as `scope`, and wake whoever waits for a turn.

        The first error stays.
        """
        self.closed.setdefault(scope, error)
        self.moved.set()

    def reopen(self) -> None:
        """Forget permanent errors that closed the lane, or a model, after it had worked."""
        worked = {"", *self.worked} if self.worked else set()
        self.closed = {s: e for s, e in self.closed.items() if s not in worked or not e.kind.is_permanent}
        self._suspicions.clear()

    def suspect(self, flight: Flight, error: ModelError, now: float) -> bool:
        """Record a failure; return True if it may be a stray reply, so that the call may be repeated.

        A permanent error closes the lane or model once confirmed: before the first success by a second call,
        at least a second later; afterwards by three in a row. Three refused requests close a model that has
        never answered.
        """
        model = flight.model
        if error.kind.may_close_model and model not in self.worked:
            self._bad_requests[model] += 1
            if self._bad_requests[model] >= FEW:
                self.close(error, model)
        if not error.kind.is_permanent:
            return False
        scope = "" if error.kind.closes_provider else model
        has_worked = bool(self.worked) if scope == "" else model in self.worked
        held = self._suspicions.get(scope)
        if held is None or held.kind != error.kind:
            self._suspicions[scope] = _Suspicion(error.kind, now)
            return True
        later = flight.started >= held.at + AGAIN_S - 1e-9
        if later or has_worked:
            held.times += 1
        if later and held.times >= (FEW if has_worked else 2):
            self.close(error, scope)
            return False
        return True

    def first_answers(self, now: float) -> dict[str, float]:
        """Map each model whose first answer is still out to the seconds since it was asked."""
        return {f.model: now - f.started for f in self.flights if f.model not in self.worked}
