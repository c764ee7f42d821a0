"""The database as a server meets it: its address, what it forgets, what it says when it fails."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from escape.store import Store, address, database
from escape.store.rows import members
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
    clock = SimpleNamespace(time=lambda: time.time() + ahead[0], monotonic=lambda: time.monotonic() + ahead[0])
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
    assert address({"ESCAPE_DB_URL": told}) == used


def test_without_a_folder_data_are_kept_at_home_where_nobody_reads_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert address({}) == f"sqlite:///{tmp_path}/.escape/escape.sqlite3"
    assert (tmp_path / ".escape").stat().st_mode & 0o777 == 0o700


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
