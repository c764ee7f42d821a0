"""Every call of a run goes through here: concurrency and rate limits, retries, the cost cap, stopping. The clock is
passed in.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import NoReturn

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, wait_exponential

from escape.calls.budget import ASKER, Budget
from escape.calls.lane import FEW, PATIENCE_S, START, Breaker, LaneKey, ProviderQueue, RateLimit, lane_key
from escape.models import PROVIDERS, Prices
from escape.types import Answer, FailureKind, Model, ModelError, ModelSpec, Prompt


@dataclass(frozen=True)
class Retry:
    """A call that will be made again, shown to people. `spacing_s`: seconds between calls from now on, 0 if free."""

    provider: str
    kind: FailureKind
    wait_s: float
    attempt: int
    spacing_s: float = 0.0
    away_s: float = 0.0


@dataclass(frozen=True)
class Limits:
    """The bounds on a run's calls. `cap_usd`: of the whole run. `spent_usd`: of it, before these calls. `proven`:
    providers whose key has worked. `shared`: semaphores in the order in which to wait. `calls_a_minute`: per model, if
    known.
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
    """Every call of one run. Belongs to one event loop.

    The cap holds under concurrency (see budget). The first call to a provider that is not proven goes alone until it is
    answered, so that a wrong key costs one call. So do the calls of each model until its first reply has shown what its
    server counts.
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
        self._lanes: dict[LaneKey, ProviderQueue] = {}
        self._stopped = asyncio.Event()

    @property
    def stopping(self) -> bool:
        return self._stopped.is_set()

    def stop(self) -> None:
        """Start no new calls. Those in flight may finish, since they are paid for."""
        self._stopped.set()

    def guard(self, model: Model) -> Model:
        return _Guarded(self, model)

    def lane(self, spec: ModelSpec) -> ProviderQueue:
        key = lane_key(spec)
        if key not in self._lanes:
            provider, most, a_minute = PROVIDERS.get(spec.provider), self.limits.concurrency, self.limits.calls_a_minute
            width = min(most, (provider and provider.at_first) or most)
            top = math.inf if provider and provider.scripted else START
            pace = partial(RateLimit, top, fixed=a_minute and a_minute / 63)  # a twentieth slower: networks tremble
            self._lanes[key] = ProviderQueue(
                most, width, key in self.limits.proven, pace, bool(provider and provider.one_limit)
            )
        lane = self._lanes[key]
        lane.breakers.setdefault(spec.model, Breaker(again=self.again))
        return lane

    async def wait(self, seconds: float | None, moved: asyncio.Event | None = None) -> None:
        """Sleep until the time is up, the run is stopped, or something has moved."""
        until: list[Awaitable[object]] = [self._stopped.wait(), *([moved.wait()] if moved else ())]
        until += [] if seconds is None else [self._sleep(seconds)]
        every = [asyncio.ensure_future(one) for one in until]
        try:
            await asyncio.wait(every, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in every:
                one.cancel()

    @contextlib.asynccontextmanager
    async def slot(self, lane: ProviderQueue, model: str) -> AsyncIterator[tuple[float, bool]]:
        """A slot for one call: in the lane at its model's rate, and among all calls. Yields when it starts, and whether
        it is a probe of a server that is away.

        Raises ModelError if the run was stopped or the lane closed while waiting.
        """
        breaker = lane.breakers[model]
        async with lane.turns[model]:  # first come, first served
            while not self.stopping:
                lane.refuse(model)
                full, now = lane.is_full(model), self.clock()
                pause = max(lane.pace_of(model).wait(now), breaker.wait(now))
                if not full and pause <= 0:
                    break
                lane.slot_freed.clear()
                await self.wait(None if full else pause, lane.slot_freed)
            lane.refuse(model)
            lane.in_flight[model] += 1
            started = self.clock()
            lane.pace_of(model).take(started)
            probe = breaker.starts()
        try:
            async with contextlib.AsyncExitStack() as held:
                for limit in self.limits.shared:
                    await held.enter_async_context(limit)
                if self.stopping:
                    raise ModelError(FailureKind.CANCELLED, "stopped before this was asked", attempts=0)
                yield started, probe
        finally:
            lane.in_flight[model] -= 1
            lane.slot_freed.set()


class _Guarded:
    def __init__(self, calls: Calls, model: Model) -> None:
        self.spec = model.spec
        self._calls = calls
        self._model = model
        self._lane = calls.lane(model.spec)
        self._breaker = self._lane.breakers[model.spec.model]

    async def close(self) -> None:
        await self._model.close()

    async def complete(self, prompt: Prompt) -> Answer:
        """Like Model.complete, with up to three attempts. Raises ModelError with the number of calls made."""
        tries, lane = _Tries(), self._lane
        retrying = AsyncRetrying(
            stop=lambda state: tries.failed.count(self._breaker.openings) >= FEW,
            wait=wait_exponential(min=1, max=10),
            retry=retry_if_exception(
                lambda e: isinstance(e, ModelError) and e.kind.is_transient and not lane.why_closed(self.spec.model)
            ),
            sleep=self._calls.wait,
            before_sleep=self._tell,
            reraise=True,
        )
        try:
            answer: Answer = await retrying(self._once, prompt, tries)
        except ModelError as error:
            doubtful = tries.doubtful_usd
            raise ModelError(error.kind, error.message, error.retry_after_s, tries.made, doubtful) from None
        if tries.made == 1:
            return answer
        doubtful = answer.doubtful_usd + tries.doubtful_usd
        return answer.model_copy(update={"attempts": tries.made, "doubtful_usd": doubtful})

    async def _once(self, prompt: Prompt, tries: _Tries) -> Answer:
        """One attempt. Refusals for asking too often and outages do not count as attempts, however many there are."""
        while True:
            self._lane.refuse(self.spec.model)
            async with contextlib.AsyncExitStack() as held:
                money = await held.enter_async_context(self._calls.budget.for_call(self.spec, prompt))
                money.used = 0.0  # until it is made: one that is closed or stopped while it waits costs nothing
                started, probe = await held.enter_async_context(self._calls.slot(self._lane, self.spec.model))
                if probe:  # whatever becomes of it: no money for it, a bug, a stop
                    held.callback(self._breaker.probed)
                await self._calls.budget.top_up(money)
                money.used = None
                money.leave()
                try:
                    tries.made += 1
                    answer = await self._model.complete(prompt)
                except ModelError as error:
                    if error.kind is FailureKind.RATE_LIMIT:
                        tries.made -= 1
                        money.failed(may_cost=False)
                        self._answered(started, probe=probe)
                        self._slow_down(error, started)
                        continue
                    tries.made -= error.attempts == 0
                    costs = error.kind.may_cost and error.attempts > 0
                    tries.doubtful_usd += money.failed(may_cost=costs)
                    self._lane.learn(self.spec.model, error)
                    self._lane.proven = self._lane.proven or not error.kind.closes_provider
                    if self._is_free(error, tries, probe=probe):
                        continue
                    if not error.kind.is_transient:
                        self._answered(started, probe=probe)
                    tries.failed.append(self._breaker.openings)
                    raise
                self._worked(started, answer)
                return money.paid(answer)

    def _answered(self, started: float, *, probe: bool) -> None:
        """A server that refuses a probe is back."""
        if probe:
            self._breaker.works(started)

    def _worked(self, started: float, answer: Answer) -> None:
        lane = self._lane
        pace = lane.pace_of(self.spec.model)
        pace.accepted(started, self._calls.clock())
        if answer.spacing_s is not None:
            pace.told_s = answer.spacing_s
        lane.worked.add(self.spec.model)
        lane.width = min(lane.most, lane.width + 1 / lane.width)
        self._breaker.works(started)
        lane.proven = True
        self._calls.limits.proven.add(lane_key(self.spec))

    def _is_free(self, error: ModelError, tries: _Tries, *, probe: bool) -> bool:
        """Return whether a failure uses up no attempt. Raises if the server has been away for too long."""
        reached = error.attempts > 0 or self.spec.model in self._lane.worked  # else the address may be wrong
        if not error.kind.is_transient or not reached:
            return False
        now, crowd = self._calls.clock(), self._lane.in_flight[self.spec.model] > 1
        free = self._breaker.fails(ASKER.get() or tries, now, error.retry_after_s, probe=probe)
        if error.kind is FailureKind.TIMEOUT:
            self._lane.width = max(1.0, self._lane.width / 2)
            free = free or crowd
        if (away := self._breaker.away_for(now)) > PATIENCE_S:
            self._give_up(error, f"its server has been away for {_minutes(away)}; ask these again later")
        if free:
            wait_s = self._breaker.wait(now)
            self._calls.limits.on_retry(Retry(self.spec.provider, error.kind, wait_s, 0, away_s=away))
        return free

    def _slow_down(self, error: ModelError, started: float) -> None:
        """Pause a model that is asked too often. Raises if the wait would be too long."""
        self._lane.proven = True  # a server that counts calls has accepted the key
        pace, now, wish = self._lane.pace_of(self.spec.model), self._calls.clock(), error.retry_after_s or 0.0
        pause = pace.refused(started, now, wish)
        if wish > PATIENCE_S:
            self._give_up(error, f"the provider asks us to wait {_minutes(wish)}; continue the run after that")
        if pace.refused_for(now) > PATIENCE_S:
            waited = _minutes(pace.refused_for(now))
            self._give_up(error, f"the provider has refused every call for {waited}; continue the run later")
        self._calls.limits.on_retry(Retry(self.spec.provider, error.kind, pause, 0, pace.spacing(now)))

    def _give_up(self, error: ModelError, why: str) -> NoReturn:
        self._lane.close(ModelError(error.kind, why), self.spec.model)
        raise ModelError(error.kind, why, error.retry_after_s)

    def _tell(self, state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, ModelError) and state.next_action:
            self._calls.limits.on_retry(
                Retry(self.spec.provider, error.kind, state.next_action.sleep, state.attempt_number)
            )


@dataclass(eq=False)
class _Tries:
    """The calls that one question has taken, and what the calls without a reply may have cost."""

    made: int = 0
    failed: list[int] = field(default_factory=list)  # how often the breaker had opened before each that counts
    doubtful_usd: float = 0.0


def _minutes(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} seconds"
    return f"{seconds / 60:.0f} minutes" if seconds < 5400 else f"{seconds / 3600:.1f} hours"
