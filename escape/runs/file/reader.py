"""Runs read from their lines, whatever their size: results stay in the file until they are accessed. Writes nothing.

A later line about a trial adds to the earlier one; a later header replaces it. So a file of any size is read record by
record, two files of one run can be joined with `cat`, and an incomplete last line is skipped.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

from pydantic import ValidationError

from escape.environments import environment_of
from escape.intake import GZIP, MAX_LINE_LENGTH, first_fault, unpack, validated
from escape.runs.file.earlier import Earlier
from escape.runs.file.lines import CARD, HEADER, OPINION, PENDING, RESULT
from escape.runs.file.on_disk import ResultsOnDisk, inside, pieces
from escape.runs.file.safe import os_reason
from escape.types import (
    FORMAT,
    MAX_OPINIONS,
    MAX_TRIALS,
    FileError,
    Header,
    Opinion,
    Pending,
    ReportCard,
    Result,
    Run,
    Trial,
    TrialKey,
)

MAX_BYTES = 2**30  # of an uploaded run once it is unpacked
MAX_DAMAGED = 1_000  # lines that are set aside
MAX_DOORS_UPLOADED = 2_000  # of all its houses together: each is proved when it is read, some 2 ms a door
_MARK = b"\xef\xbb\xbf"  # a byte order mark, which some editors put in front


class TooMuchError(ValueError):
    """A file holds more than is read."""


MAX_CARDS = 50


class Reader:
    """Reads a run file line by line and records where everything is."""

    def __init__(self, file: BinaryIO, name: str, most_doors: int | None = None, most_trials: int = MAX_TRIALS) -> None:
        self.name, self._most_doors, self._most_trials = name, most_doors, most_trials
        self._earlier = Earlier()
        self.results = ResultsOnDisk(file, self._earlier.upgraded)
        self.header: Header | None = None
        self.opinions: list[Opinion] = []
        self.cards: list[ReportCard] = []
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
            *torn, last = pieces(line)
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
                if self.header is None or isinstance(error, TooMuchError) or last.startswith(HEADER):
                    raise FileError(f"{self.name}: line {number}: {why}; choose a run that Escape saved") from None
                self.results.damaged.append(f"line {number}: {why}")
                if len(self.results.damaged) > MAX_DAMAGED:
                    raise FileError(f"{self.name}: {MAX_DAMAGED} lines are damaged; choose another copy") from None
            self.good_until += len(last)
        if self.header is None:
            raise FileError(f"{self.name}: is empty; choose a run that Escape saved")
        fields = {n: getattr(self.header, n) for n in Header.model_fields}
        own = {"opinions": (*self.header.opinions, *self.opinions), "cards": (*self.header.cards, *self.cards)}
        return Run.model_construct(**(fields | own | {"format": FORMAT, "results": self.results}))

    def _take(self, line: bytes, at: int) -> None:
        text = line.strip()
        if self.header is None or text.startswith(HEADER):
            self._take_header(text)
            return
        if not text:
            return
        if not line.endswith(b"\n") and not text.endswith(b"}"):
            raise ValueError("is incomplete")
        for tag, take in (
            (OPINION, self._take_opinion),
            (CARD, self._take_card),
            (PENDING, self._take_pending),
        ):
            if text.startswith(tag):
                take(text[len(tag) : -1])
                return
        if not text.startswith(RESULT):
            raise ValueError("is not a result, opinion, card or pending cost")
        result = self._earlier.upgraded(validated(Result, inside(text), "ignore"))
        self.header.check_puzzles_exist([result.trial.problem_id])
        self.results.index_line(result, at)
        if len(self.results) > self._most_trials:
            raise TooMuchError(f"more than {self._most_trials} answers, the most that this page loads")

    def _take_header(self, text: bytes) -> None:
        if not text.startswith(HEADER):
            raise ValueError("is not a run")
        self.header = self._earlier.header(text[len(HEADER) : -1])
        doors = sum(environment_of(p).doors(p) for p in self.header.puzzles if environment_of(p).seeds)
        if self._most_doors is not None and doors > self._most_doors:
            raise TooMuchError(f"its houses have {doors} doors together, of at most {self._most_doors} on a page")
        for puzzle in self.header.puzzles:
            environment_of(puzzle).check(puzzle)

    def _take_opinion(self, text: bytes) -> None:
        if len(self.opinions) >= MAX_OPINIONS:
            raise TooMuchError(f"more than {MAX_OPINIONS} of these")
        opinion = validated(Opinion, text, "ignore")
        if self.header is not None:
            self.header.check_puzzles_exist([opinion.trial.problem_id])
        self.opinions.append(self._earlier.opinion(opinion))

    def _take_card(self, text: bytes) -> None:
        if len(self.cards) >= MAX_CARDS:
            raise TooMuchError(f"more than {MAX_CARDS} of these")
        self.cards.append(validated(ReportCard, text, "ignore"))

    def _take_pending(self, text: bytes) -> None:
        pending = validated(Pending, text)
        self.results.pending[pending.trial.key] = pending.usd


def loads(data: bytes, name: str = "run file", most: int = MAX_BYTES, most_trials: int = MAX_TRIALS) -> Run:
    """The run in an uploaded file, plain or compressed, copied to a temporary file. Raises FileError if it is larger
    than `most` bytes unpacked or has more answers than `most_trials`, and for what is no run.
    """
    file = tempfile.TemporaryFile(prefix="escape-")  # noqa: SIM115 - read as long as the run is in use
    try:
        file.write(data) if not data.startswith(GZIP) else unpack(data, file, name, most)
        file.flush()
        if file.tell() > most:
            raise FileError(f"{name}: is larger than {most // 2**20} MB; load a smaller run")
        return Reader(file, name, MAX_DOORS_UPLOADED, most_trials).run()
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
    """What calls may have cost, by trial, that had left when a program was killed."""
    return run.results.pending if isinstance(run.results, ResultsOnDisk) else {}


def damaged(run: Run) -> Sequence[str]:
    """The lines of a run's file that could not be read and were set aside, each with why."""
    return run.results.damaged if isinstance(run.results, ResultsOnDisk) else ()
