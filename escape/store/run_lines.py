"""The lines of runs that go on, in the store within a second, by whoever holds the lease of a run.

A lease has a token and a time until which it holds. Whoever has lost it writes nothing: each write asks for
it in its own transaction. A run that ends is packed by `Store.save_run`, and its lines go in the same
transaction. Its lease has run out then, and its token stays as the run's version: only who has read that one
may go on with the run or replace it.
"""

import secrets
import time
from collections.abc import Sequence

from sqlalchemy import delete, insert, select, update

from escape.store.database import Store
from escape.store.rows import loans, run_leases, run_lines

LEASE_S = 30.0  # after which another server may take over a run whose holder has not renewed


class RunLines:
    """Every method raises StoreError if the database does not answer."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def begin(self, code: str, lines: Sequence[bytes], known: str = "") -> str | None:
        """Take the lease of a run and write its first lines in place of others. `known`: the token that it
        had.

        None while somebody else has the lease, or has had it since.
        """
        token, now = secrets.token_urlsafe(12), time.time()
        with self.store.writing() as db:
            lease = {"code": code, "token": token, "until": now + LEASE_S}
            may = (run_leases.c.until <= now) & (run_leases.c.token == known)
            if not self.store.put(db, run_leases, 1, lease, where=may):
                return None
            db.execute(delete(run_lines).where(run_lines.c.code == code))
            rows = [{"code": code, "number": n, "line": line, "at": now} for n, line in enumerate(lines)]
            db.execute(insert(run_lines), rows)
        return token

    def append(
        self, code: str, token: str, first: int, lines: Sequence[bytes], loan: tuple[str, float] | None = None
    ) -> bool:
        """Write further lines, numbered from `first`, and renew the lease. False, and nothing, if it is lost.

        `loan`: the token of the owner's money that it spends, and the USD that it has spent or may have by
        now.

        The same lines again replace themselves: whoever was not told that they are kept sends them once more.
        """
        now = time.time()
        with self.store.writing() as db:
            mine = (run_leases.c.code == code) & (run_leases.c.token == token)
            if not db.execute(update(run_leases).where(mine).values(until=now + LEASE_S)).rowcount:
                return False
            if lines:
                db.execute(
                    delete(run_lines).where((run_lines.c.code == code) & (run_lines.c.number >= first))
                )
                rows = [
                    {"code": code, "number": first + n, "line": line, "at": now}
                    for n, line in enumerate(lines)
                ]
                db.execute(insert(run_lines), rows)
            if loan:
                lent, usd = loan
                db.execute(update(loans).where(loans.c.loan == lent).values(spent=usd, until=now + LEASE_S))
        return True

    def release(self, code: str, token: str) -> None:
        """Give the lease back. The lines stay, of a run that is too large to be packed or was not ended."""
        mine = (run_leases.c.code == code) & (run_leases.c.token == token)
        self.store.change(update(run_leases).where(mine).values(until=0.0))

    def read(self, code: str) -> tuple[list[bytes], bool, str]:
        """Return a run's lines in order, none if it has ended, whether somebody works on it, and its
        token.
        """
        with self.store.reading() as db:
            lines = db.execute(
                select(run_lines.c.line).where(run_lines.c.code == code).order_by(run_lines.c.number)
            )
            found = [bytes(line) for line in lines.scalars()]
            lease = db.execute(select(run_leases).where(run_leases.c.code == code)).first()
        return found, lease is not None and lease.until > time.time(), lease.token if lease else ""
