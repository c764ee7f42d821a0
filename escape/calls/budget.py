"""The money of a run: what is spent, what is set aside, what may have been charged. Holds a cap under concurrency.

A trial sets aside the ceilings of its player's call and of its judge's before it begins, so that no answer is paid for
that could not be judged; its calls draw on that. A call starts only if its ceiling still fits beside what is spent,
what others have set aside, and what calls may have cost whose reply never arrived. Asks nobody, knows no provider.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Protocol

from escape.errors import Kind, ModelError
from escape.schema import Answer, ModelSpec, Prompt

_ATOM = 1e-12


class Ceiling(Protocol):
    """As models/prices.py makes it: the most tokens one call can take, and USD for each."""

    @property
    def tokens_in(self) -> float: ...  # noqa: D102
    @property
    def tokens_out(self) -> float: ...  # noqa: D102
    @property
    def usd_in(self) -> float: ...  # noqa: D102
    @property
    def usd_out(self) -> float: ...  # noqa: D102


@dataclass(frozen=True)
class Prices:
    """What calls cost: `cost` after, `ceiling` before (with bytes still to come into the prompt); None: unknown."""

    cost: Callable[[ModelSpec, Answer], float | None]
    ceiling: Callable[[ModelSpec, Prompt, int], Ceiling | None]


@dataclass
class _Aside:
    """What one trial has set aside and not used yet, in USD."""

    left: float


_MINE: ContextVar[_Aside | None] = ContextVar("escape_aside", default=None)


class Purse:
    """See above. `spent` and `doubtful` are USD; `cap` None: no limit, and nothing is set aside."""

    def __init__(self, prices: Prices, cap: float | None, spent_usd: float = 0.0) -> None:
        self.cap = cap
        self.spent = spent_usd
        self.doubtful = 0.0
        self.unpriced = False
        self._before = spent_usd
        self._aside = 0.0
        self._calling = 0
        self._prices = prices
        self._larger: dict[str, tuple[float, float]] = {}  # by how much a model's usage has passed its ceiling
        self._changed = asyncio.Condition()

    @property
    def meter(self) -> float | None:
        """USD of this run's own calls so far, doubtful ones included; None once a price was unknown."""
        return None if self.unpriced else self.spent - self._before + self.doubtful

    def ceiling(self, spec: ModelSpec, prompt: Prompt, more_bytes: int = 0) -> float | None:
        """The most one call can cost, by its limit or by what this model was seen to take. None: price unknown."""
        most = self._prices.ceiling(spec, prompt, more_bytes)
        if most is None:
            return None
        in_, out = self._larger.get(spec.name, (1.0, 1.0))
        return most.tokens_in * in_ * most.usd_in + most.tokens_out * out * most.usd_out

    @contextlib.asynccontextmanager
    async def for_trial(self, usd: float) -> AsyncIterator[None]:
        """Set aside what a trial can cost, and give back what it did not. Raises ModelError(BUDGET)."""
        if self.cap is None or usd <= 0:
            yield
            return
        await self._take(usd, alone=lambda: self._aside <= _ATOM)
        mine = _Aside(usd)
        token = _MINE.set(mine)
        try:
            yield
        finally:
            _MINE.reset(token)
            await self._give(mine.left)

    @contextlib.asynccontextmanager
    async def for_call(self, spec: ModelSpec, prompt: Prompt) -> AsyncIterator[Money]:
        """Set aside one call's ceiling, from its trial's money first; settle when it has ended.

        Raises ModelError(BUDGET). A call cut short may have been charged.
        """
        money = Money(self, spec, prompt)
        await money.reserve()
        self._calling += 1
        try:
            yield money
        finally:
            self._calling -= 1
            await money.settle()

    async def draw(self, usd: float) -> None:
        """Take a call's ceiling from its trial's money, and what that lacks from the rest."""
        mine = _MINE.get()
        own = min(usd, mine.left) if mine else 0.0
        if usd - own > _ATOM:
            # others' trials may all wait here too: where no call is out, nothing will come back
            await self._take(usd - own, alone=lambda: self._calling == 0)
        if mine:
            mine.left -= own

    async def put_back(self, drawn: float, used: float) -> None:
        """A call has ended: what of its money was not used goes back to its trial, or to the rest."""
        rest = max(0.0, drawn - used)
        mine = _MINE.get()
        if mine:
            mine.left += rest
            rest = 0.0
        await self._give(rest + min(used, drawn))

    async def _take(self, usd: float, alone: Callable[[], bool]) -> None:
        async with self._changed:
            while self.cap is not None and self.spent + self.doubtful + self._aside + usd > self.cap:
                if alone():
                    raise ModelError(
                        Kind.BUDGET,
                        f"the cap of {self.cap:g} USD leaves no room for this, which may cost up to {usd:.4f} USD; "
                        "raise the cap and continue",
                        attempts=0,
                    )
                await self._changed.wait()
            self._aside += usd

    async def _give(self, usd: float) -> None:
        async with self._changed:
            self._aside = max(0.0, self._aside - usd)
            self._changed.notify_all()

    def price(self, spec: ModelSpec, answer: Answer) -> float | None:
        """USD of a finished call, None where unknown."""
        return self._prices.cost(spec, answer)

    def seen(self, spec: ModelSpec, prompt: Prompt, answer: Answer) -> None:
        """Remember a usage beyond the ceiling: servers exceed limits, and tokens can be smaller than thought."""
        most = self._prices.ceiling(spec, prompt, 0)
        if most is None or answer.input_tokens is None or answer.output_tokens is None:
            return
        in_, out = self._larger.get(spec.name, (1.0, 1.0))
        larger = (max(in_, answer.input_tokens / most.tokens_in), max(out, answer.output_tokens / most.tokens_out))
        if larger != (1.0, 1.0):
            self._larger[spec.name] = larger


class Money:
    """One call's money, from before it is made until its cost is known."""

    def __init__(self, purse: Purse, spec: ModelSpec, prompt: Prompt) -> None:
        self._purse, self._spec, self._prompt = purse, spec, prompt
        self._drawn = 0.0
        self._used: float | None = None

    async def reserve(self) -> None:
        """Draw the ceiling. Raises ModelError(BUDGET)."""
        if self._purse.cap is None:
            return
        ceiling = self._purse.ceiling(self._spec, self._prompt)
        if ceiling is None:
            raise ModelError(Kind.BUDGET, unpriced(self._spec), attempts=0)
        if ceiling > 0:
            await self._purse.draw(ceiling)
            self._drawn = ceiling

    def paid(self, answer: Answer) -> Answer:
        """The call was answered: book its cost and write it on the answer."""
        purse = self._purse
        price = purse.price(self._spec, answer)
        if price is None:
            purse.unpriced = True
            doubt = self._doubt()
            return answer.model_copy(update={"cost_usd": None, "doubtful_usd": doubt})
        self._used = price
        purse.spent += price
        if purse.cap is not None and price:
            purse.seen(self._spec, self._prompt, answer)
        return answer.model_copy(update={"cost_usd": price})

    def failed(self, *, may_cost: bool) -> float:
        """The call failed; what the provider may charge for it all the same, in USD."""
        self._used = 0.0
        return self._doubt() if may_cost else 0.0

    def _doubt(self) -> float:
        most = self._drawn or self._purse.ceiling(self._spec, self._prompt) or 0.0
        self._purse.doubtful += most
        self._used = most
        return most

    async def settle(self) -> None:
        """Give back what was not used; a call that was cut short counts in full."""
        used = self._used
        if used is None:
            used = self._doubt()
        if self._drawn:
            await self._purse.put_back(self._drawn, used)


def unpriced(spec: ModelSpec) -> str:
    """Why a cap cannot hold for a model."""
    return (
        f"the price of {spec.name} is not known, so the cap cannot hold; take the cap away or choose a model with a "
        "known price"
    )
