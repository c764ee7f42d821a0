"""A judge's report card: what is counted, against figures worked out by hand."""

from __future__ import annotations

import pytest

from escape.judges.examined import exam
from escape.judges.examined.exam import Exam, Label, Labelled, doubts
from escape.types import Answer, Failure, FailureKind, Puzzle, Result, Scores, Trial, Verdict
from tests.small_runs import checklist, outcome


def case(name: str, *marks: tuple[float, float, float | None], kind: str = "") -> Labelled:
    labels = tuple(Label(pus=p, sps=s, rhh=r) for p, s, r in marks)
    return Labelled(problem_id=name, kind=kind, answer="x", labels=labels)


def marked(trial: Trial, pus: float, sps: float, rhh: float | None = 1, **more: object) -> Result:
    made = Verdict.model_validate({"judge": "j", "scores": Scores(pus=pus, sps=sps, rhh=rhh), **more})
    return Result(trial=trial, answer=Answer(text="x"), verdict=made)


@pytest.fixture
def asked(bundled: list[Puzzle]) -> Exam:
    puzzle = next(p for p in bundled if p.red_herrings)
    cases = [case(puzzle.problem_id, (2, 2, 1), (1, 2, 1)), case(puzzle.problem_id, (0, 0, 0)), case("GONE", (1, 1, 1))]
    return Exam([puzzle], cases, bundled)


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
    # the best constant: everything for the one attempt, nothing for the other, and the label's half mark rounds to 1.5
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
            assert (found.name, found.style, found.problem_id) == (control.name, control.style, control.problem_id)
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
def test_an_attempt_is_what_people_gave_something_for(marks: tuple[float, float, float | None], attempt: bool) -> None:
    assert case("P", marks).attempt == attempt
    assert case("P", (1, 1, None), (1, 1, None)).mark("rhh") is None
    assert case("P", (1, 1, 0), (1, 1, None)).mark("rhh") == 0


def test_of_many_puzzles_those_asked_are_spread_evenly(every: list[Puzzle]) -> None:
    ten = every[:10]
    assert exam.sample(ten, 10) == ten
    assert exam.sample(ten, 5) == ten[::2]
    assert exam.sample(ten, 3) == [ten[0], ten[3], ten[6]]
