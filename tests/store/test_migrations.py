"""A database of any age is brought up to date and keeps what is in it; one that is newer is refused."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from escape.store import Classes, Store
from escape.store.database import _engine
from escape.store.tables import TABLES
from escape.types import StoreError

POSTGRES = os.environ.get("ESCAPE_TEST_POSTGRES", "")  # set by `make postgres-test`, which starts a server

KEPT_RUNS = (
    "create table runs (code varchar(64) not null primary key, packed {blob} not null, at float not null)",
    "create table shelves (secret varchar(64) not null primary key, body text not null, at float not null)",
)
CLASSES = (
    "create table classes (code varchar(8) not null primary key, teacher varchar(64) not null, title varchar(120) not "
    "null, made float not null, until float not null, content integer not null, run {blob} not null)",
    "create table members (id {serial} not null primary key, code varchar(8) not null references classes (code), "
    "number integer not null, nickname varchar(24) not null, folded varchar(64) not null, secret varchar(64) not null, "
    "unique (code, folded), unique (code, number), unique (code, secret))",
    "create table rounds (id {serial} not null primary key, code varchar(8) not null references classes (code), "
    "number integer not null, state varchar(10) not null, plan text not null, unique (code, number))",
    "create table entries (round integer not null references rounds (id), member integer not null references members "
    "(id), item varchar(300) not null, body text not null, at float not null, primary key (round, member, item))",
    "create table tries (who varchar(64) not null, slot integer not null, times integer not null, primary key (who, "
    "slot))",
)
COUNTED = "create table version (number integer not null)"
STAMPED = "create table alembic_version (version_num varchar(32) primary key)"
OLDER = {
    "nothing": (),
    "an empty count": (COUNTED, "insert into version values (0)"),
    "count 1": (COUNTED, "insert into version values (1)", *KEPT_RUNS),
    "count 2": (COUNTED, "insert into version values (2)", *KEPT_RUNS, *CLASSES),
    "revision 1": (STAMPED, "insert into alembic_version values ('0001')", *KEPT_RUNS),
    "revision 2": (STAMPED, "insert into alembic_version values ('0002')", *KEPT_RUNS, *CLASSES),
}
NEWER = {
    "count 3": (COUNTED, "insert into version values (3)"),
    "a revision to come": (STAMPED, "insert into alembic_version values ('9999')"),
}


@pytest.fixture(params=["sqlite", *(["postgres"] if POSTGRES else [])])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/old.sqlite3"
        return
    emptied()
    yield POSTGRES
    emptied()


def emptied() -> None:
    engine = _engine(POSTGRES)
    with engine.begin() as db:
        db.execute(sa.text("drop schema public cascade"))
        db.execute(sa.text("create schema public"))
    engine.dispose()


def make(url: str, statements: tuple[str, ...]) -> sa.Engine:
    engine = _engine(url)
    kinds = {"blob": "blob", "serial": "integer"} if url.startswith("sqlite") else {"blob": "bytea", "serial": "serial"}
    with engine.begin() as db:
        for statement in statements:
            db.execute(sa.text(statement.format(**kinds)))
        if any("create table runs" in s for s in statements):
            db.execute(sa.text("insert into runs values ('abc', :packed, 1e10)"), {"packed": b"kept"})
    return engine


@pytest.mark.parametrize("age", OLDER)
def test_a_database_of_any_age_is_brought_up_to_date_and_keeps_what_is_in_it(url: str, age: str) -> None:
    engine = make(url, OLDER[age])
    for _ in range(2):  # the second time there is nothing to do
        opened = Store(url)
        assert opened.run("abc") == (b"kept" if "create table runs" in " ".join(OLDER[age]) else None)
        opened.close()
    with engine.connect() as db:
        assert not sa.inspect(db).has_table("version")
        for table in TABLES:
            assert [c["name"] for c in sa.inspect(db).get_columns(table.name)] == table.c.keys()
    engine.dispose()


def test_who_was_in_a_class_before_seats_were_counted_is_still_in(url: str) -> None:
    now = time.time()
    rows = (
        f"insert into classes values ('AAAAAA', 't', 'title', {now}, {now}, 1, '')",
        "insert into members (code, number, nickname, folded, secret) values ('AAAAAA', 1, 'Ada', 'ada', 'word')",
    )
    engine = make(url, (*OLDER["revision 2"], *rows))
    opened = Store(url)
    classes = Classes(opened)
    assert [m.standing for m in classes.members("AAAAAA")] == ["in"]
    row = classes.get("AAAAAA")
    assert row is not None
    assert (row.seats, row.door) == (200, "")
    opened.close()
    engine.dispose()


@pytest.mark.parametrize("age", NEWER)
def test_a_newer_database_is_refused_in_one_line_and_left_as_it_is(url: str, age: str) -> None:
    engine = make(url, NEWER[age])
    with pytest.raises(StoreError, match="made by a newer Escape; update Escape") as caught:
        Store(url)
    assert "\n" not in str(caught.value)
    with engine.connect() as db:
        assert not sa.inspect(db).has_table("runs")
    engine.dispose()


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "broken.sqlite3"
    path.write_bytes(b"this is no database at all " * 100)
    with pytest.raises(StoreError, match=r"broken\.sqlite3 is damaged or not a database; move it away"):
        Store(f"sqlite:///{path}")


def test_a_file_that_is_damaged_further_down_is_named_when_that_part_is_read(tmp_path: Path) -> None:
    path = tmp_path / "broken.sqlite3"
    opened = Store(f"sqlite:///{path}")
    for n in range(100):
        opened.save_run(f"run {n}", bytes([n]) * 3000)
    opened.close()
    whole, half = path.read_bytes(), path.stat().st_size // 2
    path.write_bytes(whole[:half] + b"\xff" * 40_000 + whole[half + 40_000 :])
    again = Store(f"sqlite:///{path}")

    def read_everything() -> None:
        for n in range(100):
            again.run(f"run {n}")

    with pytest.raises(StoreError, match=r"broken\.sqlite3 is damaged"):
        read_everything()
    again.close()
