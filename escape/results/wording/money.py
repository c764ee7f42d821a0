"""Amounts of money, and what a run costs, in words."""

from escape.models import Bill
from escape.results.wording.words import pluralize, two_digits
from escape.types import Run, total


def money(usd: float | None) -> str:
    """Format an amount in USD with as many digits as it needs. "price unknown" for None.

    Nothing spent is "0 USD"; only a price is called free.
    """
    if usd is None:
        return "price unknown"
    if usd == 0:
        return "0 USD"
    if usd < 0.0001:
        return "under 0.0001 USD"
    return f"{usd:.2f} USD" if usd >= 0.1 else f"{usd:.2g} USD"


def cents(usd: float) -> str:
    """Format the cost of a room in little space: `0.02 ct`, `3.5 ct`, `1.20 USD`."""
    if usd >= 1:
        return f"{usd:.2f} USD"
    return f"{two_digits(100 * usd)} ct" if usd >= 0.000_001 else "under 0.0001 ct"


def bill_sentence(players: Bill, judge: Bill) -> str:
    if players.free and judge.free:
        return "free"
    parts = [
        f"{_price_range(b)} for {who}"
        for b, who in ((players, "the players"), (judge, "the judge"))
        if not b.free
    ]
    calls = players.calls + judge.calls
    most = total([players.most, judge.most])
    end = f"; at most {money(most)}" if most is not None else ""
    return f"{' and '.join(parts)} ({pluralize(calls, 'call')}{end})"


def unconfirmed_sentence(run: Run) -> str:
    """Say how much of a run's spending is unconfirmed. "" if nothing is."""
    lost = run.lost_usd
    what = "of this run's spending is unconfirmed: calls were sent, but their results were lost"
    return f"About {money(lost)} {what}" if lost else ""


def _price_range(bill: Bill) -> str:
    if bill.low is None or bill.high is None:
        return "an unknown price"
    if bill.high < 0.0001:
        return money(bill.high)
    if bill.low < 0.0001:
        return f"up to {money(bill.high)}"
    return f"about {two_digits(bill.low)} to {money(bill.high)}"
