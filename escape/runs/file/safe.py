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
from typing import BinaryIO, Self

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


def write_all(file: BinaryIO, data: bytes) -> None:
    """Write to an unbuffered file, which may accept only part at a time. Raises OSError."""
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) :]


class HeldFile:
    """A file that grows line by line, held by this process from before the work starts. If its place fails, everything
    is saved elsewhere.
    """

    def __init__(self, path: Path) -> None:
        """Open it as it is, or create it. Raises SpecError."""
        self.path = path
        self.where = str(path)  # the file that has everything now
        self.problem = ""  # one line, once the file's own place has failed
        if path.exists() and not path.is_file():
            raise SpecError(f"{path}: is not a regular file; choose another place")
        try:
            self._file: BinaryIO = open(  # noqa: SIM115 - held until the work ends
                path, "r+b", buffering=0, opener=lambda name, flags: os.open(name, flags | os.O_CREAT, 0o666)
            )
        except OSError as error:
            raise unwritable(path, error) from None
        self._end = self._file.seek(0, os.SEEK_END)
        try:
            lock(self._file, path)
        except SpecError:
            self._file.close()
            raise

    def clear(self, *, force: bool, instead: str = "name another file") -> None:
        """Begin with an empty file. Raises SpecError if something is in it, unless `force`."""
        if self._end and not force:
            self._file.close()
            raise _not_empty(self.path, instead)
        self._file.truncate(0)
        self._end = 0

    def write(self, data: bytes) -> int:
        """Write one line or more. Returns the position where it begins. Raises FileError if no place accepts it."""
        try:
            if os.fstat(self._file.fileno()).st_nlink == 0:
                raise OSError(None, "its folder is gone")
            self._put(data)
        except OSError as error:
            self._rescue(os_reason(error))
            self._put(data)
        return self._end - len(data)

    def _put(self, data: bytes) -> None:
        self._file.seek(self._end)
        write_all(self._file, data)
        self._end += len(data)

    def _rescue(self, reason: str) -> None:
        """Copy everything to a place that accepts it, and continue there. Raises FileError if there is none."""
        if self.problem:
            raise FileError(f"{self.problem}; that place failed too ({reason})")
        with contextlib.suppress(OSError):
            self._file.truncate(self._end)  # a partial line
        anew, self.where = fallback_file(self.path.name)
        self._file.seek(0)
        left = self._end
        while left and (piece := self._file.read(min(left, 2**20))):
            write_all(anew, piece)
            left -= len(piece)
        self._file.close()
        self._file = anew
        self.problem = f"{self.path}: cannot be written ({reason}); everything is in {self.where}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._file.close()


def unwritable(path: Path, error: OSError) -> SpecError:
    """The error for a place that accepts no file."""
    return SpecError(f"{path}: cannot be written ({os_reason(error)}); choose another place")


def _not_empty(path: Path, instead: str) -> SpecError:
    return SpecError(f"{path}: already exists and is not empty; {instead}, or overwrite it with --force")


class Output:
    """A file written at the end of a run and checked before its start: a mistake in its name costs nothing."""

    def __init__(self, name: str, *, force: bool, own: bool = False) -> None:
        """`own`: the existing file is an earlier version of the same table. Raises SpecError."""
        self.path = Path(name)
        if self.path.is_dir():
            raise SpecError(f"{name}: is a folder; name a file in it")
        if not force and not own and os.path.exists(self.path) and os.path.getsize(self.path):
            raise _not_empty(self.path, "name another file")
        try:
            handle, trial = tempfile.mkstemp(prefix=f".{self.path.name[:80]}.", suffix=".part", dir=self.path.parent)
            os.close(handle)
            os.unlink(trial)
        except OSError as error:
            raise unwritable(self.path, error) from None

    def write(self, pieces: Callable[[], Iterable[str]]) -> str:
        """Write it, or write it elsewhere; returns a sentence about the second case, else "". Raises FileError."""
        try:
            with replacing_file(self.path) as file:
                file.writelines(piece.encode("utf-8", "replace") for piece in pieces())
        except OSError as error:
            reason = os_reason(error)
        else:
            return ""
        file, name = fallback_file(self.path.name)
        with file:
            file.writelines(piece.encode("utf-8", "replace") for piece in pieces())
        return f"{self.path}: cannot be written ({reason}); it is in {name}"
