"""Files from outside: large ones are refused or wait for their turn, and nobody waits for ever."""

import gc
import gzip
import io
import threading
import tracemalloc
from collections.abc import Callable

import pytest

from escape import unpacking
from escape.runs.file import loads
from escape.types import BusyError, FileError
from escape.unpacking import MB, PIECE, MemoryBudget, read_lines
from tests.distinct import distinct_run
from tests.small_runs import dumps

MOST = 64 * MB


def read(data: bytes, most: int = MOST) -> list[tuple[bytes, int]]:
    return list(read_lines(io.BytesIO(data), "file", most))


def peak(work: Callable[[], object]) -> int:
    """Bytes that Python held at most."""
    tracemalloc.start()
    work()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most


def test_lines_come_whole_with_their_length_and_blank_ones_empty() -> None:
    long = b"x" * (3 * PIECE)
    assert read(b"one\n\n  \n" + long + b"\nlast") == [
        (b"one\n", 4), (b"", 1), (b"", 3), (long + b"\n", len(long) + 1), (b"last", 4),
    ]  # fmt: skip


@pytest.mark.parametrize("blank", [b" ", b"\n", b"\t\r\n"])
def test_a_bomb_of_blanks_takes_next_to_no_memory(blank: bytes) -> None:
    bomb = gzip.compress(blank * (MOST // len(blank) - 1))

    def load() -> None:
        with pytest.raises(FileError):
            loads(bomb, "bomb", MOST)

    assert peak(load) < 20 * MB


def test_a_file_is_refused_as_soon_as_it_passes_its_limit() -> None:
    class Counting(io.BytesIO):
        def readline(self, size: int | None = -1) -> bytes:
            self.read_so_far = self.tell()
            return super().readline(size)

    file = Counting(b"x\n" * MB)
    with pytest.raises(FileError, match="larger than 1 MB"):
        list(read_lines(file, "file", MB))
    assert file.read_so_far <= MB + 2


def test_a_line_that_is_too_long_is_refused() -> None:
    with pytest.raises(FileError, match="a line is longer"):
        read(b'"' + b" " * (17 * MB))


def test_a_damaged_or_too_large_compressed_file_is_refused_in_words() -> None:
    whole = gzip.compress(b"hello world" * 1000)
    broken = bytearray(whole)
    broken[15] ^= 0xFF
    broken[20] ^= 0xFF
    for data, why in ((bytes(broken), "is damaged"), (whole[:40], "is damaged"), (whole, "is larger than")):
        with pytest.raises(FileError, match=why):
            list(read_lines(gzip.GzipFile(fileobj=io.BytesIO(data)), "f.gz", 100))  # type: ignore[arg-type]


def test_who_reads_longest_is_never_held_up_and_others_wait_their_turn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(unpacking, "WAIT_S", 30.0)
    budget, order = MemoryBudget(10 * MB), list[str]()
    with budget.reader() as first:
        first.holds(20 * MB)  # alone it may

        def second() -> None:
            with budget.reader() as me:
                me.holds(5 * MB)
                order.append("second")

        waiting = threading.Thread(target=second)
        waiting.start()
        waiting.join(0.2)
        assert waiting.is_alive()
        first.holds(21 * MB)
        order.append("first")
    waiting.join(30)
    assert order == ["first", "second"]


def test_who_waits_too_long_is_told_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "WAIT_S", 0.01)
    budget = MemoryBudget(10 * MB)
    with budget.reader() as first, budget.reader() as second:
        first.holds(9 * MB)
        with pytest.raises(BusyError, match="try again"):
            second.holds(5 * MB)
    with budget.reader() as third:
        third.holds(9 * MB)  # both have given theirs back


def test_a_small_file_waits_for_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "WAIT_S", 0.0)
    with unpacking.BUDGET.reader() as large:
        large.holds(unpacking.BUDGET.most)
        assert read(b"small\n" * 1000)


class Owner:
    """What a run is to its bytes."""


def test_a_large_run_counts_until_it_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "WAIT_S", 0.0)
    budget, owner = MemoryBudget(10 * MB), Owner()
    budget.keep(owner, 8 * MB)
    with budget.reader() as other, pytest.raises(BusyError):
        other.holds(5 * MB)
    del owner
    gc.collect()
    with budget.reader() as other:
        other.holds(5 * MB)


def test_a_file_above_the_budget_is_read_where_nothing_else_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "WAIT_S", 0.0)
    with MemoryBudget(10 * MB).reader() as alone:
        alone.holds(100 * MB)


def test_the_budget_goes_by_the_memory_that_the_owner_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(unpacking.OURS, "512")
    assert unpacking.memory_bytes() == 512 * MB
    monkeypatch.setenv(unpacking.OURS, "")
    assert unpacking.memory_bytes() > 64 * MB


def test_a_run_is_held_by_its_results_in_whichever_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "FREE", 1)
    before = unpacking.BUDGET._kept
    run = loads(dumps(distinct_run()).encode())
    copied = run.model_copy(update={"title": "another"})
    del run
    gc.collect()
    assert unpacking.BUDGET._kept > before
    del copied
    gc.collect()
    assert unpacking.BUDGET._kept == before
