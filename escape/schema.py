"""Puzzles, models, judges: every type shared between packages, frozen, and the protocols Model and Judge. No logic."""

from __future__ import annotations

from collections.abc import Mapping, Sized
from typing import Literal, Protocol

from pydantic import Field, JsonValue, SkipValidation, model_validator

from escape.errors import SizeError
from escape.fields import Line, LongText, MediumText, Record, Seconds, Text, Usd
from escape.marks import Verdict
from escape.world import MAX_DOORS, MAX_THINGS, MAX_TURNS, House, Laboratory, World

Effort = Literal["minimal", "low", "medium", "high"]
# Why a model stopped: `filter` is its provider's, `tool_call` asks for a tool that nobody offered
Finish = Literal["stop", "length", "refusal", "filter", "tool_call", "other"]
NO_BUDGET = frozenset({"demo", "control", "published"})  # providers whose answers are there already
ANSWER_BUDGET = 8_192  # tokens, the same for rooms, houses and conversations, thinking included


class Setup(Record):
    """What the player is told. Limits that matter (lengths, masses) are in `constraints`."""

    scenario: str = Field(min_length=1, max_length=160_000)
    available_items: tuple[Line, ...] = Field(min_length=1, max_length=MAX_THINGS)
    constraints: tuple[Line, ...] = Field(max_length=40)


class PlainText(Record):
    """A room's text without everything that speaks of its red herrings."""

    scenario: Text
    constraints: tuple[Line, ...] = Field(max_length=40)


class Solution(Record):
    """The reference way out. Only the judge sees it."""

    steps: tuple[Line, ...] = Field(min_length=1, max_length=MAX_DOORS)
    key_insights: tuple[Line, ...] = Field(max_length=MAX_DOORS)


class Puzzle(Record):
    """One room, in the published JSON form. The fields from `title` on are this project's own, and optional."""

    problem_id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")
    setup: Setup
    physical_principles: tuple[Line, ...] = Field(min_length=1, max_length=80)
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
    other_names: Mapping[str, Line] = Field(default_factory=dict)  # thing -> what a similar room would call it
    plain: PlainText | None = None
    spare_herrings: Mapping[str, Line] = Field(default_factory=dict)  # item that fits this room -> why it cannot help
    source: str = Field("", max_length=500)
    world: World | None = None
    house: House | None = None
    lab: Laboratory | None = None

    @model_validator(mode="after")
    def _bounded(self) -> Puzzle:
        if (self.world, self.house, self.lab).count(None) < 2:
            raise ValueError("a puzzle is a written room, a house or a laboratory, only one of them")
        if self.drawn is not None:
            return self
        sizes: Mapping[str, tuple[Sized, int]] = {
            "setup.scenario": (self.setup.scenario, 4000),
            "setup.available_items": (self.setup.available_items, 40),
            "physical_principles": (self.physical_principles, 20),
            "solution.steps": (self.solution.steps, 40),
            "solution.key_insights": (self.solution.key_insights, 40),
        }
        for field, (value, most) in sizes.items():
            if len(value) > most:
                raise SizeError(field, f"has {len(value)}, of at most {most}")
        return self

    @property
    def playable(self) -> bool:
        """True if moves can be carried out in it: it has a world, or was drawn."""
        return self.world is not None or self.drawn is not None

    @property
    def drawn(self) -> House | Laboratory | None:
        """What was drawn from a seed, if anything: a row of doors that nobody marks."""
        return self.house or self.lab

    def __hash__(self) -> int:
        """By its id, so that its room can be cached under it."""
        return hash(self.problem_id)

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
    effort: Effort | None = None  # how long a reasoning model may think; None: the provider's default
    max_tokens: int = Field(ANSWER_BUDGET, ge=1, le=200_000)  # the answer budget: all output of a trial's plan or turns
    timeout_s: float = Field(120.0, gt=0, le=3600)

    @property
    def budget(self) -> int:
        """The answer budget in tokens, thinking included; 0 where no model is asked."""
        return 0 if self.provider in NO_BUDGET else self.max_tokens

    @property
    def name(self) -> str:
        """`provider:model`, as people and the command line write it; plus `[effort]` if one was chosen."""
        return f"{self.provider}:{self.model}" + (f"[{self.effort}]" if self.effort else "")


class Prompt(Record):
    """A text a model reads. `reply_schema` asks for JSON that matches it, if the server supports that. `turns`: what
    followed `user` in a conversation; None if it is none. `limit`: of this answer, in tokens, below the model's own.
    """

    name: str
    version: int
    system: str
    user: str
    problem_id: str = ""
    reply_schema: SkipValidation[Mapping[str, JsonValue] | None] = None
    turns: SkipValidation[tuple[Turn, ...] | None] = None
    limit: int | None = None

    @property
    def label(self) -> str:
        """`name/version`, as recorded with every answer and mark."""
        return f"{self.name}/{self.version}"


class Answer(Record):
    """A model's reply, with its cost and timing. `reasoning` is its thinking: shown folded, never judged. `cache_...`:
    input tokens at a cache's price. `carried`: what a provider wants back with the next turn of a conversation, such as
    encrypted reasoning, as it came, by the name of its protocol.
    """

    text: LongText
    model: MediumText = ""
    reasoning: LongText = ""
    input_tokens: int | None = Field(None, ge=0)
    output_tokens: int | None = Field(None, ge=0)
    cache_read_tokens: int = Field(0, ge=0)
    cache_write_tokens: int = Field(0, ge=0)
    carried: SkipValidation[Mapping[str, JsonValue]] = Field(default_factory=dict, max_length=3)
    latency_s: Seconds = 0.0
    finish_reason: Finish = "stop"
    cost_usd: Usd | None = None
    doubtful_usd: Usd = 0.0  # what earlier attempts whose reply never arrived may have cost
    attempts: int = 1
    # seconds between calls that the provider's headers allow; None if it says nothing
    spacing_s: float | None = Field(None, exclude=True)

    @property
    def cut_off(self) -> bool:
        """True if it was cut off at the length limit."""
        return self.finish_reason == "length"

    @property
    def whole_lines(self) -> str:
        """Its text, without a last line that was cut off."""
        return self.text.rpartition("\n")[0] if self.cut_off else self.text


class Turn(Record):
    """One turn of a conversation, from 1: what the player said, the move that was read in it, and the reply to it."""

    number: int = Field(ge=1, le=MAX_TURNS)
    answer: Answer
    move: MediumText = ""
    reply: MediumText = ""


class Model(Protocol):
    """A player, or the model a judge uses: `complete` asks once, without retries. Raises ModelError."""

    spec: ModelSpec

    async def complete(self, prompt: Prompt) -> Answer: ...  # noqa: D102 - see above

    async def close(self) -> None: ...  # noqa: D102 - releases connections


class JudgeSpec(Record):
    """Which judge: `room`, `rubric`, `checklist` or `holistic` with a model, or a `panel` of two or three of these."""

    design: str = Field("room", max_length=40)
    model: ModelSpec | None = None
    members: tuple[JudgeSpec, ...] = Field((), max_length=3)

    @model_validator(mode="after")
    def _flat(self) -> JudgeSpec:
        if any(m.members for m in self.members):
            raise ValueError("a member of a panel is a judge, not another panel")
        return self

    @property
    def name(self) -> str:
        """`room`, `checklist:openai:gpt-4o`, `panel(...)`."""
        inside = f"({', '.join(m.name for m in self.members)})" if self.members else ""
        return self.design + (f":{self.model.name}" if self.model else inside)

    @property
    def models(self) -> tuple[ModelSpec, ...]:
        """Every model this judge asks."""
        return tuple(filter(None, [self.model, *(m for member in self.members for m in member.models)]))


class Judge(Protocol):
    """Marks an answer, which is data and never obeyed. Raises ModelError (a call failed) or NotJudged (no mark)."""

    name: str

    async def judge(self, puzzle: Puzzle, answer_text: str) -> Verdict: ...  # noqa: D102 - see above
