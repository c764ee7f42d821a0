"""Runs read from their lines, whatever their size: results stay in the file until they are accessed. Writes nothing.

A later line about a trial adds to the earlier one; a later header replaces it. So a file of any size is read record by
record, two files of one run can be joined with `cat`, and an incomplete last line is skipped.
"""

from __future__ import annotations

import contextlib
import sys
import tempfile
import threading
from array import array
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, overload

from pydantic import ValidationError

from escape import houses, labs
from escape.errors import FileError
from escape.intake import GZIP, MAX_LINE_LENGTH, first_fault, unpack, validated
from escape.records import (
    FORMAT,
    MAX_BATCHES,
    MAX_OPINIONS,
    MAX_TRIALS,
    Batch,
    Header,
    Opinion,
    Pending,
    ReportCard,
    Result,
    Run,
    Trial,
    TrialKey,
)
from escape.runs.file.earlier import Earlier
from escape.runs.file.lines import BATCH, CARD, HEADER, OPINION, PENDING, RESULT
from escape.runs.file.safe import os_reason

MAX_BYTES = 2**30  # of an uploaded run once it is unpacked
MAX_DOORS_UPLOADED = 2_000  # of all its houses together: each is proved when it is read, some 2 ms a door
_MARK = b"\xef\xbb\xbf"  # a byte order mark, which some editors put in front


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
        if self._places[2 * row + 1] < 0 or result != Result(trial=result.trial, foresight=result.foresight):
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
        return self._upgraded(validated(Result, _inside(_pieces(line)[0].strip())))

    def _at(self, row: int) -> Result:
        first, last = self._places[2 * row], self._places[2 * row + 1]
        newest = self._read(last)
        if told := self._turns.get(row):
            turns = {t.number: t for _, at in told for t in (newest if at == last else self._read(at)).turns}
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


def _inside(line: bytes) -> bytes:
    """The record within a line, without `{"result":` and `}`."""
    return line[len(RESULT) : -1]


def _pieces(line: bytes) -> list[bytes]:
    """A line, or its parts where a whole file was put behind a torn one: in JSON a header begins nowhere else."""
    at = line.rfind(HEADER, 1)
    return [line] if at < 0 else [*_pieces(line[:at]), line[at:]]


class Reader:
    """Reads a run file line by line and records where everything is."""

    def __init__(self, file: BinaryIO, name: str, most_doors: int | None = None, most_trials: int = MAX_TRIALS) -> None:
        self.name, self._most_doors, self._most_trials = name, most_doors, most_trials
        self._earlier = Earlier()
        self.results = ResultsOnDisk(file, self._earlier.upgraded)
        self.header: Header | None = None
        self.opinions: list[Opinion] = []
        self.cards: list[ReportCard] = []
        self.batches: dict[str, Batch] = {}  # by tag
        self.good_until = 0  # offset after the last complete line
        self._file = file

    def run(self) -> Run:
        """The run in the file. Raises FileError with the line."""
        self._file.seek(0)
        self.good_until = len(_MARK) if self._file.read(len(_MARK)) == _MARK else 0
        self._file.seek(self.good_until)
        number = 0
        while line := self._file.readline(MAX_LINE_LENGTH):
            number += 1
            *torn, last = _pieces(line)
            for piece in torn:  # of a file whose process was killed, before another one
                with contextlib.suppress(ValueError):
                    self._take(piece, self.good_until)
                self.good_until += len(piece)
            try:
                self._take(last, self.good_until)
            except ValueError as error:
                if not line.endswith(b"\n") and len(line) < MAX_LINE_LENGTH and self.header is not None:
                    break  # the incomplete last line of a process that was killed
                why = first_fault(error) if isinstance(error, ValidationError) else str(error)
                raise FileError(f"{self.name}: line {number}: {why}; choose a run that Escape saved") from None
            self.good_until += len(last)
        if self.header is None:
            raise FileError(f"{self.name}: is empty; choose a run that Escape saved")
        fields = {n: getattr(self.header, n) for n in Header.model_fields}
        own = {"opinions": (*self.header.opinions, *self.opinions), "cards": (*self.header.cards, *self.cards)}
        own["batches"] = tuple(self.batches.values())
        return Run.model_construct(**(fields | own | {"format": FORMAT, "results": self.results}))

    def _take(self, line: bytes, at: int) -> None:
        text = line.strip()
        if self.header is None or text.startswith(HEADER):
            if not text.startswith(HEADER):
                raise ValueError("is not a run")
            self.header = self._earlier.header(text[len(HEADER) : -1])
            doors = sum(len(p.drawn.doors) for p in self.header.puzzles if p.drawn)
            if self._most_doors is not None and doors > self._most_doors:
                raise ValueError(f"its houses have {doors} doors together, of at most {self._most_doors} on a page")
            for puzzle in self.header.puzzles:
                houses.check(puzzle)
                labs.check(puzzle)
            return
        if not text:
            return
        if not line.endswith(b"\n") and not text.endswith(b"}"):
            raise ValueError("is incomplete")
        for tag, kind, kept, most in (
            (OPINION, Opinion, self.opinions, MAX_OPINIONS),
            (CARD, ReportCard, self.cards, 50),
        ):
            if text.startswith(tag):
                record = self._earlier.opinion(validated(kind, text[len(tag) : -1]))
                if len(kept) >= most:
                    raise ValueError(f"more than {most} of these")
                kept.append(record)  # type: ignore[arg-type]
                return
        if text.startswith(BATCH):
            batch = validated(Batch, text[len(BATCH) : -1])
            self.batches[batch.tag] = batch.after(self.batches.get(batch.tag))
            if len(self.batches) > MAX_BATCHES:
                raise ValueError(f"more than {MAX_BATCHES} batches")
            return
        if text.startswith(PENDING):
            pending = validated(Pending, text[len(PENDING) : -1])
            self.results.pending[pending.trial.key] = pending.usd
            return
        if not text.startswith(RESULT):
            raise ValueError("is not a result, opinion, card, batch or pending cost")
        result = self._earlier.upgraded(validated(Result, _inside(text)))
        self.header.check_puzzles_exist([result.trial.problem_id])
        self.results.index_line(result, at)
        if len(self.results) > self._most_trials:
            raise ValueError(f"more than {self._most_trials} answers, the most that this page loads")


def loads(data: bytes, name: str = "run file", most: int = MAX_BYTES, most_trials: int = MAX_TRIALS) -> Run:
    """The run in an uploaded file, plain or compressed, copied to a temporary file. Raises FileError if it is larger
    than `most` bytes unpacked or has more answers than `most_trials`, and for what is no run.
    """
    kept = tempfile.TemporaryFile(prefix="escape-")  # noqa: SIM115 - read as long as the run is in use
    try:
        kept.write(data) if not data.startswith(GZIP) else unpack(data, kept, name, most)
        kept.flush()
        if kept.tell() > most:
            raise FileError(f"{name}: is larger than {most // 2**20} MB; load a smaller run")
        return Reader(kept, name, MAX_DOORS_UPLOADED, most_trials).run()
    except OSError as error:
        raise FileError(f"{name}: could not be stored on disk ({os_reason(error)}); free some disk space") from None


def load(path: str | Path) -> Run:
    """The run in a file; its results stay there. Raises FileError."""
    where = Path(path)
    try:
        if not where.is_file():
            raise FileError(f"{path}: is not a file; check the path")
        file = where.open("rb")
        if file.read(2) == GZIP:
            with file:
                file.seek(0)
                return loads(file.read(), str(path))
        return Reader(file, str(path)).run()
    except OSError as error:
        raise FileError(f"{path}: cannot be read ({os_reason(error)}); check the path") from None


def result_of(run: Run, trial: Trial) -> Result:
    """What is known of a trial that the run has. If the run is in a file, nothing else is read."""
    results = run.results
    if isinstance(results, ResultsOnDisk):
        return results[results.rows[trial.key]]
    return next(r for r in results if r.trial == trial)


def charged_usd(run: Run) -> float:
    """All that a run has cost, or may have cost, including superseded attempts and calls whose result was lost."""
    if isinstance(run.results, ResultsOnDisk):
        return run.results.charged_usd + sum(run.results.pending.values())
    return sum(r.charged_usd for r in run.results)


def unconfirmed(run: Run) -> Mapping[TrialKey, float]:
    """What calls may have cost, by trial, that had left when a program was killed or that are still with a provider."""
    return run.results.pending if isinstance(run.results, ResultsOnDisk) else {}
