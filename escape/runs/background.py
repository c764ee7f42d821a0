"""Runs that outlive a page rerun, found again by their codes. Threads and asyncio, no Streamlit."""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading
import time
from collections.abc import Callable

from escape.runs.live import LiveJob, LiveRun, Shelf
from escape.runs.loop import LOOP
from escape.types import Run

DrawLock = threading.Lock  # one drawing of a page at a time

AWAY_S = 20.0  # how long a run makes new calls after its visitor's page has gone: enough for a page reload
FLIGHT_S = 120.0  # how long a stopped run waits for the calls that are out
MAX_RUN_S = 4 * 3600.0
KEPT_S = 2 * 3600.0  # how long a finished run stays available by its code
MAX_RUNS = 200
MAX_LOADED = 50  # runs that were only loaded: their files still exist
TICK_S = 2.0


def finished_run(run: Run, alive: Callable[[], bool]) -> LiveRun:
    """A finished run, such as a loaded one."""
    live = LiveRun(run, 0, alive, made_here=False)
    live.end("finished")
    return live


class Background:
    """The runs of this process, live or just ended, and its visitors' shelves."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._runs: dict[str, LiveRun] = {}
        self._shelves: dict[str, Shelf] = {}

    def start(self, live: LiveRun, job: LiveJob) -> LiveRun:
        """Start a job, which passes its results to `live.add`."""
        live.job = job
        self.register(live)
        live.future = asyncio.run_coroutine_threadsafe(_supervise(live, job), LOOP.loop())
        return live

    def register(self, live: LiveRun) -> None:
        """Make a run available by its code."""
        self.sweep()
        with self._lock:
            self._runs.setdefault(live.code, live)

    def wait(self, live: LiveRun, seconds: float) -> None:
        """Wait for a run to end, for at most `seconds`."""
        if live.future:
            concurrent.futures.wait([live.future], seconds)

    def find_shelf(self, code: str) -> Shelf | None:
        """A visitor's shelf by its secret. It keeps its runs alive as long as a page shows it."""
        with self._lock:
            if shelf := self._shelves.get(code):
                shelf.seen = time.monotonic()
            return shelf

    def put_shelf(self, shelf: Shelf) -> Shelf:
        """Add a shelf under its secret, unless there already is one. Shelves that no page shows are dropped."""
        now = time.monotonic()
        with self._lock:
            shelf_kept = self._shelves.setdefault(shelf.code, shelf)
            shelf_kept.seen = now
            for old in [c for c, s in self._shelves.items() if now - s.seen > KEPT_S]:
                del self._shelves[old]
            return shelf_kept

    def forget(self, live: LiveRun) -> None:
        """Drop a run that nobody will request again."""
        with self._lock:
            self._runs.pop(live.code, None)

    def find(self, code: str) -> LiveRun | None:
        """The run with this code, while it is in memory."""
        self.sweep()
        with self._lock:
            return self._runs.get(code)

    def stop(self, live: LiveRun) -> None:
        """Make no new calls; calls in flight may finish. A second stop drops those too."""
        if live.future is None or not live.running:
            return
        if live.state == "stopping":
            live.future.cancel()
            return
        LOOP.loop().call_soon_threadsafe(live.stop, "stopped by you")

    def sweep(self) -> None:
        """Drop runs that ended long ago and that no page shows. If there are too many, drop the oldest; a loaded run
        never displaces one made here.
        """
        with self._lock:
            held = {live.code for shelf in self._shelves.values() for live in shelf.runs}
            for made_here, most in ((True, MAX_RUNS), (False, MAX_LOADED)):
                own_runs = [live for live in self._runs.values() if live.made_here is made_here]
                ended = sorted((live.ended, live.code) for live in own_runs if live.ended is not None)
                surplus = max(0, len(own_runs) - most)
                for i, (when, code) in enumerate(ended):
                    if i < surplus or (time.monotonic() - when > KEPT_S and code not in held):
                        del self._runs[code]


async def _supervise(live: LiveRun, job: LiveJob) -> None:
    task = asyncio.ensure_future(job.work())
    watch = asyncio.create_task(_watch(live, task))
    try:
        await task
        await asyncio.to_thread(job.done)  # an exam's report card takes a second to compute; other runs' calls continue
        live.end("stopped" if live.state == "stopping" else "finished")
    except asyncio.CancelledError:
        task.cancel()
        live.end("stopped", "stopped by you")
        raise
    except Exception as error:  # its text may contain anything, so only its name is kept
        live.end("failed", f"internal error: {type(error).__name__}")
    finally:
        watch.cancel()


async def _watch(live: LiveRun, task: asyncio.Future[None]) -> None:
    """Stop a run whose visitor has gone or that takes too long."""
    began, gone = time.monotonic(), None
    while True:
        await asyncio.sleep(TICK_S)
        now = time.monotonic()
        gone = None if live.alive() else gone or now
        if gone and now - gone >= AWAY_S:
            live.stop("the page was closed")
        elif now - began > MAX_RUN_S:
            live.stop("it took longer than the longest run allowed")
        else:
            continue
        await asyncio.sleep(FLIGHT_S)
        task.cancel()
        return


# Module state on purpose: Streamlit re-runs the script, and its caches can be emptied by any visitor's browser; only a
# module-level object keeps paid work safe between reruns.
BACKGROUND = Background()
