"""The owner's money that visitors' runs may spend, by day and visitor, in USD.

While a run goes on, everything lent to it counts as spent. Once its loan is no longer renewed, only what it
has spent or may have spent counts, as its server recorded before each call.
"""

from __future__ import annotations

import secrets
import time
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import case, func, insert, or_, select, text, update

from escape.store.database import Store, hashed
from escape.store.rows import loans
from escape.store.run_lines import LEASE_S

_LOCK = 0x657364  # the number of our Postgres lock for "somebody counts what is left"


class Lent(NamedTuple):
    """A loan: its token and its USD, 0 if nothing is left. `visitors`: what the visitor had left."""

    token: str
    usd: float
    visitors: float


class Loans:
    """The loans in a store. Every method raises StoreError if the database does not answer.

    `now`: seconds since 1970, the present time if None.
    """

    def __init__(self, store: Store, now: float | None = None) -> None:
        self._store, self._now = store, time.time() if now is None else now

    def lend(self, visitor: str, wanted: float, day_cap: float | None, visitors_cap: float) -> Lent:
        """Lend what is wanted, at most what is left to this visitor and on this day; possibly 0 USD.

        `day_cap` None: no limit by the day.
        """
        now, who = self._now, hashed(visitor)
        day = datetime.fromtimestamp(now, UTC).date().isoformat()
        counts = case((loans.c.until > now, loans.c.lent), else_=loans.c.spent)
        is_of_today = or_(loans.c.day == day, loans.c.until > now)  # a run over midnight counts on both days
        with self._store.writing() as db:
            if db.dialect.name == "postgresql":  # of two servers, one counts after the other
                db.execute(text("select pg_advisory_xact_lock(:n)"), {"n": _LOCK})
            of_all = db.execute(select(func.coalesce(func.sum(counts), 0.0)).where(is_of_today)).scalar_one()
            of_visitor = select(func.coalesce(func.sum(counts), 0.0)).where(
                is_of_today & (loans.c.visitor == who)
            )
            visitors = visitors_cap - db.execute(of_visitor).scalar_one()
            usd = min(wanted, visitors, wanted if day_cap is None else day_cap - of_all)
            token = secrets.token_urlsafe(12)
            if usd > 0:
                row = {
                    "loan": token,
                    "day": day,
                    "visitor": who,
                    "lent": usd,
                    "spent": usd,
                    "until": now + LEASE_S,
                }
                db.execute(insert(loans).values(**row))
        return Lent(token, max(0.0, usd), max(0.0, visitors))

    def settle(self, token: str, spent: float) -> None:
        """Record what a run that has ended has spent, or may have spent."""
        self._store.change(update(loans).where(loans.c.loan == token).values(spent=spent, until=0.0))
