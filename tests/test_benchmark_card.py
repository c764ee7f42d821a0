"""The page that says what exactly was run: complete, alone, and nothing in it live."""

from __future__ import annotations

import re

from escape.benchmark_card import command, facts, page
from escape.metrics import METRICS
from escape.program import program_hash
from escape.puzzles import set_hash
from escape.schema import Puzzle
from tests.test_mended import played


def test_the_facts_name_puzzles_judge_prompt_set_and_program(by_id: dict[str, Puzzle]) -> None:
    run = played(by_id["FLUID_001"])
    told = dict(facts(run, METRICS["standard"]))
    assert told["Puzzles"] == "1 puzzle: FLUID_001"
    assert (told["Judge"], told["Judge's prompt"]) == ("rubric", "rubric/2")
    listed = [by_id["FLUID_001"].model_dump(mode="json", exclude_defaults=True)]
    assert told["Puzzle set, SHA-256"] == set_hash(listed)[:16]
    assert program_hash()[:16] in told["Program"]
    assert "checklist/3" in told["Prompts"]
    assert "--model control:reference" in command(run)


def test_the_page_stands_alone_and_text_from_outside_is_never_live(by_id: dict[str, Puzzle]) -> None:
    hostile = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    puzzle = by_id["FLUID_001"].model_copy(update={"title": hostile})
    made = page(played(puzzle).model_copy(update={"title": hostile}), METRICS["standard"])
    assert "<script" not in made
    assert "<img" not in made
    assert "&lt;script&gt;" in made
    assert not re.search(r"""<[^>]*(?:src|href)=|url\(|https?://""", made)
    assert "reference" in made
    assert "To repeat it" in made
