"""Runs that outlive a page rerun: one event loop, the live runs, their snapshots. Threads and asyncio, no Streamlit."""

from __future__ import annotations

import asyncio
import secrets
import sys
import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Literal, TypeVar

from escape.desk import Retry
from escape.records import Opinion, ReportCard, Result, Run, Trial

T = TypeVar("T")
State = Literal["running", "stopping", "finished", "stopped", "failed"]

CALLS_AT_ONCE = 64  # over all visitors
CALLS_OF_ONE = 32  # by one run, however many providers it asks
GRACE_S = 120.0  # how long a run goes on after its visitor's page has gone: time enough for a reload
LONGEST_RUN_S = 4 * 3600.0
KEPT_S = 2 * 3600.0  # how long a finished run can be fetched again by its code
MOST_RUNS = 200
TICK_S = 2.0


@dataclass(frozen=True)
class Snapshot:
    """A live run at one moment, for the page."""

    state: State
    why: str
    done: int
    total: int
    failed: int
    spent_usd: float | None
    passed_s: float
    left_s: float | None
    retries: tuple[Retry, ...]


class Live:
    """One run in progress or just ended. Written by the loop's thread, read by anybody."""

    def __init__(self, run: Run, total: int, alive: Callable[[], bool]) -> None:
        self.code = secrets.token_urlsafe(16)
        self.total = total
        self.state: State = "running"
        self.why = ""
        self.made_here = True
        self.watchers = [alive]
        self.meter: Callable[[], float | None] = lambda: 0.0
        self.on_end: Callable[[], None] = lambda: None
        self.spent_before = sum(r.cost_usd or 0.0 for r in run.results)
        self.ended: float | None = None
        self.retries: deque[Retry] = deque(maxlen=20)
        self.stop_calls: Callable[[], None] = lambda: None
        self.opinions: list[Opinion] = list(run.opinions)
        self.cards: list[ReportCard] = list(run.cards)
        self._run = run
        self._results: dict[Trial, Result] = {r.trial: r for r in run.results}
        self._fresh: set[Trial] = set()
        self._failed = 0
        self._began = time.monotonic()

    def add(self, result: Result) -> None:
        """Keep a result the moment it is there."""
        self._results[result.trial] = result
        if result.status == "answered":
            return
        self._fresh.add(result.trial)
        self._failed += result.failure is not None

    @property
    def running(self) -> bool:
        """True while calls may still be made or come back."""
        return self.state in {"running", "stopping"}

    def run(self) -> Run:
        """The run with all results so far."""
        return self._run.model_copy(
            update={
                "results": tuple(self._results.values()),
                "opinions": tuple(self.opinions),
                "cards": tuple(self.cards),
            }
        )

    def snapshot(self) -> Snapshot:
        """How far it is."""
        done = len(self._fresh)
        spent_s = time.monotonic() - self._began
        left = spent_s / done * (self.total - done) if done and self.running else None
        return Snapshot(
            self.state, self.why, done, self.total, self._failed, self.meter(), spent_s, left, tuple(self.retries)
        )

    def alive(self) -> bool:
        """Whether anybody's page still shows this run: more than one may, by its code."""
        return any(watch() for watch in tuple(self.watchers))

    def end(self, state: State, why: str = "") -> None:
        """Mark it as over."""
        self.state, self.why, self.ended = state, self.why or why, time.monotonic()


class Share:
    """The common limit on calls, of which one run may hold no more than its part at any moment."""

    def __init__(self, common: asyncio.Semaphore) -> None:
        self._common = common
        self._own = asyncio.Semaphore(CALLS_OF_ONE)

    async def __aenter__(self) -> None:
        """Wait for a place of one's own, then for one of the common ones."""
        await self._own.acquire()
        try:
            await self._common.acquire()
        except BaseException:
            self._own.release()
            raise

    async def __aexit__(self, *error: object) -> None:
        """Give both back."""
        self._common.release()
        self._own.release()


class Background:
    """The one event loop of this process and the runs on it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._runs: dict[str, tuple[Live, Future[None]]] = {}
        self._warmed = False
        self.calls = asyncio.Semaphore(CALLS_AT_ONCE)

    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop, started on first use in a thread of its own."""
        with self._lock:
            if self._loop is None:
                sys.setswitchinterval(0.002)  # a class of pages drawing at once must not starve the calls
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=self._loop.run_forever, name="escape-loop", daemon=True).start()
            return self._loop

    def share(self) -> Share:
        """A run's part of the calls that all visitors may make at once."""
        return Share(self.calls)

    def start(self, live: Live, job: Callable[[Live], Awaitable[None]]) -> Live:
        """Begin `job` on the loop. It hands results to `live.add`; `live.stop_calls` stops its calls."""
        self.sweep()
        loop = self.loop()
        future = asyncio.run_coroutine_threadsafe(_supervise(live, job), loop)
        with self._lock:
            self._runs[live.code] = (live, future)
        return live

    def keep(self, run: Run, alive: Callable[[], bool]) -> Live:
        """A run that is over already, such as a loaded one, kept like the others."""
        self.sweep()
        live = Live(run, 0, alive)
        live.made_here = False
        live.end("finished")
        done: Future[None] = Future()
        done.set_result(None)
        with self._lock:
            self._runs[live.code] = (live, done)
        return live

    def ask(self, work: Coroutine[None, None, T], seconds: float) -> T:
        """Do one short piece of work on the loop and wait for it. Raises what it raises, or TimeoutError."""
        future = asyncio.run_coroutine_threadsafe(work, self.loop())
        try:
            return future.result(seconds)
        except TimeoutError:
            future.cancel()
            raise

    def forget(self, live: Live) -> None:
        """Drop a run that nobody will ask for again."""
        with self._lock:
            self._runs.pop(live.code, None)

    def find(self, code: str) -> Live | None:
        """The run behind a code, while it is kept."""
        self.sweep()
        with self._lock:
            return self._runs[code][0] if code in self._runs else None

    def stop(self, live: Live) -> None:
        """No new calls; what is in flight may come in. Asked twice: drop that too."""
        entry = self._runs.get(live.code)
        if entry is None or not live.running:
            return
        if live.state == "stopping":
            entry[1].cancel()
            return

        def stop() -> None:  # on the loop, where runs end: between a look and a change nothing else can happen
            if live.running:
                live.state, live.why = "stopping", "stopped by you"
                live.stop_calls()

        self.loop().call_soon_threadsafe(stop)

    def warm(self, load: Callable[[], None]) -> None:
        """Load once, on the side, what the first run will want, after the first page has been painted."""
        with self._lock:
            if self._warmed:
                return
            self._warmed = True
        threading.Thread(target=load, name="escape-warm", daemon=True).start()

    def sweep(self) -> None:
        """Drop runs that ended long ago, and the oldest ended ones where there are too many."""
        with self._lock:
            # where there are too many, runs that were only loaded go first: their file still exists
            ended = sorted(
                (live.made_here, live.ended, code) for code, (live, _) in self._runs.items() if live.ended is not None
            )
            surplus = max(0, len(self._runs) - MOST_RUNS)
            for i, (_, when, code) in enumerate(ended):
                if i < surplus or time.monotonic() - when > KEPT_S:
                    del self._runs[code]


async def _supervise(live: Live, job: Callable[[Live], Awaitable[None]]) -> None:
    task = asyncio.ensure_future(job(live))
    watch = asyncio.create_task(_watch(live, task))
    try:
        await task
        await asyncio.to_thread(live.on_end)  # an exam's card takes a second to work out; others' calls go on
        live.end("stopped" if live.state == "stopping" else "finished")
    except asyncio.CancelledError:
        task.cancel()
        live.end("stopped", "stopped by you")
        raise
    except Exception as error:  # its text may hold anything, so only its name is kept
        live.end("failed", f"internal error: {type(error).__name__}")
    finally:
        watch.cancel()


async def _watch(live: Live, task: asyncio.Future[None]) -> None:
    """Stop a run whose visitor has gone or that takes too long."""
    began, gone = time.monotonic(), None
    while True:
        await asyncio.sleep(TICK_S)
        now = time.monotonic()
        gone = None if live.alive() else gone or now
        if gone and now - gone >= GRACE_S:
            live.why = "the page was closed"
        elif now - began > LONGEST_RUN_S:
            live.why = "it took longer than the longest run allowed"
        else:
            continue
        live.stop_calls()
        live.state = "stopping"
        await asyncio.sleep(GRACE_S)
        task.cancel()
        return


# Module state on purpose: Streamlit re-runs the script, and its caches can be emptied by any visitor's browser; only a
# module-level object keeps paid work safe between reruns.
BACKGROUND = Background()

__all__: Sequence[str] = ("BACKGROUND", "Background", "Live", "Snapshot", "State")
