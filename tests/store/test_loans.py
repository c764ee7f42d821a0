"""The owner's money: what a day and a visitor may still spend, whatever becomes of servers."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from escape.store import LEASE_S, Loans, RunLines
from escape.store.database import Store

NOON = 1_764_676_800.0  # 2025-12-02, 12:00 UTC
MIDNIGHT = NOON + 12 * 3600


def test_a_day_has_its_cap_over_all_visitors_and_ends(db: Store) -> None:
    now = Loans(db, NOON)
    ada, bo = now.lend("Ada", 0.7, 1.0, 5.0), now.lend("Bo", 0.7, 1.0, 5.0)
    # while a run goes on, all that was lent may be spent
    assert (ada.usd, bo.usd) == (0.7, pytest.approx(0.3))
    assert now.lend("Cy", 0.1, 1.0, 5.0).usd == 0.0
    now.settle(ada.token, 0.2)
    now.settle(bo.token, 0.3)
    assert now.lend("Cy", 0.7, 1.0, 5.0).usd == pytest.approx(0.5)
    assert Loans(db, NOON + 86_400).lend("Cy", 0.7, 1.0, 5.0).usd == 0.7


def test_a_visitors_share_gets_smaller_with_every_run_of_a_day(db: Store) -> None:
    now = Loans(db, NOON)
    first = now.lend("Ada", 1.0, None, 1.0)
    now.settle(first.token, 0.9)
    second = now.lend("Ada", 1.0, None, 1.0)
    assert second.usd == pytest.approx(0.1)
    now.settle(second.token, 0.1)
    assert now.lend("Ada", 1.0, None, 1.0).visitors == pytest.approx(0.0)
    assert now.lend("Bo", 1.0, None, 1.0).usd == 1.0


def test_a_run_over_midnight_counts_on_both_days(db: Store) -> None:
    late = Loans(db, MIDNIGHT - 10).lend("Ada", 0.75, 1.0, 5.0)
    assert Loans(db, MIDNIGHT + 10).lend("Bo", 0.75, 1.0, 5.0).usd == 0.25
    Loans(db, MIDNIGHT + 11).settle(late.token, 0.5)
    # yesterday's is yesterday's
    assert Loans(db, MIDNIGHT + 12).lend("Cy", 2.0, 1.0, 5.0).usd == pytest.approx(0.75)


def test_of_a_server_that_died_what_its_run_may_have_spent_counts(db: Store) -> None:
    loan = Loans(db).lend("Ada", 1.0, 1.0, 1.0)
    lines = RunLines(db)
    token = lines.begin("code", [b"header\n"])
    assert token is not None
    lines.append("code", token, 1, [b"a stake\n"], (loan.token, 0.25))
    with db.writing() as connection:
        connection.exec_driver_sql("update loans set until = 0")  # nobody has renewed it
    assert Loans(db).lend("Ada", 1.0, 1.0, 1.0).usd == pytest.approx(0.75)


def test_a_server_that_died_before_its_first_line_has_spent_everything(db: Store) -> None:
    Loans(db, NOON).lend("Ada", 1.0, 1.0, 1.0)
    assert Loans(db, NOON + LEASE_S + 1).lend("Ada", 1.0, 1.0, 1.0).usd == 0.0


def test_visitors_who_come_at_once_are_lent_no_more_than_there_is(db: Store) -> None:
    with ThreadPoolExecutor(8) as pool:
        lent = list(pool.map(lambda n: Loans(db).lend(f"visitor {n}", 0.3, 1.0, 1.0).usd, range(8)))
    assert sum(lent) == pytest.approx(1.0)
