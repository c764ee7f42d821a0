"""Runs read from their lines, into memory. Writes nothing.

A later line about a trial stands for the earlier one, whose answer it leaves out. A later header replaces it. So a file
whose writer was killed reads up to its last whole line.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from pydantic import ValidationError

from escape.intake import GZIP, MAX_LINE_LENGTH, first_fault, unpack, validated
from escape.runs.file.lines import CARD, HEADER, OPINION, PENDING, RESULT
from escape.runs.file.safe import os_reason
from escape.types import (
    FORMAT,
    MAX_OPINIONS,
    MAX_TRIALS,
    FileError,
    Header,
    Opinion,
    Pending,
    Puzzle,
    ReportCard,
    Result,
    Run,
    Trial,
)

MAX_BYTES = 2**30  # of an uploaded run once it is unpacked
MAX_DAMAGED = 1_000  # lines that are set aside
MAX_CARDS = 50
_MARK = b"\xef\xbb\xbf"  # a byte order mark, which some editors put in front
_FORMAT = re.compile(rb'"format"\s*:\s*"escape-run/(\d{1,6})"')
_NOW = int(FORMAT.rpartition("/")[2])


class TooMuchError(ValueError):
    """A file holds more than is read."""


class Reader:
    """Reads a run file line by line. `good_until`: the offset after the last whole line."""

    def __init__(self, file: BinaryIO, name: str, most_trials: int = MAX_TRIALS) -> None:
        self.name, self._most_trials = name, most_trials
        self.good_until = 0
        self._header: Header | None = None
        self._results: dict[Trial, Result] = {}
        self._pending: dict[Trial, Pending] = {}
        self._opinions: list[Opinion] = []
        self._cards: list[ReportCard] = []
        self._damaged: list[str] = []
        self._file = file

    def run(self) -> Run:
        """Return the run in the file. Raises FileError with the line."""
        self._file.seek(0)
        self.good_until = len(_MARK) if self._file.read(len(_MARK)) == _MARK else 0
        self._file.seek(self.good_until)
        number = 0
        while line := self._file.readline(MAX_LINE_LENGTH):
            number += 1
            *torn, last = _pieces(line)
            for piece in torn:  # of a file whose process was killed, before another one
                with contextlib.suppress(ValueError):
                    self._take(piece)
                self.good_until += len(piece)
            try:
                self._take(last)
            except ValueError as error:
                if not line.endswith(b"\n") and len(line) < MAX_LINE_LENGTH and self._header is not None:
                    break  # the incomplete last line of a process that was killed
                why = first_fault(error) if isinstance(error, ValidationError) else str(error)
                if self._header is None or isinstance(error, TooMuchError) or last.startswith(HEADER):
                    raise FileError(f"{self.name}: line {number}: {why}; choose a run that Escape saved") from None
                self._damaged.append(f"line {number}: {why}")
                if len(self._damaged) > MAX_DAMAGED:
                    raise FileError(f"{self.name}: {MAX_DAMAGED} lines are damaged; choose another copy") from None
            self.good_until += len(last)
        if self._header is None:
            raise FileError(f"{self.name}: is empty; choose a run that Escape saved")
        fields = {n: getattr(self._header, n) for n in Header.model_fields}
        own = {
            "format": FORMAT,
            "opinions": (*self._header.opinions, *self._opinions),
            "cards": (*self._header.cards, *self._cards),
            "results": tuple(self._results.values()),
            "lost": tuple(self._pending.values()),
            "damaged": tuple(self._damaged),
        }
        return Run.model_construct(**(fields | own))

    def _take(self, line: bytes) -> None:
        text = line.strip()
        if self._header is None or text.startswith(HEADER):
            self._take_header(text)
            return
        if not text:
            return
        if not line.endswith(b"\n") and not text.endswith(b"}"):
            raise ValueError("is incomplete")
        for tag, take in (
            (RESULT, self._take_result),
            (OPINION, self._take_opinion),
            (CARD, self._take_card),
            (PENDING, self._take_pending),
        ):
            if text.startswith(tag):
                take(text[len(tag) : -1])
                return
        raise ValueError("is not a result, opinion, card or pending cost")

    def _take_header(self, text: bytes) -> None:
        if not text.startswith(HEADER):
            raise ValueError("is not a run")
        match = _FORMAT.search(text[:2000])
        if match and int(match[1]) > _NOW:
            raise ValueError(f"was written by a newer Escape (format {int(match[1])}); update this one")
        self._header = validated(Header, text[len(HEADER) : -1], "ignore")

    def _take_result(self, text: bytes) -> None:
        result = validated(Result, text, "ignore")
        self._check(result.trial)
        self._results[result.trial] = result.with_answer_of(self._results.get(result.trial))
        self._pending.pop(result.trial, None)
        if len(self._results) > self._most_trials:
            raise TooMuchError(
                f"more than {self._most_trials} answers, the most that are read; take fewer puzzles or repeats a file"
            )

    def _take_opinion(self, text: bytes) -> None:
        if len(self._opinions) >= MAX_OPINIONS:
            raise TooMuchError(f"more than {MAX_OPINIONS} of these")
        opinion = validated(Opinion, text, "ignore")
        self._check(opinion.trial)
        self._opinions.append(opinion)

    def _take_card(self, text: bytes) -> None:
        if len(self._cards) >= MAX_CARDS:
            raise TooMuchError(f"more than {MAX_CARDS} of these")
        self._cards.append(validated(ReportCard, text, "ignore"))

    def _take_pending(self, text: bytes) -> None:
        pending = validated(Pending, text, "ignore")
        self._pending[pending.trial] = pending

    def _check(self, trial: Trial) -> None:
        if self._header is not None:
            self._header.check_puzzles_exist([trial.problem_id])


def _pieces(line: bytes) -> list[bytes]:
    """Split a line where a whole file was put behind a torn one: in JSON a header begins nowhere else."""
    at = line.rfind(HEADER, 1)
    return [line] if at < 0 else [*_pieces(line[:at]), line[at:]]


def loads(data: bytes, name: str = "run file", most: int = MAX_BYTES, most_trials: int = MAX_TRIALS) -> Run:
    """Return the run in an uploaded file. Raises FileError above `most` bytes or `most_trials`, or if it is none."""
    file = io.BytesIO(data)
    if data.startswith(GZIP):
        file = io.BytesIO()
        unpack(data, file, name, most)
    if file.seek(0, io.SEEK_END) > most:
        raise FileError(f"{name}: is larger than {most // 2**20} MB; load a smaller run")
    return Reader(file, name, most_trials).run()


def load(path: str | Path) -> Run:
    """Return the run in a file. Raises FileError."""
    where = Path(path)
    try:
        if not where.is_file():
            raise FileError(f"{path}: is not a file; check the path")
        with where.open("rb") as file:
            if file.read(2) == GZIP:
                file.seek(0)
                return loads(file.read(), str(path))
            return Reader(file, str(path)).run()
    except OSError as error:
        raise FileError(f"{path}: cannot be read ({os_reason(error)}); check the path") from None


def result_of(run: Run, trial: Trial) -> Result:
    return next(r for r in run.results if r.trial == trial)


FILE = Path(__file__).with_name("published_2025.json")


def published(puzzles: Sequence[Puzzle]) -> Run:
    """Return the published run with its puzzles. A mark outside its scale is kept and flagged."""
    data = json.loads(FILE.read_text("utf-8"))
    data["results"] = tuple(map(Result.model_validate, data["results"]))
    return Run(**data, puzzles=tuple(p for p in puzzles if p.problem_id in data["config"]["problem_ids"]))
