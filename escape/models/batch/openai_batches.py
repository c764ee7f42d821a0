"""OpenAI's batches: a file of requests goes up, a batch is made of it, files of replies and of errors come back."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

from pydantic import Field, JsonValue

from escape.models.batch.engine import (
    PLAIN_ID,
    SEND_S,
    BatchEngine,
    BatchOutcome,
    BatchProgress,
    Count,
    body_of,
    not_answered,
    record_of,
)
from escape.models.protocols import Request, Wire
from escape.types import FailureKind, ModelError, scrub

_OVER = {"completed", "failed", "expired", "cancelled"}
_RETURNED = ("batch_expired", "batch_cancelled", "batch_canceled")  # an answer that was never begun
_PAGES = 20  # of a hundred batches each, in which one is looked for


class _File(Wire):
    id: str = Field(pattern=PLAIN_ID)


class _Counts(Wire):
    total: Count = 0
    completed: Count = 0
    failed: Count = 0


class _Fault(Wire):
    code: str | None = None
    message: str | None = None


class _Faults(Wire):
    data: tuple[_Fault, ...] = ()


class _Batch(_File):
    status: str
    created_at: float = 0.0
    request_counts: _Counts | None = None
    output_file_id: str | None = Field(None, pattern=f"^$|{PLAIN_ID}")
    error_file_id: str | None = Field(None, pattern=f"^$|{PLAIN_ID}")
    errors: _Faults | None = None
    metadata: dict[str, JsonValue] | None = None


class _Batches(Wire):
    data: tuple[_Batch, ...] = ()
    has_more: bool = False


class OpenAIBatches(BatchEngine):
    """Files and batches as OpenAI has them; Groq and others speak the same."""

    most_requests, most_bytes, finds_surely = 50_000, 200_000_000, True

    async def create(self, requests: Sequence[tuple[str, Request]], tag: str) -> str:
        """See BatchEngine."""
        url = f"/v1{self.model.path(requests[0][1])}"
        lines = (
            json.dumps({"custom_id": i, "method": "POST", "url": url, "body": body}, ensure_ascii=False)
            for i, body in requests
        )
        data = "\n".join(lines).encode("utf-8", "replace")
        file_id = await self._upload(f"{tag}.jsonl", data)
        body_: Request = {
            "input_file_id": file_id,
            "endpoint": url,
            "completion_window": "24h",
            "metadata": {"escape": tag},
        }
        return self.plain((await self.model.ask("POST", "/batches", _Batch, body_)).id)

    async def _upload(self, name: str, data: bytes) -> str:
        client: Any = await self.model.client()
        try:
            file = await self.model.converted(client.files.create(file=(name, data), purpose="batch", timeout=SEND_S))
            return self.plain(_File.model_validate({"id": getattr(file, "id", "")}).id)
        except ModelError as error:
            if error.kind in {FailureKind.UNKNOWN_MODEL, FailureKind.WRONG_ADDRESS}:
                raise ModelError(FailureKind.BAD_REQUEST, "this address takes no batches; run without them") from None
            raise
        except ValueError:  # an answer that is no file
            raise ModelError(FailureKind.BAD_REQUEST, "this address takes no batches; run without them") from None

    async def find(self, tag: str, n: int, since: float, known_ids: Sequence[str]) -> str | None:
        """See BatchEngine. A tag stands in the batch's metadata."""
        after = ""
        for _ in range(_PAGES):
            page = await self.model.ask("GET", f"/batches?limit=100{after}", _Batches)
            for batch in page.data:
                if body_of(batch.metadata).get("escape") == tag:
                    return self.plain(batch.id)
            if not page.has_more or not page.data or page.data[-1].created_at < since - 3600:
                return None
            after = f"&after={page.data[-1].id}"
        raise ModelError(FailureKind.BAD_REQUEST, "there are too many batches to look through")

    async def look(self, batch_id: str) -> BatchProgress:
        """See BatchEngine."""
        batch = await self.model.ask("GET", f"/batches/{batch_id}", _Batch)
        counts = batch.request_counts or _Counts()
        faults = batch.errors.data if batch.errors else ()
        why = "; ".join(f"{f.code or ''} {f.message or ''}".strip() for f in faults[:3])
        why = scrub(self.model.clean(why)) or "for no given reason"
        over, broken = batch.status in _OVER, batch.status == "failed"
        return BatchProgress(
            over, counts.completed, counts.failed, counts.total, why if broken else "", batch.status == "cancelled"
        )

    async def results(self, batch_id: str) -> AsyncIterator[tuple[str, BatchOutcome]]:
        """See BatchEngine. Both files are read, whatever the batch ended with: what an expired one answered is paid."""
        batch = await self.model.ask("GET", f"/batches/{batch_id}", _Batch)
        for file_id in (batch.output_file_id, batch.error_file_id):
            if file_id:
                async for line in self.model.lines(f"/files/{self.plain(file_id)}/content"):
                    if row := self._outcome(line):
                        yield row

    def _outcome(self, line: bytes) -> tuple[str, BatchOutcome] | None:
        """One line's request and what came of it; None for a line that is none."""
        custom_id, record = record_of(line)
        if not custom_id:
            return None
        reply, fault = body_of(record.get("response")), body_of(record.get("error"))
        if fault and str(fault.get("code")) in _RETURNED:
            return custom_id, not_answered(str(fault["code"]).removeprefix("batch_"))
        status, body = reply.get("status_code"), body_of(reply.get("body"))
        content = json.dumps(body or {"error": fault}).encode()
        if status == 200 and body:
            return custom_id, self.read({"input" if body.get("object") == "response" else "messages": ""}, content)
        return custom_id, self.model.failed(status if type(status) is int else 500, content)

    async def cancel(self, batch_id: str, tag: str) -> None:
        """See BatchEngine. One that is over already is no fault; one without our tag is somebody else's."""
        batch = await self.model.ask("GET", f"/batches/{batch_id}", _Batch)
        if body_of(batch.metadata).get("escape") != tag:
            raise ModelError(FailureKind.BAD_REQUEST, "this batch is not of this run, so it is left alone")
        if batch.status not in _OVER:
            await self.model.ask("POST", f"/batches/{batch_id}/cancel", _Batch, {})
