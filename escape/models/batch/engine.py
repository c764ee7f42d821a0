"""What the batch protocols share: the one interface behind which a run sees them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import BeforeValidator, JsonValue

from escape.intake import NotJsonError, read_json
from escape.models.protocols import Request, SdkModel
from escape.types import Answer, FailureKind, ModelError

BatchOutcome = Answer | ModelError  # of one request
PLAIN_ID = r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,199}$"  # of a batch or file: it becomes part of a path
SEND_S = 900.0  # the longest that handing in a batch may take: up to 200 MB go over the network


@dataclass(frozen=True)
class BatchProgress:
    """How far a batch is, by the provider's own counts. `why`: what it failed of as a whole; `called_off`: somebody
    cancelled it.
    """

    over: bool
    done: int
    failed: int
    total: int
    why: str = ""
    called_off: bool = False


class BatchEngine(ABC):
    """One provider's batches for one model. Every method raises ModelError."""

    most_requests: ClassVar[int]
    most_bytes: ClassVar[int]
    finds_surely: ClassVar[bool]  # what `find` finds is ours for certain

    def __init__(self, model: SdkModel) -> None:
        self.model = model

    @abstractmethod
    async def create(self, requests: Sequence[tuple[str, Request]], tag: str) -> str:
        """Hand requests in, each under its id; returns the batch's id. All of them have one path. `tag`: ours, by which
        a batch is found again whose id never arrived.
        """

    @abstractmethod
    async def find(self, tag: str, n: int, since: float, known_ids: Sequence[str]) -> str | None:
        """The id of a batch of `n` requests that was handed in under a tag, not before the Unix time `since`;
        `known_ids`: ids of others.
        """

    @abstractmethod
    async def look(self, batch_id: str) -> BatchProgress:
        """How far a batch is."""

    @abstractmethod
    def results(self, batch_id: str) -> AsyncIterator[tuple[str, BatchOutcome]]:
        """Each request's id with its outcome, in any order, once a batch is over: also of one that expired or was
        cancelled. A request that is not among them was not answered.
        """

    @abstractmethod
    async def cancel(self, batch_id: str, tag: str) -> None:
        """Ask the provider to answer no further requests of a batch of ours."""

    def plain(self, name: str) -> str:
        """An id, unless it is the key come back: it stands in files and addresses. Raises ModelError."""
        if self.model.clean(name) != name:
            raise ModelError(FailureKind.MALFORMED, "the server names a batch in a way that cannot be kept")
        return name

    def read(self, request: Request, content: bytes) -> BatchOutcome:
        """A reply's body, read as if it had come by itself."""
        try:
            return self.model.told(self.model.answer(request, content, {}))
        except ModelError as error:
            return error


def not_answered(why: str) -> ModelError:
    """The error of a request that a provider gave back unanswered, which costs nothing: its time ran out, or somebody
    called its batch off.
    """
    off = why.startswith("cancel")
    kind = FailureKind.CALLED_OFF if off else FailureKind.OVERLOADED
    reason = f"the batch was called off ({why}); run --resume with --again asks anew"
    return ModelError(kind, reason if off else f"not answered in time ({why})", attempts=0)


def _sane(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 10**6 else 0


Count = Annotated[int, BeforeValidator(_sane)]  # as a server reports it; one that makes no sense counts as none


def body_of(value: JsonValue) -> dict[str, JsonValue]:
    """An object of a provider's line; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def record_of(line: bytes) -> tuple[str, dict[str, JsonValue]]:
    """The id of a result's request, and the record; "" and nothing for a line that is no result."""
    try:
        record = body_of(read_json(line.decode("utf-8", "replace")))
    except NotJsonError:
        return "", {}
    custom_id = record.get("custom_id")
    return (custom_id, record) if isinstance(custom_id, str) else ("", {})
