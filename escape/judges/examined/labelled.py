"""Answers with the marks that readers gave them; those of the exam ship with the project."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from statistics import fmean

from pydantic import AliasChoices, ConfigDict, Field

from escape.intake import parse_jsonl
from escape.judges.annotators import HASH_DIGITS, text_hash
from escape.types import Record

BUNDLED = Path(__file__).with_name("judge_exam.jsonl")


class Label(Record):
    model_config = ConfigDict(extra="ignore")

    principles: Mapping[str, bool] = Field(default_factory=dict)  # by the reference's own lines
    steps: Mapping[str, bool] = Field(default_factory=dict)
    herrings: Mapping[str, bool] = Field(default_factory=dict, validation_alias="herrings_used")
    pus: float = Field(ge=0, le=2, validation_alias=AliasChoices("pus", "PUS"))
    sps: float = Field(ge=0, le=2, validation_alias=AliasChoices("sps", "SPS"))
    rhh: float | None = Field(None, ge=0, le=1, validation_alias=AliasChoices("rhh", "RHH"))


class Labelled(Record):
    """An answer with the marks that readers gave it."""

    model_config = ConfigDict(extra="ignore")

    case_id: str | int = ""
    problem_id: str
    kind: str = ""
    answer: str
    labels: tuple[Label, ...] = Field(min_length=1)

    def mark(self, score: str) -> float | None:
        values = [x for label in self.labels if (x := getattr(label, score)) is not None]
        return fmean(values) if values else None

    @property
    def attempt(self) -> bool:
        """True if the readers gave the answer any mark for physics or plan."""
        return bool(self.mark("pus") or self.mark("sps"))


def labelled_answers(text: str, name: str = "labelled answers") -> list[Labelled]:
    """Read labelled answers from JSONL. Raises FileError naming the line and the remedy."""
    needs = "each line needs problem_id, answer and labels with pus, sps and rhh"
    return list(parse_jsonl(text, Labelled, name, needs))


def bundled() -> list[Labelled]:
    """Read the answers that ship with the project, each marked by two readers (language models)."""
    return labelled_answers(BUNDLED.read_text("utf-8"), "the bundled exam")


@lru_cache(maxsize=1)
def edition() -> str:
    """Hash the bundled answers and their labels; a kept card counts only for the same hash."""
    return text_hash(BUNDLED.read_text("utf-8"))[:HASH_DIGITS]
