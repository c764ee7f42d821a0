"""Run files of earlier versions, read as this one would have written them. Records in, records out.

`escape-run/2` kept no answer budget with a trial, and called a reply without an answer a failure.
"""

from __future__ import annotations

import re
from typing import TypeVar

from escape.environments import plans as attempts
from escape.intake import validated
from escape.types import FORMAT, Answer, FailureKind, Header, Opinion, Puzzle, Result, Trial

_FORMAT = re.compile(rb'"format"\s*:\s*"escape-run/(\d{1,6})"')
EARLIER, NOW = 2, int(FORMAT.rpartition("/")[2])
Kept = TypeVar("Kept")


class Earlier:
    """What must be known of a file's headers to read its results."""

    def __init__(self) -> None:
        self._old = False
        self._budgets: dict[str, int] = {}  # of the players of an earlier format
        self._puzzles: dict[str, Puzzle] = {}

    def header(self, text: bytes) -> Header:
        """A header of this format or the one before. Raises ValueError for a newer one."""
        match = _FORMAT.search(text[:2000])
        version = int(match[1]) if match else 0
        if version > NOW:
            raise ValueError(f"was written by a newer Escape (format {version}); update this one")
        if match and version == EARLIER:
            text = text[: match.start(1)] + str(NOW).encode() + text[match.end(1) :]
        header = validated(Header, text, "ignore")
        self._puzzles |= header.puzzle_by_id
        if version == EARLIER:
            self._old = True
            self._budgets |= {spec.name: spec.budget for spec in header.config.players}
        return header

    def opinion(self, record: Kept) -> Kept:
        """An opinion with its trial as it is keyed now; any other record as it is."""
        if isinstance(record, Opinion) and self._old:
            return record.model_copy(update={"trial": self._trial(record.trial)})
        return record

    def upgraded(self, result: Result) -> Result:
        """A result of an earlier format as one of this format; a result of this format as it is."""
        if not self._old:
            return result
        result = result.model_copy(update={"trial": self._trial(result.trial)})
        failure = result.failure
        if failure is None or failure.kind is not FailureKind.CUT_OFF or failure.stage != "player" or result.answer:
            return result
        # it was paid for, so it counts: an answer without a move
        answer = Answer(text="", finish_reason="length", cost_usd=failure.cost_usd, doubtful_usd=failure.doubtful_usd)
        free = failure.model_copy(update={"stage": "judge", "cost_usd": 0.0, "doubtful_usd": 0.0})
        puzzle = self._puzzles.get(result.trial.problem_id)
        outcome = attempts.outcome(puzzle, "", requested=True) if puzzle else None
        return result.model_copy(update={"answer": answer, "failure": free, "outcome": outcome})

    def _trial(self, trial: Trial) -> Trial:
        budget = self._budgets.get(trial.player, 0)
        return trial if trial.budget or not budget else trial.model_copy(update={"budget": budget})
