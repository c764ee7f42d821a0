"""What keeps the lines of tests: that it fails when one is lost, and that nothing kept belongs to no test."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.approved import Approved

TESTS = Path(__file__).parent
LONG = "word " * 80


def said(folder: Path, *lines: str, test: str = "test_one") -> Approved:
    approved = Approved(folder / "test_some.py", test)
    for line in lines:
        approved.add(line)
    return approved


def test_a_line_that_is_no_longer_said_is_an_error_and_a_new_one_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("APPROVE", "new")
    said(tmp_path, "two doors", "made on 2026-11-30 10:00", LONG).check()
    said(tmp_path, "two doors", "a key", test="test_two[a b]").check()
    monkeypatch.delenv("APPROVE")
    said(tmp_path, "something new", LONG, "made on 2027-01-01 09:30", "two doors").check()
    said(tmp_path, "a key", test="test_two[a b]").check()  # the other line stands with the first test
    with pytest.raises(AssertionError, match="two doors"):
        said(tmp_path, "three doors", "made on 2026-11-30 10:00", LONG).check()
    with pytest.raises(AssertionError, match="word"):
        said(tmp_path, "two doors", "made on 2026-11-30 10:00", LONG + "too").check()
    monkeypatch.setenv("APPROVE", "steady")
    said(tmp_path, "two doors").check()
    monkeypatch.delenv("APPROVE")
    said(tmp_path, "two doors").check()


def _keeping(file: Path) -> set[str]:
    return set(re.findall(r"def (test_\w+)\([^)]*approved: Approved", file.read_text("utf-8")))


def test_what_is_kept_belongs_to_a_test_and_every_test_that_is_only_kept_has_something() -> None:
    for file in TESTS.rglob("approved/*.txt"):
        module = file.parent.parent / f"test_{file.stem}.py"
        there = set(re.findall(r"def (test_\w+)", module.read_text("utf-8")))
        sections = {name.partition("[")[0] for name in re.findall(r"^## (.+)", file.read_text("utf-8"), re.M)}
        assert sections <= there, f"{file}: delete the sections of tests that are no longer there"
    for module in TESTS.rglob("test_kept.py"):
        kept = module.parent / "approved" / "kept.txt"
        found = set(re.findall(r"^## (\w+)", kept.read_text("utf-8"), re.M)) if kept.exists() else set()
        assert _keeping(module) <= found, f"{module}: write its lines with APPROVE=new"
