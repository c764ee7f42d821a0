"""A run's file, held by this process and written line by line as answers arrive. Handles files only."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from escape.errors import FileError, SpecError
from escape.records import Header, Opinion, Result, Run
from escape.runs.file.lines import header_line, lines, opinion_line, result_line
from escape.runs.file.reader import Reader, ResultsOnDisk, load
from escape.runs.file.safe import fallback_file, lock, os_reason, replacing_file, write_all


class RunFile:
    """A run's file, held by this process and written line by line. If its place fails, it is saved elsewhere."""

    def __init__(self, path: Path, file: BinaryIO, reader: Reader, run: Run) -> None:
        self.path = path
        self.run = run
        self.problem = ""  # one line, once the file's own place has failed
        self._file = file
        self._results = reader.results
        self._end = reader.good_until

    @classmethod
    def begin(cls, name: str, run: Run, *, force: bool) -> RunFile:
        """A new file with the start of a run in it. Raises SpecError if it is not empty or cannot be written."""
        path = Path(name)
        made = cls._open(path)
        try:
            if not force and os.fstat(made.fileno()).st_size:
                raise SpecError(
                    f"{path}: already exists and is not empty; continue it with --resume {path}, name another file, or "
                    "overwrite it with --force"
                )
            made.truncate(0)
            made.seek(0)
            for line in lines(run):
                made.write(line)
        except OSError as error:
            made.close()
            raise SpecError(f"{path}: cannot be written ({os_reason(error)}); choose another place") from None
        except SpecError:
            made.close()
            raise
        return cls._on(path, made)

    @classmethod
    def resume(cls, name: str) -> RunFile:
        """A file with a run to continue. Raises FileError or SpecError."""
        path = Path(name)
        if not path.is_file():
            raise FileError(f"{path}: is not a file; check the path")
        run = load(path)
        if not isinstance(run.results, ResultsOnDisk) or str(path) != run.results.name:
            with contextlib.closing(cls._open(path)):  # nobody else is writing it
                try:
                    with replacing_file(path) as anew:
                        anew.writelines(lines(run))
                except OSError as error:
                    raise SpecError(f"{path}: cannot be written ({os_reason(error)}); choose another place") from None
        return cls._on(path, cls._open(path))

    @staticmethod
    def _open(path: Path) -> BinaryIO:
        if path.exists() and not path.is_file():
            raise SpecError(f"{path}: is not a regular file; choose another place")
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o666)
        except OSError as error:
            raise SpecError(f"{path}: cannot be written ({os_reason(error)}); choose another place") from None
        file = os.fdopen(handle, "r+b", buffering=0)
        try:
            lock(file, path)
        except SpecError:
            file.close()
            raise
        return file

    @classmethod
    def _on(cls, path: Path, file: BinaryIO) -> RunFile:
        """Read the existing content through a separate handle, and cut off an incomplete line."""
        reader = Reader(path.open("rb"), str(path))
        made = cls(path, file, reader, reader.run())
        made._end = reader.good_until
        file.truncate(made._end)
        file.seek(made._end)
        if made._end:
            file.seek(made._end - 1)
            if file.read(1) != b"\n":
                made._write(b"\n")
        return made

    @property
    def charged_usd(self) -> float:
        """All that this run has cost, or may have cost, including superseded attempts."""
        return self._results.charged_usd

    def head(self, run: Header) -> None:
        """Write a new header, for a run that is continued with other settings."""
        self._write(header_line(run))
        self.run = self.run.model_copy(update={n: getattr(run, n) for n in Header.model_fields})

    def opinion(self, opinion: Opinion) -> None:
        """Write another rater's verdict."""
        self._write(opinion_line(opinion))

    def add(self, result: Result) -> None:
        """Write one result in one go. Raises FileError if no place accepts it."""
        if self._results.knows(result):  # what earlier attempts cost is in their own lines
            result = result.model_copy(update={"earlier_usd": 0.0})
        bare = self._results.has_answer(result)
        at = self._write(result_line(result, with_answer=not bare))
        self._results.index_line(result.model_copy(update={"answer": None}) if bare else result, at)

    def _write(self, line: bytes) -> int:
        try:
            if os.fstat(self._file.fileno()).st_nlink == 0:
                raise OSError(None, "its folder is gone")
            at = self._end
            self._put(line)
        except OSError as error:
            self._rescue(os_reason(error))
            at = self._end
            self._put(line)
        return at

    def _put(self, line: bytes) -> None:
        self._file.seek(self._end)
        write_all(self._file, line)
        self._end += len(line)

    def _rescue(self, reason: str) -> None:
        """Copy everything to a place that accepts it, and continue there. Raises FileError if there is none."""
        if self.problem:
            raise FileError(f"{self.problem}; that place failed too ({reason})")
        with contextlib.suppress(OSError):
            self._file.truncate(self._end)  # a partial line
        anew, name = fallback_file(self.path.name)
        self._file.seek(0)
        left = self._end
        while left and (piece := self._file.read(min(left, 2**20))):
            anew.write(piece)
            left -= len(piece)
        self._file.close()
        self._file = anew
        self.problem = f"{self.path}: cannot be written ({reason}); the whole run is in {name}"
        self._results.moved(Path(name).open("rb"))  # noqa: SIM115 - closed with the run

    @property
    def where(self) -> str:
        """The file that has the run now."""
        return self._results.name

    def __enter__(self) -> RunFile:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._file.close()
