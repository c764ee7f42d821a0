"""Files for results: opened and locked before work starts, replaced whole, saved elsewhere if the location stops
working.
"""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from escape.errors import FileError, SpecError


def os_reason(error: OSError) -> str:
    """The system's words for what went wrong."""
    return error.strerror or type(error).__name__


def lock(file: BinaryIO, path: Path) -> None:
    """Hold a file for this process until it is closed. Raises SpecError if another process holds it."""
    try:
        if sys.platform == "win32":
            import msvcrt

            file.seek(2**40)  # far past the end, where nobody reads
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            file.seek(0)
        else:
            import fcntl

            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise SpecError(f"{path}: another run is writing to it; wait until it ends, or name another file") from None


def is_not_empty(path: Path) -> bool:
    """Whether the file exists and is not empty."""
    try:
        return path.stat().st_size > 0
    except OSError:
        return False


def refuse_to_overwrite(path: Path, instead: str) -> None:
    """Raises SpecError if the file exists and is not empty."""
    if is_not_empty(path):
        raise SpecError(f"{path}: already exists and is not empty; {instead}, or overwrite it with --force")


@contextlib.contextmanager
def replacing_file(path: Path) -> Iterator[BinaryIO]:
    """A new file in the same folder, which replaces `path` at the end or leaves no trace.

    Its name is unpredictable, so that nothing planted there is followed or overwritten.
    """
    handle, name = tempfile.mkstemp(prefix=f".{path.name[:80]}.", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        if sys.platform != "win32":
            mask = os.umask(0)
            os.umask(mask)
            os.chmod(name, 0o666 & ~mask)  # the usual mode of a new file: mkstemp allows only its owner
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


def replace(path: Path, pieces: Iterable[str]) -> None:
    """Write a text file, whole or not at all. Raises OSError."""
    with replacing_file(path) as file:
        for piece in pieces:
            file.write(piece.encode("utf-8", "replace"))


def fallback_file(name: str) -> tuple[BinaryIO, str]:
    """A new file and its name, in the first folder that accepts one: for paid results whose own place has failed.

    Raises FileError if no folder does.
    """
    ram = ["/dev/shm"] if sys.platform.startswith("linux") else []  # noqa: S108 - if all disks are full
    for folder in (tempfile.gettempdir(), str(Path.home()), os.curdir, *ram):
        try:
            handle, made = tempfile.mkstemp(prefix="escape-rescued-", suffix=f"-{name[:80]}", dir=folder)
            file = os.fdopen(handle, "w+b", buffering=0)
            file.write(b" " * 65536)  # a full disk often still accepts an empty file
            file.truncate(0)
            file.seek(0)
        except OSError:
            continue
        else:
            return file, made
    raise FileError("no folder accepts a new file; free some disk space")


class LineFile:
    """A text file that grows line by line, held before the work starts. If its place fails, it is saved elsewhere."""

    def __init__(self, name: str, *, force: bool) -> None:
        """Raises SpecError."""
        self.path = Path(name)
        self.problem = ""
        self._lines: list[str] = []
        if not force:
            refuse_to_overwrite(self.path, "name another file")
        try:
            self._file: BinaryIO = self.path.open("a+b", buffering=0)
        except OSError as error:
            raise SpecError(f"{name}: cannot be written ({os_reason(error)}); choose another place") from None
        lock(self._file, self.path)
        self._file.truncate(0)
        self._end = 0

    def write(self, line: str) -> None:
        """Write one line. Raises FileError if no location accepts it."""
        data = line.encode("utf-8", "replace") + b"\n"
        try:
            if os.fstat(self._file.fileno()).st_nlink == 0:
                raise OSError(None, "its folder is gone")
            write_all(self._file, data)
        except OSError as error:
            if self.problem:
                raise FileError(f"{self.problem}; the fallback failed too ({os_reason(error)})") from None
            self._move(os_reason(error))
            write_all(self._file, data)
        self._end += len(data)

    def _move(self, reason: str) -> None:
        anew, name = fallback_file(self.path.name)
        with contextlib.suppress(OSError):
            self._file.truncate(self._end)  # a partial line
            self._file.seek(0)
            write_all(anew, self._file.read(self._end))
        self._file.close()
        self._file = anew
        self.problem = f"{self.path}: cannot be written ({reason}); everything is in {name}"

    def __enter__(self) -> LineFile:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._file.close()


def write_all(file: BinaryIO, data: bytes) -> None:
    """Write to an unbuffered file, which may accept only part at a time. Raises OSError."""
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) :]


class Output:
    """A file written at the end of a run and checked before its start: a mistake in its name costs nothing."""

    def __init__(self, name: str, *, force: bool, own: bool = False) -> None:
        """`own`: the existing file is an earlier version of the same table. Raises SpecError."""
        self.path = Path(name)
        if self.path.is_dir():
            raise SpecError(f"{name}: is a folder; name a file in it")
        if not force and not own:
            refuse_to_overwrite(self.path, "name another file")
        try:
            handle, trial = tempfile.mkstemp(prefix=f".{self.path.name[:80]}.", suffix=".part", dir=self.path.parent)
            os.close(handle)
            os.unlink(trial)
        except OSError as error:
            raise SpecError(f"{name}: cannot be written ({os_reason(error)}); choose another place") from None

    def write(self, pieces: Callable[[], Iterable[str]]) -> str:
        """Write it, or write it elsewhere; returns a sentence about the second case, else "". Raises FileError."""
        try:
            replace(self.path, pieces())
        except OSError as error:
            reason = os_reason(error)
        else:
            return ""
        file, name = fallback_file(self.path.name)
        with file:
            for piece in pieces():
                file.write(piece.encode("utf-8", "replace"))
        return f"{self.path}: cannot be written ({reason}); it is in {name}"
