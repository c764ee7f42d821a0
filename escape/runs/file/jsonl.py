"""A run as lines of JSON: a header, then a line for each answer, mark, report card and pending cost.

Lines are written as they come, to a file that this process holds, and read into memory. A later line about a
trial replaces the earlier one, whose answer it leaves out, and settles what was pending. A later header
replaces the earlier one. So a file whose writer was killed reads up to its last whole line.
"""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from pydantic import ValidationError

from escape.intake import NotJsonError, first_fault, read_json, validated
from escape.runs.file.growing import GrowingRun, records_of
from escape.runs.file.safe import HeldFile, os_reason, replacing_file, unwritable
from escape.types import (
    FORMAT,
    MAX_OPINIONS,
    MAX_TRIALS,
    FileError,
    Header,
    Mark,
    Pending,
    Puzzle,
    Record,
    ReportCard,
    Result,
    Run,
    Trial,
    TrialKey,
    by_person,
)
from escape.unpacking import BUDGET, GZIP, read_lines

MAX_BYTES = 2**30  # of an uploaded run once it is unpacked
MAX_DAMAGED = 1_000  # lines that are set aside
MAX_CARDS = 50
_BOM = b"\xef\xbb\xbf"  # a byte order mark, which some editors put in front
_FORMAT = re.compile(rb'"format"\s*:\s*"escape-run/(\d{1,6})"')
_FORMAT_NUMBER = int(FORMAT.rpartition("/")[2])


HEADER = b'{"header":'
_TAGS: dict[type[Record], bytes] = {  # how the line of each begins
    Result: b'{"result":', Mark: b'{"mark":', ReportCard: b'{"card":', Pending: b'{"pending":',
}  # fmt: skip
_KINDS = {tag: kind for kind, tag in _TAGS.items()} | {b'{"opinion":': Mark}  # as it was before format 4


class TooMuchError(ValueError):
    """A file holds more than is read."""


class Reader:
    """A reader of a run file, line by line. `good_until`: the byte offset after the last whole line."""

    def __init__(
        self, file: BinaryIO, name: str, most: int = MAX_BYTES, most_trials: int = MAX_TRIALS
    ) -> None:
        self.name, self._most, self._most_trials = name, most, most_trials
        self.good_until = 0
        self._header: Header | None = None
        self._results: dict[Trial, Result] = {}
        self._pending: dict[Trial, Pending] = {}
        self._marks: list[Mark] = []
        self._unseated: list[Mark] = []  # of a judge that a later header replaced, from its results' lines
        self._cards: list[ReportCard] = []
        self._damaged: list[str] = []
        self._file = file
        self.is_older = False  # its last header is of an earlier format

    def run(self) -> Run:
        """Read the run in the file. Raises FileError with the line."""
        return self.growing().run

    def growing(self) -> GrowingRun:
        """Read the run in the file, to be continued. Raises FileError with the line."""
        self._read()
        assert self._header is not None  # noqa: S101 - a file without one was refused
        own = {
            "format": FORMAT,
            "cards": (*self._header.cards, *self._cards),
            "lost": tuple(self._pending.values()),
            "damaged": tuple(self._damaged),
        }
        start = Run.model_construct(**({n: getattr(self._header, n) for n in Header.model_fields} | own))
        known = {(mark.trial, mark.rater) for mark in self._marks}
        moved = [mark for mark in self._unseated if (mark.trial, mark.rater) not in known]
        return GrowingRun(start, self._results.values(), [*self._header.opinions, *moved, *self._marks])

    def _read(self) -> None:
        self._file.seek(0)
        for number, (whole_line, size) in enumerate(read_lines(self._file, self.name, self._most), 1):
            line = whole_line.removeprefix(_BOM) if number == 1 else whole_line
            *torn, last = _pieces(line)
            if len(torn) > MAX_DAMAGED:
                raise self._error(number, "is damaged throughout")
            for piece in torn:  # of a file whose process was killed, before another one
                self._take_or_explain(piece, number)
            if why := self._take_or_explain(last, number):
                if torn:  # what came before the last piece is whole
                    self.good_until += size - len(last)
                    size = len(last)
                if not line.endswith(b"\n") and self._header is not None and not _is_json(last):
                    break  # the incomplete last line of a process that was killed
                if self._header is None or last.startswith(HEADER):
                    raise self._error(number, why)
                self._damaged.append(f"line {number}: {why}")
                if len(self._damaged) > MAX_DAMAGED:
                    raise FileError(
                        f"{self.name}: {MAX_DAMAGED} lines are damaged; choose another copy"
                    ) from None
            self.good_until += size
        if self._header is None:
            raise FileError(f"{self.name}: is empty; choose a run that Escape saved")
        # as long as the last of them is there, so are the others, in whichever copy of the run
        if self._results:
            BUDGET.keep(next(reversed(self._results)), self.good_until)

    def _error(self, number: int, why: str) -> FileError:
        return FileError(f"{self.name}: line {number}: {why}; choose a run that Escape saved")

    def _take_or_explain(self, piece: bytes, number: int) -> str:
        """Take a line in, and say what is wrong with it, "" if nothing.

        Raises FileError if the file holds more than is read.
        """
        try:
            self._take(piece)
        except TooMuchError as error:
            raise self._error(number, str(error)) from None
        except ValueError as error:
            return first_fault(error) if isinstance(error, ValidationError) else str(error)
        return ""

    def _take(self, line: bytes) -> None:
        text = line.strip()
        if self._header is None or text.startswith(HEADER):
            self._take_header(text)
            return
        if not text:
            return
        if not line.endswith(b"\n") and not text.endswith(b"}"):
            raise ValueError("is incomplete")
        tag = next((tag for tag in _KINDS if text.startswith(tag)), None)
        if tag is None:
            raise ValueError("is not a result, mark, card or pending cost")
        self._put(validated(_KINDS[tag], text[len(tag) : -1], "ignore"))

    def _put(self, record: Record) -> None:
        if isinstance(record, (Result, Mark)) and self._header is not None:
            self._header.check_puzzles_exist([record.trial.problem_id])
        match record:
            case Result(trial=trial):
                self._results[trial] = record.with_answer_of(self._results.get(trial))
                self._pending.pop(trial, None)
                if len(self._results) > self._most_trials:
                    most = (
                        f"{self._most_trials} answers, the most that are read; take fewer puzzles or "
                        "repeats a file"
                    )
                    raise TooMuchError(f"more than {most}")
            case Mark(trial=trial):
                self._marks.append(record)
                if not by_person(record.rater):
                    self._pending.pop(trial, None)
                if len(self._marks) > MAX_OPINIONS:
                    raise TooMuchError(f"more than {MAX_OPINIONS} of these")
            case ReportCard():
                self._cards.append(record)
                if len(self._cards) > MAX_CARDS:
                    raise TooMuchError(f"more than {MAX_CARDS} of these")
            case Pending(trial=trial):
                self._pending[trial] = record

    def _take_header(self, text: bytes) -> None:
        if not text.startswith(HEADER):
            raise ValueError("is not a run")
        match = _FORMAT.search(text[:2000])
        if match and int(match[1]) > _FORMAT_NUMBER:
            raise ValueError(f"was written by a newer Escape (format {int(match[1])}); update this one")
        header = validated(Header, text[len(HEADER) : -1], "ignore")
        header.check_puzzles_exist({trial.problem_id for trial in self._results})
        if self._header is not None:
            if header.config.judge != self._header.config.judge:
                self._unseat(header.config.judge.name)
            marks = {(m.trial, m.rater): m for m in (*self._header.opinions, *header.opinions)}
            cards = {c.judge: c for c in (*self._header.cards, *header.cards)}
            header = header.model_copy(
                update={"opinions": tuple(marks.values()), "cards": tuple(cards.values())}
            )
        self._header, self.is_older = header, header.format != FORMAT

    def _unseat(self, judge: str) -> None:
        """Turn verdicts in result lines by any but the new `judge` into marks beside the run."""
        for trial, result in self._results.items():
            if result.verdict and result.answer and result.verdict.judge != judge:
                self._unseated.append(Mark(trial=trial, rater=result.verdict.judge, verdict=result.verdict))
                self._results[trial] = result.model_copy(update={"verdict": None})


def _is_json(line: bytes) -> bool:
    try:
        read_json(line.decode())
    except (NotJsonError, UnicodeDecodeError):
        return False
    return True


def _pieces(line: bytes) -> list[bytes]:
    """Split a line that holds a torn one and, behind it, the beginning of another file.

    A header begins nowhere else: inside JSON its quotes would be escaped.
    """
    if line.find(HEADER, 1) < 0:
        return [line]
    first, *others = line[1:].split(HEADER)
    return [line[:1] + first, *(HEADER + other for other in others)]


def loads(data: bytes, name: str = "run file", most: int = MAX_BYTES, most_trials: int = MAX_TRIALS) -> Run:
    """Read the run in an uploaded file, compressed or not.

    Raises FileError if it is none, or above `most` bytes once unpacked, or above `most_trials` answers.
    """
    file: BinaryIO = io.BytesIO(data)
    if data.startswith(GZIP):
        file = gzip.GzipFile(fileobj=file)  # type: ignore[assignment] # it reads lines as a file does
    return Reader(file, name, most, most_trials).run()


def load(path: str | Path) -> Run:
    """Read the run in a file, compressed or not. Raises FileError."""
    where = Path(path)
    packed = _is_packed(where)
    try:
        with where.open("rb") as file:
            return loads(file.read(), str(path)) if packed else Reader(file, str(path)).run()
    except OSError as error:
        raise _unreadable(where, error) from None


def _is_packed(path: Path) -> bool:
    """Check whether a file is compressed. Raises FileError if it cannot be read."""
    try:
        if not path.is_file():
            raise FileError(f"{path}: is not a file; check the path")
        with path.open("rb") as file:
            return file.read(len(GZIP)) == GZIP
    except OSError as error:
        raise _unreadable(path, error) from None


def _unreadable(path: Path, error: OSError) -> FileError:
    return FileError(f"{path}: cannot be read ({os_reason(error)}); check the path")


FILE = Path(__file__).with_name("published_2025.json")


def published(puzzles: Sequence[Puzzle]) -> Run:
    """Load the published run, with those of the puzzles that are its own.

    The file keeps a mark outside its scale, with a flag.
    """
    data = json.loads(FILE.read_text("utf-8"))
    data["results"] = tuple(map(Result.model_validate, data["results"]))
    return Run(**data, puzzles=tuple(p for p in puzzles if p.problem_id in data["config"]["problem_ids"]))


def header_line(run: Header) -> bytes:
    """Encode everything about a run except its results, marks and cards as its first line."""
    bare = Header.model_construct(
        **{n: getattr(run, n) for n in Header.model_fields} | {"opinions": (), "cards": (), "format": FORMAT}
    )
    return HEADER + bare.model_dump_json().encode("utf-8", "replace") + b"}\n"


def line_of(record: Record) -> bytes:
    return (
        _TAGS[type(record)]
        + record.model_dump_json(exclude_defaults=True).encode("utf-8", "replace")
        + b"}\n"
    )


def run_lines(run: Run) -> Iterator[bytes]:
    yield header_line(run)
    yield from map(line_of, (*run.cards, *records_of(run), *run.lost))


def packed_file(run: Run) -> bytes:
    """Compress a run's whole file, as the page exports and loads it."""
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", compresslevel=5) as file:
        for line in run_lines(run):
            file.write(line)
    return buffer.getvalue()


class RunFile(HeldFile):
    """A run's file, held by this process and written line by line.

    If it can no longer be written, all of it is saved elsewhere. `run`: as the file has it, results included.
    """

    def __init__(self, path: Path, start: Run | None = None, *, force: bool = False) -> None:
        """Open the file as it is, or begin it with `start`. Raises SpecError or FileError.

        An incomplete last line is cut off. `force`: replace what is in the file.
        """
        super().__init__(path)
        if start is not None:
            self.clear(force=force, instead=f"continue it with --resume {path}, name another file")
            try:
                for line in run_lines(start):
                    self._put(line)
            except OSError as error:
                self._file.truncate(0)
                self._file.close()
                raise unwritable(path, error) from None
        with path.open("rb") as file:
            reader = Reader(file, str(path))
            try:
                self._growing = reader.growing()
            except FileError:
                self._file.close()
                raise
        self._is_older = reader.is_older
        self._end = reader.good_until
        self._file.truncate(self._end)  # an incomplete line is cut off
        self._file.seek(max(0, self._end - 1))
        if self._file.read(1) not in {b"", b"\n"}:
            self.write(b"\n")

    @classmethod
    def begin(cls, name: str, run: Run, *, force: bool) -> RunFile:
        """Begin a new file with the start of a run. Raises SpecError if it cannot be written.

        So it does if the file is not empty, unless `force`.
        """
        return cls(Path(name), run, force=force)

    @classmethod
    def resume(cls, name: str) -> RunFile:
        """Open a file to continue its run. Raises FileError or SpecError.

        A compressed file is replaced by the unpacked one.
        """
        path = Path(name)
        if not _is_packed(path):
            return cls(path)
        run = load(path)
        # nobody else is writing it; Windows replaces no file that is open
        with contextlib.nullcontext() if sys.platform == "win32" else HeldFile(path):
            try:
                with replacing_file(path) as new_file:
                    new_file.writelines(run_lines(run))
            except OSError as error:
                raise unwritable(path, error) from None
        resumed = cls(path)
        resumed._growing.amend(damaged=run.damaged)  # which no line of the unpacked file says
        return resumed

    @property
    def run(self) -> Run:
        return self._growing.run

    def result_of(self, trial: Trial) -> Result:
        return self._growing.result_of(trial)

    def write_header(self, run: Header) -> None:
        """Write a new header, for a run that is continued with other settings."""
        self.write(header_line(run))
        self._is_older = False
        self._growing.go_on_as(run)

    def _write_record(self, record: Record) -> None:
        """Write a record's line, in a file of an older format behind a header of today's.

        That header makes older programs refuse the file by its format.
        """
        if self._is_older:
            self.write(header_line(self.run))
            self._is_older = False
        self.write(line_of(record))

    def mark(self, mark: Mark) -> None:
        """Write one mark. Raises FileError if no place accepts it."""
        self._write_record(self._growing.mark(mark))

    async def committed(self) -> None:
        """Do nothing: a line is in the file as soon as it is written."""

    def stake(self, trial: TrialKey, usd: float) -> None:
        """Write what calls about a trial may cost, before they leave. Raises FileError if it cannot."""
        self._write_record(self._growing.stake(trial, usd))

    def result(self, result: Result) -> bool:
        """Write a result. False if it is an unfinished conversation, which is not written.

        Raises FileError if it can be written nowhere.
        """
        if result.status == "begun":
            return False
        self._write_record(self._growing.result(result))
        return True
