"""The owner's keys lent to a visitor's run: what it may spend of a day's and a visitor's money, kept in the
store.
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
    """`usd`: what its run may spend. `budget`: the run's, once it has one, which knows what it has spent."""

    loans: Loans
    token: str
    usd: float
    budget: Budget | None = None

    @property
    def spent_usd(self) -> float:
        """Return what the run has spent or may have, calls that are out included. All of it before its first
        call.
        """
        return self.usd if self.budget is None else self.budget.at_risk

    def settle(self) -> None:
        """Note what was spent. Where the store does not answer, everything counts as spent."""
        with contextlib.suppress(StoreError):
            self.loans.settle(self.token, self.spent_usd)

    def give_back(self) -> None:
        """Return all of it: the run did not begin."""
        with contextlib.suppress(StoreError):
            self.loans.settle(self.token, 0.0)


def lend(visitor: str, wanted: float, day_cap: float | None, visitors_cap: float) -> Loan:
    """Lend a visitor what is left of the owner's money. Raises SpecError where nothing is, or nobody can
    count it.
    """
    from escape.store import Loans, store

    try:
        loans = Loans(store())
        lent = loans.lend(visitor, wanted, day_cap, visitors_cap)
    except StoreError:
        raise SpecError("this page cannot count its credit now; try again, or paste your own key") from None
    if lent.visitors <= 0:
        raise SpecError("you have used your share of this page's credit; paste your own key to continue")
    if lent.usd <= 0:
        raise SpecError("this page's credit for today is used up; come back tomorrow, or paste your own key")
    return Loan(loans, lent.token, lent.usd)
