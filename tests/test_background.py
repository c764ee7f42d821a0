"""Background runs: they go on by themselves, stop when told, and are dropped when nobody needs them."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable

import pytest

from escape import background
from escape.background import Background, Live
from escape.evaluate import new_run
from escape.records import Result, RunConfig, Trial
from escape.schema import Answer, Puzzle, Scores, Verdict


def until(condition: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


def judged(puzzle: Puzzle) -> Result:
    verdict = Verdict(judge="j", scores=Scores(pus=1, sps=1, rhh=None))
    return Result(
        trial=Trial(problem_id=puzzle.problem_id, player="p"), answer=Answer(text="a", cost_usd=0.01), verdict=verdict
    )


def live(puzzles: list[Puzzle], alive: Callable[[], bool] = lambda: True) -> Live:
    return Live(new_run(RunConfig(), puzzles), len(puzzles), alive)


def test_a_job_runs_on_another_thread_and_its_results_are_seen(bundled: list[Puzzle]) -> None:
    hub, seen = Background(), []

    async def job(running: Live) -> None:
        seen.append(threading.current_thread().name)
        for puzzle in bundled:
            running.add(judged(puzzle))

    run = hub.start(live(bundled), job)
    until(lambda: not run.running)
    now = run.snapshot()
    assert seen == ["escape-loop"]
    assert (now.state, now.done, now.total, now.failed) == ("finished", len(bundled), len(bundled), 0)
    run.meter = lambda: 0.07
    assert run.snapshot().spent_usd == 0.07
    assert len(run.run().results) == len(bundled)
    assert hub.find(run.code) is run


def test_stopping_lets_what_is_in_flight_come_in_and_asking_twice_drops_it(bundled: list[Puzzle]) -> None:
    hub, stopped = Background(), threading.Event()

    async def job(running: Live) -> None:
        running.stop_calls = stopped.set
        await asyncio.Event().wait()

    run = hub.start(live(bundled), job)
    until(lambda: run.stop_calls is not None and run.running)
    time.sleep(0.05)
    hub.stop(run)
    until(stopped.is_set)
    assert run.state == "stopping"
    hub.stop(run)
    until(lambda: not run.running)
    assert run.state == "stopped"


def test_a_run_whose_visitor_has_gone_is_stopped(bundled: list[Puzzle], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "TICK_S", 0.01)
    monkeypatch.setattr(background, "GRACE_S", 0.05)
    hub = Background()

    async def job(running: Live) -> None:
        await asyncio.Event().wait()

    run = hub.start(live(bundled, alive=lambda: False), job)
    until(lambda: not run.running)
    assert (run.state, run.why) == ("stopped", "the page was closed")


def test_a_short_absence_stops_nothing(bundled: list[Puzzle], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "TICK_S", 0.005)
    monkeypatch.setattr(background, "GRACE_S", 1.0)
    hub, calls = Background(), []

    def alive() -> bool:
        calls.append(1)
        return len(calls) > 5

    async def job(running: Live) -> None:
        while len(calls) < 20:
            await asyncio.sleep(0.005)

    run = hub.start(live(bundled, alive), job)
    until(lambda: not run.running)
    assert run.state == "finished"


def test_an_error_of_our_own_ends_the_run_without_its_text(bundled: list[Puzzle]) -> None:
    hub = Background()

    async def job(running: Live) -> None:
        raise RuntimeError("sk-secret")

    run = hub.start(live(bundled), job)
    until(lambda: not run.running)
    assert (run.state, run.why) == ("failed", "internal error: RuntimeError")


def test_ended_runs_are_dropped_after_their_time(bundled: list[Puzzle], monkeypatch: pytest.MonkeyPatch) -> None:
    hub = Background()

    async def job(running: Live) -> None:
        return None

    run = hub.start(live(bundled), job)
    until(lambda: not run.running)
    assert hub.find(run.code) is run
    monkeypatch.setattr(background, "KEPT_S", -1)
    assert hub.find(run.code) is None


def test_codes_cannot_be_guessed(bundled: list[Puzzle]) -> None:
    codes = {live(bundled).code for _ in range(100)}
    assert len(codes) == 100
    assert all(len(c) >= 22 for c in codes)
