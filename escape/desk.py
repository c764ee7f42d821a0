"""Every call of a run passes here: gates per provider, retries, the money cap, closing, stopping. Time is passed in."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt, wait_exponential

from escape.errors import Kind, ModelError
from escape.schema import Answer, Model, ModelSpec, Prompt

ATTEMPTS = 3
LONGEST_WAIT_S = 120.0  # a server that wants more than this is asked again by the visitor, not by us
SCOUT_S = 1.5  # how long the first call to a provider goes alone, so that one wrong key costs one call


@dataclass(frozen=True)
class Retry:
    """A call that failed and will be made again: shown to people, so that waiting never looks like hanging."""

    provider: str
    kind: Kind
    wait_s: float
    attempt: int


@dataclass(frozen=True)
class Prices:
    """What calls cost: `cost` after, `ceiling` before; None means unknown. See models/prices.py."""

    cost: Callable[[ModelSpec, Answer], float | None]
    ceiling: Callable[[ModelSpec, Prompt], float | None]


@dataclass
class _Lane:
    """One provider at one address: its gate, whether its first call has come back, and why it is closed."""

    gate: asyncio.Semaphore
    scout: asyncio.Event | None = None
    closed: ModelError | None = None
    closed_models: dict[str, ModelError] = field(default_factory=dict)

    def refuse(self, model: str) -> None:
        """Raise what closed this lane or model, without a call."""
        if error := self.closed or self.closed_models.get(model):
            raise ModelError(error.kind, error.message, attempts=0)

    def learn(self, model: str, error: ModelError) -> None:
        """Close what the error says will fail alike for every further call."""
        if error.kind.closes_provider:
            self.closed = self.closed or error
        elif error.kind.closes_model:
            self.closed_models.setdefault(model, error)


class Desk:
    """Every call of one run passes here: gates, retries, money, closing, stopping. Lives on one event loop.

    `max_cost` in USD, of which `spent_usd` is gone already, holds under concurrency: a call starts only if its ceiling
    still fits beside what is spent, what
    is in flight, and what timed-out calls may have cost.
    """

    def __init__(
        self,
        prices: Prices,
        *,
        concurrency: int,
        max_cost: float | None = None,
        spent_usd: float = 0.0,
        shared: AbstractAsyncContextManager[None] | None = None,
        on_retry: Callable[[Retry], None] = lambda retry: None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.concurrency = concurrency
        self.max_cost = max_cost
        self.spent = spent_usd
        self.unpriced = False
        self._before = spent_usd
        self.doubtful = 0.0
        self._reserved = 0.0
        self._prices = prices
        self._shared = shared or contextlib.nullcontext()
        self._on_retry = on_retry
        self._sleep = sleep
        self._money = asyncio.Condition()
        self._lanes: dict[tuple[str, str | None], _Lane] = {}
        self._stopped = asyncio.Event()

    @property
    def stopping(self) -> bool:
        """True once no new call may start."""
        return self._stopped.is_set()

    def stop(self) -> None:
        """No new calls from now on; those in flight may finish, since they are paid."""
        self._stopped.set()

    def guard(self, model: Model) -> Model:
        """The same model with this desk in front of it."""
        return _Guarded(self, model)

    def lane(self, spec: ModelSpec) -> _Lane:
        """The lane of a model's provider."""
        key = (spec.provider, spec.base_url)
        if key not in self._lanes:
            self._lanes[key] = _Lane(asyncio.Semaphore(self.concurrency))
        return self._lanes[key]

    async def wait(self, seconds: float) -> None:
        """Sleep, but not through a stop."""
        naps = [asyncio.ensure_future(self._sleep(seconds)), asyncio.ensure_future(self._stopped.wait())]
        try:
            await asyncio.wait(naps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for nap in naps:
                nap.cancel()

    async def reserve(self, spec: ModelSpec, prompt: Prompt) -> float:
        """USD set aside for one call; waits while calls in flight may give money back. Raises ModelError(BUDGET)."""
        if self.max_cost is None:
            return 0.0
        ceiling = self._prices.ceiling(spec, prompt)
        if ceiling is None:
            raise ModelError(
                Kind.BUDGET,
                f"the price of {spec.name} is not known, so the cap cannot hold; "
                "take the cap away or choose a model with a known price",
                attempts=0,
            )
        if ceiling == 0:
            return 0.0
        async with self._money:
            while self.spent + self.doubtful + self._reserved + ceiling > self.max_cost:
                if self._reserved <= 1e-12:
                    raise ModelError(
                        Kind.BUDGET,
                        f"the cap of {self.max_cost:g} USD leaves no room for this call, "
                        f"which may cost up to {ceiling:.4f} USD; raise the cap and continue",
                        attempts=0,
                    )
                await self._money.wait()
            self._reserved += ceiling
        return ceiling

    async def settle(self, reserved: float, cost: float, *, doubtful: bool) -> None:
        """Book what a call cost and give its reservation back, or keep it where the provider may still charge."""
        self.spent += cost
        if self.max_cost is None or reserved == 0:
            return
        async with self._money:
            self._reserved -= reserved
            self.doubtful += reserved if doubtful else 0.0
            self._money.notify_all()

    @property
    def meter(self) -> float | None:
        """USD of this desk's own calls so far, doubtful ones included; None once a price was unknown."""
        return None if self.unpriced else self.spent - self._before + self.doubtful

    def price(self, spec: ModelSpec, answer: Answer) -> float | None:
        """USD of a finished call, None where unknown."""
        return self._prices.cost(spec, answer)

    def retried(self, retry: Retry) -> None:
        """Tell whoever watches."""
        self._on_retry(retry)

    @property
    def shared(self) -> AbstractAsyncContextManager[None]:
        """The limit on calls that all runs of this process share."""
        return self._shared


class _Guarded:
    def __init__(self, desk: Desk, model: Model) -> None:
        self.spec = model.spec
        self._desk = desk
        self._model = model
        self._lane = desk.lane(model.spec)

    async def complete(self, prompt: Prompt) -> Answer:
        """As Model.complete, with up to three attempts. Raises ModelError with the number of calls made."""
        async with self._lane.gate:
            await self._follow_scout()
            made = 0
            try:
                async for attempt in AsyncRetrying(
                    stop=stop_after_attempt(ATTEMPTS),
                    wait=_wait,
                    retry=retry_if_exception(_again),
                    sleep=self._desk.wait,
                    before_sleep=self._tell,
                    reraise=True,
                ):
                    with attempt:
                        made = attempt.retry_state.attempt_number
                        answer = await self._once(prompt)
            except ModelError as error:
                made = made if error.attempts else made - 1  # an attempt that was refused here made no call
                raise ModelError(error.kind, error.message, error.retry_after_s, made) from None
        return answer if made == 1 else answer.model_copy(update={"attempts": made})

    async def _follow_scout(self) -> None:
        lane = self._lane
        if lane.scout is None:
            lane.scout = asyncio.Event()
        elif not lane.scout.is_set():
            try:
                await asyncio.wait_for(lane.scout.wait(), SCOUT_S)
            except TimeoutError:
                lane.scout.set()

    async def _once(self, prompt: Prompt) -> Answer:
        desk, lane, spec = self._desk, self._lane, self.spec
        lane.refuse(spec.model)
        reserved = await desk.reserve(spec, prompt)
        cost, doubtful = 0.0, True  # until we know better: a call cut short may have been charged
        try:
            async with desk.shared:
                if desk.stopping:
                    raise ModelError(Kind.CANCELLED, "stopped before this was asked", attempts=0)
                answer = await self._model.complete(prompt)
            price = desk.price(spec, answer)
            cost, doubtful = price or 0.0, price is None
            desk.unpriced = desk.unpriced or price is None
            return answer.model_copy(update={"cost_usd": price})
        except ModelError as error:
            doubtful = error.kind.may_cost
            lane.learn(spec.model, error)
            raise
        finally:
            if lane.scout:
                lane.scout.set()
            await desk.settle(reserved, cost, doubtful=doubtful)

    def _tell(self, state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, ModelError) and state.next_action:
            self._desk.retried(Retry(self.spec.provider, error.kind, state.next_action.sleep, state.attempt_number))


def _again(error: BaseException) -> bool:
    return isinstance(error, ModelError) and error.kind.passing and (error.retry_after_s or 0) <= LONGEST_WAIT_S


_EXPONENTIAL = wait_exponential(min=1, max=10)


def _wait(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    wish = error.retry_after_s if isinstance(error, ModelError) else None
    return _EXPONENTIAL(state) if wish is None else wish
