"""What goes wrong with a batch, as those are told who wait for it."""

from __future__ import annotations

from collections.abc import Iterable

from escape.calls.journal import Asked
from escape.models import BatchOutcome, BatchProgress, not_answered
from escape.types import EscapeError, FailureKind, ModelError

PAUSE_MOST_S = 60.0  # between two tries
WISH_S = 600.0  # the longest wait that a server may ask for


def pause_s(error: ModelError | None, attempt: int) -> float:
    """Seconds until the next try."""
    return min((error.retry_after_s if error else None) or min(PAUSE_MOST_S, 2.0 ** min(attempt - 1, 8)), WISH_S)


def left() -> ModelError:
    """What those are told who still wait when a run is stopped."""
    return ModelError(FailureKind.CANCELLED, "stopped; the batch goes on at the provider", attempts=0)


def about(error: ModelError) -> ModelError:
    """An error about a batch, which says nothing of its requests."""
    return ModelError(
        FailureKind.BATCH, f"{error.message}; the batch stays with the provider, continue later", attempts=0
    )


def broken(error: Exception) -> ModelError:
    """An error of our own. What others' errors say may contain anything, so of those only the name is kept."""
    words = str(error) if isinstance(error, EscapeError) else f"internal error: {type(error).__name__}"
    return ModelError(FailureKind.BATCH, words, attempts=0)


def end_all(requests: Iterable[Asked], outcome: BatchOutcome) -> None:
    """Hand one outcome to several who ask."""
    for one in requests:
        one.end(outcome)


def missing(progress: BatchProgress, read: int) -> ModelError:
    """What those are told whose request has no readable reply in a batch that is over, of which so many were `read`."""
    if progress.called_off:
        return not_answered("cancelled")
    if not read and progress.done:
        return about(ModelError(FailureKind.MALFORMED, "the provider has answers and does not hand them out"))
    if read < progress.done + progress.failed:  # one may have been answered, and charged
        return ModelError(FailureKind.MALFORMED, "its reply in the batch cannot be read")
    return ModelError(FailureKind.OVERLOADED, "the batch has no reply to it", attempts=0)
