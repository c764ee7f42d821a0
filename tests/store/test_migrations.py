"""An empty database gets its tables; one of another version is refused."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from escape.store import Store
from escape.store.database import _engine
from escape.store.rows import TABLES
from escape.types import StoreError

POSTGRES = os.environ.get("ESCAPE_TEST_POSTGRES", "")  # set by `make postgres-test`, which starts a server

STAMPED = "create table alembic_version (version_num varchar(32) primary key)"
OTHER = {
    "made before Escape 1.0; move it away": (
        ("create table version (number integer not null)", "insert into version values (2)"),
        (STAMPED, "insert into alembic_version values ('0004')"),
    ),
    "made by a newer Escape; update Escape": ((STAMPED, "insert into alembic_version values ('9.9')"),),
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


def test_an_empty_database_gets_its_tables_and_keeps_them_at_a_restart(url: str) -> None:
    for _ in range(2):
        opened = Store(url)
        opened.save_run("abc", b"kept")
        assert opened.run("abc") == b"kept"
        opened.close()
    engine = _engine(url)
    with engine.connect() as db:
        for table in TABLES:
            assert {c["name"] for c in sa.inspect(db).get_columns(table.name)} == set(table.c.keys())
    engine.dispose()


@pytest.mark.parametrize(("words", "statements"), [(w, s) for w, each in OTHER.items() for s in each])
def test_a_database_of_another_version_is_refused_and_left_as_it_is(
    url: str, words: str, statements: tuple[str, ...]
) -> None:
    engine = _engine(url)
    with engine.begin() as db:
        for statement in statements:
            db.execute(sa.text(statement))
    with pytest.raises(StoreError, match=words) as caught:
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


def test_a_file_damaged_further_down_is_named_when_that_part_is_read(tmp_path: Path) -> None:
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
