"""Who asks what, and where a run's batches are written down."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field

from pydantic import JsonValue

from escape.models import BatchOutcome, BatchProgress
from escape.types import Batch, Prompt, TrialKey


@dataclass(frozen=True)
class Asker:
    """The trial for which is asked. `since`: what was handed in before this Unix time has failed it already."""

    trial: TrialKey
    since: float = 0.0


ASKER: ContextVar[Asker | None] = ContextVar("escape_asker", default=None)


@dataclass
class Journal:
    """Where a run's batches are written down. `known`: those so far; `tell`: how far one is, to be shown; `taken`: the
    ids of all of them, of whatever model; `tags`: ours; `collect_only`: hand nothing in; `again`: what was called off
    is asked anew.
    """

    run_id: str
    known: Sequence[Batch]
    write: Callable[[Batch], Awaitable[None]]
    tell: Callable[[Batch, BatchProgress], None] = lambda batch, progress: None
    taken: set[str] = field(default_factory=set)
    tags: set[str] = field(default_factory=set)
    collect_only: bool = False
    again: bool = False

    def __post_init__(self) -> None:
        self.taken |= {b.batch_id for b in self.known if b.batch_id}
        self.tags |= {b.tag for b in self.known}


@dataclass
class Asked:
    """One request that waits for its outcome."""

    request_id: str
    prompt: Prompt
    since: float
    sent: dict[str, JsonValue] = field(default_factory=dict)  # the request as it was handed in
    collected: bool = False  # it was in a batch already when it was asked
    from_before: bool = False  # it was handed in before this program started
    outcome: asyncio.Future[BatchOutcome] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def end(self, outcome: BatchOutcome) -> None:
        """Hand the outcome to whoever asked; the first one counts."""
        if not self.outcome.done():
            self.outcome.set_result(outcome)
