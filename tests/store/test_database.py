"""The database as a server meets it: its address, what it forgets, what it says when it fails."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from escape.store import Store, database, database_url
from escape.store.database import _engine
from escape.store.rows import TABLES, members
from escape.types import StoreError

DAY_S = 86_400.0


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path}/s.sqlite3")
    yield store
    store.close()


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds by which the clock is ahead."""
    ahead = [0.0]
    clock = SimpleNamespace(
        time=lambda: time.time() + ahead[0], monotonic=lambda: time.monotonic() + ahead[0]
    )
    monkeypatch.setattr(database, "time", clock)
    return ahead


@pytest.mark.parametrize(
    ("told", "used"),
    [
        ("postgres://u@h/n", "postgresql+psycopg://u@h/n"),
        (" postgresql://u@h/n ", "postgresql+psycopg://u@h/n"),
        ("postgresql+psycopg://u@h/n", "postgresql+psycopg://u@h/n"),
        ("sqlite:///x", "sqlite:///x"),
    ],
)
def test_an_address_is_taken_as_hosts_write_it(told: str, used: str) -> None:
    assert database_url({"ESCAPE_DB_URL": told}) == used


def test_without_a_folder_data_are_kept_at_home_where_nobody_reads_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert database_url({}) == f"sqlite:///{tmp_path}/.escape/escape.sqlite3"
    assert (tmp_path / ".escape").stat().st_mode & 0o777 == 0o700


def test_a_run_that_has_ended_is_replaced_by_its_own_newer_version_alone(opened: Store) -> None:
    assert opened.save_run("abc", b"first", version="one") == "saved"
    assert opened.save_run("abc", b"older", token="a page opened before", version="two") == "taken over"
    assert opened.run("abc") == b"first"
    assert opened.save_run("abc", b"newer", token="one", version="two") == "saved"
    assert opened.run("abc") == b"newer"


def test_a_failing_database_says_nothing_of_what_was_written(opened: Store) -> None:
    opened.change(sa.delete(members))
    with opened.writing() as db:
        db.execute(sa.text("drop table entries"))
        db.execute(sa.text("drop table members"))
    with pytest.raises(StoreError) as caught:
        opened.change(sa.update(members).values(nickname="PUPILS OWN"))
    assert str(caught.value) == "the database could not save this (OperationalError); try again"


def test_what_nobody_looked_at_for_a_month_goes(opened: Store, later: list[float]) -> None:
    for code in ("abc", "def"):
        opened.save_run(code, b"x")
        opened.save_shelf(code, "[]")
    later[0] = 29 * DAY_S
    opened.sweep()
    assert opened.run("def") == b"x"
    assert opened.shelf("abc") == "[]"
    later[0] = 31 * DAY_S
    opened.sweep()
    assert (opened.run("abc"), opened.run("def"), opened.shelf("abc")) == (None, b"x", None)


def test_so_many_tries_a_minute_and_no_more(opened: Store, later: list[float]) -> None:
    later[0] = 60 - time.time() % 60  # the beginning of a minute
    assert [opened.allow("x", 2) for _ in range(3)] == [True, True, False]
    assert opened.allow("y", 2)
    later[0] += 60
    assert opened.allow("x", 2)


def test_a_database_that_was_away_for_a_moment_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, later: list[float]
) -> None:
    folder = tmp_path / "later"
    monkeypatch.setenv("ESCAPE_DB_URL", f"sqlite:///{folder}/x.sqlite3")
    with pytest.raises(StoreError, match="cannot be used"):
        database.store()
    folder.mkdir()
    with pytest.raises(StoreError, match="cannot be used"):  # nobody waits for it at every click
        database.store()
    later[0] = 31
    database.store().close()


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


def test_a_kept_exam_is_found_by_judge_and_edition_and_one_over_more_answers_stays(opened: Store) -> None:
    opened.save_card("checklist:openai:m", "checklist/3", "e1", 180, "long")
    opened.save_card("checklist:openai:m", "checklist/3", "e1", 45, "short")
    opened.save_card("checklist:openai:m", "holistic/1", "e1", 45, "at a glance")
    opened.save_card("checklist:openai:other", "checklist/3", "e1", 45, "another's")
    found = opened.cards(["checklist:openai:m", "checklist:openai:unknown"], "e1")
    assert found == {"checklist:openai:m": ["long", "at a glance"]}
    opened.save_card("checklist:openai:m", "checklist/3", "e1", 180, "again")
    assert "again" in opened.cards(["checklist:openai:m"], "e1")["checklist:openai:m"]
    assert opened.cards(["checklist:openai:m"], "e2") == {}
    assert opened.cards([], "e1") == {}
