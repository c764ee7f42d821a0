"""A run as it comes: in the store within a second, its stakes before its calls.

Only whoever holds the lease writes it.
"""

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from escape.puzzles import files
from escape.runs import archive, make_plan, new_run
from escape.runs.background import Background
from escape.runs.execution import Passes
from escape.runs.file import GrowingRun, jsonl, loads
from escape.runs.live import LiveRun
from escape.runs.recording import Recording
from escape.store import RunLines
from escape.store.database import Store
from escape.types import (
    Answer,
    FileError,
    JudgeSpec,
    Mark,
    ModelSpec,
    Pending,
    Result,
    Run,
    SpecError,
    StoreError,
    Trial,
    TrialKey,
)
from tests.runs.test_trials import Player, Stage, priced
from tests.small_runs import A, puzzles, result, run_of, verdict

CODE = "a-code"
START = run_of(puzzles(4), [], [A])


@pytest.fixture
def db(db: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setattr(archive, "_store", lambda: db)
    monkeypatch.setattr(archive, "BACKGROUND", Background())
    return db


def stored(db: Store) -> Run:
    """The run as another server reads it now."""
    lines, *_ = RunLines(db).read(CODE)
    return loads(b"".join(lines))


class Kept(Recording):
    """A recording, and what its lines add up to."""

    def __init__(self, db: Store, start: Run = START, on_lost: Callable[[], None] = lambda: None) -> None:
        super().__init__(RunLines(db), CODE, start, on_lost, RunLines(db).read(CODE)[2])
        self.growing = GrowingRun.of(start)

    def result(self, result: Result) -> None:
        self.put(self.growing.result(result))

    def stake(self, trial: TrialKey, usd: float) -> None:
        self.put(self.growing.stake(trial, usd))


def recording(db: Store, start: Run = START) -> Kept:
    return Kept(db, start)


def answered(where: str, usd: float = 0.5) -> Answer:
    return Answer(text=f"an answer to {where}", cost_usd=usd)


def test_an_answer_is_in_the_store_within_a_second(db: Store) -> None:
    async def work() -> None:
        async with recording(db) as kept:
            kept.result(result("P0", A, answer=answered("P0")))
            began = time.monotonic()
            while not stored(db).results:
                assert time.monotonic() - began < 1.0
                await asyncio.sleep(0.01)

    asyncio.run(work())
    assert [r.answer and r.answer.text for r in stored(db).results] == ["an answer to P0"]


def test_a_stake_is_in_the_store_before_its_call_leaves_and_is_settled_by_its_result(db: Store) -> None:
    async def work() -> None:
        async with recording(db) as kept:
            kept.stake(("P0", A.name, 1), 0.25)
            await kept.committed()
            assert stored(db).lost_usd == 0.25  # what a server that dies now leaves behind
            kept.result(result("P0", A, answer=answered("P0", 0.2)))

    asyncio.run(work())
    assert (stored(db).lost_usd, stored(db).charged_usd) == (0.0, 0.2)


def test_calls_that_leave_together_wait_for_one_write(db: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    writes: list[int] = []
    append = RunLines.append

    def counted(
        self: RunLines, code: str, token: str, first: int, lines: list[bytes], loan: Any = None
    ) -> bool:
        writes.append(len(lines))
        return append(self, code, token, first, lines, loan)

    monkeypatch.setattr(RunLines, "append", counted)

    async def one(kept: Kept, n: int) -> None:
        kept.stake((f"P{n}", A.name, 1), 0.1)
        await kept.committed()

    async def work() -> None:
        async with recording(db, run_of(puzzles(60), [], [A])) as kept:
            await asyncio.gather(*(one(kept, n) for n in range(50)))

    asyncio.run(work())
    assert sum(writes) == 50
    assert max(writes) >= 40


def test_a_run_whose_server_died_is_interrupted_and_goes_on_under_its_code(db: Store) -> None:
    async def dies() -> None:
        kept = recording(db)
        await kept.__aenter__()
        kept.result(result("P0", A, verdict(1, 1), answer=answered("P0")))
        kept.stake(("P1", A.name, 1), 0.25)
        await kept.committed()

    asyncio.run(dies())  # its tasks are gone and nothing was said: the lease is still there
    with pytest.raises(SpecError, match="this run is being continued elsewhere"):
        recording(db)
    found = archive.find(CODE, lambda: True)
    assert found is not None
    assert (found.elsewhere, found.interrupted) == (True, False)  # as far as anybody knows

    with db.writing() as connection:
        connection.exec_driver_sql("update run_leases set until = 0")
    archive.BACKGROUND.forget(found)
    found = archive.find(CODE, lambda: True)
    assert found is not None
    assert (found.elsewhere, found.interrupted, len(found.run().results)) == (False, True, 1)
    assert found.run().charged_usd == 0.5 + 0.25  # a stake without a bill counts as spent

    async def goes_on() -> None:
        async with recording(db, found.run()) as kept:
            kept.result(result("P1", A, answer=answered("P1")))

    asyncio.run(goes_on())
    assert len(stored(db).results) == 2
    assert stored(db).charged_usd == 0.5 + 0.5 + 0.25


def test_a_run_whose_server_died_while_it_marked_is_interrupted_too(db: Store) -> None:
    judge = JudgeSpec(design="checklist", model=ModelSpec(provider="openai", model="j"))
    start = run_of(puzzles(2), [], [A], judge=judge)

    async def dies() -> None:
        kept = Kept(db, start)
        await kept.__aenter__()
        for where in ("P0", "P1"):
            kept.result(result(where, A, answer=answered(where)))
        await kept.committed()

    asyncio.run(dies())
    with db.writing() as connection:
        connection.exec_driver_sql("update run_leases set until = 0")
    found = archive.find(CODE, lambda: True)
    assert found is not None
    assert (found.interrupted, len(found.run().results)) == (True, 2)


def test_lines_from_a_page_and_from_the_loop_are_all_kept(db: Store) -> None:
    async def work() -> None:
        async with recording(db, run_of(puzzles(4), [], [A])) as kept:

            def marks(who: int) -> None:
                for n in range(100):
                    mark = Mark(
                        trial=Trial(problem_id="P0", player=A.name),
                        rater=f"human:{who}-{n}",
                        verdict=verdict(1, 1),
                    )
                    kept.put(mark)

            kept.put(result("P0", A, answer=answered("P0")))
            await asyncio.gather(*(asyncio.to_thread(marks, who) for who in range(4)))

    asyncio.run(work())
    assert len(stored(db).opinions) == 400


def test_who_has_lost_the_lease_writes_nothing_and_stops(db: Store) -> None:
    """As a server that was stopped for a minute and wakes."""
    lost: list[bool] = []

    async def work() -> None:
        async with Kept(db, START, lambda: lost.append(True)) as asleep:
            with db.writing() as connection:
                connection.exec_driver_sql("update run_leases set until = 0")
            async with recording(db) as other:
                other.result(result("P0", A, answer=answered("P0")))
                await other.committed()
                asleep.result(result("P1", A, answer=answered("P1")))
                await asleep.committed()

    asyncio.run(work())
    assert lost == [True]
    assert [r.trial.problem_id for r in stored(db).results] == ["P0"]


def test_a_store_that_does_not_answer_stops_no_run_and_gets_everything_later(
    db: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("escape.runs.recording.AGAIN_S", 0.01)
    failing, append = iter([True, True]), RunLines.append

    def sometimes(self: RunLines, *about: object) -> bool:
        if next(failing, False):
            raise StoreError("the database did not answer")
        return append(self, *about)  # type: ignore[arg-type]

    monkeypatch.setattr(RunLines, "append", sometimes)

    async def work() -> None:
        async with recording(db) as kept:
            kept.result(result("P0", A, answer=answered("P0")))
            await kept.committed()
            kept.result(result("P1", A, answer=answered("P1")))
            await asyncio.sleep(0.3)

    asyncio.run(work())
    assert len(stored(db).results) == 2


def test_what_comes_while_a_write_fails_is_kept_too(db: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("escape.runs.recording.AGAIN_S", 0.01)
    failing, append = iter([True]), RunLines.append

    async def work() -> None:
        async with recording(db) as kept:

            def fails_once(self: RunLines, *about: object) -> bool:
                if next(failing, False):
                    kept.result(result("P1", A, answer=answered("P1")))
                    raise StoreError("the database did not answer")
                return append(self, *about)  # type: ignore[arg-type]

            monkeypatch.setattr(RunLines, "append", fails_once)
            kept.result(result("P0", A, answer=answered("P0")))
            await kept.committed()

    asyncio.run(work())
    assert [r.trial.problem_id for r in stored(db).results] == ["P0", "P1"]


def test_lines_whose_writing_was_not_confirmed_are_kept_once(
    db: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("escape.runs.recording.AGAIN_S", 0.01)
    cut, append = iter([True]), RunLines.append

    def unconfirmed(self: RunLines, *about: object) -> bool:
        mine = append(self, *about)  # type: ignore[arg-type]
        if next(cut, False):
            raise StoreError("the connection broke")
        return mine

    monkeypatch.setattr(RunLines, "append", unconfirmed)

    async def work() -> None:
        async with recording(db) as kept:
            for where in ("P0", "P1"):
                kept.result(result(where, A, answer=answered(where)))
                await kept.committed()
            await asyncio.sleep(0.3)

    asyncio.run(work())
    assert [r.trial.problem_id for r in stored(db).results] == ["P0", "P1"]
    assert stored(db).damaged == ()


def test_who_has_lost_a_run_does_not_write_over_what_the_other_made_of_it(db: Store) -> None:
    asleep = LiveRun(START, lambda: True)
    asleep.code = CODE
    kept = archive.record(asleep)
    assert kept is not None

    async def work() -> None:
        async with kept:
            with db.writing() as connection:
                connection.exec_driver_sql("update run_leases set until = 0")
            archive.BACKGROUND.forget(asleep)
            other = archive.find(CODE, lambda: True)
            assert other is not None
            taken_over = archive.record(other)
            assert taken_over is not None
            other.recording = taken_over
            async with taken_over:
                other.result(result("P0", A, verdict(1, 1), answer=answered("P0")))
            other.end("finished")
            archive.save_run(other)
            asleep.recording = kept
            asleep.result(result("P1", A, answer=answered("P1")))

    asyncio.run(work())
    asleep.end("stopped")
    archive.save_run(asleep)
    packed = db.run(CODE)
    assert packed is not None
    assert [r.trial.problem_id for r in loads(packed).results] == ["P0"]


def test_who_has_an_older_copy_of_a_run_neither_goes_on_nor_writes_over_the_newer(db: Store) -> None:
    """A run is stopped at one server, and continued at another until its end.

    The first still shows its own copy.
    """

    def works(live: LiveRun, *wheres: str) -> None:
        kept = live.recording = archive.record(live)
        assert kept is not None

        async def work() -> None:
            async with kept:
                for where in wheres:
                    live.result(result(where, A, answer=answered(where)))

        asyncio.run(work())
        live.end("stopped")
        archive.save_run(live)

    def kept() -> list[str]:
        return [r.trial.problem_id for r in loads(db.run(CODE) or b"").results]

    old = LiveRun(START, lambda: True)
    old.code = CODE
    works(old, "P0")
    new = archive.find(CODE, lambda: True)
    assert new is not None
    works(new, "P1", "P2")
    assert kept() == ["P0", "P1", "P2"]
    old.rename("mine")
    archive.save_run(old)
    with pytest.raises(SpecError, match="reload the page"):
        archive.record(old)
    assert (kept(), old.elsewhere) == (["P0", "P1", "P2"], True)
    archive.BACKGROUND.forget(new)
    third = archive.find(CODE, lambda: True)
    assert third is not None
    new.rename("its own")
    archive.save_run(new)
    third.rename("too late")  # of two that have read the same, the first to write has it
    archive.save_run(third)
    assert (loads(db.run(CODE) or b"").title, third.elsewhere) == ("its own", True)


def test_who_opens_a_run_that_goes_on_elsewhere_never_writes_over_it(db: Store) -> None:
    going = LiveRun(START, lambda: True)
    going.code = CODE
    kept = going.recording = archive.record(going)
    assert kept is not None

    async def work() -> None:
        async with kept:
            going.result(result("P0", A, answer=answered("P0")))
            await kept.committed()
            seen = archive.find(CODE, lambda: True)
            assert seen is not None
            copy = LiveRun(seen.run(), lambda: True)  # as a page makes one to go on
            copy.code, copy.token = seen.code, seen.token
            archive.save_run(copy)
            going.result(result("P1", A, answer=answered("P1")))

    asyncio.run(work())
    going.end("finished")
    archive.save_run(going)
    assert [r.trial.problem_id for r in loads(db.run(CODE) or b"").results] == ["P0", "P1"]


def test_each_turn_of_a_conversation_settles_its_stake_and_the_next_is_told_anew(db: Store) -> None:
    """Killed during its third turn a conversation has cost two turns, and may have cost the third."""
    player = Player("fake:p")
    stage = Stage(list(files.shared_set(files.ROOMS))[:1], player, prices=priced(0.01, 0.01))
    stage.config = stage.config.model_copy(update={"protocol": "move by move"})
    growing = GrowingRun.of(run_of([*stage.puzzles.values()], [], [player.spec], protocol="move by move"))
    lines = list[bytes]()

    class Page(LiveRun):
        def result(self, result: Result) -> bool:
            lines.append(jsonl.line_of(growing.result(result)))
            return True

        def stake(self, trial: TrialKey, usd: float) -> None:
            lines.append(jsonl.line_of(growing.stake(trial, usd)))

    page = Page(growing.run, lambda: True)
    plan = make_plan(growing.run, lambda spec: None)
    execution = Passes(plan, stage.players, None, stage.calls, page, lambda: "")
    asyncio.run(execution.both())
    third = [n for n, line in enumerate(lines) if line.startswith(b'{"pending"')][2]
    left = loads(b"".join([jsonl.header_line(growing.run), *lines[: third + 1]]))
    assert left.lost_usd == pytest.approx(0.01)
    assert left.charged_usd == pytest.approx(0.03)


def test_a_stake_that_cannot_be_kept_ends_the_run_and_costs_nothing() -> None:
    player = Player("fake:p")
    stage = Stage(list(files.shared_set(files.ROOMS))[:3], player, prices=priced(0.01, 0.01))

    class Full(GrowingRun):
        def stake(self, trial: TrialKey, usd: float) -> Pending:
            raise FileError("the disk is full")

    full = Full(new_run(stage.config, [*stage.puzzles.values()]))
    execution = Passes(
        make_plan(full.run, lambda spec: None), stage.players, None, stage.calls, full, lambda: ""
    )
    with pytest.raises(FileError, match="the disk is full"):
        asyncio.run(execution.both())
    assert (player.calls, full.run.charged_usd, stage.calls.budget.doubtful) == ([], 0.0, 0.0)


def test_a_run_that_ends_is_packed_and_its_lines_go_at_once(db: Store) -> None:
    live = LiveRun(START, lambda: True)
    live.code = CODE
    kept = archive.record(live)
    assert kept is not None

    async def work() -> None:
        live.recording = kept
        async with kept:
            live.result(result("P0", A, answer=answered("P0")))
            live.mark(
                Mark(trial=Trial(problem_id="P0", player=A.name), rater="human:Ada", verdict=verdict(1, 1))
            )
            await live.committed()
            assert len(stored(db).opinions) == 1  # a mark is a line of its own

    asyncio.run(work())
    live.end("finished")
    archive.save_run(live)
    assert RunLines(db).read(CODE)[:2] == ([], False)
    packed = db.run(CODE)
    assert packed is not None
    assert len(loads(packed).results) == 1
    archive.drop(live)
    assert db.run(CODE) is None


def test_of_servers_that_take_a_run_at_the_same_moment_one_has_it(db: Store) -> None:
    for n in range(20):
        code, together = f"code-{n}", threading.Barrier(4)

        def take(_: int, code: str = code, together: threading.Barrier = together) -> str | None:
            together.wait(10)
            return RunLines(db).begin(code, [b"a line\n"])

        with ThreadPoolExecutor(4) as pool:
            tokens = list(pool.map(take, range(4)))
        assert sum(token is not None for token in tokens) == 1
        assert RunLines(db).read(code)[:2] == ([b"a line\n"], True)


def test_removing_a_run_takes_its_lines_along(db: Store) -> None:
    live = LiveRun(START, lambda: True)
    live.code = CODE
    assert archive.record(live) is not None
    archive.drop(live)
    assert RunLines(db).read(CODE)[:2] == ([], False)


def test_who_slept_asks_for_its_lease_before_the_next_call_leaves(
    db: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where that call has no price, so that no stake is written for it."""
    lost: list[bool] = []

    async def work() -> None:
        async with Kept(db, START, lambda: lost.append(True)) as asleep:
            await asyncio.sleep(0.05)
            with db.writing() as connection:
                connection.exec_driver_sql("update run_leases set until = 0")
            async with recording(db):
                await asleep.committed()
                assert lost == []  # it has just been renewed, as far as anybody knows
                monkeypatch.setattr("escape.runs.recording.STALE_S", -1.0)
                await asleep.committed()
                assert lost == [True]

    asyncio.run(work())
