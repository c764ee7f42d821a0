"""The one event loop that all runs of this process share, and its background jobs."""

import asyncio
import sys
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")

CALLS_AT_ONCE = 64  # all visitors together
CALLS_OF_ONE = 32  # one run, however many providers it calls
MAX_WAITING = 200  # jobs waiting to run in the background

Work = Callable[[], None]


class Loop:
    """The event loop, started on first use, and the thread and call limits that all visitors share."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._warmed = self._again = False
        self._side = ThreadPoolExecutor(1, "escape-background")
        self._room = threading.Semaphore(MAX_WAITING)
        self.calls = asyncio.Semaphore(CALLS_AT_ONCE)

    def loop(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                # a page is drawn by two threads that wait for each other, so a busy third one must let go
                # soon
                sys.setswitchinterval(0.0005)
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=self._loop.run_forever, name="escape-loop", daemon=True).start()
            return self._loop

    def make_call_limits(self) -> tuple[asyncio.Semaphore, asyncio.Semaphore]:
        """Make the limits on one run's calls: a semaphore of its own, and the one of all visitors."""
        return asyncio.Semaphore(CALLS_OF_ONE), self.calls

    def ask(self, work: Coroutine[None, None, T], seconds: float) -> T:
        """Do one short job on the loop and wait for it. Raises what it raises, or TimeoutError."""
        future = asyncio.run_coroutine_threadsafe(work, self.loop())
        try:
            return future.result(seconds)
        except TimeoutError:
            future.cancel()
            raise

    def queue_job(self, work: Work, *, once: bool = False) -> None:
        """Queue a job for the background thread. With MAX_WAITING jobs queued, it is dropped instead.

        `once`: never drop it, since nobody would request it again.
        """
        if once:
            self._side.submit(work)
        elif self._room.acquire(blocking=False):
            self._side.submit(work).add_done_callback(lambda _: self._room.release())

    def every(self, seconds: float, work: Work) -> None:
        """Queue a job every `seconds`. Only the first call in a process has an effect."""

        async def again() -> None:
            while True:
                await asyncio.sleep(seconds)
                self.queue_job(work)

        with self._lock:
            if self._again:
                return
            self._again = True
        asyncio.run_coroutine_threadsafe(again(), self.loop())

    def warm(self, load: Work) -> None:
        """Load what the first run will need, in a thread of its own, once per process."""
        with self._lock:
            if self._warmed:
                return
            self._warmed = True
        threading.Thread(target=load, name="escape-warm", daemon=True).start()


# Module state on purpose: Streamlit re-runs the script, and its caches can be emptied by any visitor's
# browser.
LOOP = Loop()
