"""The one database of this server: opened and migrated here, read and written in transactions.

SQLite unless ESCAPE_DB_URL names Postgres. Rows in, rows out; `classes` decides who may do what.
"""

import hashlib
import os
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    Delete,
    Engine,
    RowMapping,
    Select,
    TableClause,
    Update,
    create_engine,
    delete,
    event,
    func,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, NoSuchModuleError, SQLAlchemyError

from escape.store.migrations import migrate
from escape.store.rows import bets, cards, loans, run_leases, run_lines, runs, shelves, tries
from escape.types import StoreError

T = TypeVar("T")

KEPT_S = 30 * 86_400.0  # how long runs and classes are stored after they were last written or requested
OF_A_CLASS = "class-"  # prefix of the codes of runs that only their class may see
MAX_KEPT = 2 * 2**30  # bytes, all visitors' runs together; the least recently viewed are deleted first
MEASURE_EVERY_S = 30.0  # minimum time between two measurements of their total size
MAX_PACKED = 10 * 2**20  # bytes of a stored run; a larger one exists only in its file
BUSY_S = 20.0
CONNECT_S = 5.0
REMEMBERED_S = 30.0  # seconds before a failed connection is retried
_LOCK = 0x657363  # the number of our Postgres lock for "a migration is running"


def hashed(secret: str) -> str:
    """Hash a secret for storage. Secrets are long and random, so no salt is needed.

    Also used to shorten names of visitors and plans to a key of fixed length.
    """
    return hashlib.sha256(secret.encode()).hexdigest()


def database_url(env: Mapping[str, str] = os.environ) -> str:
    """Find the database URL: ESCAPE_DB_URL, else a file in ESCAPE_DATA, which defaults to ~/.escape.

    Creates that folder. Raises StoreError if it cannot.
    """
    if url := env.get("ESCAPE_DB_URL", "").strip():
        for short in ("postgres://", "postgresql://"):  # as hosts write it; we need psycopg 3
            if url.startswith(short):
                return "postgresql+psycopg://" + url.removeprefix(short)
        return url
    folder = Path(env.get("ESCAPE_DATA", "").strip() or "~/.escape").expanduser()
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise StoreError(
            f"{folder} cannot be created ({error.strerror}); name another folder in ESCAPE_DATA"
        ) from None
    return f"sqlite:///{folder / 'escape.sqlite3'}"


Saved = Literal["saved", "too large", "taken over"]  # what came of storing a run


class Store:
    """The database, created and migrated when opened. Raises StoreError if it cannot be reached."""

    def __init__(self, url: str) -> None:
        self._engine = _engine(url)
        self._swept = self._measured_at = 0.0
        try:
            with self._engine.begin() as db:
                if db.dialect.name == "postgresql":  # two replicas that start at once wait for each other
                    db.execute(text("select pg_advisory_xact_lock(:n)"), {"n": _LOCK})
                migrate(db)
        except SQLAlchemyError as error:
            remedy = "check ESCAPE_DB_URL"
            if self._engine.dialect.name == "sqlite" and not os.environ.get("ESCAPE_DB_URL"):
                remedy = f"{self._engine.url.database} must be writable; name another folder in ESCAPE_DATA"
            raise self._said(error, "the database cannot be used", remedy) from None

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open a write transaction, which happens as a whole or not at all. Raises StoreError."""
        try:
            with self._engine.begin() as db:
                yield db
        except SQLAlchemyError as error:  # its text may contain what was written
            raise self._said(error, "the database could not save this", "try again") from None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a connection for reads that block nobody. Raises StoreError."""
        try:
            with self._engine.connect().execution_options(reads=True) as db:
                yield db
        except SQLAlchemyError as error:
            raise self._said(error, "the database did not answer", "try again") from None

    def _said(self, error: SQLAlchemyError, what: str, remedy: str) -> StoreError:
        """Build the error to show, without the database's text, which may contain what was written."""
        why = str(error.orig) if isinstance(error, DatabaseError) else ""
        if "not a database" in why or "malformed" in why:
            return StoreError(
                f"{self._engine.url.database} is damaged or not a database; move it away and a new one will "
                "be created"
            )
        return StoreError(f"{what} ({type(error).__name__}); {remedy}")

    def value(self, query: Select[T]) -> T | None:
        """Read the first value of the first row. None if there is no row. Raises StoreError."""
        with self.reading() as db:
            return db.execute(query).scalar()

    def rows(self, query: Select[Any]) -> Sequence[RowMapping]:
        with self.reading() as db:
            return db.execute(query).mappings().all()

    def change(self, statement: Update | Delete) -> None:
        with self.writing() as db:
            db.execute(statement)

    def put(
        self,
        db: Connection,
        table: TableClause,
        keys: int,
        row: Mapping[str, Any],
        where: ColumnElement[bool] | None = None,
    ) -> bool:
        """Write a row, replacing the one with the same key: its first `keys` columns.

        `where`: which rows may be replaced. Returns False if the existing one may not.
        """
        key, rest = list(row)[:keys], dict(list(row.items())[keys:])
        written = _insert(db, table, row).on_conflict_do_update(index_elements=key, set_=rest, where=where)
        return db.execute(written.returning(table.c[key[0]])).first() is not None

    def allow(self, who: str, most: int, per_s: float = 60.0) -> bool:
        """Count one attempt by `who`. False once there were more than `most` in the current time window."""
        with self.writing() as db:
            insert = _insert(
                db, tries, {"who": hashed(who), "slot": int(time.time() // per_s * per_s), "times": 1}
            )
            counted = insert.on_conflict_do_update(
                index_elements=["who", "slot"], set_={"times": tries.c.times + 1}
            )
            times: int = db.execute(counted.returning(tries.c.times)).scalar_one()
        return times <= most

    def times(self, who: str, per_s: float = 60.0) -> int:
        """Count the attempts by `who` in the current time window."""
        now = (tries.c.who == hashed(who)) & (tries.c.slot == int(time.time() // per_s * per_s))
        return self.value(select(tries.c.times).where(now)) or 0

    def forget_tries(self, who: str) -> None:
        self.change(delete(tries).where(tries.c.who == hashed(who)))

    def save_run(self, code: str, packed: bytes, token: str = "", version: str = "") -> Saved:
        """Store a run that has ended, and delete its lines.

        `token`: of the version that is replaced. `version`: the token of this one. Stores nothing if the run
        is too large, or if somebody else, such as another server, has taken it over since.
        """
        if len(packed) > MAX_PACKED:
            return "too large"
        with self.writing() as db:
            held = db.execute(select(run_leases).where(run_leases.c.code == code).with_for_update()).first()
            if held and held.token != token:
                return "taken over"
            self.put(db, runs, 1, {"code": code, "packed": packed, "at": time.time()})
            self.put(db, run_leases, 1, {"code": code, "token": version or token, "until": 0.0})
            db.execute(delete(run_lines).where(run_lines.c.code == code))
            self._make_room(db)
        return "saved"

    def _make_room(self, db: Connection) -> None:
        """Delete the least recently viewed runs until the rest fit.

        Runs of classes have limits of their own.
        """
        now = time.monotonic()
        if self._measured_at and now - self._measured_at < MEASURE_EVERY_S:
            return
        self._measured_at = now
        of_visitors = ~runs.c.code.startswith(OF_A_CLASS, autoescape=True)
        total = func.sum(func.length(runs.c.packed)).over(order_by=runs.c.at.desc()).label("total")
        sized = select(runs.c.code, total).where(of_visitors).subquery()
        db.execute(delete(runs).where(runs.c.code.in_(select(sized.c.code).where(sized.c.total > MAX_KEPT))))

    def run(self, code: str) -> bytes | None:
        """Read a run, compressed, and renew it. None for a class's run, which no link reaches."""
        if code.startswith(OF_A_CLASS):
            return None
        data: bytes | None = self.value(select(runs.c.packed).where(runs.c.code == code))
        if data is not None:
            self.change(update(runs).where(runs.c.code == code).values(at=time.time()))
        return data

    def drop_run(self, code: str) -> None:
        with self.writing() as db:
            for table in (runs, run_lines, run_leases):
                db.execute(delete(table).where(table.c.code == code))

    def save_shelf(self, secret: str, body: str) -> None:
        with self.writing() as db:
            self.put(db, shelves, 1, {"secret": hashed(secret), "body": body, "at": time.time()})

    def shelf(self, secret: str) -> str | None:
        return self.value(select(shelves.c.body).where(shelves.c.secret == hashed(secret)))

    def count_bet(self, plan: str, *, right: bool) -> None:
        with self.writing() as db:
            row = {"plan": hashed(plan), "bets": 1, "hits": int(right)}
            again = {"bets": bets.c.bets + 1, "hits": bets.c.hits + int(right)}
            db.execute(_insert(db, bets, row).on_conflict_do_update(index_elements=["plan"], set_=again))

    def bets(self) -> dict[str, tuple[int, int]]:
        """Read how often each plan was bet on, and how often rightly, by the plan's hash."""
        return {row["plan"]: (row["bets"], row["hits"]) for row in self.rows(select(bets))}

    def save_card(self, judge: str, prompt: str, exam: str, cases: int, body: str) -> None:
        """Keep a judge's exam result, unless the one that is kept is over more answers."""
        row = {
            "judge": judge,
            "prompt": prompt,
            "exam": exam,
            "cases": cases,
            "body": body,
            "at": time.time(),
        }
        with self.writing() as db:
            self.put(db, cards, 3, row, where=cards.c.cases <= cases)

    def cards(self, judges: Sequence[str], exam: str) -> dict[str, list[str]]:
        """Read the exam results of these judges in this edition: by judge, one for each prompt."""
        found: dict[str, list[str]] = {}
        wanted = select(cards).where(cards.c.judge.in_(judges) & (cards.c.exam == exam)).order_by(cards.c.at)
        for row in self.rows(wanted) if judges else ():
            found.setdefault(row["judge"], []).append(row["body"])
        return found

    def sweep(self) -> None:
        """Delete what has expired, at most once an hour.

        Runs, lines, shelves and leases after a month, loans after two days, counted attempts after two hours.
        """
        now = time.time()
        if now - self._swept < 3600:
            return
        self._swept = now
        with self.writing() as db:
            for table in (runs, run_lines, shelves):
                db.execute(delete(table).where(table.c.at < now - KEPT_S))
            db.execute(delete(run_leases).where(run_leases.c.until < now - KEPT_S))
            day = datetime.fromtimestamp(now - 2 * 86_400, UTC).date().isoformat()
            db.execute(delete(loans).where((loans.c.day < day) & (loans.c.until < now)))
            # time windows are an hour or shorter
            db.execute(delete(tries).where(tries.c.slot < int(now) - 7200))

    def close(self) -> None:
        self._engine.dispose()


def _insert(db: Connection, table: TableClause, row: Mapping[str, Any]) -> postgresql.Insert | sqlite.Insert:
    statement = postgresql.insert(table) if db.dialect.name == "postgresql" else sqlite.insert(table)
    return statement.values(**row)


def _engine(url: str) -> Engine:
    try:
        if make_url(url).get_backend_name() != "sqlite":
            waits = {"connect_timeout": int(CONNECT_S)} if "psycopg" in url else {}
            return create_engine(url, pool_size=10, max_overflow=20, pool_pre_ping=True, connect_args=waits)
        engine = create_engine(url, connect_args={"timeout": BUSY_S})
    except (ArgumentError, NoSuchModuleError, ImportError):
        raise StoreError(
            "ESCAPE_DB_URL is not a database address that Escape can use; for Postgres write "
            "postgresql://USER@HOST/NAME and install its driver: python3 -m pip install "
            "'psycopg[binary]>=3.2,<4'"
        ) from None

    @event.listens_for(engine, "connect")
    def _settle(raw: Any, _: object) -> None:  # we start transactions below, not the driver
        raw.isolation_level = None
        raw.execute("PRAGMA journal_mode=WAL")
        raw.execute("PRAGMA synchronous=NORMAL")
        raw.execute("PRAGMA foreign_keys=ON")

    @event.listens_for(engine, "begin")
    def _begin(db: Connection) -> None:  # take the write lock at once, so that two writers cannot deadlock
        db.exec_driver_sql("BEGIN" if db.get_execution_options().get("reads") else "BEGIN IMMEDIATE")

    return engine


_OPEN: dict[str, Store] = {}
_FAILED: dict[str, tuple[float, str]] = {}
_OPENING = threading.Lock()


def store() -> Store:
    """Open this server's database once. Raises StoreError, the same for REMEMBERED_S after a failure."""
    url = database_url()
    with _OPENING:
        if url not in _OPEN:
            when, why = _FAILED.get(url, (float("-inf"), ""))
            if time.monotonic() - when < REMEMBERED_S:
                raise StoreError(why)
            try:
                _OPEN[url] = Store(url)
            except StoreError as error:
                _FAILED[url] = (time.monotonic(), str(error))
                raise
        return _OPEN[url]
