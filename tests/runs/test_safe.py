"""Files for paid results: never overwritten by accident, whole or not there, saved elsewhere if need be."""

import errno
import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from escape.runs.file import safe
from escape.runs.file.safe import HeldFile, Output
from escape.types import FileError, SpecError


def test_a_file_is_replaced_whole_or_stays_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    usual = os.umask(0o027)
    try:
        assert Output(str(path), force=False).write(lambda: ["a", "\ud800", "é"]) == ""
    finally:
        os.umask(usual)
    assert path.read_text("utf-8") == "a?é"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640  # not for its owner alone, as a temporary file is

    def broken() -> None:
        with safe.replacing_file(path) as file:
            file.write(b"half")
            raise OSError(errno.ENOSPC, "full")

    with pytest.raises(OSError, match="full"):
        broken()
    assert path.read_text("utf-8") == "a?é"
    assert [p.name for p in tmp_path.iterdir()] == ["out.csv"]


def held(name: str, *, force: bool) -> HeldFile:
    made = HeldFile(Path(name))
    made.clear(force=force)
    return made


@pytest.mark.parametrize("kind", [held, Output])
def test_what_is_there_is_not_overwritten_unless_that_is_wanted(
    tmp_path: Path, kind: Callable[..., object]
) -> None:
    path = tmp_path / "there"
    path.write_text("paid")
    with pytest.raises(
        SpecError, match="already exists and is not empty; name another file, or overwrite it with"
    ):
        kind(str(path), force=False)
    assert path.read_text() == "paid"
    kind(str(path), force=True)
    path.write_text("")
    kind(str(path), force=False)  # an empty file holds nothing
    assert sorted(p.name for p in tmp_path.iterdir()) == ["there"]


def test_an_earlier_version_of_a_table_may_be_replaced(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("old")
    out = Output(str(path), force=False, ours=b"ol")
    assert path.read_text() == "old"
    assert out.write(lambda: ["new"]) == ""
    assert path.read_text() == "new"


def test_a_place_that_cannot_be_written_is_named_before_the_work_starts(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="is a folder; name a file in it"):
        Output(str(tmp_path), force=True)
    for kind in (Output, held):
        with pytest.raises(
            SpecError, match=r"cannot be written \(No such file or directory\); choose another place"
        ):
            kind(str(tmp_path / "none" / "x"), force=False)


def test_a_file_of_lines_is_held_by_one_process_and_begins_empty(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    path.write_text("old\n")
    with held(str(path), force=True) as first:
        with pytest.raises(SpecError, match="another run is writing to it"):
            held(str(path), force=True)
        first.write(b"one\n")
        first.write("two é\n".encode())
        assert path.read_text("utf-8") == "one\ntwo é\n"
        assert first.problem == ""
    held(str(path), force=True)


def rescued(trouble: str) -> Path:
    return Path(trouble.rpartition("everything is in ")[2])


def test_a_line_torn_by_a_full_disk_is_written_again_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    out = held(str(tmp_path / "lines"), force=False)
    out.write(b"one\n")
    real, calls = safe.write_all, []

    def full(file: object, data: bytes) -> None:
        calls.append(data)
        if len(calls) == 1:
            real(file, data[:2])  # type: ignore[arg-type]
            raise OSError(errno.ENOSPC, "No space left on device")
        real(file, data)  # type: ignore[arg-type]

    monkeypatch.setattr(safe, "write_all", full)
    out.write(b"two\n")
    assert "(No space left on device)" in out.problem
    assert rescued(out.problem).read_text() == "one\ntwo\n"
    assert (tmp_path / "lines").read_text() == "one\n"
    calls.clear()
    with pytest.raises(FileError, match="that place failed too"):
        out.write(b"three\n")


def test_a_table_whose_place_has_gone_is_written_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    folder = tmp_path / "gone"
    folder.mkdir()
    out = Output(str(folder / "t.csv"), force=False)
    shutil.rmtree(folder)
    said = out.write(lambda: ["a,b\n", "é"])
    assert said.startswith(f"{folder / 't.csv'}: cannot be written (No such file or directory); it is in ")
    found = Path(said.rpartition("; it is in ")[2])
    assert found.name.startswith("escape-rescued-")
    assert found.name.endswith("-t.csv")
    assert found.parent == tmp_path
    assert found.read_text("utf-8") == "a,b\né"


def test_a_folder_that_takes_an_empty_file_only_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "home").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "no such folder"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    file, name = safe.fallback_file("x" * 200)
    with file:
        assert Path(name).parent == tmp_path / "home"
        assert Path(name).stat().st_size == 0
        assert len(Path(name).name) < 120
        assert file.tell() == 0
    monkeypatch.setattr(
        "tempfile.mkstemp", lambda **_: (_ for _ in ()).throw(OSError(errno.EROFS, "read only"))
    )
    with pytest.raises(FileError, match="no folder accepts a new file; free some disk space"):
        safe.fallback_file("x")


def test_an_error_without_words_is_told_by_its_kind() -> None:
    assert safe.os_reason(OSError(errno.ENOSPC, "No space")) == "No space"
    assert safe.os_reason(BrokenPipeError()) == "BrokenPipeError"


def test_a_file_that_takes_little_at_a_time_is_given_the_rest() -> None:
    class Slow:
        def __init__(self) -> None:
            self.got = b""

        def write(self, data: memoryview) -> int:
            self.got += bytes(data[:3])
            return min(3, len(data))

    slow = Slow()
    safe.write_all(slow, b"abcdefgh")  # type: ignore[arg-type]
    assert slow.got == b"abcdefgh"


def test_two_options_name_two_files_by_whatever_way(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    with pytest.raises(SpecError, match="name two files"):
        safe.check_apart(json=str(tmp_path / "a"), csv=str(tmp_path / "x" / ".." / "a"))
    (tmp_path / "b").write_text("b")
    os.link(tmp_path / "b", tmp_path / "c")
    with pytest.raises(SpecError, match="name two files"):
        safe.check_apart(json=str(tmp_path / "b"), csv=str(tmp_path / "c"))
    with pytest.raises(SpecError, match="needs a file"):
        safe.check_apart(json="")
    safe.check_apart(json=str(tmp_path / "a"), csv=str(tmp_path / "b"), report=None)
