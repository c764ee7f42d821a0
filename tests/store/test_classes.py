"""Rows of classes, two side by side: what is done in one leaves the other as it was."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from escape.store import Classes, ClassRow, Store
from escape.store.database import OF_A_CLASS


@pytest.fixture
def rows(tmp_path: Path) -> Iterator[Classes]:
    opened = Store(f"sqlite:///{tmp_path}/c.sqlite3")
    yield Classes(opened)
    opened.close()


def made(rows: Classes, code: str, age_s: float = 0.0, most: int = 10) -> bool:
    now = time.time() - age_s
    return rows.make(
        ClassRow(code, f"teacher {code}", f"title {code}", now, now + 100, 1), code.encode(), most
    )


@pytest.fixture
def two(rows: Classes) -> Classes:
    """Each has two members, a closed and an open round with an entry of each member, and a second run."""
    for code in ("AAAAAA", "BBBBBB"):
        assert made(rows, code)
        people = [rows.join(code, n, n.casefold(), f"word {n} {code}", 10) for n in ("Ada", "Bob")]
        rows.set_run(code, f"second {code}".encode())
        for number in (1, 2):
            round_ = rows.open_round(code, f"plan {number}", "count.{number}.1")
            for member in people:
                assert member is not None
                assert rows.write(round_.id, member.id, "item", f"{member.nickname} {number} {code}", 5)
    return rows


def everything(rows: Classes, code: str) -> object:
    rounds = rows.rounds(code)
    return (
        rows.get(code),
        rows.run(code),
        rows.earlier_run(code, 1),
        rows.members(code),
        rounds,
        rows.last_round(code),
        [rows.entries(r.id) for r in rounds],
        [rows.counts(r.id) for r in rounds],
        [rows.mine(r.id, m.id) for r in rounds for m in rows.members(code)],
        rows.member(code, f"word Ada {code}"),
    )


def test_what_is_there_is_what_was_written(two: Classes) -> None:
    code = "AAAAAA"
    row = two.get(code)
    assert row is not None
    assert (row.teacher, row.title, row.content) == ("teacher AAAAAA", "title AAAAAA", 2)
    assert (two.run(code), two.earlier_run(code, 1), two.earlier_run(code, 2)) == (
        b"second AAAAAA",
        b"AAAAAA",
        None,
    )
    assert [(m.number, m.nickname) for m in two.members(code)] == [(1, "Ada"), (2, "Bob")]
    assert [(r.number, r.state, r.plan) for r in two.rounds(code)] == [
        (1, "closed", "plan 1"),
        (2, "open", "plan 2"),
    ]
    first, last = two.rounds(code)
    assert two.last_round(code) == last
    assert [(e.member, e.item, e.body) for e in two.entries(first.id)] == [
        (1, "item", "Ada 1 AAAAAA"),
        (2, "item", "Bob 1 AAAAAA"),
    ]
    assert two.counts(last.id) == (2, 2)
    ada = two.member(code, "word Ada AAAAAA")
    assert ada is not None
    assert two.mine(last.id, ada.id) == {"item": "Ada 2 AAAAAA"}
    assert two.member(code, "word Ada BBBBBB") is None  # a word opens its own class
    assert (two.get("CCCCCC"), two.run("CCCCCC"), two.last_round("CCCCCC"), two.rounds("CCCCCC")) == (
        None,
        None,
        None,
        [],
    )


@pytest.mark.parametrize(
    "act",
    [
        "open",
        "close",
        "reveal",
        "turn",
        "run",
        "join",
        "let in",
        "rename",
        "code",
        "prolong",
        "write",
        "delete",
    ],
)
def test_what_is_done_in_one_class_leaves_the_other_as_it_was(two: Classes, act: str) -> None:
    for each in ("BBBBBB", "AAAAAA") if act == "let in" else ():
        two.set_seats(each, 2)
        two.join(each, "Cy", "cy", "word", 10)
    code, before = "AAAAAA", everything(two, "BBBBBB")
    last = two.last_round(code)
    assert last is not None
    if act == "open":
        assert two.open_round(code, "plan 3", "count.{number}.1").number == 3
        assert two.get(code).scene == "count.3.1"  # type: ignore[union-attr]
        assert [r.state for r in two.rounds(code)] == ["closed", "closed", "open"]
    elif act in ("close", "reveal"):
        two.set_state(code, last.id, {"close": "closed", "reveal": "revealed"}[act], "result.2.1")
        assert two.get(code).scene == "result.2.1"  # type: ignore[union-attr]
    elif act == "turn":
        two.set_scene(code, "film.2.3")
        assert two.get(code).scene == "film.2.3"  # type: ignore[union-attr]
    elif act == "run":
        two.set_run(code, b"third")
        assert (two.run(code), two.earlier_run(code, 2)) == (b"third", b"second AAAAAA")
    elif act == "join":
        assert two.join(code, "Cy", "cy", "word", 10) is not None
    elif act == "let in":
        two.set_seats(code, 3)
        assert two.let_in(code) == 1
    elif act == "rename":
        ada = two.members(code)[0].id
        assert two.rename(code, ada, "Eve", "eve")
        assert not two.rename(code, ada, "Bob", "bob")
        assert two.join(code, "EVE", "eve", "word", 10) is None
        assert two.join(code, "Ada", "ada", "word", 10) is not None  # the old nickname is free
    elif act == "code":
        assert two.set_door(code, "NEWNEW")
        new, old, row = two.behind("NEWNEW"), two.behind(code), two.get(code)
        assert (new, old) == (row, None)  # the old code lets nobody in any more
        assert not two.set_door("BBBBBB", "NEWNEW")
        assert not made(two, "NEWNEW")
    elif act == "prolong":
        two.extend_joining(code, 5e9)
        row = two.get(code)
        assert row is not None
        assert row.until == 5e9
    elif act == "write":
        assert two.write(last.id, two.members(code)[0].id, "item", "anew", 5)
        assert two.mine(last.id, two.members(code)[0].id) == {"item": "anew"}
    else:
        two.delete(code)
        assert two.get(code) is two.run(code) is two.earlier_run(code, 1) is None
        assert two.members(code) == two.rounds(code) == two.entries(last.id) == []
    assert everything(two, "BBBBBB") == before


def test_a_code_is_taken_once_and_there_are_so_many_classes_and_no_more(rows: Classes) -> None:
    assert made(rows, "AAAAAA", most=2)
    assert not made(rows, "AAAAAA", most=2)
    assert made(rows, "BBBBBB", most=2)
    assert not made(rows, "CCCCCC", most=2)


def test_a_class_of_a_month_ago_goes_with_its_data_and_makes_room(rows: Classes) -> None:
    made(rows, "AAAAAA", age_s=31 * 86_400)
    made(rows, "BBBBBB", age_s=29 * 86_400)
    assert made(rows, "CCCCCC", most=2)
    assert rows.get("AAAAAA") is None
    assert rows.get("BBBBBB") is not None
    rows.forget_old()
    assert rows.get("BBBBBB") is not None


def test_a_nickname_is_one_members_and_a_full_class_takes_nobody(rows: Classes) -> None:
    made(rows, "AAAAAA")
    assert rows.join("AAAAAA", "Ada", "ada", "1", 2) is not None
    assert rows.join("AAAAAA", "ADA", "ada", "2", 2) is None
    assert rows.join("AAAAAA", "Bob", "bob", "3", 2) is not None
    assert rows.join("AAAAAA", "Cy", "cy", "4", 2) is None


def test_who_comes_after_somebody_was_taken_out_gets_a_number_of_their_own(rows: Classes) -> None:
    made(rows, "AAAAAA")
    ids = [rows.join("AAAAAA", name, name, name, 9) for name in ("ada", "bob", "cy")]
    rows.remove("AAAAAA", [m.id for m in ids[:1] if m])
    dan = rows.join("AAAAAA", "dan", "dan", "dan", 9)
    assert dan is not None
    assert sorted(m.number for m in rows.members("AAAAAA")) == [2, 3, 4]


def test_a_run_of_a_class_is_reached_by_no_link(rows: Classes) -> None:
    rows.store.save_run(f"{OF_A_CLASS}AAAAAA-1", b"x")
    rows.store.save_run("mine", b"y")
    assert rows.store.run(f"{OF_A_CLASS}AAAAAA-1") is None
    assert rows.store.run("mine") == b"y"


def test_a_member_writes_so_many_items_while_the_round_is_open(rows: Classes) -> None:
    made(rows, "AAAAAA")
    ada = rows.join("AAAAAA", "Ada", "ada", "1", 9)
    assert ada is not None
    round_ = rows.open_round("AAAAAA", "plan", "count.{number}.1")
    assert [rows.write(round_.id, ada.id, item, "x", 2) for item in ("a", "b", "c", "a")] == [
        True,
        True,
        False,
        True,
    ]
    for state, open_ in (("closed", False), ("open", True), ("revealed", False), ("open", False)):
        rows.set_state("AAAAAA", round_.id, state)  # what was revealed stays revealed
        assert rows.write(round_.id, ada.id, "a", state, 2) == open_
    assert rows.mine(round_.id, ada.id) == {"a": "open", "b": "x"}


def test_who_came_first_is_let_in_first(rows: Classes) -> None:
    made(rows, "CCCCCC")
    rows.set_seats("CCCCCC", 1)
    for n in range(5):
        rows.join("CCCCCC", f"p{n}", f"p{n}", f"word {n}", 100)
    rows.set_seats("CCCCCC", 3)
    assert rows.let_in("CCCCCC") == 2
    assert [m.nickname for m in rows.members("CCCCCC") if m.standing == "in"] == ["p0", "p1", "p2"]


def test_a_full_store_keeps_what_was_viewed_last(rows: Classes, monkeypatch: pytest.MonkeyPatch) -> None:
    store = rows.store
    monkeypatch.setattr("escape.store.database.MAX_KEPT", 25)
    monkeypatch.setattr("escape.store.database.MEASURE_EVERY_S", -1.0)
    for n in range(4):
        store.save_run(f"run-{n}", b"x" * 10)
        time.sleep(0.01)
    assert [store.run(f"run-{n}") is not None for n in range(4)] == [False, False, True, True]
    time.sleep(0.01)
    assert store.run("run-2")  # viewed again, so the other one goes
    time.sleep(0.01)
    store.save_run("run-4", b"x" * 10)
    assert [store.run(f"run-{n}") is not None for n in range(2, 5)] == [True, False, True]
