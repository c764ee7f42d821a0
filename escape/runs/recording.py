"""Writes a run's lines to the store in groups, while it goes on.

A run has one writer, which its lease permits.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Self

from escape.runs.file import jsonl
from escape.runs.lending import Loan
from escape.types import Record, Run, SpecError, StoreError

if TYPE_CHECKING:
    from escape.store import RunLines

GROUP_S = 0.01  # at least between two writes: a call waits less than 50 ms for its stake
RENEW_S = 10.0  # between two writes at most: a third of what a lease lasts
STALE_S = 2 * RENEW_S  # after which nobody knows whether the lease still holds
AGAIN_S = 1.0  # until a store that did not answer is tried again


class Recording:
    """The recording of a run in the store: a context around the work, on the event loop.

    Once inside, `put` works from any thread. `on_lost` is called when another server has the run.
    """

    def __init__(
        self, lines: RunLines, code: str, start: Run, on_lost: Callable[[], None], known: str = ""
    ) -> None:
        """Take the lease and store the run so far. `known`: the run's token when it was read.

        Raises StoreError, and SpecError if others have the run, or have had it since.
        """
        self._lines, self._code, self._on_lost = lines, code, on_lost
        first = [*jsonl.run_lines(start)]
        token = lines.begin(code, first, known)
        if token is None:
            raise SpecError(
                "this run is being continued elsewhere, or was; reload the page to see its progress"
            )
        self.token, self._renewed_at = token, time.monotonic()
        self._number = len(first)  # of the next line
        self._waiting: list[bytes] = []
        self._asked: list[asyncio.Future[None]] = []
        self._wake = asyncio.Event()
        self._is_lost = self._is_closing = self._is_flushing = False
        self._loop: asyncio.AbstractEventLoop | None = None  # while inside
        self._thread = 0
        self.loan: Loan | None = None  # the owner's money that the run spends

    async def committed(self) -> None:
        """Wait until all lines put so far have been written, or the store has failed to answer.

        If the lease has not been renewed for STALE_S, as in a process that slept, wait for that as well.
        """
        is_stale = time.monotonic() - self._renewed_at > STALE_S
        if (self._waiting or self._is_flushing or is_stale) and not self._is_lost:
            done = asyncio.get_running_loop().create_future()
            self._asked.append(done)
            self._wake.set()
            await done

    def put(self, record: Record) -> None:
        """Queue a record to be written within a second. Ignored once the run is lost or closing."""
        line = jsonl.line_of(record)
        if self._loop is None or threading.get_ident() == self._thread:
            self._append(line)
        else:
            self._loop.call_soon_threadsafe(self._append, line)

    def _append(self, line: bytes) -> None:
        if not (self._is_lost or self._is_closing):
            self._waiting.append(line)
            self._wake.set()

    async def __aenter__(self) -> Self:
        self._loop, self._thread = asyncio.get_running_loop(), threading.get_ident()
        self._task = asyncio.create_task(self._write())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None
    ) -> None:
        self._is_closing = True
        self._wake.set()
        await asyncio.shield(self._end())

    async def _end(self) -> None:
        """Write what is left, and give the lease back."""
        await self._task
        with contextlib.suppress(StoreError):
            await asyncio.to_thread(self._lines.release, self._code, self.token)

    async def _write(self) -> None:
        """Write groups of lines until the end, and at least every RENEW_S, which renews the lease."""
        began = 0.0
        while not self._is_closing:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), RENEW_S)
                await asyncio.sleep(max(0.0, began + GROUP_S - time.monotonic()))
            began = time.monotonic()
            self._wake.clear()
            await self._flush()
        await self._flush()

    async def _flush(self) -> None:
        """Write the waiting lines, and wake those who wait for them, whether that succeeds or not.

        If the store does not answer, the lines are tried again after AGAIN_S. Only a lost lease stops a run.
        """
        lines, asked = self._waiting, self._asked
        self._waiting, self._asked = [], []
        self._is_flushing = True
        try:
            lent = (self.loan.token, self.loan.spent_usd) if self.loan else None
            mine = await asyncio.to_thread(
                self._lines.append, self._code, self.token, self._number, lines, lent
            )
        except StoreError:
            self._waiting = lines + self._waiting
            asyncio.get_running_loop().call_later(AGAIN_S, self._wake.set)
        else:
            self._number += len(lines)
            self._renewed_at = time.monotonic()
            if not mine and not self._is_lost:
                self._is_lost = True
                self._on_lost()
        finally:
            self._is_flushing = False
            for done in asked:
                if not done.done():
                    done.set_result(None)
