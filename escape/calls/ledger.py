"""Money at stake: what calls may cost that have left, and what has been paid and stands in no file yet, by trial."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextvars import ContextVar

from escape.types import TrialKey

ASKER: ContextVar[TrialKey | None] = ContextVar("escape_asker", default=None)  # the trial for which is asked


class Ledger:
    """`write` is told what is at stake for a trial before each call about it leaves, unless it was told as much before.

    So a program that is killed leaves behind the most that it may have spent.
    """

    def __init__(self, write: Callable[[TrialKey, float], None] | None = None) -> None:
        self.write = write
        self._out: Counter[TrialKey] = Counter()  # USD of calls that have left
        self._paid: Counter[TrialKey] = Counter()  # USD that stands in no file yet
        self._told: dict[TrialKey, float] = {}

    def leaves(self, usd: float) -> TrialKey | None:
        """Record that a call leaves which may cost so much. Returns the trial it is about."""
        trial = ASKER.get()
        if self.write is None or trial is None or usd <= 0:
            return None
        self._out[trial] += usd  # type: ignore[assignment]
        self._tell(trial)
        return trial

    def ended(self, trial: TrialKey, usd: float, cost: float) -> None:
        """A call that might cost `usd` has cost, or may have cost, so much."""
        self._out[trial] -= usd  # type: ignore[assignment]
        self._paid[trial] += cost  # type: ignore[assignment]

    def written(self, trial: TrialKey) -> None:
        """A result of this trial was written, with all that was paid so far."""
        self._paid.pop(trial, None)
        if self._told.pop(trial, None) is not None and self._out[trial] > 1e-12:
            self._tell(trial)  # a result settles what was written before it, and something is still out

    def _tell(self, trial: TrialKey) -> None:
        at_stake = self._out[trial] + self._paid[trial]
        if self.write and at_stake > self._told.get(trial, -1.0):
            self._told[trial] = at_stake
            self.write(trial, at_stake)
