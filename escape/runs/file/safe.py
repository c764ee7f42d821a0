"""Files for results: checked and locked before work starts, replaced as a whole.

If a file can no longer be written, its contents are saved elsewhere.
"""

import contextlib
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from escape.types import FileError, SpecError


def os_reason(error: OSError) -> str:
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
        raise SpecError(
            f"{path}: another run is writing to it; wait until it ends, or name another file"
        ) from None


def _mode(path: Path) -> int:
    """Look up the mode of the file to be replaced, or the usual one of a new file."""
    with contextlib.suppress(OSError):
        return path.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


@contextlib.contextmanager
def replacing_file(path: Path) -> Iterator[BinaryIO]:
    """Open a new file in the same folder, which replaces `path` at the end or leaves no trace.

    Its name is unpredictable, so that nothing planted there is followed or overwritten.
    """
    handle, name = tempfile.mkstemp(prefix=f".{path.name[:80]}.", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        if sys.platform != "win32":
            os.chmod(name, _mode(path))  # mkstemp allows only its owner
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


def fallback_file(name: str) -> tuple[BinaryIO, str]:
    """Create a file in the first folder that accepts one; return it and its path.

    It is for paid results whose own file cannot be written. Raises FileError if no folder accepts one.
    """
    ram = ["/dev/shm"] if sys.platform.startswith("linux") else []  # noqa: S108 - if all disks are full
    for folder in (tempfile.gettempdir(), str(Path.home()), os.curdir, *ram):
        try:
            handle, path = tempfile.mkstemp(prefix="escape-rescued-", suffix=f"-{name[:80]}", dir=folder)
        except OSError:
            continue
        file = os.fdopen(handle, "w+b", buffering=0)
        try:
            write_all(file, b" " * 65536)  # a full disk often still accepts an empty file
            file.truncate(0)
            file.seek(0)
        except OSError:
            _drop(file, path)
        else:
            return file, path
    raise FileError("no folder accepts a new file; free some disk space")


def _drop(file: BinaryIO, name: str) -> None:
    file.close()
    with contextlib.suppress(OSError):
        os.unlink(name)


def write_all(file: BinaryIO, data: bytes) -> None:
    """Write to an unbuffered file, which may accept only part at a time. Raises OSError."""
    unwritten = memoryview(data)
    while unwritten:
        unwritten = unwritten[file.write(unwritten) :]


class HeldFile:
    """A file that grows line by line, held by this process.

    If it can no longer be written, all of it is saved elsewhere.
    """

    def __init__(self, path: Path) -> None:
        """Open and lock the file as it is, or create it. Raises SpecError."""
        self.path = path
        self.where = str(path)  # the file that has everything now
        self.problem = ""  # one line, once the file's own place has failed
        try:
            if path.exists() and not path.is_file():
                raise SpecError(f"{path}: is not a regular file; choose another place")
            self._file: BinaryIO = open(  # noqa: SIM115 - held until the work ends
                path, "r+b", buffering=0, opener=lambda name, flags: os.open(name, flags | os.O_CREAT, 0o666)
            )
        except OSError as error:
            raise unwritable(path, error) from None
        try:
            lock(self._file, path)
        except SpecError:
            self._file.close()
            raise
        self._end = self._file.seek(0, os.SEEK_END)  # under the lock: another process may just have written

    def clear(self, *, force: bool, instead: str = "name another file") -> None:
        """Empty the file. Raises SpecError and closes it if something is in it, unless `force`.

        `instead`: what the error message suggests.
        """
        if self._end and not force:
            self._file.close()
            raise _not_empty(self.path, instead)
        self._file.truncate(0)
        self._end = 0

    def write(self, data: bytes) -> int:
        """Append one or more lines; return the offset at which they begin.

        Raises FileError if they can be written nowhere.
        """
        try:
            if os.fstat(self._file.fileno()).st_nlink == 0:
                raise OSError(None, "its folder is gone")
            self._put(data)
        except OSError as error:
            self._rescue(os_reason(error))
            try:
                self._put(data)
            except OSError as again:
                raise FileError(f"{self.problem}; that place failed too ({os_reason(again)})") from None
        return self._end - len(data)

    def _put(self, data: bytes) -> None:
        self._file.seek(self._end)
        write_all(self._file, data)
        self._end += len(data)

    def _rescue(self, reason: str) -> None:
        """Copy everything to another folder and continue there. Raises FileError if none accepts it."""
        if self.problem:
            raise FileError(f"{self.problem}; that place failed too ({reason})")
        with contextlib.suppress(OSError):
            self._file.truncate(self._end)  # a partial line
        new_file, where = self._copy(reason)
        self._file.close()
        self._file, self.where = new_file, where
        self.problem = f"{self.path}: cannot be written ({reason}); everything is in {self.where}"

    def _copy(self, reason: str) -> tuple[BinaryIO, str]:
        nowhere = (
            f"{self.path}: cannot be written ({reason}), and no other place has room; it holds what "
            "came before"
        )
        try:
            new_file, where = fallback_file(self.path.name)
        except FileError:
            self.problem = nowhere
            raise FileError(nowhere) from None
        try:
            self._file.seek(0)
            end = self._end
            while end and (piece := self._file.read(min(end, 2**20))):
                write_all(new_file, piece)
                end -= len(piece)
        except OSError:
            _drop(new_file, where)
            self.problem = nowhere
            raise FileError(nowhere) from None
        return new_file, where

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None
    ) -> None:
        self._file.close()


def unwritable(path: Path, error: OSError) -> SpecError:
    return SpecError(f"{path}: cannot be written ({os_reason(error)}); choose another place")


def _not_empty(path: Path, instead: str) -> SpecError:
    return SpecError(f"{path}: already exists and is not empty; {instead}, or overwrite it with --force")


def check_apart(**files: str | None) -> None:
    """Raise SpecError if two options name one file, or an option names none.

    Paths are resolved, so links and hard links count as the same file. Pipes and devices may be shared.
    """
    seen: dict[object, str] = {}
    for option, name in files.items():
        if name == "":
            raise SpecError(f"--{option} needs a file; name one, or leave the option out")
        if name is not None and not _is_stream(name):
            status = os.stat(name) if os.path.isfile(name) else None
            one: object = (
                (status.st_dev, status.st_ino) if status and status.st_ino else os.path.realpath(name)
            )
            other = seen.setdefault(one, option)
            if other != option:
                raise SpecError(f"{name}: is named by --{other} and by --{option}; name two files")


def _is_stream(name: str) -> bool:
    """Tell whether a name is that of a pipe or device, which is written into and never replaced."""
    path = os.path.abspath(name)
    ours = path.startswith("/dev/shm/")  # noqa: S108 - an ordinary folder in memory
    return (path.startswith(("/dev/", "/proc/")) and not ours) or (
        os.path.exists(name) and not os.path.isfile(name)
    )


class Output:
    """A file that is checked before the work starts and written when it ends.

    A symbolic link stays, and its target is replaced. Pipes and devices are written into.
    """

    def __init__(self, name: str, *, force: bool, ours: bytes = b"") -> None:
        """Check that the file can be written. Raises SpecError.

        `ours`: the first bytes of an earlier version of the same file, which may be replaced.
        """
        self.path = Path(name)
        if os.path.isdir(name):
            raise SpecError(f"{name}: is a folder; name a file in it")
        self._stream = _is_stream(name)
        if self._stream:
            return
        real = Path(os.path.realpath(name))
        try:
            if not force and os.path.exists(real) and os.path.getsize(real) and not _begins(real, ours):
                raise _not_empty(self.path, "name another file")
            handle, trial = tempfile.mkstemp(prefix=f".{real.name[:80]}.", suffix=".part", dir=real.parent)
            os.close(handle)
            os.unlink(trial)
            if not os.path.exists(real):  # its name may be too long for the disk
                os.close(os.open(real, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
                os.unlink(real)
        except OSError as error:
            raise unwritable(self.path, error) from None
        self._real = real

    def write(self, pieces: Callable[[], Iterable[str]]) -> str:
        """Write the file, or save it elsewhere if that fails; return a sentence about that, or "".

        `pieces` is called again for the second attempt. Raises FileError if that fails too.
        """

        def written(file: BinaryIO) -> None:
            for piece in pieces():
                write_all(file, piece.encode("utf-8", "replace"))

        try:
            append = os.O_WRONLY | os.O_APPEND
            with (
                os.fdopen(os.open(self.path, append), "wb")
                if self._stream
                else replacing_file(self._real) as file
            ):
                written(file)
        except OSError as error:
            reason = os_reason(error)
        else:
            return ""
        try:
            file, name = fallback_file(self.path.name)
        except FileError as error:
            raise FileError(f"{self.path}: cannot be written ({reason}); {error}") from None
        with file:
            try:
                written(file)
            except OSError:
                _drop(file, name)
                raise FileError(
                    f"{self.path}: cannot be written ({reason}), and no other folder has room for it"
                ) from None
        return f"{self.path}: cannot be written ({reason}); it is in {name}"


def _begins(path: Path, ours: bytes) -> bool:
    if not ours:
        return False
    with path.open("rb") as file:
        return file.read(len(ours)) == ours
