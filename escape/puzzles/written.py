"""Answers written by hand beside a puzzle: those of the demo players."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from pydantic import Field, JsonValue

from escape.intake import parse_jsonl
from escape.puzzles import files
from escape.types import LongText, Name, Record

ENDING = ".answers.jsonl"  # after a puzzle's id


class WrittenAnswer(Record):
    """One demo player's answer. `readers`: two readers' marks, in the form of `judges.annotators`."""

    player: Name
    answer: LongText
    readers: Mapping[str, JsonValue] = Field(default_factory=dict)


def _everywhere() -> Mapping[str, Mapping[str, WrittenAnswer]]:
    return _in_sets_of(files.BUNDLED, files.standard())


@lru_cache(maxsize=8)
def _in_sets_of(*bases: Path) -> Mapping[str, Mapping[str, WrittenAnswer]]:
    """Read the written answers beside the puzzles of these folders' sets, by puzzle id and player."""
    by_puzzle = {}
    for folder in dict.fromkeys(p for base in bases for p in files.sets_in(base).values() if p.is_dir()):
        for file in sorted(folder.glob(f"*{ENDING}")):
            lines = parse_jsonl(
                file.read_text("utf-8"), WrittenAnswer, str(file), "each line needs player and answer"
            )
            by_puzzle[file.name.removesuffix(ENDING)] = {line.player: line for line in lines}
    return MappingProxyType(by_puzzle)


def written_for(problem_id: str) -> Mapping[str, WrittenAnswer]:
    return _everywhere().get(problem_id, {})


def every_written() -> Iterator[tuple[str, WrittenAnswer]]:
    return (
        (problem_id, answer) for problem_id, answers in _everywhere().items() for answer in answers.values()
    )
