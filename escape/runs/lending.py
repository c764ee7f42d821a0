"""Lends the owner's money to visitors' runs, within what is left of the day's and the visitor's share.

The store keeps count.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from escape.calls import Budget
from escape.types import SpecError, StoreError

if TYPE_CHECKING:
    from escape.store import Loans


@dataclass
class Loan:
    """The owner's money that one run may spend: `usd`.

    `budget`: the run's own, once it has one, which knows what was spent.
    """

    loans: Loans
    token: str
    usd: float
    budget: Budget | None = None

    @property
    def spent_usd(self) -> float:
        """USD the run has or may have spent, calls in flight included. All of `usd` without a budget."""
        return self.usd if self.budget is None else self.budget.at_risk

    def settle(self) -> None:
        """Store what was spent, and end the loan.

        If the store does not answer, the amount that it last got stays, at first all of the loan.
        """
        with contextlib.suppress(StoreError):
            self.loans.settle(self.token, self.spent_usd)

    def give_back(self) -> None:
        """End the loan with nothing spent, since the run did not begin."""
        with contextlib.suppress(StoreError):
            self.loans.settle(self.token, 0.0)


def lend(visitor: str, wanted: float, day_cap: float | None, visitors_cap: float) -> Loan:
    """Lend a visitor `wanted` USD, or what is left.

    Raises SpecError if nothing is left, or if the store does not answer. The caps are USD a day, for all
    visitors and for this one.
    """
    from escape.store import Loans, store

    try:
        loans = Loans(store())
        lent = loans.lend(visitor, wanted, day_cap, visitors_cap)
    except StoreError:
        raise SpecError(
            "this page cannot check its credit at the moment; try again, or paste your own key"
        ) from None
    if lent.visitors <= 0:
        raise SpecError("you have used your share of this page's credit; paste your own key to continue")
    if lent.usd <= 0:
        raise SpecError("this page's credit for today is used up; come back tomorrow, or paste your own key")
    return Loan(loans, lent.token, lent.usd)
