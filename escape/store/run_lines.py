"""The lines of runs in progress, written within a second by the server that holds the run's lease.

A lease has a token and an expiry time. A server that has lost it writes nothing: each write checks the lease
in its own transaction. A run that ends is packed by `Store.save_run`, which deletes its lines in the same
transaction. Its lease has then expired, and the token stays as the run's version: only a server that has read
that token may continue the run or replace it.
"""

import secrets
import time
from collections.abc import Sequence

from sqlalchemy import delete, insert, select, update

from escape.store.database import Store
from escape.store.rows import loans, run_leases, run_lines

LEASE_S = 30.0  # after which another server may take over a run whose holder has not renewed


class RunLines:
    """A store's run lines and leases. Each method raises StoreError if the database does not answer."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def begin(self, code: str, lines: Sequence[bytes], known: str = "") -> str | None:
        """Take a run's lease and replace its lines; return the new token.

        `known`: the token that it had. None while another server has the lease, or if one has had it since.
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
        """Write further lines, numbered from `first`, and renew the lease.

        False, and nothing is written, if the lease is lost. `loan`: the token of the loan that the run
        spends, and the USD it has spent or may have spent by now. Lines sent again replace themselves: a
        server that was not told that they are kept repeats them.
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
        """Give the lease back. The lines stay, for a run that was not ended or is too large to pack."""
        mine = (run_leases.c.code == code) & (run_leases.c.token == token)
        self.store.change(update(run_leases).where(mine).values(until=0.0))

    def read(self, code: str) -> tuple[list[bytes], bool, str]:
        """Read a run's lines in order, whether a server works on it, and its token.

        The lines are empty if the run has ended.
        """
        with self.store.reading() as db:
            lines = db.execute(
                select(run_lines.c.line).where(run_lines.c.code == code).order_by(run_lines.c.number)
            )
            found = [bytes(line) for line in lines.scalars()]
            lease = db.execute(select(run_leases).where(run_leases.c.code == code)).first()
        return found, lease is not None and lease.until > time.time(), lease.token if lease else ""
