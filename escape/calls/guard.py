"""Every call of a run goes through here: concurrency and rate limits, retries, the cost cap, stopping. The clock is
passed in.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt, wait_exponential

from escape.calls.budget import Budget, Prices
from escape.calls.lane import Lane, LaneKey, Rates, lane_key
from escape.calls.rate_limit import MAX_RETRY_AFTER_S, MAX_WAIT_S
from escape.models import PROVIDERS
from escape.types import Answer, FailureKind, Model, ModelError, ModelSpec, Prompt

ATTEMPTS = 3


@dataclass(frozen=True)
class Retry:
    """A call that will be made again: shown to people, so that waiting never looks like hanging. `spacing_s`: the time
    between this provider's calls from now on, 0 if it sets no limit.
    """

    provider: str
    kind: FailureKind
    wait_s: float
    attempt: int
    spacing_s: float = 0.0


@dataclass(frozen=True)
class Limits:
    """What bounds a run's calls. `concurrency`: calls in flight per provider; `cap_usd`: of the whole run; `spent_usd`:
    of it, before these calls; `proven`: providers whose key has worked for this visitor; `shared`: limits on calls
    under way, in the order in which to wait for them; `on_retry`: told of every call that will be made again;
    `public_only`: call public addresses only.
    """

    concurrency: int = 8
    cap_usd: float | None = None
    spent_usd: float = 0.0
    proven: set[LaneKey] | None = None
    shared: Sequence[asyncio.Semaphore] = ()
    on_retry: Callable[[Retry], None] = field(default=lambda retry: None)
    public_only: bool = False


class Calls:
    """Every call of one run. Belongs to one event loop.

    The cap holds under concurrency (see budget). The first call to a provider that is not proven goes alone until it is
    answered, so that a wrong key costs one call; so do the calls of each model until its first reply has shown what its
    server counts.
    """

    def __init__(
        self,
        prices: Prices,
        limits: Limits = Limits(),
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.concurrency = limits.concurrency
        self.budget = Budget(prices, limits.cap_usd, limits.spent_usd)
        self.proven = limits.proven if limits.proven is not None else set()
        self.clock = clock
        self._shared = limits.shared
        self.on_retry = limits.on_retry
        self._sleep = sleep
        self._lanes: dict[LaneKey, Lane] = {}
        self._stopped = asyncio.Event()

    @property
    def stopping(self) -> bool:
        """True once no new call may start."""
        return self._stopped.is_set()

    def stop(self) -> None:
        """Start no new calls. Those in flight may finish, since they are paid for."""
        self._stopped.set()

    def guard(self, model: Model) -> Model:
        """The same model behind this run's limits."""
        return _Guarded(self, model)

    def lane(self, spec: ModelSpec) -> Lane:
        """The lane of a model's provider."""
        key = lane_key(spec)
        if key not in self._lanes:
            ours = spec.provider in PROVIDERS and PROVIDERS[spec.provider].free
            self._lanes[key] = Lane(self.concurrency, key in self.proven, Rates(math.inf) if ours else Rates())
        return self._lanes[key]

    async def wait(self, seconds: float, *until: asyncio.Event) -> None:
        """Sleep until the time is up, the run is stopped, or one of these events has come."""
        await self._first(self._sleep(seconds), *(event.wait() for event in until))

    @contextlib.asynccontextmanager
    async def slot(self, lane: Lane, model: str) -> AsyncIterator[float]:
        """A slot for one call: in the lane at its model's rate, and among all calls. Yields when it starts.

        Raises ModelError if the run was stopped or the lane closed while waiting.
        """
        async with lane.turns[model]:  # first come, first served
            while not self.stopping:
                lane.refuse(model)
                if lane.is_full(model):
                    lane.moved.clear()
                    await self._first(lane.moved.wait())
                elif (pause := lane.rates.wait(model, self.clock())) > 0:
                    await self.wait(pause, lane.shut)
                else:
                    break
            lane.refuse(model)
            lane.in_flight[model] += 1
            started = self.clock()
            lane.rates.take(model, started)
        try:
            async with contextlib.AsyncExitStack() as held:
                for limit in self._shared:
                    await held.enter_async_context(limit)
                if self.stopping:
                    raise ModelError(FailureKind.CANCELLED, "stopped before this was asked", attempts=0)
                yield started
        finally:
            lane.in_flight[model] -= 1
            lane.moved.set()

    async def _first(self, *others: Awaitable[object]) -> None:
        every = [asyncio.ensure_future(one) for one in (*others, self._stopped.wait())]
        try:
            await asyncio.wait(every, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in every:
                one.cancel()


class _Guarded:
    def __init__(self, calls: Calls, model: Model) -> None:
        self.spec = model.spec
        self._calls = calls
        self._model = model
        self._lane = calls.lane(model.spec)

    async def close(self) -> None:
        await self._model.close()

    async def complete(self, prompt: Prompt) -> Answer:
        """Like Model.complete, with up to three attempts. Raises ModelError with the number of calls made."""
        tries = _Tries()
        retrying = AsyncRetrying(
            stop=stop_after_attempt(ATTEMPTS),
            wait=wait_exponential(min=1, max=10),
            retry=retry_if_exception(lambda e: isinstance(e, ModelError) and e.kind.is_transient),
            sleep=self._calls.wait,
            before_sleep=self._tell,
            reraise=True,
        )
        try:
            answer: Answer = await retrying(self._once, prompt, tries)
        except ModelError as error:
            raise tries.over(error) from None
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
                started = await held.enter_async_context(self._calls.slot(self._lane, self.spec.model))
                await self._calls.budget.raise_ceiling(money)
                money.used = None
                money.leave()
                try:
                    tries.made += 1
                    answer = await self._model.complete(prompt)
                except ModelError as error:
                    if self._lane.is_away(self.spec.model, error):
                        tries.made -= 1
                        money.failed(may_cost=False)
                        self._slow_down(error, started)
                        continue
                    tries.made -= error.attempts == 0
                    tries.doubtful_usd += money.failed(may_cost=error.kind.may_cost and error.attempts > 0)
                    self._lane.learn(self.spec.model, error)
                    self._lane.proven = self._lane.proven or not error.kind.closes_provider
                    raise
                self._worked(started, answer)
                return money.paid(answer)

    def _worked(self, started: float, answer: Answer) -> None:
        lane = self._lane
        lane.rates.accepted(self.spec.model, started, self._calls.clock())
        if answer.spacing_s is not None:
            lane.rates.hold_to(self.spec.model, answer.spacing_s)
        lane.worked.add(self.spec.model)
        lane.proven = True
        self._calls.proven.add(lane_key(self.spec))

    def _slow_down(self, error: ModelError, started: float) -> None:
        """Pause a model that is asked too often, or whose server is away. Raises if the wait would be too long."""
        lane, now, model = self._lane, self._calls.clock(), self.spec.model
        wish, counts = error.retry_after_s, error.kind is FailureKind.RATE_LIMIT
        lane.proven = lane.proven or counts  # a server that counts calls has accepted the key
        pause = lane.rates.refused(model, started, now, wish, overloaded=not counts)
        waited = lane.rates.refusing_for_s(model, now)
        if (wish or 0) > MAX_RETRY_AFTER_S or waited > MAX_WAIT_S:
            why = (
                f"the provider asks us to wait {_minutes(wish or 0)}; continue the run after that"
                if (wish or 0) > MAX_RETRY_AFTER_S
                else f"the provider has refused every call for {_minutes(waited)}; continue the run later"
            )
            lane.close(ModelError(error.kind, why))
            raise ModelError(error.kind, why, wish)
        spacing = lane.rates.spacing(model, now) if counts else 0.0
        self._calls.on_retry(Retry(self.spec.provider, error.kind, pause, 0, spacing))

    def _tell(self, state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, ModelError) and state.next_action:
            self._calls.on_retry(Retry(self.spec.provider, error.kind, state.next_action.sleep, state.attempt_number))


@dataclass
class _Tries:
    """How many calls one question has taken, and what the calls without a reply may have cost."""

    made: int = 0
    doubtful_usd: float = 0.0

    def over(self, error: ModelError) -> ModelError:
        """The final error, with what all attempts took."""
        return ModelError(error.kind, error.message, error.retry_after_s, self.made, self.doubtful_usd)


def _minutes(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} seconds"
    return f"{seconds / 60:.0f} minutes" if seconds < 5400 else f"{seconds / 3600:.1f} hours"
