"""Guard the calls of one run: slots and paces, retries, the cost cap, stopping.

The clock is passed in.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NoReturn

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, wait_exponential

from escape.calls.budget import ASKER, Budget, Reservation
from escape.calls.lane import PATIENCE_S, Flight, Lane, LaneKey, lane_key
from escape.calls.pace import START, RateLimit
from escape.models import PROVIDERS, Prices
from escape.types import Answer, FailureKind, Model, ModelError, ModelSpec, Prompt

ATTEMPTS = 3  # of one question; calls that failed in a brown-out or an outage do not count
MOST_TRIES = 20  # calls of one question, counted or not: at 60 % failing, one question in 27,000 needs more
FREE_WAIT_S = 1.0  # pause before a call that failed in a brown-out is repeated


@dataclass(frozen=True)
class Retry:
    """A repeat of a call, as shown to people.

    `attempt`: number of the failed attempt, 0 if it does not count. `spacing_s`: seconds between calls from
    now on, 0 unless a rate limit was hit. `away_s`: how long the server has been away.
    """

    provider: str
    kind: FailureKind
    wait_s: float
    attempt: int
    spacing_s: float = 0.0
    away_s: float = 0.0


@dataclass(frozen=True)
class Limits:
    """The bounds on a run's calls.

    `cap_usd`: for the whole run. `spent_usd`: already spent under that cap. `proven`: lanes whose key has
    worked; calls add to them. `shared`: semaphores, in the order in which to wait for them. `calls_a_minute`:
    per model, if known.
    """

    concurrency: int = 8
    cap_usd: float | None = None
    spent_usd: float = 0.0
    proven: set[LaneKey] = field(default_factory=set)
    shared: Sequence[asyncio.Semaphore] = ()
    on_retry: Callable[[Retry], None] = field(default=lambda retry: None)
    public_only: bool = False
    calls_a_minute: float | None = None


class Calls:
    """All calls of one run. Belongs to one event loop.

    The cap holds under concurrency (see budget). A call with an untried key goes alone for a second, and a
    model's calls go one at a time until its first reply has shown which limits its server announces.
    """

    def __init__(
        self,
        prices: Prices,
        limits: Limits | None = None,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.limits = limits or Limits()
        self.budget = Budget(prices, self.limits.cap_usd, self.limits.spent_usd)
        self.again: set[Hashable] = set()  # trials that are asked once more at the end, which open no breaker
        self.clock, self._sleep = clock, sleep
        self._lanes: dict[LaneKey, Lane] = {}
        self._stopped = asyncio.Event()

    @property
    def stopping(self) -> bool:
        return self._stopped.is_set()

    def stop(self) -> None:
        """Start no new calls. Those in flight may finish, since they are paid for."""
        self._stopped.set()

    def ask_again(self, lost: Sequence[Hashable]) -> None:
        """Prepare to ask lost trials once more: they open no breaker.

        Lanes and models that had worked and were closed by a permanent error open again; others stay closed.
        """
        self.again |= set(lost)
        for lane in self._lanes.values():
            lane.reopen()

    def first_answers(self) -> dict[str, float]:
        """Map each model whose first answer is still out to the seconds since it was asked.

        Of models with one name at several addresses, the one that has waited longest counts.
        """
        longest: dict[str, float] = {}
        for lane in self._lanes.values():
            for model, seconds in lane.first_answers(self.clock()).items():
                longest[model] = max(seconds, longest.get(model, 0.0))
        return longest

    def guard(self, model: Model) -> Model:
        return _Guarded(self, model)

    def lane(self, spec: ModelSpec) -> Lane:
        key = lane_key(spec)
        if key not in self._lanes:
            provider, most = PROVIDERS.get(spec.provider), self.limits.concurrency
            if provider and provider.at_once:
                most = min(most, provider.at_once)
            width = min(most, provider.at_first) if provider and provider.at_first else None
            together = bool(provider and provider.one_limit)
            self._lanes[key] = Lane(
                most, key in self.limits.proven, width, self._new_pace(spec), together, self.again
            )
        return self._lanes[key]

    def _new_pace(self, spec: ModelSpec) -> Callable[[str], RateLimit]:
        provider, a_minute = PROVIDERS.get(spec.provider), self.limits.calls_a_minute
        top = math.inf if provider and provider.scripted else START

        def new(model: str) -> RateLimit:
            known = a_minute or (provider and provider.calls_a_minute(model))
            return RateLimit(
                top, fixed=known / 63 if known else None
            )  # 5 % slower, since delays in the network vary

        return new

    async def wait(self, seconds: float | None, moved: asyncio.Event | None = None) -> None:
        """Sleep until the time is up, the run is stopped, or `moved` is set. None: no time limit."""
        until: list[Awaitable[object]] = [self._stopped.wait(), *([moved.wait()] if moved else ())]
        if seconds is not None and not math.isinf(seconds):
            until.append(self._sleep(seconds))
        every = [asyncio.ensure_future(one) for one in until]
        try:
            await asyncio.wait(every, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in every:
                one.cancel()

    @contextlib.asynccontextmanager
    async def slot(self, lane: Lane, model: str) -> AsyncIterator[Flight]:
        """Wait for a slot in the lane, at the model's rate, and among all calls; then yield it.

        Raises ModelError if the run is stopped or the lane closes while waiting.
        """
        lane.waiting[model] += 1
        try:
            async with lane.turns[model]:  # first come, first served
                while not self.stopping and (pause := lane.wait(model, self.clock())) != 0.0:
                    lane.moved.clear()
                    await self.wait(pause, lane.moved)
                lane.raise_if_closed(model)
                flight = lane.start(model, self.clock())
        finally:
            lane.waiting[model] -= 1
        lane.moved.set()  # whoever shares its pace may have the next turn
        try:
            async with contextlib.AsyncExitStack() as held:
                for limit in self.limits.shared:
                    await held.enter_async_context(limit)
                if self.stopping:
                    raise ModelError(FailureKind.CANCELLED, "stopped before this was asked", attempts=0)
                yield flight
        finally:
            lane.end(flight)


class _Guarded:
    """A model whose calls wait for their lane and the budget, and are repeated after failures."""

    def __init__(self, calls: Calls, model: Model) -> None:
        self.spec = model.spec
        self._calls = calls
        self._model = model
        self._lane = calls.lane(model.spec)
        self._breaker = self._lane.breaker_of(model.spec.model)

    async def close(self) -> None:
        await self._model.close()

    async def complete(self, prompt: Prompt) -> Answer:
        """Ask until a call is answered or ATTEMPTS attempts that count have failed.

        Raises ModelError with the number of calls made and the cost that is in doubt.
        """
        tries = _Tries()
        retrying = AsyncRetrying(
            stop=lambda state: tries.counted(self._breaker.openings) >= ATTEMPTS or tries.given_up,
            wait=lambda state: FREE_WAIT_S if tries.free else _exponential(state),
            retry=retry_if_exception(self._is_repeated),
            sleep=self._calls.wait,
            before_sleep=self._report_retry,
            reraise=True,
        )
        try:
            answer: Answer = await retrying(self._once, prompt, tries)
        except ModelError as error:
            doubtful = tries.doubtful_usd
            raise ModelError(error.kind, error.message, error.retry_after_s, tries.made, doubtful) from None
        if tries.made == 1 and not tries.doubtful_usd:
            return answer
        doubtful = answer.doubtful_usd + tries.doubtful_usd
        return answer.model_copy(update={"attempts": tries.made, "doubtful_usd": doubtful})

    def _is_repeated(self, error: BaseException) -> bool:
        known = isinstance(error, ModelError) and (error.kind.is_transient or error.kind.is_permanent)
        return known and not self._lane.is_closed(self.spec.model)

    async def _once(self, prompt: Prompt, tries: _Tries) -> Answer:
        """Make one attempt.

        Calls that meet a rate limit, an outage or a hanging server are repeated and do not count.
        """
        calls, lane = self._calls, self._lane
        while True:
            lane.raise_if_closed(self.spec.model)
            async with contextlib.AsyncExitStack() as held:
                money = await held.enter_async_context(calls.budget.for_call(self.spec, prompt))
                # a call that is stopped or refused while it waits costs nothing
                money.used = 0.0
                flight = await held.enter_async_context(calls.slot(lane, self.spec.model))
                if flight.probe:  # whatever becomes of it: no money for it, a bug, a stop
                    held.callback(self._breaker.probed)
                await calls.budget.top_up(money)
                money.used = None
                money.leave()
                await calls.budget.ledger.committed()
                # such as after the run's lease was lost: its answer could not be stored
                if calls.stopping:
                    money.used = 0.0
                    raise ModelError(FailureKind.CANCELLED, "stopped before this was asked", attempts=0)
                tries.made += 1
                try:
                    answer = await self._sent(prompt, flight, tries)
                except ModelError as error:
                    if self._forgives(error, tries, flight, money):
                        continue
                    raise
                if answer is None:  # it hung, and is asked again; what it may cost stays booked
                    tries.made -= 1
                    tries.doubtful_usd += money.failed(may_cost=True)
                    continue
                lane.answered(flight, calls.clock(), answer.spacing_s)
                calls.limits.proven.add(lane_key(self.spec))
                return money.paid(answer)

    async def _sent(self, prompt: Prompt, flight: Flight, tries: _Tries) -> Answer | None:
        """Send a prompt; return its answer, or None if the call was ended because it hung.

        After ATTEMPTS such calls a question's call is no longer watched, but an answer to a later call can
        still end it.
        """
        flight.task = asyncio.ensure_future(self._model.complete(prompt))
        watch = None if tries.dropped >= ATTEMPTS else asyncio.ensure_future(self._watch(flight))
        try:
            return await flight.task
        except asyncio.CancelledError:
            if not flight.dropped or (me := asyncio.current_task()) is None or me.cancelling():
                flight.task.cancel()
                raise
            tries.dropped += 1
            return None
        finally:
            if watch:
                watch.cancel()

    async def _watch(self, flight: Flight) -> None:
        """Watch a call; once it hangs, let a probe pass.

        End it if a later call was answered, or if nobody else waits for this model or has a call out that
        does not hang.
        """
        lane, calls = self._lane, self._calls
        while not lane.hangs(flight, calls.clock()):
            if math.isinf(hangs_at := lane.hangs_at(flight)):
                return  # nothing is known of such calls yet
            await calls.wait(hangs_at - calls.clock())
        lane.moved.set()
        if not lane.is_left_behind(flight, calls.clock()):
            await calls.wait(FREE_WAIT_S)  # somebody who waits is the probe, and its answer ends this call
            if lane.waiting[self.spec.model] or any(
                f is not flight and not lane.hangs(f, calls.clock())
                for f in lane.flights
                if f.model == self.spec.model
            ):
                return
        lane.drop(flight)

    def _forgives(self, error: ModelError, tries: _Tries, flight: Flight, money: Reservation) -> bool:
        """Handle a failure; return True if the call is repeated at once and does not count.

        Raises ModelError if the server is away or refuses calls for longer than PATIENCE_S, or asks for such
        a pause.
        """
        lane, now, calls = self._lane, self._calls.clock(), self._calls
        tries.free = False
        if error.kind is FailureKind.RATE_LIMIT:
            tries.made -= 1
            money.failed(may_cost=False)
            self._end_probe(flight, now)
            self._slow_down(error, flight)
            return True
        if error.attempts == 0:
            tries.made -= 1
        tries.doubtful_usd += money.failed(may_cost=error.kind.may_cost and error.attempts > 0)
        lane.proven = lane.proven or not error.kind.closes_provider
        if not error.kind.is_transient:
            self._end_probe(flight, now)
            tries.given_up = not lane.suspect(flight, error, now)
            tries.failed.append(self._breaker.openings)
            return False
        if error.kind is FailureKind.TIMEOUT:
            lane.narrow(flight, now)
        if error.attempts == 0 and self.spec.model not in lane.worked:  # the address may be wrong
            tries.failed.append(self._breaker.openings)
            return False
        in_flight, still_out = lane.out_beside(flight, now)
        about, wish = ASKER.get() or tries, error.retry_after_s
        tries.free = self._breaker.fails(about, now, wish, in_flight, still_out, probe=flight.probe)
        tries.in_all += 1
        if (away := self._breaker.away_for(now)) > PATIENCE_S:
            self._give_up(error, f"its server has been away for {_minutes(away)}; ask these again later")
        if self._breaker.since is not None:
            self._obey(wish, error, "its server asks to be left alone")
            calls.limits.on_retry(
                Retry(self.spec.provider, error.kind, self._breaker.wait(now), 0, away_s=away)
            )
            return True
        if not tries.free or tries.in_all >= MOST_TRIES:
            tries.free = False
            tries.failed.append(self._breaker.openings)
        return False

    def _end_probe(self, flight: Flight, now: float) -> None:
        """Tell the breaker that the server is back, if the refused call was its probe."""
        if flight.probe:
            self._breaker.works(flight.started, now)

    def _slow_down(self, error: ModelError, flight: Flight) -> None:
        """Slow down after a rate limit was hit. Raises ModelError if the wait is too long."""
        lane, now, wish = self._lane, self._calls.clock(), error.retry_after_s or 0.0
        pause = lane.refused(flight, now, wish)
        pace = lane.pace_of(self.spec.model)
        self._obey(wish, error, "its allowance is used up")
        if pace.refused_for(now) > PATIENCE_S:
            waited = _minutes(pace.refused_for(now))
            self._give_up(error, f"the provider has refused every call for {waited}; continue the run later")
        self._calls.limits.on_retry(Retry(self.spec.provider, error.kind, pause, 0, pace.spacing(now)))

    def _obey(self, wish: float | None, error: ModelError, why: str) -> None:
        """Give the model up if its server asks for a pause longer than PATIENCE_S. Raises ModelError."""
        if (wish or 0.0) > PATIENCE_S:
            until = datetime.now(UTC) + timedelta(seconds=wish or 0.0)
            self._give_up(error, f"{why} until {until:%H:%M} UTC; go on after that")

    def _give_up(self, error: ModelError, why: str) -> NoReturn:
        self._lane.close(ModelError(error.kind, why), self.spec.model)
        raise ModelError(error.kind, why, error.retry_after_s)

    def _report_retry(self, state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, ModelError) and state.next_action:
            self._calls.limits.on_retry(
                Retry(self.spec.provider, error.kind, state.next_action.sleep, state.attempt_number)
            )


_exponential = wait_exponential(min=1, max=10)


@dataclass(eq=False)
class _Tries:
    """The calls that one question has taken.

    `failed`: for each attempt that counts, how often the breaker had opened before it. `free`: the last
    failure does not count. `in_all`: transient failures. `dropped`: calls ended because they hung.
    """

    made: int = 0
    failed: list[int] = field(default_factory=list)
    free: bool = False
    in_all: int = 0
    given_up: bool = False
    dropped: int = 0
    doubtful_usd: float = 0.0

    def counted(self, openings: int) -> int:
        """Count the failed attempts since the last outage."""
        return self.failed.count(openings)


def _minutes(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} seconds"
    return f"{seconds / 60:.0f} minutes" if seconds < 5400 else f"{seconds / 3600:.1f} hours"
