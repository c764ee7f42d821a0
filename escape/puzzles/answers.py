"""Answers that stand beside a puzzle: the demo players' texts, and what two readers said of them, if anybody did."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from pydantic import Field, JsonValue

from escape.intake import parse_jsonl
from escape.puzzles import files
from escape.types import LongText, Name, Record

ENDING = ".answers.jsonl"  # after a puzzle's id


class WrittenAnswer(Record):
    """One demo player's answer. `readers`: as `judges.readers` takes it."""

    player: Name
    answer: LongText
    readers: Mapping[str, JsonValue] = Field(default_factory=dict)


@lru_cache(maxsize=8)
def _in(folder: Path) -> dict[str, dict[str, WrittenAnswer]]:
    by_puzzle = {}
    for file in sorted(folder.glob(f"*{ENDING}")):
        lines = parse_jsonl(file.read_text("utf-8"), WrittenAnswer, str(file), "each line needs player and answer")
        by_puzzle[file.name.removesuffix(ENDING)] = {line.player: line for line in lines}
    return by_puzzle


def _everywhere() -> dict[str, dict[str, WrittenAnswer]]:
    folders = [p for base in (files.BUNDLED, files.standard()) for p in files.sets(base).values() if p.is_dir()]
    return {problem_id: answers for folder in folders for problem_id, answers in _in(folder).items()}


def written_for(problem_id: str) -> Mapping[str, WrittenAnswer]:
    """The answers beside a puzzle, by player; empty if there are none."""
    return _everywhere().get(problem_id, {})


def every_written() -> Iterator[tuple[str, WrittenAnswer]]:
    """(problem id, answer) of all of them."""
    return ((problem_id, answer) for problem_id, answers in _everywhere().items() for answer in answers.values())
