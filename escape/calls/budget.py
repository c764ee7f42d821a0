"""The money of a run: spent, reserved and possibly charged. Enforces a cap under concurrency.

Under a cap, the most that trials can cost is booked before they start, for several together or for none, and
their calls draw on that. A call starts only if its ceiling fits under the cap beside what is spent, what
other trials have booked, and what calls without a reply may have cost. Makes no calls, knows no provider.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass

from escape.models import Prices, prices
from escape.types import Answer, FailureKind, ModelError, ModelSpec, Prompt, TrialKey

# the trial that a call is made for
ASKER: ContextVar[TrialKey | None] = ContextVar("escape_asker", default=None)


class Ledger:
    """The stakes of calls that are out, by trial, put on record before each call leaves.

    So a program that is killed leaves a record of what it may have spent. `write`: takes a trial and its USD
    at stake, unless as much is already on record. `commit`: waits until what was written is stored.
    """

    def __init__(self, write: Callable[[TrialKey, float], object] | None = None) -> None:
        self.write = write
        self.commit: Callable[[], Awaitable[None]] | None = None
        self._out: Counter[TrialKey] = Counter()  # USD of calls that have left
        self._paid: Counter[TrialKey] = Counter()  # USD that stands in no file yet
        self._told: dict[TrialKey, float] = {}

    def leaves(self, usd: float) -> TrialKey | None:
        """Record the stake of a call that leaves, in USD; return the trial it is for.

        None, and nothing is recorded, without `write`, a trial or a stake.
        """
        trial = ASKER.get()
        if self.write is None or trial is None or usd <= 0:
            return None
        self._out[trial] += usd  # type: ignore[assignment]
        self.tell(trial)
        return trial

    @property
    def out(self) -> float:
        """USD at stake in calls that are out."""
        return float(self._out.total())

    async def committed(self) -> None:
        """Wait until all stakes are stored. No call leaves before that."""
        if self.commit:
            await self.commit()

    def ended(self, trial: TrialKey, usd: float, cost: float) -> None:
        """Settle a call: release its stake `usd`, record its `cost`."""
        self._out[trial] -= usd  # type: ignore[assignment]
        self._paid[trial] += cost  # type: ignore[assignment]

    def written(self, trial: TrialKey) -> None:
        """Forget what a trial has paid, now that a result with its cost was written.

        If calls of the trial are still out, their stake is written again, since the result settles what was
        on record.
        """
        self._paid.pop(trial, None)
        if self._told.pop(trial, None) is not None and self._out[trial] > 1e-12:
            self.tell(trial)

    def close(self) -> None:
        """Set unsettled stakes to what was paid or possibly charged. Call at the end of a run."""
        for trial, told in self._told.items():
            if self.write and abs(told - self._paid[trial]) > 1e-12:
                self.write(trial, self._paid[trial])
        self._told.clear()

    def tell(self, trial: TrialKey) -> None:
        """Write a trial's stake if it is higher than the one on record."""
        at_stake = self._out[trial] + self._paid[trial]
        if self.write and at_stake > self._told.get(trial, -1.0):
            self._told[trial] = at_stake
            self.write(trial, at_stake)


@dataclass
class Booked:
    """Money put aside for one trial, in USD. `left`: what its calls have not drawn yet."""

    left: float


_CURRENT: ContextVar[Booked | None] = ContextVar("escape_booked", default=None)


def too_expensive(usd: float, cap: float, about: str = "") -> ModelError:
    """Build the error for a cost that does not fit under the cap. `about`: text after the amount."""
    why = f"which does not fit under the cap of {cap:g} USD; raise the cap and continue"
    return ModelError(FailureKind.BUDGET, f"this may cost up to {usd:.4f} USD{about}, {why}", attempts=0)


class Budget:
    """The budget of one run, in USD. `cap` None: no limit, and nothing is reserved."""

    def __init__(self, prices: Prices, cap: float | None, spent_usd: float = 0.0) -> None:
        self.cap = cap
        self._reserved = 0.0
        self.spent = spent_usd
        self.doubtful = 0.0
        self.unpriced = False
        self._before = self.spent
        self._calling = 0  # calls that have reserved their ceiling
        self.flying = 0  # calls that have left; when they end, they may give money back
        self.prices = prices
        self.ledger = Ledger()
        # by model: the factors by which input and output tokens have exceeded their ceiling
        self._overrun_factors: dict[str, tuple[float, float]] = {}
        self._seen: dict[str, tuple[int, float]] = {}  # by model: calls, and what they cost
        self._changed = asyncio.Condition()

    @property
    def meter(self) -> float | None:
        """USD of this run's own calls so far, including doubtful costs. None once a price was unknown."""
        return None if self.unpriced else self.spent - self._before + self.doubtful

    @property
    def at_risk(self) -> float:
        """USD of this run's own calls so far, with doubtful costs and the stakes of calls that are out."""
        return self.spent - self._before + self.doubtful + self.ledger.out

    def ceiling(self, spec: ModelSpec, prompt: Prompt, more_bytes: int = 0) -> float | None:
        """Compute the most one call can cost, in USD. None if the price is unknown.

        It is higher for a model that has used more than its ceiling before.
        """
        most = self.prices.ceiling(spec, prompt, more_bytes)
        if most is None:
            return None
        input_factor, output_factor = self._overrun_factors.get(spec.name, (1.0, 1.0))
        return most.tokens_in * input_factor * most.usd_in + most.tokens_out * output_factor * most.usd_out

    def usual(self, spec: ModelSpec) -> float | None:
        """Average what this run's calls to a model have cost, in USD. None before the first."""
        calls, usd = self._seen.get(spec.name, (0, 0.0))
        return usd / calls if calls else None

    async def book(self, each: Sequence[float], about: str = "") -> list[Booked]:
        """Put aside what each of several trials can cost at most, for all of them or for none.

        Waits while other trials may still give money back. Raises ModelError(BUDGET); `about` goes into its
        message.
        """
        if self.cap is not None and (usd := sum(each)) > 0:
            await self._take(usd, lambda: round(self._reserved, 12) <= 0, about)
        return [Booked(usd) for usd in each]

    @contextlib.asynccontextmanager
    async def spending(self, booked: Booked | None) -> AsyncIterator[None]:
        """Let the calls in this context draw on `booked`; release what they have not used."""
        token = _CURRENT.set(booked)
        try:
            yield
        finally:
            _CURRENT.reset(token)
            if booked:
                await self._release(booked.left)

    @contextlib.asynccontextmanager
    async def for_call(self, spec: ModelSpec, prompt: Prompt) -> AsyncIterator[Reservation]:
        """Reserve one call's ceiling, from its trial's booking first; settle when the call ends.

        A call that is cut short counts as possibly charged. Raises ModelError(BUDGET).
        """
        amount = 0.0
        if self.cap is not None:
            ceiling = self.ceiling(spec, prompt)
            if ceiling is None:
                raise ModelError(FailureKind.BUDGET, prices.unpriced(spec), attempts=0)
            amount = ceiling
        reserve = _CURRENT.get()
        from_reserve = min(amount, reserve.left) if reserve else 0.0
        if amount > from_reserve:
            # other trials may all be waiting here too: if no call is in flight, no money will come back
            await self._take(amount - from_reserve, lambda: self._calling == 0)
        if reserve:
            reserve.left -= from_reserve
        money = Reservation(self, spec, prompt, amount)
        self._calling += 1
        try:
            yield money
        finally:
            self._calling -= 1
            used = min(money.held, money.record_doubtful() if money.used is None else money.used)
            money.settle()
            if reserve:  # what the call did not use goes back to its trial
                reserve.left += money.held - used
            await self._release(used if reserve else money.held)

    async def _take(self, usd: float, alone: Callable[[], bool], about: str = "") -> None:
        async with self._changed:
            while self.cap is not None and self.spent + self.doubtful + self._reserved + usd > self.cap:
                if alone():
                    raise too_expensive(usd, self.cap, about)
                await self._changed.wait()
            self._reserved += usd

    async def _release(self, usd: float) -> None:
        async with self._changed:
            self._reserved = max(0.0, self._reserved - usd)
            self._changed.notify_all()

    async def top_up(self, money: Reservation) -> None:
        """Reserve more if the ceiling has risen while a call waited. Raises ModelError(BUDGET)."""
        if self.cap is None or (now := self.ceiling(money.spec, money.prompt) or 0.0) <= money.held:
            return
        await self._take(now - money.held, lambda: self.flying == 0)
        money.held = now

    def record_overrun(self, spec: ModelSpec, prompt: Prompt, answer: Answer) -> None:
        """Remember usage beyond the ceiling.

        Servers exceed limits, and tokens can be smaller than assumed.
        """
        most = self.prices.ceiling(spec, prompt, 0)
        if most is None or answer.input_tokens is None or answer.output_tokens is None:
            return
        input_factor, output_factor = self._overrun_factors.get(spec.name, (1.0, 1.0))
        larger = (
            max(input_factor, answer.input_tokens / most.tokens_in),
            max(output_factor, answer.output_tokens / most.tokens_out),
        )
        if larger != (1.0, 1.0):
            self._overrun_factors[spec.name] = larger


class Reservation:
    """One call's money in USD: `held` until its cost is known, `used` once charged, None while unknown."""

    def __init__(self, budget: Budget, spec: ModelSpec, prompt: Prompt, held: float) -> None:
        self._budget, self.spec, self.prompt, self.held = budget, spec, prompt, held
        self.used: float | None = None
        self._about: TrialKey | None = None  # the trial in the ledger, once the call has left
        self._stake = 0.0  # what it may be taken to have cost if nobody learns it
        self._left = self._is_doubtful = False

    def leave(self) -> None:
        """Record the call's stake just before it leaves: its usual cost, at most its ceiling."""
        self._left = True
        self._budget.flying += 1
        usual, most = self._budget.usual(self.spec), self.held
        if not most and self._budget.ledger.write:  # without a cap nothing is held, and as much may be lost
            most = self._budget.ceiling(self.spec, self.prompt) or 0.0
        self._stake = most if usual is None else min(most, usual)
        self._about = self._budget.ledger.leaves(self._stake)

    def settle(self) -> None:
        if self._left:
            self._budget.flying -= 1
        if self._about:
            self._budget.ledger.ended(self._about, self._stake, self.used or 0.0)
            if self._is_doubtful:  # no result says so before it is asked again, or the run is stopped
                self._budget.ledger.tell(self._about)

    def paid(self, answer: Answer) -> Answer:
        """Record what an answered call cost; return the answer with that cost."""
        budget = self._budget
        price = budget.prices.cost(self.spec, answer)
        if price is None:
            budget.unpriced = True
            doubt = self.record_doubtful()
            return answer.model_copy(update={"cost_usd": None, "doubtful_usd": doubt})
        self.used = price
        budget.spent += price
        calls, usd = budget._seen.get(self.spec.name, (0, 0.0))
        budget._seen[self.spec.name] = (calls + 1, usd + price)
        if budget.cap is not None and price:
            budget.record_overrun(self.spec, self.prompt, answer)
        return answer.model_copy(update={"cost_usd": price})

    def failed(self, *, may_cost: bool) -> float:
        """Record a failed call; return what the provider may charge for it anyway, in USD."""
        self.used = 0.0
        return self.record_doubtful() if may_cost else 0.0

    def record_doubtful(self) -> float:
        """Record that the call may have been charged in full. Returns its ceiling in USD."""
        most = self.held or self._budget.ceiling(self.spec, self.prompt) or 0.0
        self._budget.doubtful += most
        self.used, self._is_doubtful = most, True
        return most
