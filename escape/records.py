"""The data a run produces, as frozen records: trials, results, failures, opinions, and the run that holds them."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, SkipValidation, model_validator
from pydantic.types import FailFast

from escape.errors import FailureKind
from escape.fields import MediumText, Name, Record, Usd, total
from escape.schema import Answer, JudgeSpec, ModelSpec, Puzzle, Scores, Turn, Verdict
from escape.world import MAX_TURNS, Foreseen, Outcome, PlayedBy

CANARY = "ESCAPE-CANARY 6f0c8a52-5b0e-4a5e-9d43-b1a7c9a0e2d7: benchmark data, keep out of training corpora"
MAX_TRIALS = 200_000
MAX_OPINIONS = 200_000

TrialKey = tuple[str, str, int]  # a compact trial: problem_id, player, repeat

IMPORTED = "brought:"  # prefix of the player name for an answer that a person brought in
PLAYED = "person:"  # prefix of the player name for a person who played a room
AGENT = "agent:"  # prefix of the player name for an agent that played over MCP
PERSON = "human:"  # prefix of the rater name for a person


class Trial(Record):
    """The key that joins answers, marks and spot-checks. `repeat` counts from 1."""

    problem_id: Name
    player: Name
    repeat: int = Field(1, ge=1)

    @property
    def key(self) -> TrialKey:
        """The same, as a compact tuple."""
        return (self.problem_id, self.player, self.repeat)

    @property
    def is_imported(self) -> bool:
        """True if somebody brought in the answer or played, and no call of ours was made."""
        return self.player.startswith((IMPORTED, PLAYED, AGENT))


class Failure(Record):
    """Why a trial has no mark. Never a score, never a fake answer."""

    stage: Literal["player", "judge"]
    kind: FailureKind
    message: MediumText
    attempts: int = Field(1, ge=0)
    cost_usd: Usd | None = 0.0
    doubtful_usd: Usd = 0.0


class Foresight(Record):
    """What a player foresaw. `items`: by question; `answer`: the reply as it came, with its cost; `problem`: why there
    is none, which is asked again when the run goes on.
    """

    items: tuple[Foreseen, ...] = Field((), max_length=40)
    answer: Answer | None = None
    problem: MediumText = ""


class Result(Record):
    """One trial so far. An answer without a verdict or a failure has not been judged yet.

    `outcome` is what its moves led to in the room. `turns`: of a conversation, whose `answer` joins their moves and
    costs nothing beside them; a line of a run file holds those that are new. `earlier_usd` is what superseded attempts
    at this trial cost, or may have cost: money stays spent.
    """

    trial: Trial
    answer: Answer | None = None
    outcome: Outcome | None = None
    verdict: Verdict | None = None
    failure: Failure | None = None
    turns: tuple[Turn, ...] = Field((), max_length=MAX_TURNS)
    foresight: Foresight | None = None
    started_at: Name = ""
    ended_at: Name = ""
    earlier_usd: Usd = 0.0

    @property
    def status(self) -> Literal["judged", "played", "begun", "not_judged", "failed", "answered"]:
        """`played`: a house or a conversation, which nobody marks; `begun`: a conversation that goes on; `not_judged`
        keeps the answer for another judge; `answered` is waiting for its mark.
        """
        if self.outcome and (self.outcome.doors or self.turns):
            return "played"
        if self.turns and not self.failure:
            return "begun"
        if self.failure and not self.verdict:
            return "not_judged" if self.answer else "failed"
        return "judged" if self.verdict else "answered"

    @property
    def cost_usd(self) -> float | None:
        """What this trial cost; None if a price is unknown."""
        return total([x.cost_usd for x in self._paid])

    @property
    def charged_usd(self) -> float:
        """The most this trial has used of a cap: known costs, doubtful costs, superseded attempts."""
        return self.earlier_usd + sum((x.cost_usd or 0.0) + x.doubtful_usd for x in self._paid)

    @property
    def _paid(self) -> list[Answer | Verdict | Failure]:
        foreseen = self.foresight.answer if self.foresight else None
        parts = (*(t.answer for t in self.turns), self.answer, self.verdict, self.failure, foreseen)
        return [x for x in parts if x]

    def after(self, earlier: Result | None) -> Result:
        """The result that replaces an earlier one of its trial: an existing answer stays, and money stays spent."""
        if earlier is None:
            return self
        kept = self.answer is None or self.answer == earlier.answer
        parts: list[Answer | Verdict | Failure | None] = [earlier.verdict, earlier.failure]
        if not kept:
            parts.append(earlier.answer)
        if self.foresight and earlier.foresight and self.foresight != earlier.foresight:
            parts.append(earlier.foresight.answer)
        gone = [x for x in parts if x and x not in (self.verdict, self.failure)]
        superseded = sum((x.cost_usd or 0.0) + x.doubtful_usd for x in gone)
        spent = max(self.earlier_usd, earlier.earlier_usd) + superseded
        own = {name: getattr(self, name) or getattr(earlier, name) for name in ("answer", "turns", "foresight")}
        return self.model_copy(update=own | {"earlier_usd": spent})


class Opinion(Record):
    """A further verdict on an answer: from another judge or, with judge `human:NAME`, from a person."""

    trial: Trial
    verdict: Verdict | None = None
    failure: Failure | None = None
    rater: MediumText
    at: Name = ""


def by_person(rater: str) -> bool:
    """True if the rater is a person."""
    return rater.startswith(PERSON)


class Estimate(Record):
    """A figure with its 95 % interval; None if undefined, as kappa is when everybody gives the same mark."""

    value: float | None = None
    low: float | None = None
    high: float | None = None


class ScoreAgreement(Record):
    """How well two raters agree on one score over n answers. Bias is first minus second, in marks."""

    score: Literal["pus", "sps", "rhh"]
    n: int
    kappa: Estimate = Estimate()
    alpha: Estimate = Estimate()
    exact: Estimate = Estimate()
    bias: Estimate = Estimate()


class ControlOutcome(Record):
    """How a judge marked one control answer. `scores` is None if it gave no mark; `note` says why."""

    problem_id: Name
    name: Name
    style: Name = ""
    passed: bool
    scores: Scores | None = None
    note: MediumText = ""


class KindBias(Record):
    """How far a judge's marks lie above those of people on one kind of answer, such as long ones."""

    kind: Name
    score: Name
    n: int
    bias: Estimate


class ReportCard(Record):
    """What an exam found out about a judge. Included with every result that the judge marked."""

    model_config = ConfigDict(extra="ignore")  # a kept run may hold a figure that is worked out no longer

    judge: MediumText
    prompt: MediumText = ""
    at: Name = ""
    controls: tuple[ControlOutcome, ...] = Field((), max_length=100_000)
    asked: int = 0
    answered: int = 0
    fresh: int = 0  # decisions on answers that were made for this sitting
    fresh_right: int = 0
    labelled: int = 0
    declined: int = 0  # labelled answers without a mark by the judge's own decision: they count as wrong
    rhh_undecided: int = 0  # marked answers to puzzles with red herrings without a mark for them
    agreement: tuple[ScoreAgreement, ...] = Field((), max_length=10)
    within: tuple[ScoreAgreement, ...] = Field((), max_length=10)  # over answers that are attempts
    by_kind: tuple[KindBias, ...] = Field((), max_length=200)
    constant_controls: int = 0  # passed by a judge that gives every attempt one mark and any other text 0
    constant_agreement: tuple[ScoreAgreement, ...] = Field((), max_length=10)
    works_out: int = 0  # of the next, those that lead out
    works_compared: int = 0  # answers whose moves the room carried out and about which the judge said whether they work
    believed: int = 0  # of these, called working by the judge although the room says no
    doubted: int = 0  # called not working although they lead out
    format_failures: int = 0
    other_failures: int = 0
    calls: int = 0
    cost_usd: Usd | None = 0.0


class RunConfig(Record):
    """What was asked for. Prompt and library versions are in Run.versions."""

    players: tuple[ModelSpec, ...] = Field((), max_length=200)
    judge: JudgeSpec = JudgeSpec()
    problem_ids: tuple[Name, ...] = Field((), max_length=2000)
    repeats: int = Field(1, ge=1, le=10_000)
    concurrency: int = Field(8, ge=1, le=500)
    max_cost_usd: float | None = Field(None, ge=0, allow_inf_nan=False)
    moves: bool = True  # ask players for moves if a room can carry them out
    protocol: PlayedBy = "plan"
    foresight: bool = False  # also ask what will happen

    def trials(self) -> Iterator[Trial]:
        """Every trial: all puzzles and players once, then the next repeat."""
        for repeat, where, who in itertools.product(range(1, self.repeats + 1), self.problem_ids, self.players):
            yield Trial(problem_id=where, player=who.name, repeat=repeat)

    @property
    def size(self) -> int:
        """The number of trials."""
        return len(self.players) * len(self.problem_ids) * self.repeats


class Header(Record):
    """A run without its results: configuration, puzzles, opinions, cards, versions. The first line of a run file."""

    format: Literal["escape-run/2"] = "escape-run/2"
    canary: Name = CANARY
    run_id: Name
    title: Name = ""
    started_at: Name
    config: RunConfig
    versions: Mapping[Name, Name] = Field(default_factory=dict, max_length=100)
    puzzles: Annotated[tuple[Puzzle, ...], FailFast(), Field(max_length=2000)]
    opinions: Annotated[tuple[Opinion, ...], FailFast(), Field(max_length=MAX_OPINIONS)] = ()
    cards: Annotated[tuple[ReportCard, ...], FailFast(), Field(max_length=50)] = ()

    @model_validator(mode="after")
    def _whole(self) -> Header:
        known = {p.problem_id for p in self.puzzles}
        if len(known) < len(self.puzzles):
            raise ValueError("two puzzles have the same id")
        if self.config.size > MAX_TRIALS:
            raise ValueError(f"more than {MAX_TRIALS} trials")
        self.check_puzzles_exist({o.trial.problem_id for o in self.opinions} | set(self.config.problem_ids))
        return self

    def check_puzzles_exist(self, problem_ids: Collection[str]) -> None:
        """Raises ValueError if one of these puzzles is missing."""
        if strangers := set(problem_ids) - {p.problem_id for p in self.puzzles}:
            raise ValueError(f"there is no puzzle {min(strangers)!r} in it")

    @property
    def of_houses(self) -> bool:
        """True for a run of houses or laboratories, whose figure is how far one gets, not marks."""
        asked = set(self.config.problem_ids)
        return any(p.drawn is not None and (p.problem_id in asked or not asked) for p in self.puzzles)

    @property
    def puzzle_by_id(self) -> dict[str, Puzzle]:
        """Puzzles by their id."""
        return {p.problem_id: p for p in self.puzzles}


class Run(Header):
    """Everything about a run. `results`: one per trial, in memory or read from the file on access."""

    results: SkipValidation[Sequence[Result]] = ()

    def __hash__(self) -> int:
        """By its id, so that results computed about a run can be cached under it."""
        return hash(self.run_id)

    @property
    def players(self) -> list[str]:
        """Players in the order asked for, then those that appear only in the results (brought answers)."""
        return list(dict.fromkeys([*(m.name for m in self.config.players), *(r.trial.player for r in self.results)]))

    @property
    def published(self) -> bool:
        """True for figures that were published without their answers."""
        return any(p.provider == "published" for p in self.config.players)
