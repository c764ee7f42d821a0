"""Puzzles, models, judging: every type that crosses rooms, frozen, and the protocols Model and Judge. No logic."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field, JsonValue, SkipValidation

Works = Literal["yes", "partly", "no", "undecided"]
Text = Annotated[str, Field(min_length=1, max_length=4000)]
Usd = Annotated[float, Field(ge=0, allow_inf_nan=False)]  # a file may not lower what has been spent
Line = Annotated[str, Field(min_length=1, max_length=500)]


class Record(BaseModel):
    """Frozen and closed: a misspelt field is an error, not a silent loss."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Setup(Record):
    """What the player is told. Limits that decide (lengths, masses) stand in `constraints`."""

    scenario: Text
    available_items: tuple[Line, ...] = Field(min_length=1, max_length=40)
    constraints: tuple[Line, ...] = Field(max_length=40)


class Solution(Record):
    """The reference way out. Only the judge sees it."""

    steps: tuple[Line, ...] = Field(min_length=1, max_length=40)
    key_insights: tuple[Line, ...] = Field(max_length=40)


class Puzzle(Record):
    """One room, in the published JSON form; the fields from `title` on are this project's own and optional."""

    problem_id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")
    setup: Setup
    physical_principles: tuple[Line, ...] = Field(min_length=1, max_length=20)
    red_herrings: tuple[Line, ...] = Field(max_length=40)
    solution: Solution
    title: str = Field("", max_length=120)
    family: str = Field("", max_length=80)
    parent: str | None = Field(None, max_length=64)
    difficulty: int | None = Field(None, ge=1, le=3)
    solvable: bool = True
    herring_notes: Mapping[str, Line] = Field(default_factory=dict)
    accepted_alternatives: tuple[Line, ...] = Field((), max_length=20)
    cues: Mapping[str, tuple[Line, ...]] = Field(default_factory=dict)
    source: str = Field("", max_length=500)

    @property
    def name(self) -> str:
        """The title, or the id of a puzzle without one."""
        return self.title or self.problem_id


class ModelSpec(Record):
    """Which model to ask and how. Never holds a key, so it can be shown and saved."""

    provider: str = Field(min_length=1, max_length=40)
    model: str = Field(min_length=1, max_length=200)
    base_url: str | None = Field(None, max_length=500)
    temperature: float | None = Field(None, ge=0, le=2)
    max_tokens: int = Field(2048, ge=1, le=200_000)
    timeout_s: float = Field(120.0, gt=0, le=3600)

    @property
    def name(self) -> str:
        """`provider:model`, how people and the command line call it."""
        return f"{self.provider}:{self.model}"


class Prompt(Record):
    """A text a model reads. `reply_schema` asks for JSON of that JSON Schema where the server can."""

    name: str
    version: int
    system: str
    user: str
    problem_id: str = ""
    reply_schema: SkipValidation[Mapping[str, JsonValue] | None] = None

    @property
    def label(self) -> str:
        """`name/version`, as recorded beside every answer and mark."""
        return f"{self.name}/{self.version}"


class Answer(Record):
    """What a model sent back, and what it took. `reasoning` is thinking text, shown folded, never judged."""

    text: str
    model: str = ""
    reasoning: str = ""
    input_tokens: int | None = Field(None, ge=0)
    output_tokens: int | None = Field(None, ge=0)
    latency_s: float = 0.0
    finish_reason: Literal["stop", "length", "refusal", "other"] = "stop"
    cost_usd: Usd | None = None
    attempts: int = 1


class Model(Protocol):
    """A player or a judge's tool: `complete` asks once, without retries. Raises ModelError."""

    spec: ModelSpec

    async def complete(self, prompt: Prompt) -> Answer: ...  # noqa: D102 - said above


class Tick(Record):
    """One checklist item. `met` is what counts; a yes whose quote does not stand in the answer becomes a no."""

    text: str
    met: bool
    reason: str = ""
    quote: str = ""
    evidence_missing: bool = False


class Checklist(Record):
    """What a judge says; marks are computed from it. For herrings, `met` means used or required."""

    principles: tuple[Tick, ...]
    steps: tuple[Tick, ...]
    herrings: tuple[Tick, ...] = ()
    works: Works = "undecided"
    works_reason: str = ""
    complete_alternative: bool = False
    invented_items: tuple[str, ...] = ()
    attempted: bool = True
    attempted_reason: str = ""

    @property
    def ticks(self) -> tuple[Tick, ...]:
        """Principles, steps, herrings in reading order."""
        return self.principles + self.steps + self.herrings


class Scores(Record):
    """Physical Understanding 0..2, Solution Path 0..2, Red Herring Handling 0..1 or None: not applicable."""

    pus: float = Field(ge=0, le=2)
    sps: float = Field(ge=0, le=2)
    rhh: float | None = Field(ge=0, le=1)

    @property
    def overall(self) -> float:
        """The sum of the marks that apply, 0..5. Means over puzzles are taken per score, see metrics."""
        return self.pus + self.sps + (self.rhh or 0.0)


class Verdict(Record):
    """One judge's view of one answer, with what made it: judge, prompt and raw reply."""

    judge: str
    prompt: str = ""
    model: str = ""
    scores: Scores
    checklist: Checklist | None = None
    feedback: str = ""
    flags: tuple[str, ...] = ()
    raw: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: Usd | None = 0.0
    calls: int = 0
    latency_s: float = 0.0
    members: tuple[Verdict, ...] = ()


class JudgeSpec(Record):
    """Which judge: `rubric`, or `checklist`/`holistic` with a model, or a `panel` of these."""

    design: str = "rubric"
    model: ModelSpec | None = None
    members: tuple[JudgeSpec, ...] = ()

    @property
    def name(self) -> str:
        """`rubric`, `checklist:openai:gpt-4o`, `panel(...)`."""
        inside = f"({', '.join(m.name for m in self.members)})" if self.members else ""
        return self.design + (f":{self.model.name}" if self.model else inside)

    @property
    def models(self) -> tuple[ModelSpec, ...]:
        """Every model this judge asks."""
        return tuple(filter(None, [self.model, *(m for member in self.members for m in member.models)]))


class Judge(Protocol):
    """Marks an answer, which is data and never followed. Raises ModelError (a call failed) or NotJudged (no mark)."""

    name: str

    async def judge(self, puzzle: Puzzle, answer_text: str) -> Verdict: ...  # noqa: D102 - said above


def bare(item: str) -> str:
    """An item's name for comparison: without bracketed remarks, case and double spaces."""
    return " ".join(re.sub(r"\([^)]*\)", " ", item).casefold().split())


def total(parts: list[float | None]) -> float | None:
    """The sum, or None where a part is unknown: an unknown price must not look like a free call."""
    known = [p for p in parts if p is not None]
    return sum(known) if len(known) == len(parts) else None
