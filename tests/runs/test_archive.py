"""Runs and shelves that outlive the server.

Written once, read back, and merged with what another server wrote.
"""

import logging
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from escape.runs import archive
from escape.runs.background import GONE_S, Background, finished_run
from escape.runs.live import MAX_RUNS, LiveRun, Shelf
from escape.store.database import Saved, Store
from escape.types import Run, StoreError
from tests.small_runs import A, puzzles, result, run_of, verdict


class Counting(Store):
    """A store that counts what is written to it, by code: other tests' pages may still be writing."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.runs_written, self.shelves_written = Counter[str](), Counter[str]()

    def save_run(self, code: str, packed: bytes, token: str = "", version: str = "") -> Saved:
        self.runs_written[code] += 1
        return super().save_run(code, packed, token, version)

    def save_shelf(self, secret: str, body: str) -> None:
        self.shelves_written[secret] += 1
        super().save_shelf(secret, body)

    def written(self, mine: Shelf) -> tuple[int, int]:
        """How often this shelf's runs, and the shelf, were written."""
        return sum(self.runs_written[r.code] for r in mine.runs), self.shelves_written[mine.code]


@pytest.fixture
def db(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Counting]:
    opened = Counting(f"sqlite:///{tmp_path}/a.sqlite3")
    monkeypatch.setattr(archive, "_store", lambda: opened)
    monkeypatch.setattr(archive, "BACKGROUND", Background())
    yield opened
    opened.close()


def live(title: str = "T") -> LiveRun:
    run = run_of(puzzles(1), [result("P0", A, verdict(1, 1))], (A,)).model_copy(update={"title": title})
    return finished_run(run, lambda: True)


def shelf(*runs: LiveRun) -> Shelf:
    made = Shelf()
    for one in runs:
        made.put(one)
    return made


def restart(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a server remembers is gone; what it wrote is there."""
    monkeypatch.setattr(archive, "BACKGROUND", Background())


def test_a_shelf_comes_back_after_a_restart_with_all_that_was_on_it(
    db: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = shelf(live("one"), live("two"))
    mine.runs[0].made_here = True
    mine.pasted[("Chat", "P0")] = "an answer"
    mine.puzzles = tuple(puzzles(2))
    archive.save_changes(mine, now=True)
    restart(monkeypatch)
    back = archive.open_shelf(mine.code, lambda: True)
    assert back is not mine
    assert back.code == mine.code
    assert [r.run().title for r in back.runs] == ["one", "two"]
    assert [r.code for r in back.runs] == [r.code for r in mine.runs]
    assert back.pasted == mine.pasted
    assert [p.problem_id for p in back.puzzles] == ["P0", "P1"]
    assert [r.made_here for r in back.runs] == [True, False]  # one was loaded from a file
    assert all(r.saved is r.run() for r in back.runs)
    assert archive.open_shelf(mine.code, lambda: True) is back  # from memory now
    assert archive.find(back.runs[0].code, lambda: True) is back.runs[0]


def test_nothing_is_written_twice_and_nothing_of_an_empty_shelf(db: Counting) -> None:
    empty = Shelf()
    archive.save_changes(empty, now=True)
    assert db.written(empty) == (0, 0)
    mine = shelf(live())
    for _ in range(3):
        archive.save_changes(mine, now=True)
    assert db.written(mine) == (1, 1)
    mine.runs[0].rename("anew")
    archive.save_changes(mine, now=True)
    assert db.written(mine) == (2, 1)
    mine.pasted[("Chat", "P0")] = "more"
    archive.save_changes(mine, now=True)
    assert db.written(mine) == (2, 2)
    mine.runs, mine.pasted = [], {}
    archive.save_changes(mine, now=True)  # that it is empty now is news too
    assert db.shelves_written[mine.code] == 3
    for only in ({"pasted": {("Chat", "P0"): "x"}}, {"puzzles": tuple(puzzles(1))}):
        one = Shelf()
        vars(one).update(only)
        archive.save_changes(one, now=True)
        assert db.written(one) == (0, 1)


def test_a_run_in_progress_and_one_that_was_removed_are_not_written(db: Counting) -> None:
    running, gone = LiveRun(live().run(), lambda: True), live()
    archive.drop(gone)
    both = shelf(running, gone)
    archive.save_changes(both, now=True)
    assert db.written(both)[0] == 0
    running.end("finished")
    archive.save_changes(both, now=True)
    assert (db.runs_written[running.code], db.runs_written[gone.code]) == (1, 0)
    archive.drop(running)
    assert db.run(running.code) is None


def test_a_set_of_puzzles_that_is_too_large_stays_in_its_file(
    db: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "MAX_PUZZLES", 2)
    few, many = shelf(live()), shelf(live())
    few.puzzles, many.puzzles = tuple(puzzles(2)), tuple(puzzles(3))
    for one in (few, many):
        archive.save_changes(one, now=True)
    restart(monkeypatch)
    assert [len(archive.open_shelf(s.code, lambda: True).puzzles) for s in (few, many)] == [2, 0]


def test_another_servers_runs_stay_unless_they_were_removed_here() -> None:
    def merged(there: list[str], here: tuple[str, ...], removed: set[str] | None = None) -> tuple[str, ...]:
        written = archive.SavedShelf(runs=tuple(there)).model_dump_json()
        return archive._with_others(written, here, removed or set())

    assert merged(["a", "b"], ("c",)) == ("a", "b", "c")
    assert merged(["a", "c"], ("c", "d")) == ("a", "c", "d")
    assert merged(["a", "b"], ("c",), {"a"}) == ("b", "c")
    many = [f"r{i}" for i in range(MAX_RUNS)]
    assert merged(many, ("new",)) == (*many[1:], "new")  # the oldest goes
    assert archive._with_others(None, ("c",), set()) == archive._with_others("torn", ("c",), set()) == ("c",)


def test_what_is_not_there_or_not_ours_is_a_new_shelf_and_no_run(db: Counting) -> None:
    assert archive.find("nothing", lambda: True) is None
    assert archive.find("x" * 65, lambda: True) is None
    for secret in (None, "", "unknown", "x" * 65):
        made = archive.open_shelf(secret, lambda: True)
        assert (made.runs, made.pasted, made.puzzles) == ([], {}, ())
        assert made.code != secret
    db.save_shelf("s" * 64, archive.SavedShelf(runs=("gone",)).model_dump_json())
    assert archive.open_shelf("s" * 64, lambda: True).code == "s" * 64  # a run that is gone costs no other
    db.save_shelf("broken", "no json")
    assert archive.open_shelf("broken", lambda: True).code != "broken"


def test_a_code_of_sixty_four_signs_is_read(db: Counting, monkeypatch: pytest.MonkeyPatch) -> None:
    one = live()
    one.code = "c" * 64
    archive.save_changes(shelf(one), now=True)
    restart(monkeypatch)
    assert archive.find("c" * 64, lambda: True) is not None


def test_without_a_database_the_page_goes_on_and_the_log_says_so_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> Store:
        raise StoreError("no database here")

    monkeypatch.setattr("escape.store.store", broken)
    archive._warn.cache_clear()
    monkeypatch.setattr(archive, "BACKGROUND", Background())
    mine = shelf(live())
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            archive.save_changes(mine, now=True)
    assert [r.getMessage() for r in caplog.records] == ["nothing will survive a restart: no database here"]
    assert mine.runs[0].saved is None
    assert archive.find("any", lambda: True) is None
    assert archive.open_shelf("any", lambda: True).runs == []
    archive.drop(mine.runs[0])
    assert mine.runs[0].dropped


def test_a_leaving_visitors_runs_move_from_memory_to_the_store(
    db: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = [True]
    mine = archive.open_shelf(None, lambda: here[0])
    own = live("kept")
    own.watchers[:] = [lambda: here[0]]
    mine.put(own)
    archive.BACKGROUND.register(own)
    archive.evict_abandoned()
    assert archive.BACKGROUND.find_shelf(mine.code) is mine
    here[0] = False
    archive.evict_abandoned()  # a reload, or a phone that was locked for a moment
    assert archive.BACKGROUND.find_shelf(mine.code) is mine
    mine.gone_at = time.monotonic() - GONE_S - 1
    archive.evict_abandoned()
    assert archive.BACKGROUND.find_shelf(mine.code) is None
    assert archive.BACKGROUND.find(own.code) is None
    assert own.run().results == ()  # whatever Streamlit still holds of the page
    again = archive.open_shelf(mine.code, lambda: True)
    assert [r.run().title for r in again.runs] == ["kept"]
    assert len(again.runs[0].run().results) == 1


def test_what_no_store_takes_stays_in_memory(db: Counting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "_store", lambda: None)
    mine = archive.open_shelf(None, lambda: False)
    mine.put(live())
    mine.gone_at = time.monotonic() - GONE_S - 1
    archive.evict_abandoned()
    assert archive.BACKGROUND.find_shelf(mine.code) is mine
    assert len(mine.runs[0].run().results) == 1


def test_runs_too_large_for_the_store_or_still_watched_stay_in_memory(
    db: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    large, shared = live("large"), live("shared")
    large.watchers[:] = [lambda: False]
    for run in (large, shared):
        mine = archive.open_shelf(None, lambda: False)
        mine.put(run)
        mine.gone_at = time.monotonic() - GONE_S - 1
    monkeypatch.setattr("escape.store.database.MAX_PACKED", 1)
    archive.evict_abandoned()
    assert large.saved is None
    assert [len(run.run().results) for run in (large, shared)] == [1, 1]


def test_what_somebody_else_looks_at_stays_whole_though_its_maker_left(db: Counting) -> None:
    shared, mine = live("shared"), archive.open_shelf(None, lambda: False)
    mine.put(shared)  # its watcher, another visitor's page, is there
    mine.gone_at = time.monotonic() - GONE_S - 1
    archive.evict_abandoned()
    assert len(shared.run().results) == 1
    shared.watchers[:] = [lambda: False]
    archive.evict_abandoned()
    assert shared.run().results == ()


def test_what_was_emptied_is_never_written_over_what_the_store_has(db: Counting) -> None:
    mine, own = archive.open_shelf(None, lambda: False), live("good")
    own.watchers[:] = [lambda: False]
    mine.put(own)
    mine.gone_at = time.monotonic() - GONE_S - 1
    archive.evict_abandoned()
    own.rename("renamed on a page that came back late")
    archive.save_run(own)
    found = archive.find(own.code, lambda: True)
    assert found is not None
    assert (found.run().title, len(found.run().results)) == ("good", 1)


def test_a_run_that_a_reader_shows_stays_and_makes_no_calls(db: Counting) -> None:
    own = live()
    own.watchers[:] = [lambda: False]
    archive.BACKGROUND.register(own)
    assert archive.find(own.code, lambda: True) is own
    assert own.is_seen()
    assert not own.alive()


def test_pasted_answers_stay_in_memory_where_no_store_takes_them(
    db: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "_store", lambda: None)
    mine = archive.open_shelf(None, lambda: False)
    mine.pasted["Chat", "P0"] = "x"
    mine.gone_at = time.monotonic() - GONE_S - 1
    archive.evict_abandoned()
    assert archive.BACKGROUND.find_shelf(mine.code) is mine


def test_bets_of_visitors_are_counted(db: Counting, monkeypatch: pytest.MonkeyPatch) -> None:
    plan, over = "h" * 16, threading.Event()
    for right in (True, True, False):
        archive.count_bet(plan, right=right)
    archive.LOOP.queue_job(over.set)
    assert over.wait(10)
    assert [*archive.bets().values()] == [(3, 2)]
    monkeypatch.setattr(archive, "_store", lambda: None)
    assert archive.bets() == {}


def test_two_visitors_who_open_a_stored_run_at_once_see_the_same(
    db: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = live("good")
    archive.save_run(own)
    archive.BACKGROUND.forget(own)
    loads, first = archive.loads, list[object]()

    def slowly(data: bytes, name: str) -> Run:
        if not first:
            first.append(None)
            first.append(archive.find(own.code, lambda: True))  # the other one is quicker
        return loads(data, name)

    monkeypatch.setattr(archive, "loads", slowly)
    assert archive.find(own.code, lambda: True) is first[1]


def test_a_run_that_is_too_large_is_packed_once(db: Counting, monkeypatch: pytest.MonkeyPatch) -> None:
    own, packs = live(), list[object]()
    monkeypatch.setattr(archive.jsonl, "packed_file", lambda run: packs.append(run) or b"x")
    monkeypatch.setattr(
        archive, "_store", lambda: SimpleNamespace(save_run=lambda *about: "too large", sweep=int)
    )
    for _ in range(3):
        archive.save_run(own)
    assert len(packs) == 1
    own.rename("another title")
    archive.save_run(own)
    assert len(packs) == 2
