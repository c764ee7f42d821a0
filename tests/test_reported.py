"""Reported runs: what a pull request adds is verified, and the table in the docs is the folder's."""

import json
from pathlib import Path

import pytest

from escape.puzzles import recorded_run
from tools import reported


def test_the_table_in_the_docs_is_made_from_the_folder() -> None:
    assert reported.TABLE.read_text("utf-8") == reported.page()


def test_every_reported_run_verifies() -> None:
    assert {file: reported.faults(file) for file in reported.runs()} == {file: [] for file in reported.runs()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "somebody").mkdir()
    source = recorded_run("qwen2.5-coder-1.5b-easy")
    (tmp_path / "somebody" / "run.jsonl").write_bytes(source.read_bytes())
    return tmp_path


def test_a_row_has_the_share_its_interval_and_who_reported_it(folder: Path) -> None:
    (file,) = reported.runs(folder)
    assert reported.faults(file) == []
    page = reported.page(folder)
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    ids = {x["result"]["trial"]["problem_id"] for x in lines if "result" in x}
    outs = [x for x in lines if x.get("result", {}).get("outcome", {}).get("out")]
    (row,) = [line for line in page.splitlines() if "| easy |" in line]
    assert not outs  # this model got out of none, whichever of its three goes
    assert f"| 0 of {len(ids)} |" in row
    assert row.endswith("| somebody |")
    assert reported.EMPTY not in page


def test_a_run_that_was_changed_is_refused(folder: Path) -> None:
    (file,) = reported.runs(folder)
    text = file.read_text("utf-8")
    changed = (
        text.replace('"out":true', '"out":false')
        if '"out":true' in text
        else text.replace('"moves":', '"moves":9')
    )
    file.write_text(changed, "utf-8")
    assert reported.faults(file)


def test_an_empty_folder_says_so_and_makes_up_no_row(tmp_path: Path) -> None:
    assert reported.page(tmp_path).endswith(reported.EMPTY)
