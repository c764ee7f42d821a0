"""Results that stay in their file: memory holds where their lines are, and they are read on access. Writes nothing."""

from __future__ import annotations

import sys
import threading
from array import array
from collections.abc import Callable, Sequence
from typing import BinaryIO, overload

from escape.intake import validated
from escape.runs.file.lines import HEADER, RESULT
from escape.types import Result, TrialKey


class ResultsOnDisk(Sequence[Result]):
    """Results that stay in their file and are read on access; memory holds only their positions."""

    def __init__(self, file: BinaryIO, upgraded: Callable[[Result], Result] = lambda result: result) -> None:
        """`upgraded`: a result that an earlier version wrote, as this one would have written it."""
        self._file, self._upgraded = file, upgraded
        self.name = str(getattr(file, "name", ""))
        self.rows: dict[TrialKey, int] = {}  # the row of each trial among the results
        self._places = array("q")  # two per row: the line of the answer, the newest line; -1: none
        self._turns: dict[int, list[tuple[int, int]]] = {}  # row -> (its last turn, line) of every line with turns
        self._repaired: dict[int, int] = {}  # row -> the line of its plan's repair, which later lines leave out
        self._foreseen: dict[int, int] = {}  # row -> the line of its foresight, which has nothing else in it
        self._reading = threading.Lock()
        self.answers: dict[int, int] = {}  # row -> how many lines hold an answer: one, unless the file was put together
        self.charged_usd = 0.0
        self.damaged: list[str] = []  # lines that were set aside, each with why
        self.pending: dict[TrialKey, float] = {}  # USD that calls may have cost whose result was never written

    def index_line(self, result: Result, at: int) -> None:
        """Record that the line at byte `at` is about this result's trial."""
        row = self.rows.setdefault(self.key(result), len(self.rows))
        self.pending.pop(result.trial.key, None)
        if row * 2 == len(self._places):
            self._places.extend((-1, -1))
        if result.answer is not None:
            self.answers[row] = self.answers.get(row, 0) + 1
            self._places[2 * row] = at
            self._repaired.pop(row, None)
        if result.repair is not None:
            self._repaired[row] = at
        if result.foresight is not None:
            self._foreseen[row] = at
        foreseen = Result(trial=result.trial, foresight=result.foresight, earlier_usd=result.earlier_usd)
        if self._places[2 * row + 1] < 0 or result != foreseen:
            self._places[2 * row + 1] = at
        if result.turns:
            self._turns.setdefault(row, []).append((result.turns[-1].number, at))
        # every line is one more answer, mark or failure: what earlier attempts were charged stays charged
        self.charged_usd += result.charged_usd

    def key(self, result: Result) -> TrialKey:
        """The key of a trial, with each name stored only once."""
        problem, player, repeat, budget = result.trial.key
        return sys.intern(problem), sys.intern(player), repeat, budget

    def moved(self, file: BinaryIO) -> None:
        """The same lines are now in another file."""
        with self._reading:
            self._file.close()
            self._file, self.name = file, str(getattr(file, "name", ""))

    def knows(self, result: Result) -> bool:
        """Whether there is a line about this trial."""
        return self.key(result) in self.rows

    def has_answer(self, result: Result) -> bool:
        """Whether this trial's answer is in the file."""
        row = self.rows.get(self.key(result))
        return row is not None and self._places[2 * row] >= 0

    def has_repair(self, result: Result) -> bool:
        """Whether the repair of this trial's answer is in the file."""
        return self.rows.get(self.key(result), -1) in self._repaired

    def turns(self, result: Result) -> int:
        """How many turns of this trial's conversation are in the file."""
        return max((last for last, _ in self._turns.get(self.rows.get(self.key(result), -1), ())), default=0)

    def foresees(self, result: Result) -> bool:
        """Whether the file has what this result foresees."""
        at = self._foreseen.get(self.rows.get(self.key(result), -1))
        return at is not None and self._read(at).foresight == result.foresight

    def _read(self, at: int) -> Result:
        with self._reading:
            self._file.seek(at)
            line = self._file.readline()
        return self._upgraded(validated(Result, inside(pieces(line)[0].strip()), "ignore"))

    def _at(self, row: int) -> Result:
        first, last = self._places[2 * row], self._places[2 * row + 1]
        newest = self._read(last)
        if turns_ := self._turns.get(row):
            turns = {t.number: t for _, at in turns_ for t in (newest if at == last else self._read(at)).turns}
            newest = newest.model_copy(update={"turns": tuple(turns[n] for n in sorted(turns))})
        if (foreseen := self._foreseen.get(row)) is not None and foreseen != last:
            newest = newest.model_copy(update={"foresight": self._read(foreseen).foresight})
        if (repaired := self._repaired.get(row)) is not None and repaired != last:
            newest = newest.model_copy(update={"repair": self._read(repaired).repair})
        if newest.answer is None and first >= 0:
            return newest.model_copy(update={"answer": self._read(first).answer})
        return newest

    def __len__(self) -> int:
        return len(self.rows)

    @overload
    def __getitem__(self, index: int) -> Result: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Result]: ...
    def __getitem__(self, index: int | slice) -> Result | Sequence[Result]:
        if isinstance(index, slice):
            return [self._at(i) for i in range(*index.indices(len(self)))]
        return self._at(range(len(self))[index])


def inside(line: bytes) -> bytes:
    """The record within a line, without `{"result":` and `}`."""
    return line[len(RESULT) : -1]


def pieces(line: bytes) -> list[bytes]:
    """A line, or its parts where a whole file was put behind a torn one: in JSON a header begins nowhere else."""
    at = line.rfind(HEADER, 1)
    return [line] if at < 0 else [*pieces(line[:at]), line[at:]]
