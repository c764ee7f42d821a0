"""What a run leaves behind, frozen: trials, results, failures, opinions, and the document that restores them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Literal

from pydantic import Field, model_validator

from escape.errors import Kind
from escape.schema import Answer, JudgeSpec, ModelSpec, Puzzle, Record, Scores, Usd, Verdict, total

CANARY = "ESCAPE-CANARY 6f0c8a52-5b0e-4a5e-9d43-b1a7c9a0e2d7: benchmark data, keep out of training corpora"


class Trial(Record):
    """The key that joins answers, marks and spot-checks. `repeat` counts from 1."""

    problem_id: str
    player: str
    repeat: int = 1


class Failure(Record):
    """Why a trial has no mark: never a score, never a fake answer."""

    stage: Literal["player", "judge"]
    kind: Kind
    message: str
    attempts: int = 1
    cost_usd: Usd | None = 0.0


BROUGHT = "brought:"  # how the player of an answer is named that a person brought along


class Result(Record):
    """One trial so far. Answer without verdict and failure: the judge has still to speak."""

    trial: Trial
    answer: Answer | None = None
    verdict: Verdict | None = None
    failure: Failure | None = None
    started_at: str = ""
    ended_at: str = ""

    @property
    def brought(self) -> bool:
        """True for an answer that a person brought along."""
        return self.trial.player.startswith(BROUGHT)

    @property
    def status(self) -> Literal["judged", "not_judged", "failed", "answered"]:
        """`not_judged` keeps the answer for another judge; `answered` waits for its mark."""
        if self.failure and not self.verdict:
            return "not_judged" if self.answer else "failed"
        return "judged" if self.verdict else "answered"

    @property
    def cost_usd(self) -> float | None:
        """What this trial cost, None where a price is unknown."""
        return total([x.cost_usd for x in (self.answer, self.verdict, self.failure) if x])


class Opinion(Record):
    """A further verdict on an answer: another judge's or, with judge `human:NAME`, a person's."""

    trial: Trial
    verdict: Verdict | None = None
    failure: Failure | None = None
    rater: str
    at: str = ""


class Estimate(Record):
    """A figure with its 95 % interval; None where it is undefined, as kappa is where everybody gives one mark."""

    value: float | None = None
    low: float | None = None
    high: float | None = None


class ScoreAgreement(Record):
    """How two raters agree on one score over n answers. Bias is first minus second, in marks."""

    score: Literal["pus", "sps", "rhh"]
    n: int
    kappa: Estimate = Estimate()
    alpha: Estimate = Estimate()
    exact: Estimate = Estimate()
    bias: Estimate = Estimate()


class ControlOutcome(Record):
    """How a judge marked one control answer. `scores` is None where it gave no mark, which `note` explains."""

    problem_id: str
    name: str
    style: str = ""
    passed: bool
    scores: Scores | None = None
    note: str = ""


class ReportCard(Record):
    """What an exam found out about a judge. Travels with every result that this judge marked."""

    judge: str
    model: str = ""
    prompt: str = ""
    at: str = ""
    controls: tuple[ControlOutcome, ...] = ()
    asked: int = 0
    answered: int = 0
    labelled: int = 0
    agreement: tuple[ScoreAgreement, ...] = ()
    items_equal: Estimate = Estimate()
    format_failures: int = 0
    other_failures: int = 0
    calls: int = 0
    cost_usd: Usd | None = 0.0


class RunConfig(Record):
    """What was asked for. Prompts and library versions stand in Run.versions."""

    players: tuple[ModelSpec, ...] = ()
    judge: JudgeSpec = JudgeSpec()
    problem_ids: tuple[str, ...] = ()
    repeats: int = Field(1, ge=1, le=10_000)
    concurrency: int = Field(8, ge=1, le=500)
    max_cost_usd: float | None = Field(None, ge=0)

    def trials(self) -> Iterator[Trial]:
        """Every trial, one round of all puzzles and players after the other."""
        for repeat, where, who in itertools.product(range(1, self.repeats + 1), self.problem_ids, self.players):
            yield Trial(problem_id=where, player=who.name, repeat=repeat)


MOST_TRIALS = 200_000


class Run(Record):
    """One document that restores everything: configuration, puzzles in full, results, opinions, versions."""

    format: Literal["escape-run/1"] = "escape-run/1"
    canary: str = CANARY
    run_id: str
    title: str = ""
    started_at: str
    config: RunConfig
    versions: Mapping[str, str] = Field(default_factory=dict)
    puzzles: tuple[Puzzle, ...]
    opinions: tuple[Opinion, ...] = ()
    cards: tuple[ReportCard, ...] = ()
    results: tuple[Result, ...] = ()

    @model_validator(mode="after")
    def _whole(self) -> Run:
        """Every result, opinion and trial is about a puzzle that is here."""
        known = {p.problem_id for p in self.puzzles}
        if len(known) < len(self.puzzles):
            raise ValueError("two puzzles have one id")
        named = {r.trial.problem_id for r in self.results} | {o.trial.problem_id for o in self.opinions}
        named |= set(self.config.problem_ids)
        if strangers := named - known:
            raise ValueError(f"there is no puzzle {min(strangers)!r} in it")
        if len(self.config.players) * len(self.config.problem_ids) * self.config.repeats > MOST_TRIALS:
            raise ValueError(f"more than {MOST_TRIALS} trials")
        return self

    @property
    def puzzle_by_id(self) -> dict[str, Puzzle]:
        """Puzzles by their id."""
        return {p.problem_id: p for p in self.puzzles}

    @property
    def players(self) -> list[str]:
        """Players in the order asked for, then those that only the results name (brought answers)."""
        return list(dict.fromkeys([*(m.name for m in self.config.players), *(r.trial.player for r in self.results)]))
