"""What is printed and asks nobody: a prompt, and a run's figures for a paper."""

from __future__ import annotations

import csv
import io
import re

from escape.puzzles.recorded import FOLDER
from tests.cli.test_commands import escape

RUN = str(FOLDER / "frontier-rooms.jsonl")


def test_a_prompt_is_printed_as_it_is_sent_and_an_unknown_puzzle_is_named() -> None:
    printed = escape("prompt", "VAC_001").stdout
    assert re.match(r"\[player/\d+\]\n\nYou are in an escape room", printed)
    assert "Available items" in printed
    assert "move" in escape("prompt", "VAC_001", "--move-by-move").stdout
    assert "?" in escape("prompt", "VAC_001", "--foresight").stdout
    wrong = escape("prompt", "NO_SUCH")
    assert wrong.returncode == 2
    assert "escape check problems" in wrong.stderr


def test_a_table_has_each_share_with_its_interval() -> None:
    (row,) = csv.DictReader(io.StringIO(escape("table", RUN).stdout))
    assert (row["player"], row["n"], row["rooms"], row["pairs"]) == ("frontier", "30", "1.000", "1.000")
    assert 0.8 < float(row["low"]) < 1
    latex = escape("table", RUN, "--latex").stdout
    assert latex.startswith("\\begin{tabular}{l")
    assert "lost\\_by\\_heart" in latex


def test_a_table_of_houses_has_doors() -> None:
    (row,) = csv.DictReader(io.StringIO(escape("table", str(FOLDER / "frontier-houses.jsonl")).stdout))
    assert (row["n"], row["doors"]) == ("2", "8")
