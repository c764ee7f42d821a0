"""Calls about a batch, repeated while they may still succeed, and dropped at a stop. The clock is passed in."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from escape.calls.batch_errors import about, left, pause_s
from escape.types import ModelError

T = TypeVar("T")
STOP_S = 0.5  # a stop is seen so soon by a call that may be dropped


class Stoppable(Protocol):
    """What batches need of a run's calls: whether it was stopped, and its clock."""

    @property
    def stopping(self) -> bool:
        """True once nothing new may be asked."""

    async def wait(self, seconds: float, *until: asyncio.Event) -> None:
        """Sleep until the time is up or the run is stopped."""


class Steady:
    """Makes such calls."""

    def __init__(self, limits: Stoppable) -> None:
        self._limits = limits

    def go_on(self) -> None:
        """Raises ModelError once the run was stopped."""
        if self._limits.stopping:
            raise left()

    async def call(self, call: Callable[[], Awaitable[T]], tries: int | None, *, drop: bool = True) -> T:
        """A call about a batch, repeated while it may still succeed, `tries` times at most; with `drop`, a stop does
        not wait for it. Raises ModelError.
        """
        attempt = 0
        while True:
            try:
                return await (self._dropped_at_stop(call()) if drop else call())
            except ModelError as error:
                self.go_on()
                attempt += 1
                if not error.kind.may_pass or attempt == tries:
                    raise (error if tries else about(error)) from None
                await self._limits.wait(pause_s(error, attempt))

    async def _dropped_at_stop(self, call: Awaitable[T]) -> T:
        task = asyncio.ensure_future(call)
        try:
            while not (await asyncio.wait({task}, timeout=STOP_S))[0]:
                self.go_on()
            return task.result()
        finally:
            task.cancel()
