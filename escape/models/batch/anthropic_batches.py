"""Anthropic's message batches: requests go up inline, results come back as lines in any order."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from pydantic import Field

from escape.models.batch.engine import (
    PLAIN_ID,
    BatchEngine,
    BatchOutcome,
    BatchProgress,
    Count,
    body_of,
    not_answered,
    record_of,
)
from escape.models.protocols import Request, Wire
from escape.types import FailureKind, ModelError

_PATH = "/v1/messages/batches"
_STATUS = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "overloaded_error": 529,
}
_PAGES = 50  # of a hundred batches each, in which one is looked for
CLOCK_S = 300.0  # by how much the provider's clock may differ from ours


class _Counts(Wire):
    processing: Count = 0
    succeeded: Count = 0
    errored: Count = 0
    canceled: Count = 0
    expired: Count = 0

    @property
    def total(self) -> int:
        return self.processing + self.succeeded + self.errored + self.canceled + self.expired


class _Batch(Wire):
    id: str = Field(pattern=PLAIN_ID)
    processing_status: str
    request_counts: _Counts = _Counts()
    created_at: datetime | None = None
    cancel_initiated_at: datetime | None = None


class _Batches(Wire):
    data: tuple[_Batch, ...] = ()
    has_more: bool = False


class AnthropicBatches(BatchEngine):
    """The Message Batches API."""

    most_requests, most_bytes, finds_surely = 100_000, 256_000_000, False

    async def create(self, requests: Sequence[tuple[str, Request]], tag: str) -> str:
        """See BatchEngine."""
        body: Request = {"requests": [{"custom_id": i, "params": params} for i, params in requests]}
        return self.plain((await self.model.ask("POST", _PATH, _Batch, body)).id)

    async def find(self, tag: str, n: int, since: float, known_ids: Sequence[str]) -> str | None:
        """See BatchEngine. A batch carries no mark of ours, so it is known by its size and time; whose it is, the ids
        of its results say.
        """
        near: list[tuple[float, str]] = []
        after = ""
        for _ in range(_PAGES):
            page = await self.model.ask("GET", f"{_PATH}?limit=100{after}", _Batches)
            times = [(b, b.created_at.timestamp()) for b in page.data if b.created_at]
            near += [
                (abs(at - since), batch.id)
                for batch, at in times
                if at >= since - CLOCK_S and batch.request_counts.total == n and batch.id not in known_ids
            ]
            if not page.has_more or not page.data or min(at for _, at in times) < since - CLOCK_S:
                return self.plain(min(near)[1]) if near else None
            after = f"&after_id={page.data[-1].id}"
        raise ModelError(FailureKind.BAD_REQUEST, "there are too many batches to look through")

    async def look(self, batch_id: str) -> BatchProgress:
        """See BatchEngine."""
        batch = await self.model.ask("GET", f"{_PATH}/{batch_id}", _Batch)
        counts = batch.request_counts
        failed = counts.errored + counts.canceled + counts.expired
        off = batch.cancel_initiated_at is not None
        return BatchProgress(batch.processing_status == "ended", counts.succeeded, failed, counts.total, "", off)

    async def results(self, batch_id: str) -> AsyncIterator[tuple[str, BatchOutcome]]:
        """See BatchEngine."""
        async for line in self.model.lines(f"{_PATH}/{batch_id}/results"):
            if row := self._outcome(line):
                yield row

    def _outcome(self, line: bytes) -> tuple[str, BatchOutcome] | None:
        """One line's request and what came of it; None for a line that is none."""
        custom_id, record = record_of(line)
        if not custom_id:
            return None
        result = body_of(record.get("result"))
        if result.get("type") == "succeeded":
            return custom_id, self.read({}, json.dumps(result.get("message")).encode())
        if result.get("type") in {"canceled", "expired"}:
            return custom_id, not_answered(str(result["type"]))
        error = body_of(result.get("error"))
        kind = str(body_of(error.get("error")).get("type") or error.get("type"))
        return custom_id, self.model.failed(_STATUS.get(kind, 500), json.dumps(error).encode())

    async def cancel(self, batch_id: str, tag: str) -> None:
        """See BatchEngine. One that is over already is no fault."""
        try:
            await self.model.ask("POST", f"{_PATH}/{batch_id}/cancel", _Batch, {})
        except ModelError as error:
            if error.kind not in {FailureKind.BAD_REQUEST, FailureKind.UNKNOWN_MODEL, FailureKind.WRONG_ADDRESS}:
                raise
