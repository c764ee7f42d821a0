"""What a class stores: its rows, and its runs, each unpacked once for all its pages."""

from __future__ import annotations

from escape.runs.file import lines, loads
from escape.store import Classes, Store
from escape.types import ClassError, Run

MAX_PACKED = 8 * 2**20  # bytes of a class's run
MAX_RUNS = 30  # unpacked at once, all classes together


def packed(run: Run) -> bytes:
    """A run in the form a class stores. Raises ClassError if it is too large."""
    data = lines.packed(run.model_copy(update={"cards": ()}))
    if len(data) > MAX_PACKED:
        raise ClassError("this run is too large for a class; choose fewer puzzles or players")
    return data


class ClassData:
    """The rows of all classes of a store, and their runs. Code that holds this object is unrestricted; `roles`
    restricts it.
    """

    def __init__(self, store: Store) -> None:
        self.rows = Classes(store)
        self._runs: dict[tuple[str, int], Run] = {}

    def run(self, code: str, content: int = 0) -> Run:
        """A class's run, with its puzzles; or an earlier one, by its number, which never changes."""
        if content and (code, content) in self._runs:
            return self._runs[code, content]
        row = self.rows.get(code)
        if row is None:
            raise ClassError("this class was deleted")
        key = (code, content or row.content)
        if key not in self._runs:
            now = key[1] == row.content
            data = self.rows.run(code) if now else self.rows.earlier_run(*key)
            if data is None:
                raise ClassError("this class was deleted")
            if len(self._runs) > MAX_RUNS:
                self._runs.clear()
            self._runs[key] = loads(data, "class")
        return self._runs[key]

    def forget(self, code: str) -> None:
        """Release a deleted class's cached runs."""
        for key in [k for k in self._runs if k[0] == code]:
            self._runs.pop(key, None)
