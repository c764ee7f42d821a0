"""Files from outside read line by line, compressed or not, within one budget of memory for all that read at once."""

import gzip
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from escape.types import BusyError, FileError

GZIP = b"\x1f\x8b"  # what compressed data begin with
MB = 2**20
PIECE = 64 * 1024  # bytes read at a time
MAX_LINE_LENGTH = 16 * MB  # a header holds every puzzle of its run
TOGETHER = 96 * MB  # bytes that all readers of this process may hold
FREE = MB  # bytes that a reader holds without asking: most runs are smaller
COPIES = 4  # of the line at hand that reading it makes, as bytes, as text and as a record
WAIT_S = 10.0  # for others to finish


class Budget:
    """The bytes that readers hold at once. Whoever has read longest is never held up, so that somebody always ends."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._held: dict[object, int] = {}  # by reader, the first to begin first
        self._changed = threading.Condition()

    @contextmanager
    def reader(self) -> Iterator["Reading"]:
        me = Reading(self)
        with self._changed:
            self._held[me] = 0
        try:
            yield me
        finally:
            with self._changed:
                del self._held[me]
                self._changed.notify_all()

    def hold(self, reader: object, n_bytes: int) -> None:
        """Wait until there is room for what a reader holds now. Raises BusyError where others take too long."""
        with self._changed:
            self._held[reader] = n_bytes
            if not self._changed.wait_for(lambda: self._has_room(reader), WAIT_S):
                raise BusyError("the server is reading other files; try again in a minute")
            self._changed.notify_all()

    def _has_room(self, reader: object) -> bool:
        return sum(self._held.values()) <= self.most or next(iter(self._held)) is reader


class Reading:
    """One reader's share of a budget."""

    def __init__(self, budget: Budget) -> None:
        self._budget, self._told = budget, 0

    def holds(self, n_bytes: int) -> None:
        """Say how much it holds now. Asks only where that differs by much from what was said before."""
        if abs(n_bytes - self._told) >= FREE:
            self._told = n_bytes
            self._budget.hold(self, n_bytes)


BUDGET = Budget(TOGETHER)


def lines(file: BinaryIO, name: str, most: int) -> Iterator[tuple[bytes, int]]:
    """Yield each line of a file with its length in bytes; a blank line as b"", since its blanks need not be held.

    `most`: bytes of the whole file. Raises FileError, and BusyError where others read too much at once.
    """
    parts: list[bytes] = []
    in_line = in_file = kept = 0
    with BUDGET.reader() as reading:
        while piece := _next(file, name):
            in_line += len(piece)
            in_file += len(piece)
            if in_file > most:
                raise FileError(f"{name}: is larger than {most // MB} MB; load a smaller run")
            if parts or not piece.isspace():
                parts.append(piece)
                kept += len(piece)
                if len(parts) * PIECE > MAX_LINE_LENGTH:
                    raise FileError(f"{name}: a line is longer than {MAX_LINE_LENGTH // MB} MB; load a smaller run")
                reading.holds(kept + COPIES * PIECE * (len(parts) - 1))
            if piece.endswith(b"\n"):
                yield b"".join(parts), in_line
                parts, in_line = [], 0
        if in_line:
            yield b"".join(parts), in_line


def _next(file: BinaryIO, name: str) -> bytes:
    try:
        return file.readline(PIECE)
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise FileError(f"{name}: the compressed file is damaged; choose one that Escape saved") from None
