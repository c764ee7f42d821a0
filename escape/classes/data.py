"""The stored rows of all classes, and their runs, each unpacked once for all pages."""

import hashlib
import threading

from escape.classes.rounds import Round, RoundSettings
from escape.runs.file import jsonl, loads
from escape.store import Classes, RoundRow, Store
from escape.types import ClassError, Run

MAX_PACKED = 8 * 2**20  # bytes of a class's run
MAX_RUNS = 12  # unpacked at once, some 7 MB each; classes that hold the same lesson share one


def packed_for_class(run: Run) -> bytes:
    """Pack a run for a class to store, without judges' cards. Raises ClassError if it is too large."""
    data = jsonl.packed_file(run.model_copy(update={"cards": ()}))
    if len(data) > MAX_PACKED:
        raise ClassError("this run is too large for a class; choose fewer puzzles or players")
    return data


def round_of(row: RoundRow) -> Round:
    return Round(row.id, row.number, row.state, RoundSettings.model_validate_json(row.plan))  # type: ignore[arg-type]


class ClassData:
    """The rows of all classes and their runs, unrestricted: `Teacher` and `Student` restrict it."""

    def __init__(self, store: Store) -> None:
        self.rows = Classes(store)
        self._hashes: dict[tuple[str, int], str] = {}  # of the run that a class had under a number
        self._lock = threading.Lock()
        self._runs: dict[str, Run] = {}  # by that hash, the one used last at the end

    def run(self, code: str, content: int = 0) -> Run:
        """Load a class's current run, or an earlier one by its number, which never changes.

        Raises ClassError if the class was deleted.
        """
        row = None
        if not content:
            row = self.rows.get(code)
            if row is None:
                raise ClassError("this class was deleted")
            content = row.content
        with self._lock:  # so that thirty students who arrive at once unpack it once
            digest = self._hashes.get((code, content), "")
            run = self._runs.pop(digest, None) or self._unpacked(code, content)
            self._runs[self._hashes[code, content]] = run
        return run

    def _unpacked(self, code: str, content: int) -> Run:
        """Read and unpack a run, unless another class has the same one in memory. Raises ClassError.

        The caller holds the lock.
        """
        row = self.rows.get(code)
        data = None
        if row is not None and row.content == content:
            data = self.rows.run(code)
        elif row is not None:
            data = self.rows.earlier_run(code, content)
        if data is None:
            raise ClassError("this class was deleted")
        self._hashes[code, content] = digest = hashlib.sha256(data).hexdigest()
        run = self._runs.pop(digest, None) or loads(data, "class")
        for oldest in list(self._runs)[: max(0, len(self._runs) + 1 - MAX_RUNS)]:
            self._runs.pop(oldest, None)
        return run

    def forget(self, code: str) -> None:
        with self._lock:
            for key in [k for k in self._hashes if k[0] == code]:
                digest = self._hashes.pop(key)
                if digest not in self._hashes.values():
                    self._runs.pop(digest, None)
