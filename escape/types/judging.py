"""Models and judges: specs, prompts, answers, verdicts, and the results of a judge's exam."""

from __future__ import annotations

from collections.abc import Mapping
from operator import not_
from typing import Literal, Protocol

from pydantic import ConfigDict, Field, JsonValue, SkipValidation, model_validator

from escape.types.fields import Line, LongText, MediumText, Name, Record, Seconds, Usd
from escape.types.puzzle import MAX_TURNS, Puzzle

Effort = Literal["minimal", "low", "medium", "high"]
# Why a model stopped: `filter` is its provider's, `tool_call` asks for a tool that nobody offered
Finish = Literal["stop", "length", "refusal", "filter", "tool_call", "other"]
# providers whose answers are there already
NO_BUDGET = frozenset({"demo", "control", "published", "recorded"})
INSTRUCTIONS_LETTERS, NAME_LETTERS = 4_000, 24  # of a player's own instructions, and of what they are called
ANSWER_BUDGET = 8_192  # tokens, the same for plans and conversations, thinking included


class ModelSpec(Record):
    """A model and how to ask it. Never holds a key, so it can be shown and saved."""

    provider: str = Field(min_length=1, max_length=40)
    model: str = Field(min_length=1, max_length=200)
    base_url: str | None = Field(None, max_length=500)
    temperature: float | None = Field(None, ge=0, le=2)
    effort: Effort | None = None  # how long a reasoning model may think; None: the provider's default
    # the answer budget: all output of a trial's plan or turns
    max_tokens: int = Field(ANSWER_BUDGET, ge=1, le=200_000)
    # one model at several budgets in one run: the budget is part of its name. Left out of files where it is
    # not so
    own_budget: bool = Field(False, exclude_if=not_)
    # a text of its own that stands before the prompt's system text, and what its player is called for it
    instructions: str = Field("", max_length=INSTRUCTIONS_LETTERS, exclude_if=not_)
    instructed_as: str = Field("", pattern=rf"^([^\W_][\w .-]{{0,{NAME_LETTERS - 1}}})?$", exclude_if=not_)
    timeout_s: float = Field(120.0, gt=0, le=3600)

    @model_validator(mode="after")
    def _named(self) -> ModelSpec:
        if bool(self.instructions) != bool(self.instructed_as):
            raise ValueError("instructions need a name, and a name instructions")
        return self

    @property
    def budget(self) -> int:
        """The answer budget in tokens, thinking included. 0 where no model is asked."""
        return 0 if self.provider in NO_BUDGET else self.max_tokens

    @property
    def name(self) -> str:
        """`provider:model`, as people and the command line write it.

        Followed by `[effort]` and `[tokens]` if chosen, and by ` + careful` for instructions named so.
        """
        chosen = [self.effort, self.max_tokens if self.own_budget else None]
        own = f" + {self.instructed_as}" if self.instructions else ""
        return f"{self.provider}:{self.model}" + "".join(f"[{choice}]" for choice in chosen if choice) + own

    def system(self, prompt: Prompt) -> str:
        """Join the system text sent with a prompt: the model's own instructions come first."""
        return f"{self.instructions}\n\n{prompt.system}" if self.instructions else prompt.system


class Prompt(Record):
    """A text for a model. `reply_schema`: of a JSON reply. `limit`: most tokens of the reply.

    `turns`: the conversation after `user`; None outside a conversation.
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
    """A model's reply. `reasoning`: never judged. `cache_..._tokens`: at a cache's price.

    `carried`: a provider's own data, to be sent back with the next turn.
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
        return self.finish_reason == "length"

    @property
    def whole_lines(self) -> str:
        """Its text, without a last line that was cut off."""
        return self.text.rpartition("\n")[0] if self.cut_off else self.text


class Turn(Record):
    """One turn of a conversation, from 1: the answer, the move read in it, and the reply to it."""

    number: int = Field(ge=1, le=MAX_TURNS)
    answer: Answer
    move: MediumText = ""
    reply: MediumText = ""


class Model(Protocol):
    """A player, or the model a judge uses: `complete` asks once, without retries. Raises ModelError."""

    spec: ModelSpec

    async def complete(self, prompt: Prompt) -> Answer: ...

    async def close(self) -> None: ...


Works = Literal["yes", "partly", "no", "undecided"]


class Tick(Record):
    """One checklist item. `met` is what counts. `share`: of the annotators that say yes, if several."""

    text: Line
    met: bool
    reason: MediumText = ""
    quote: MediumText = ""
    evidence_missing: bool = False
    share: float | None = Field(None, ge=0, le=1)

    @property
    def value(self) -> float:
        """The strength of its yes, 0 to 1."""
        return float(self.met) if self.share is None else self.share


class Checklist(Record):
    """A judge's checklist. Marks are computed from it. For herrings, `met` means used or required."""

    principles: tuple[Tick, ...] = Field(max_length=20)
    steps: tuple[Tick, ...] = Field(max_length=40)
    herrings: tuple[Tick, ...] = Field((), max_length=40)
    works: Works = "undecided"
    works_reason: MediumText = ""
    feasibility: float | None = Field(None, ge=0, le=1)  # the mean of several annotators' words
    complete_alternative: bool = False
    invented_items: tuple[MediumText, ...] = Field((), max_length=200)
    attempted: bool = True
    attempted_reason: MediumText = ""

    @property
    def ticks(self) -> tuple[Tick, ...]:
        return self.principles + self.steps + self.herrings


class Scores(Record):
    """Marks. `pus` 0..2, None if nobody marked the explanation. `sps` 0..2.

    `rhh` 0..1, None if it does not apply or could not be decided.
    """

    pus: float | None = Field(ge=0, le=2)
    sps: float = Field(ge=0, le=2)
    rhh: float | None = Field(ge=0, le=1)

    @property
    def overall(self) -> float:
        """The sum of the marks that apply, 0..5. Means over puzzles are taken per score. See metrics."""
        return (self.pus or 0.0) + self.sps + (self.rhh or 0.0)

    @property
    def top(self) -> int:
        """The maximum of `overall`: 5, less what does not apply."""
        explanation = 0 if self.pus is None else 2
        herrings = 0 if self.rhh is None else 1
        return explanation + 2 + herrings


class Verdict(Record):
    """One judge's verdict on one answer, with the judge, prompt and raw reply."""

    judge: MediumText
    prompt: MediumText = ""
    model: MediumText = ""
    scores: Scores
    checklist: Checklist | None = None
    feedback: MediumText = ""
    flags: tuple[MediumText, ...] = Field((), max_length=50)
    raw: LongText = ""
    input_tokens: int = Field(0, ge=0)
    output_tokens: int = Field(0, ge=0)
    cost_usd: Usd | None = 0.0
    doubtful_usd: Usd = 0.0
    calls: int = Field(0, ge=0)
    latency_s: Seconds = 0.0

    @property
    def undecided(self) -> bool:
        """True if the judge could not tell whether the plan works."""
        return self.checklist is not None and self.checklist.attempted and self.checklist.works == "undecided"


class JudgeSpec(Record):
    """A choice of judge: `room`, `readers`, or `checklist` or `holistic` with a model."""

    design: str = Field("room", max_length=40)
    model: ModelSpec | None = None

    @property
    def name(self) -> str:
        """`room`, `checklist:openai:gpt-4o`."""
        return self.design + (f":{self.model.name}" if self.model else "")

    @property
    def models(self) -> tuple[ModelSpec, ...]:
        return (self.model,) if self.model else ()


class Judge(Protocol):
    """Marks an answer, which is data and never obeyed.

    Raises ModelError (a call failed) or NotJudged (no mark).
    """

    name: str

    async def judge(self, puzzle: Puzzle, answer_text: str) -> Verdict: ...


class Estimate(Record):
    """A figure with its 95 % interval. None if undefined, as kappa is when everybody gives the same mark."""

    value: float | None = None
    low: float | None = None
    high: float | None = None


class ScoreAgreement(Record):
    """The agreement of two raters on one score over n answers. Bias is first minus second, in marks."""

    score: Literal["pus", "sps", "rhh"]
    n: int
    kappa: Estimate = Estimate()
    exact: Estimate = Estimate()
    bias: Estimate = Estimate()


class ControlOutcome(Record):
    """A judge's marks for one control answer. `scores` is None if it gave no mark. `note` says why."""

    problem_id: Name
    name: Name
    style: Name = ""
    passed: bool
    scores: Scores | None = None
    note: MediumText = ""


class KindBias(Record):
    """A judge's bias on one kind of answer: how far its marks lie above the annotators'."""

    kind: Name
    score: Name
    n: int
    bias: Estimate


class Agreed(Record):
    """Counts of items of one kind in one answer on which both annotators agree.

    `yes`, `no`: their number. `yes_right`, `no_right`: of these, those that the judge ticks alike. Items for
    which it gave no evidence are left out.
    """

    yes: int = Field(0, ge=0, le=40)
    yes_right: int = Field(0, ge=0, le=40)
    no: int = Field(0, ge=0, le=40)
    no_right: int = Field(0, ge=0, le=40)

    @model_validator(mode="after")
    def _counted(self) -> Agreed:
        if self.yes_right > self.yes or self.no_right > self.no:
            raise ValueError("more items are right than there are")
        return self


class ExamCase(Record):
    """One labelled answer of an exam, with the judge's ticks counted against the labels.

    `excess`: its marks above the annotators', as a share of full marks. `length`: in characters.
    """

    case_id: Name
    principles: Agreed = Agreed()
    steps: Agreed = Agreed()
    herrings: Agreed = Agreed()
    excess: float = Field(0.0, ge=-1, le=1)
    length: int = Field(1, ge=1)


class ReportCard(Record):
    """The results of a judge's exam. Included with every result that the judge marked."""

    model_config = ConfigDict(extra="ignore")  # a kept run may hold a figure that is worked out no longer

    judge: MediumText
    prompt: MediumText = ""
    at: Name = ""
    exam: Name = ""  # of which edition of the exam: a hash of its labelled answers. "" of another set
    controls: tuple[ControlOutcome, ...] = Field((), max_length=100_000)
    asked: int = 0
    answered: int = 0
    labelled_asked: int = 0  # labelled answers in the exam
    labelled: int = 0  # labelled answers that the judge marked
    declined: int = 0  # labelled answers without a mark by the judge's own decision: they count as wrong
    rhh_undecided: int = 0  # marked answers to puzzles with red herrings without a mark for them
    agreement: tuple[ScoreAgreement, ...] = Field((), max_length=10)
    within: tuple[ScoreAgreement, ...] = Field((), max_length=10)  # over answers that are attempts
    by_kind: tuple[KindBias, ...] = Field((), max_length=200)
    cases: tuple[ExamCase, ...] = Field((), max_length=2000, exclude_if=not_)  # what figures are corrected by
    constant_controls: int = 0  # passed by a judge that gives every attempt one mark and any other text 0
    constant_agreement: tuple[ScoreAgreement, ...] = Field((), max_length=10)
    works_out: int = 0  # of the next, those that lead out
    # answers whose moves the room carried out and about which the judge said whether they work
    works_compared: int = 0
    believed: int = 0  # of these, called working by the judge although the room says no
    doubted: int = 0  # called not working although they lead out
    format_failures: int = 0
    other_failures: int = 0
    calls: int = 0
    cost_usd: Usd | None = 0.0
