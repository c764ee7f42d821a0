"""The database: what visitors share and what outlives the server, SQLite unless ESCAPE_DB_URL names Postgres.

In and out: rows. `classes` decides who may read or write them. The only rule here is the transaction.
"""

from escape.store.classes import Classes
from escape.store.database import KEPT_S, Store, database_url, hashed, store
from escape.store.loans import Lent, Loans
from escape.store.rows import ClassRow, Entry, MemberRow, RoundRow
from escape.store.run_lines import LEASE_S, RunLines
