"""A judge's report card: what is counted, against figures worked out by hand."""

import pytest

from escape.judges.examined import exam
from escape.judges.examined.doubts import ENOUGH_LABELLED, doubts
from escape.judges.examined.exam import Exam
from escape.judges.examined.labelled import Label, Labelled
from escape.judges.examined.labelled import bundled as bundled_exam
from escape.types import (
    Answer,
    Estimate,
    Failure,
    FailureKind,
    KindBias,
    Puzzle,
    ReportCard,
    Result,
    ScoreAgreement,
    Scores,
    Trial,
    Verdict,
)
from tests.small_runs import checklist, outcome, verdict


def case(name: str, *marks: tuple[float, float, float | None], kind: str = "") -> Labelled:
    labels = tuple(Label(pus=p, sps=s, rhh=r) for p, s, r in marks)
    return Labelled(problem_id=name, kind=kind, answer="x", labels=labels)


def marked(trial: Trial, pus: float, sps: float, rhh: float | None = 1, **more: object) -> Result:
    made = Verdict.model_validate({"judge": "j", "scores": Scores(pus=pus, sps=sps, rhh=rhh), **more})
    return Result(trial=trial, answer=Answer(text="x"), verdict=made)


@pytest.fixture
def asked(bundled: list[Puzzle]) -> Exam:
    puzzle = next(p for p in bundled if p.red_herrings)
    cases = [
        case(puzzle.problem_id, (2, 2, 1), (1, 2, 1)),
        case(puzzle.problem_id, (0, 0, 0)),
        case("GONE", (1, 1, 1)),
    ]
    return Exam.long([puzzle], cases, bundled)


def test_only_cases_of_puzzles_that_are_there_are_asked(asked: Exam) -> None:
    assert [t.repeat for t in asked.labelled] == [1, 2]
    assert len(asked.answers) == len(asked.controls) + 2
    assert [t.repeat for t in asked.controls] == list(range(1, len(asked.controls) + 1))


def test_marks_are_compared_with_the_mean_of_the_labels(asked: Exam) -> None:
    first, second = asked.labelled
    card = asked.card("j", [marked(first, 2, 1), marked(second, 0.5, 0, 0)], "now")
    by_score = {a.score: a for a in card.agreement}
    assert {s: (a.n, a.bias.value) for s, a in by_score.items()} == {
        "pus": (2, 0.5),  # 2 - 1.5 and 0.5 - 0
        "sps": (2, -0.5),  # 1 - 2 and 0 - 0
        "rhh": (2, 0.0),
    }
    assert (card.labelled, card.asked, card.answered) == (2, len(asked.controls) + 2, 2)
    assert (card.judge, card.at) == ("j", "now")
    # the best constant: everything for the one attempt, nothing for the other, and the label's half mark
    # rounds to 1.5
    assert {a.score: a.kappa.value for a in card.constant_agreement} == {"pus": 1.0, "sps": 1.0, "rhh": 1.0}


def test_a_card_counts_calls_money_and_what_failed(asked: Exam) -> None:
    controls = list(asked.controls)

    def failed(n: int, kind: FailureKind) -> Result:
        failure = Failure(stage="judge", kind=kind, message=f"it was {kind}", cost_usd=0.125)
        return Result(trial=controls[n], answer=Answer(text="x"), failure=failure)

    card = asked.card(
        "j",
        [
            marked(controls[0], 2, 2, calls=2, cost_usd=0.25, model="m-1", prompt="p/1"),
            marked(controls[1], 2, 2, calls=1, cost_usd=0.5),
            failed(2, FailureKind.BAD_FORMAT),
            failed(3, FailureKind.NOT_JUDGED),
            failed(4, FailureKind.TIMEOUT),
        ],
        "now",
    )
    assert (card.calls, card.cost_usd, card.prompt) == (3, 1.125, "p/1")
    assert (card.format_failures, card.other_failures, card.answered, card.labelled) == (1, 1, 4, 0)
    assert len(card.controls) == 4
    noted = {c.note for c in card.controls}
    assert {"it was not_judged", "it was out_of_form", ""} <= noted
    assert card.agreement == card.constant_agreement == ()


def test_nothing_earned_passes_no_mark_and_a_failed_call_says_nothing(asked: Exam) -> None:
    for trial, control in asked.controls.items():
        for kind in (FailureKind.NOT_JUDGED, FailureKind.BAD_FORMAT):
            failure = Failure(stage="judge", kind=kind, message="m")
            (found,) = asked.card("j", [Result(trial=trial, failure=failure)], "now").controls
            assert found.passed == (control.expected == "zero")
            assert (found.name, found.style, found.problem_id) == (
                control.name,
                control.style,
                control.problem_id,
            )
            assert found.scores is None
        lost = Result(trial=trial, failure=Failure(stage="judge", kind=FailureKind.TIMEOUT, message="m"))
        card = asked.card("j", [lost], "now")
        assert (card.controls, card.answered) == ((), 0)
        assert not [why for why in doubts(card) if "fooled" in why or "controls" in why or "decisions" in why]


def test_a_room_contradicts_a_judge_only_where_both_have_spoken(asked: Exam) -> None:
    trials = list(asked.controls)
    said = [
        ("yes", outcome(out=False)),
        ("yes", outcome(out=True)),
        ("no", outcome(out=True)),
        ("partly", outcome(out=True)),
        ("no", outcome(out=False)),
        ("undecided", outcome(out=True)),
        ("yes", outcome(moves=0, unread=1)),  # of this one nothing was read
        ("yes", None),
    ]
    results = [
        marked(t, 1, 1, checklist=checklist(works=w)).model_copy(update={"outcome": o})  # type: ignore[arg-type]
        for t, (w, o) in zip(trials, said, strict=False)
    ]
    card = asked.card("j", results, "now")
    assert (card.works_compared, card.believed, card.doubted) == (5, 1, 2)


@pytest.mark.parametrize(
    ("marks", "attempt"), [((0, 0, 1), False), ((0.5, 0, 0), True), ((0, 0.5, 0), True), ((2, 2, None), True)]
)
def test_an_attempt_is_what_people_gave_something_for(
    marks: tuple[float, float, float | None], attempt: bool
) -> None:
    assert case("P", marks).attempt == attempt
    assert case("P", (1, 1, None), (1, 1, None)).mark("rhh") is None
    assert case("P", (1, 1, 0), (1, 1, None)).mark("rhh") == 0


def test_of_many_puzzles_those_asked_are_spread_evenly(every: list[Puzzle]) -> None:
    ten = every[:10]
    assert exam.sample(ten, 10) == ten
    assert exam.sample(ten, 5) == ten[::2]
    assert exam.sample(ten, 3) == [ten[0], ten[3], ten[6]]


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
        (
            Estimate(value=0.65, low=0.3, high=0.9),
            ["agreement with the readers on PUS is 0.65, perhaps only 0.30"],
        ),
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
    assert (
        doubts(GOOD.model_copy(update={"works_compared": 20, "works_out": 10, "believed": 2, "doubted": 2}))
        == []
    )
    assert (
        doubts(GOOD.model_copy(update={"works_compared": 17, "works_out": 10, "believed": 7, "doubted": 0}))
        == []
    )
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
        return GOOD.model_copy(
            update={"by_kind": (KindBias(kind="very_long", score="pus", n=12, bias=bias),)}
        )

    assert doubts(kind(0.5, 0.2)) == [
        "too generous on PUS by 0.50 marks on 12 answers of the kind “very long”"
    ]
    assert doubts(kind(-0.5, 0.2)) == [
        "too strict on PUS by 0.50 marks on 12 answers of the kind “very long”"
    ]
    assert doubts(kind(0.5, 0.25)) == doubts(kind(-0.5, 0.25)) == doubts(kind(0.1, 0.5)) == []


def test_answers_that_a_judge_failed_on_are_not_counted_as_marked(bundled: list[Puzzle]) -> None:
    cases = bundled_exam()
    paper = Exam.long([], cases, bundled)
    results = [
        Result(trial=t, answer=a, verdict=verdict(1, 1, 1))
        if n < 5
        else Result(
            trial=t, answer=a, failure=Failure(stage="judge", kind=FailureKind.TIMEOUT, message="slow")
        )
        for n, (t, a) in enumerate(paper.answers.items())
    ]
    card = paper.card("j", results, "now")
    assert (card.labelled, card.asked, card.answered) == (5, len(paper.answers), 5)
    assert any(d.startswith("tested on only 5 labelled answers") for d in doubts(card))
    assert (card.other_failures, card.format_failures) == (len(paper.answers) - 5, 0)


def test_a_card_counts_what_the_room_contradicts_and_how(bundled: list[Puzzle]) -> None:
    paper = Exam.long(bundled[:1], [], bundled)
    trials = list(paper.answers)[:4]
    told = [("yes", False), ("no", True), ("partly", True), ("yes", True)]
    results = [
        Result(
            trial=t,
            answer=Answer(text="x"),
            verdict=verdict(1, 1, 1, checklist(works=says)),
            outcome=outcome(out=out),
        )
        for t, (says, out) in zip(trials, told, strict=True)
    ]
    card = paper.card("j", results, "now")
    assert (card.works_compared, card.believed, card.doubted) == (4, 1, 2)


def test_replies_out_of_form_are_the_judges_own_fault_and_a_timeout_is_not(bundled: list[Puzzle]) -> None:
    paper = Exam.long(bundled[:1], [], bundled)
    kinds = [FailureKind.BAD_FORMAT, FailureKind.NOT_JUDGED, FailureKind.TIMEOUT, FailureKind.BAD_FORMAT]
    results = [
        Result(trial=t, answer=Answer(text="x"), failure=Failure(stage="judge", kind=k, message="m"))
        for t, k in zip(paper.answers, kinds, strict=False)
    ]
    card = paper.card("j", results, "now")
    assert (card.format_failures, card.other_failures) == (2, 1)


def test_the_consensus_is_the_mean_of_both_readers() -> None:
    both = Labelled(
        problem_id="P", answer="a", labels=(Label(pus=2, sps=1, rhh=1), Label(pus=1, sps=1, rhh=1))
    )
    assert (both.mark("pus"), both.attempt) == (1.5, True)
