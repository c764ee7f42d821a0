"""Files from outside, read line by line, compressed or not, within one memory budget for all readers."""

import contextlib
import gzip
import os
import threading
import weakref
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from escape.types import BusyError, FileError

GZIP = b"\x1f\x8b"  # what compressed data begin with
MB = 2**20
PIECE = 64 * 1024  # bytes read at a time
MAX_LINE_LENGTH = 16 * MB  # a header holds every puzzle of its run
FREE = MB  # bytes that a reader or a run holds without asking: most are smaller
COPIES = 4  # of the line at hand that reading it makes, as bytes, as text and as a record
# of the memory: a run takes up to three times its bytes, and the page itself half of a small server
SHARE = 12
WAIT_S = 10.0  # for others to finish
OURS = "ESCAPE_MEMORY_MB"  # in the environment: the memory of this server, where nothing else says it


def memory_bytes() -> int:
    """Determine how much memory this process may use, from OURS, its container or the machine."""
    told = os.environ.get(OURS, "")
    if told.isdecimal():
        return int(told) * MB
    known = []
    for file in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        with contextlib.suppress(OSError, ValueError):
            known.append(int(Path(file).read_text("ascii")))
    with contextlib.suppress(AttributeError, OSError, ValueError):  # Windows has no such figures
        known.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    return min(known, default=4096 * MB)


class MemoryBudget:
    """The memory budget shared by files being read and by large runs that are kept after reading.

    The reader that began first waits for no other reader, so that one always finishes.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._reading: dict[object, int] = {}  # by reader, the first to begin first
        self._kept = 0
        self._changed = threading.Condition(threading.RLock())  # a run may be freed while its thread holds it

    @contextlib.contextmanager
    def reader(self) -> Iterator["Reading"]:
        me = Reading(self)
        with self._changed:
            self._reading[me] = 0
        try:
            yield me
        finally:
            with self._changed:
                del self._reading[me]
                self._changed.notify_all()

    def hold(self, reader: object, n_bytes: int) -> None:
        """Wait until there is room for what a reader holds. Raises BusyError after WAIT_S seconds."""
        with self._changed:
            self._reading[reader] = n_bytes
            self._changed.notify_all()
            if not self._changed.wait_for(lambda: self._has_room(reader), WAIT_S):
                raise BusyError(
                    "this server is full of other large runs; try again in a few minutes, or remove one"
                )

    def keep(self, owner: object, n_bytes: int) -> None:
        """Count the bytes of what was read while `owner` exists; fewer than FREE are not counted."""
        if n_bytes >= FREE:
            with self._changed:
                self._kept += n_bytes
            weakref.finalize(owner, self._free, n_bytes)

    def _free(self, n_bytes: int) -> None:
        with self._changed:
            self._kept -= n_bytes
            self._changed.notify_all()

    def _has_room(self, reader: object) -> bool:
        is_first = next(iter(self._reading)) is reader
        others = 0 if is_first else sum(n for one, n in self._reading.items() if one is not reader)
        alone = is_first and not self._kept  # a file that is larger than the budget can be read by itself
        return alone or self._kept + others + self._reading[reader] <= self.most


class Reading:
    """One reader's share of a budget."""

    def __init__(self, budget: MemoryBudget) -> None:
        self._budget, self._told = budget, 0

    def holds(self, n_bytes: int) -> None:
        """Report how much it holds now; ask the budget only if that has changed by FREE or more."""
        if abs(n_bytes - self._told) >= FREE:
            self._told = n_bytes
            self._budget.hold(self, n_bytes)


BUDGET = MemoryBudget(memory_bytes() // SHARE)


def read_lines(file: BinaryIO, name: str, most: int) -> Iterator[tuple[bytes, int]]:
    """Yield each line of a file with its length in bytes; a blank line as b"".

    `most`: bytes of the whole file. Raises FileError, and BusyError where others read too much at once.
    """
    parts: list[bytes] = []
    in_line = in_file = kept = 0
    with BUDGET.reader() as reading:
        while piece := _read_piece(file, name):
            in_line += len(piece)
            in_file += len(piece)
            if in_file > most:
                raise FileError(f"{name}: is larger than {most // MB} MB; load a smaller run")
            if parts or not piece.isspace():
                parts.append(piece)
                kept += len(piece)
                if len(parts) * PIECE > MAX_LINE_LENGTH:
                    raise FileError(
                        f"{name}: a line is longer than {MAX_LINE_LENGTH // MB} MB; load a smaller run"
                    )
                reading.holds(kept + COPIES * PIECE * (len(parts) - 1))
            if piece.endswith(b"\n"):
                yield b"".join(parts), in_line
                parts, in_line = [], 0
        if in_line:
            yield b"".join(parts), in_line


def _read_piece(file: BinaryIO, name: str) -> bytes:
    try:
        return file.readline(PIECE)
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise FileError(f"{name}: the compressed file is damaged; choose one that Escape saved") from None
