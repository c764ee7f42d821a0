"""Models: which one to ask and how, what it is asked, what it answers, and the protocol Model. No logic."""

from __future__ import annotations

from collections.abc import Mapping
from operator import not_
from typing import Literal, Protocol

from pydantic import Field, JsonValue, SkipValidation

from escape.types.fields import LongText, MediumText, Record, Seconds, Usd
from escape.types.puzzle import MAX_TURNS

Effort = Literal["minimal", "low", "medium", "high"]
# Why a model stopped: `filter` is its provider's, `tool_call` asks for a tool that nobody offered
Finish = Literal["stop", "length", "refusal", "filter", "tool_call", "other"]
NO_BUDGET = frozenset({"demo", "control", "published", "recorded"})  # providers whose answers are there already
ANSWER_BUDGET = 8_192  # tokens, the same for plans and conversations, thinking included


class ModelSpec(Record):
    """Which model to ask and how. Never holds a key, so it can be shown and saved."""

    provider: str = Field(min_length=1, max_length=40)
    model: str = Field(min_length=1, max_length=200)
    base_url: str | None = Field(None, max_length=500)
    temperature: float | None = Field(None, ge=0, le=2)
    effort: Effort | None = None  # how long a reasoning model may think; None: the provider's default
    max_tokens: int = Field(ANSWER_BUDGET, ge=1, le=200_000)  # the answer budget: all output of a trial's plan or turns
    # one model at several budgets in one run: the budget is part of its name. Left out of files where it is not so
    own_budget: bool = Field(False, exclude_if=not_)
    timeout_s: float = Field(120.0, gt=0, le=3600)

    @property
    def budget(self) -> int:
        """The answer budget in tokens, thinking included. 0 where no model is asked."""
        return 0 if self.provider in NO_BUDGET else self.max_tokens

    @property
    def name(self) -> str:
        """`provider:model`, as people and the command line write it. Plus `[effort]` and `[tokens]` if chosen."""
        chosen = [self.effort, self.max_tokens if self.own_budget else None]
        return f"{self.provider}:{self.model}" + "".join(f"[{choice}]" for choice in chosen if choice)


class Prompt(Record):
    """A text a model reads. `reply_schema`: of JSON. `turns`: after `user`, None if none. `limit`: in tokens."""

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
    """A model's reply. `reasoning`: never judged. `cache_...`: tokens at a cache's price. `carried`: for turns."""

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

    async def complete(self, prompt: Prompt) -> Answer: ...

    async def close(self) -> None: ...
