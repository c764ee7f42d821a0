"""The report card of a judge, with its figures."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field

from escape.types.fields import MediumText, Name, Record, Usd
from escape.types.judging import Scores


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


class ReportCard(Record):
    """The results of a judge's exam. Included with every result that the judge marked."""

    model_config = ConfigDict(extra="ignore")  # a kept run may hold a figure that is worked out no longer

    judge: MediumText
    prompt: MediumText = ""
    at: Name = ""
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
