"""Why a judge is not to be trusted: each reason alone, at its limit and just beyond."""

from __future__ import annotations

import pytest

from escape.judges.examined.exam import ENOUGH_LABELLED, Exam, Label, Labelled, doubts
from escape.judges.examined.exam import bundled as bundled_exam
from escape.types import Answer, Estimate, Failure, FailureKind, KindBias, Puzzle, ReportCard, Result, ScoreAgreement
from tests.small_runs import checklist, outcome, verdict

GOOD = ReportCard(judge="j", labelled=ENOUGH_LABELLED, asked=30, answered=30)


def on(score: str, kappa: Estimate | None = None, **more: Estimate) -> ReportCard:
    made = ScoreAgreement(score=score, n=40, kappa=kappa or Estimate(value=0.9, low=0.8, high=0.95), **more)
    return GOOD.model_copy(update={"agreement": (made,)})


def test_a_judge_without_a_fault_has_no_doubts() -> None:
    assert doubts(GOOD) == []
    assert doubts(on("pus")) == []


@pytest.mark.parametrize(
    ("kappa", "said"),
    [
        (Estimate(value=0.65, low=0.3, high=0.9), ["agreement with the readers on PUS is 0.65, perhaps only 0.30"]),
        (Estimate(value=0.65, low=0.6, high=0.7), []),
        (Estimate(value=0.59), ["agreement with the readers on PUS is 0.59"]),
        (Estimate(), []),
    ],
)
def test_kappa_is_failed_by_its_lower_end(kappa: Estimate, said: list[str]) -> None:
    assert doubts(on("pus", kappa)) == said


def test_kappa_of_herrings_is_not_asked_but_their_exact_share_is() -> None:
    low = Estimate(value=0.1, low=0.0, high=0.2)
    assert doubts(on("rhh", low, exact=Estimate(value=0.9, low=0.75, high=0.99))) == []
    assert doubts(on("rhh", low, exact=Estimate(value=0.9, low=0.74, high=0.99))) == [
        "right on Red Herring Handling for 90% of answers, perhaps only 74%"
    ]
    assert doubts(on("sps", exact=Estimate(value=0.1, low=0.0, high=0.2))) == []


@pytest.mark.parametrize(
    ("bias", "said"),
    [(0.25, []), (0.26, ["too generous on SPS by 0.26 marks"]), (-0.3, ["too strict on SPS by 0.30 marks"])],
)
def test_a_bias_of_more_than_a_quarter_mark_is_named_by_its_side(bias: float, said: list[str]) -> None:
    assert doubts(on("sps", bias=Estimate(value=bias))) == said


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"labelled": ENOUGH_LABELLED - 1}, "tested on only 19 labelled answers (20 are needed to pass)"),
        ({"answered": 29}, "tested on only 29 of the 30 answers in the exam"),
        ({"format_failures": 1}, "replied in the wrong form 1 times"),
        (
            {"works_compared": 20, "works_out": 10, "believed": 3, "doubted": 2},
            "right about whether a plan works for 75% of plans, working and failing ones weighed alike "
            "(3 of 10 false yes, 2 of 10 false no)",
        ),
        ({"declined": 3}, "declined 3 of 23 answers that the readers could mark"),
        ({"rhh_undecided": 3}, "undecided about red herrings on 3 of 20 answers"),
    ],
)
def test_what_else_stands_against_a_judge(change: dict[str, int], said: str) -> None:
    assert doubts(GOOD.model_copy(update=change)) == [said]


def test_limits_are_let_pass_and_few_plans_are_not_asked() -> None:
    assert doubts(GOOD.model_copy(update={"works_compared": 20, "works_out": 10, "believed": 2, "doubted": 2})) == []
    assert doubts(GOOD.model_copy(update={"works_compared": 17, "works_out": 10, "believed": 7, "doubted": 0})) == []
    assert doubts(GOOD.model_copy(update={"declined": 2, "rhh_undecided": 2})) == []


def test_less_is_asked_within_attempts_and_an_interval_end_fails_a_kind() -> None:
    low = ScoreAgreement(score="sps", n=40, kappa=Estimate(value=0.5, low=0.39, high=0.7))
    assert doubts(GOOD.model_copy(update={"within": (low,)})) == [
        "agreement with the readers on SPS within attempts is 0.50, perhaps only 0.39"
    ]
    enough = low.model_copy(update={"kappa": Estimate(value=0.5, low=0.4, high=0.7)})
    assert doubts(GOOD.model_copy(update={"within": (enough,)})) == []

    def kind(value: float, half: float) -> ReportCard:
        bias = Estimate(value=value, low=value - half, high=value + half)
        return GOOD.model_copy(update={"by_kind": (KindBias(kind="very_long", score="pus", n=12, bias=bias),)})

    assert doubts(kind(0.5, 0.2)) == ["too generous on PUS by 0.50 marks on 12 answers of the kind “very long”"]
    assert doubts(kind(-0.5, 0.2)) == ["too strict on PUS by 0.50 marks on 12 answers of the kind “very long”"]
    assert doubts(kind(0.5, 0.25)) == doubts(kind(-0.5, 0.25)) == doubts(kind(0.1, 0.5)) == []


def test_answers_that_a_judge_failed_on_are_not_counted_as_marked(bundled: list[Puzzle]) -> None:
    cases = bundled_exam()
    paper = Exam([], cases, bundled)
    results = [
        Result(trial=t, answer=a, verdict=verdict(1, 1, 1))
        if n < 5
        else Result(trial=t, answer=a, failure=Failure(stage="judge", kind=FailureKind.TIMEOUT, message="slow"))
        for n, (t, a) in enumerate(paper.answers.items())
    ]
    card = paper.card("j", results, "now")
    assert (card.labelled, card.asked, card.answered) == (5, len(paper.answers), 5)
    assert any(d.startswith("tested on only 5 labelled answers") for d in doubts(card))
    assert (card.other_failures, card.format_failures) == (len(paper.answers) - 5, 0)


def test_a_card_counts_what_the_room_contradicts_and_how(bundled: list[Puzzle]) -> None:
    paper = Exam(bundled[:1], [], bundled)
    trials = list(paper.answers)[:4]
    told = [("yes", False), ("no", True), ("partly", True), ("yes", True)]
    results = [
        Result(
            trial=t, answer=Answer(text="x"), verdict=verdict(1, 1, 1, checklist(works=says)), outcome=outcome(out=out)
        )
        for t, (says, out) in zip(trials, told, strict=True)
    ]
    card = paper.card("j", results, "now")
    assert (card.works_compared, card.believed, card.doubted) == (4, 1, 2)


def test_replies_out_of_form_are_the_judges_own_fault_and_a_timeout_is_not(bundled: list[Puzzle]) -> None:
    paper = Exam(bundled[:1], [], bundled)
    kinds = [FailureKind.BAD_FORMAT, FailureKind.NOT_JUDGED, FailureKind.TIMEOUT, FailureKind.BAD_FORMAT]
    results = [
        Result(trial=t, answer=Answer(text="x"), failure=Failure(stage="judge", kind=k, message="m"))
        for t, k in zip(paper.answers, kinds, strict=False)
    ]
    card = paper.card("j", results, "now")
    assert (card.format_failures, card.other_failures) == (2, 1)


def test_the_consensus_is_the_mean_of_both_readers() -> None:
    both = Labelled(problem_id="P", answer="a", labels=(Label(pus=2, sps=1, rhh=1), Label(pus=1, sps=1, rhh=1)))
    assert (both.mark("pus"), both.attempt) == (1.5, True)
