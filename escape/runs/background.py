"""Runs that outlive a page rerun, found again by their codes.

Threads and asyncio, no Streamlit.
"""

import asyncio
import concurrent.futures
import contextlib
import threading
import time

from escape.runs.execution import Execution
from escape.runs.live import LiveRun, Shelf, Watcher
from escape.runs.loop import LOOP
from escape.types import EscapeError, Run

MAX_RUN_S = 4 * 3600.0
# After so long without a page, what is stored is dropped from memory. Streamlit lets nobody come back to a
# page that was closed for longer than its disconnectedSessionTTL of 45 s.
GONE_S = 50.0
KEPT_S = 2 * 3600.0  # how long a finished run that is in no store stays available by its code
MAX_UNSEEN_MB = 100.0  # of runs that no page shows, all together; beyond that the oldest are dropped
MB_AN_ANSWER = 0.012  # as measured
TICK_S = 1.0


def finished_run(run: Run, alive: Watcher) -> LiveRun:
    live = LiveRun(run, alive, made_here=False)
    live.end("finished")
    return live


class Background:
    """The runs of this process, live or just ended, and its visitors' shelves."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._runs: dict[str, LiveRun] = {}
        self._shelves: dict[str, Shelf] = {}

    def start(self, live: LiveRun, execution: Execution) -> LiveRun:
        live.execution = execution
        self.sweep()
        with self._lock:
            self._runs[live.code] = live  # replaces a copy that somebody has opened meanwhile
        live.future = asyncio.run_coroutine_threadsafe(_supervise(live, execution), LOOP.loop())
        return live

    def register(self, live: LiveRun) -> LiveRun:
        """Make a run available by its code; return the registered one, which may be an earlier copy."""
        self.sweep()
        with self._lock:
            return self._runs.setdefault(live.code, live)

    def wait(self, live: LiveRun, seconds: float) -> None:
        if live.future:
            concurrent.futures.wait([live.future], seconds)

    def find_shelf(self, code: str) -> Shelf | None:
        with self._lock:
            return self._shelves.get(code)

    def put_shelf(self, shelf: Shelf) -> Shelf:
        """Register a shelf under its code, unless there is one; return the registered one."""
        with self._lock:
            registered = self._shelves.setdefault(shelf.code, shelf)
            registered.gone_at = None
            return registered

    def find_abandoned(self) -> list[Shelf]:
        """Note which shelves no page shows, and list those unseen for more than GONE_S."""
        with self._lock:
            for shelf in self._shelves.values():
                if shelf.alive():
                    shelf.gone_at = None
                elif shelf.gone_at is None:
                    shelf.gone_at = time.monotonic()
            return [shelf for shelf in self._shelves.values() if shelf.gone_for > GONE_S]

    def drop_shelf(self, shelf: Shelf) -> bool:
        """Take a shelf out of memory, with those of its runs that nobody else holds or looks at.

        False, without effect, if its visitor has come back.
        """
        with self._lock:
            if shelf.alive():
                return False
            self._shelves.pop(shelf.code, None)
            held = {live.code for other in self._shelves.values() for live in other.runs}
            for live in shelf.runs:
                if live.code not in held and not live.is_seen():  # somebody may have come for it meanwhile
                    self._runs.pop(live.code, None)
                    live.release()
            shelf.runs = []
            return True

    def forget(self, live: LiveRun) -> None:
        with self._lock:
            self._runs.pop(live.code, None)

    def find(self, code: str) -> LiveRun | None:
        self.sweep()
        with self._lock:
            return self._runs.get(code)

    def stop(self, live: LiveRun) -> None:
        """Make no new calls. Calls in flight may finish. A second stop drops those too."""
        if live.future is None or not live.running:
            return
        if live.state == "stopping":
            live.future.cancel()
            return
        LOOP.loop().call_soon_threadsafe(live.stop, "stopped by you")

    def sweep(self) -> None:
        """Drop ended runs that no page shows.

        Those that are stored and on no shelf go after GONE_S, others after KEPT_S. If the rest exceeds
        MAX_UNSEEN_MB, those unseen for longest go first.
        """
        now = time.monotonic()
        with self._lock:
            held = {live.code for shelf in self._shelves.values() for live in shelf.runs}
            unseen = []
            for live in list(self._runs.values()):
                if live.running or live.is_seen():
                    live.gone_at = None
                    continue
                live.gone_at = live.gone_at or now
                is_elsewhere = live.saved is live.run() and live.code not in held  # stored, on no shelf
                if now - live.gone_at > (GONE_S if is_elsewhere else KEPT_S):
                    del self._runs[live.code]
                else:
                    unseen.append((live.gone_at, live.code, live.size * MB_AN_ANSWER))
            room = MAX_UNSEEN_MB
            for _, code, megabytes in sorted(unseen, reverse=True):
                room -= megabytes
                if room < 0:
                    del self._runs[code]
                    for shelf in self._shelves.values():  # a shelf would keep its answers in memory
                        shelf.runs = [live for live in shelf.runs if live.code != code]


async def _supervise(live: LiveRun, execution: Execution) -> None:
    task = asyncio.ensure_future(_carry_out(live, execution))
    watch = asyncio.create_task(_watch(live, task))
    try:
        await task
        # a report card takes a second to compute; other runs' calls continue
        await asyncio.to_thread(live.at_end)
        live.end("stopped" if live.state == "stopping" else "finished")
    except asyncio.CancelledError:
        task.cancel()
        live.end("stopped", "stopped by you")
        raise
    except EscapeError as error:
        live.end("failed", str(error))
    except Exception as error:  # its text may contain anything, so only its name is kept
        live.end("failed", f"internal error: {type(error).__name__}")
    finally:
        watch.cancel()


async def _carry_out(live: LiveRun, execution: Execution) -> None:
    try:
        async with live.recording or contextlib.nullcontext():
            await execution.run(live)
    finally:
        if live.loan:
            await asyncio.shield(asyncio.to_thread(live.loan.settle))


async def _watch(live: LiveRun, task: asyncio.Future[None]) -> None:
    """Stop a run after `away_s` without a page or after MAX_RUN_S.

    A stopped run, also by its visitor, is cancelled after another `flight_s`.
    """
    began, gone = time.monotonic(), None
    while True:
        await asyncio.sleep(TICK_S)
        now = time.monotonic()
        gone = None if live.alive() else gone or now
        if gone and now - gone >= live.away_s:
            live.stop("the page was closed")
        elif now - began > MAX_RUN_S:
            live.stop("it exceeded the time limit for a run")
        elif live.state != "stopping":  # its visitor may have stopped it
            continue
        await asyncio.sleep(live.flight_s)
        task.cancel()
        return


# Module state on purpose: Streamlit re-runs the script, and its caches can be emptied by any visitor's
# browser; only a module-level object keeps paid work safe between reruns.
BACKGROUND = Background()
