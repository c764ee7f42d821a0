"""What 1.0 promises: its files are read for ever, and nothing in it keeps MIT software from being shipped."""

from __future__ import annotations

import base64
import importlib.metadata
import re
import sqlite3
from pathlib import Path

import pytest

from escape.puzzles import files, puzzle_of
from escape.runs.file import load, loads
from escape.store.database import Store
from escape.ui.workshop.form import _DRAFT

ROOT = Path(__file__).parent.parent
V1 = ROOT / "tests" / "data" / "v1"  # written by 1.0.0, and never again


def test_a_run_of_1_0_is_read() -> None:
    run = load(str(V1 / "run.jsonl"))
    assert [(r.trial.player, r.result) for r in run.results] == [("control:reference", "out"), ("demo:hasty", "out")]
    assert loads(base64.b64decode((V1 / "run.json.gz.base64").read_bytes()), "run").results == run.results


def test_puzzles_and_drafts_of_1_0_are_read() -> None:
    (puzzle,) = files.load(V1 / "puzzles.json")
    assert puzzle == load(str(V1 / "run.jsonl")).puzzles[0]
    assert puzzle_of(_DRAFT.validate_json((V1 / "draft.json").read_bytes()), puzzle).world == puzzle.world


def test_a_database_of_1_0_is_opened(tmp_path: Path) -> None:
    file = tmp_path / "escape.sqlite3"
    with sqlite3.connect(file) as database:
        database.executescript((V1 / "database.sql").read_text("utf-8"))
    store = Store(f"sqlite:///{file}")
    assert store.allow("somebody", 1)


REFUSED = re.compile(r"\b(A?GPL|LGPL|SSPL|BUSL|non-?commercial|proprietary)\b", re.IGNORECASE)


@pytest.mark.parametrize("line", (ROOT / "requirements.txt").read_text("utf-8").split())
def test_a_dependency_may_be_shipped_with_mit_software(line: str) -> None:
    about = importlib.metadata.metadata(re.split(r"[<>=\[]", line)[0])
    classifiers = [c for c in about.get_all("Classifier") or [] if c.startswith("License")]
    licence = " ".join([about.get("License-Expression") or "", *classifiers, (about.get("License") or "")[:200]])
    assert licence.strip()
    assert not REFUSED.search(licence), licence
