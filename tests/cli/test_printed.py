"""What is printed and asks nobody: a prompt, and a run's figures for a paper."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

from escape.puzzles.players import FOLDER
from tests.cli.command import escape

RUN = str(FOLDER / "frontier-rooms.jsonl")


def test_a_prompt_is_printed_as_it_is_sent_and_an_unknown_puzzle_is_named() -> None:
    printed = escape("prompt", "VAC_001").stdout
    assert re.match(r"\[player/\d+\]\n\nYou are in an escape room", printed)
    assert "Available items" in printed
    assert "move" in escape("prompt", "VAC_001", "--move-by-move").stdout
    wrong = escape("prompt", "NO_SUCH")
    assert wrong.returncode == 2
    assert "escape check problems" in wrong.stderr


def test_a_table_has_each_share_with_its_interval() -> None:
    rows = [*csv.DictReader(io.StringIO(escape("table", RUN).stdout))]
    row = next(r for r in rows if r["player"] == "frontier" and r["set"] == "rooms")
    assert (row["n"], row["rooms"]) == ("30", "1.000")
    assert next(r["pairs"] for r in rows if r["player"] == "frontier" and r["set"] == "twists") == "1.000"
    assert {r["player"] for r in rows} >= {"random moves", "everything onto everything"}
    assert 0.8 < float(row["low"]) < 1
    latex = escape("table", RUN, "--latex").stdout
    assert latex.startswith("\\begin{tabular}{l")
    assert "pairs\\_low" in latex


def test_a_recorded_model_plays_offline_and_its_unread_lines_stay_unread(tmp_path: Path) -> None:
    run = escape("run", "--model", "recorded:smollm2-135m", "--puzzles", "problems", "--puzzle", "BAL_002",
                 "--puzzle", "FLUID_001", "--quiet", "--csv", str(tmp_path / "a.csv"))  # fmt: skip
    assert run.returncode == 0, run.stderr
    rows = list(csv.DictReader((tmp_path / "a.csv").open(encoding="utf-8", newline="")))
    assert [(row["provider"], row["out"], float(row["cost_usd"])) for row in rows] == [("recorded", "0", 0)] * 2
