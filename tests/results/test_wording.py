"""The sentences that lead each view: which way they point, and where they are silent."""

from __future__ import annotations

import pytest

from escape.metrics import METRICS
from escape.models.prices import Bill
from escape.results import wording
from escape.types import ControlOutcome, Estimate, JudgeSpec, ModelSpec, ReportCard, RunConfig, ScoreAgreement
from tests.small_runs import A, checklist, outcome, puzzle, puzzles, result, run_of, verdict

STANDARD = METRICS["standard"]


@pytest.mark.parametrize(
    ("bias", "said"),
    [
        (
            0.5,
            "j passed 1 of 2 controls and is 0.5 marks too generous on Solution Path (likely 0.4 to 0.6). "
            "It has passed its exam.",
        ),
        (
            -0.3,
            "j passed 1 of 2 controls and is 0.3 marks too strict on Solution Path (likely 0.2 to 0.4). "
            "It has passed its exam.",
        ),
        (
            0.04,
            "j passed 1 of 2 controls and is neither clearly generous nor clearly strict on Solution Path. "
            "It has passed its exam.",
        ),
    ],
)
def test_a_judges_report_says_which_way_it_errs(bias: float, said: str) -> None:
    controls = tuple(ControlOutcome(problem_id="P", name=n, passed=n == "a") for n in "ab")
    path = ScoreAgreement(score="sps", n=9, bias=Estimate(value=bias, low=bias - 0.1, high=bias + 0.1))
    physics = ScoreAgreement(score="pus", n=9, bias=Estimate(value=-bias))
    assert wording.card_sentence(ReportCard(judge="j", controls=controls, agreement=(physics, path)), []) == said


def test_a_judges_report_counts_its_faults_and_contradicting_rooms() -> None:
    card = ReportCard(judge="j", works_compared=9, believed=2, doubted=1)
    said = wording.card_sentence(card, ["fooled", "slow"])
    assert said == (
        "j passed 0 of 0 controls; the room contradicts it on 3 of 9 plans. Do not trust it: fooled and slow."
    )


@pytest.mark.parametrize(
    ("low", "bias", "high", "words"),
    [
        (0.1, 0.3, 0.5, "a is 0.3 marks more generous on Solution Path than b"),
        (-0.5, -0.3, -0.1, "a is 0.3 marks stricter on Solution Path than b"),
        (-0.1, 0.3, 0.7, "a is neither clearly more generous nor clearly stricter than b"),
        (0.01, 0.02, 0.03, "a is neither clearly more generous nor clearly stricter than b"),
    ],
)
def test_a_bias_is_told_where_it_is_sure_and_large_enough_to_see(
    low: float, bias: float, high: float, words: str
) -> None:
    kappa = Estimate(value=0.8, low=0.7, high=0.9)
    one = ScoreAgreement(score="sps", n=20, kappa=kappa, bias=Estimate(value=bias, low=low, high=high))
    assert wording.bias_sentence("a", "b", [one]) == f"Over 20 answers, {words}."
    few = one.model_copy(update={"n": 19})
    assert wording.bias_sentence("a", "b", [few]).endswith(
        "With 19 answers the intervals are wide; mark more to be surer."
    )
    wide = one.model_copy(update={"kappa": Estimate(value=0.8, low=0.5, high=0.9)})
    assert "the intervals are wide" in wording.bias_sentence("a", "b", [wide])


def test_below_five_common_answers_only_their_number_is_told() -> None:
    four = ScoreAgreement(score="pus", n=4, bias=Estimate(value=1, low=0.5, high=1.5))
    assert wording.bias_sentence("a", "b", [four]) == "a and b have marked 4 answers in common: too few to tell."
    assert wording.bias_sentence("a", "b", []) == "a and b have not marked any of the same answers yet."


@pytest.mark.parametrize(
    ("room", "said"),
    [
        (outcome(out=True, moves=4, shortest=3), "Out in 4 moves; the shortest way out takes 3."),
        (outcome(out=True, moves=1, shortest=1), "Out in 1 move; the shortest way out takes 1."),
        (outcome(gave_up=True, lost_at=2), "Gave up, although there is a way out."),
        (outcome(lost_at=2), "Not out: after move 2 there was no longer a way out."),
        (outcome(progress=0.5), "Not out: 3 moves, 50% of the way."),
        (
            outcome(lost_at=1, touched=["brick"], unread=2),
            "Not out: after move 1 there was no longer a way out. Used brick: a red herring. "
            "2 lines could not be read as a move.",
        ),
    ],
)
def test_what_became_of_a_plan_is_told_in_a_line(room: object, said: str) -> None:
    assert wording.outcome_sentence(room, puzzle("P")) == said


def test_to_give_up_where_nobody_can_leave_is_right() -> None:
    hopeless = puzzle("P").model_copy(update={"solvable": False})
    assert wording.outcome_sentence(outcome(out=True, gave_up=True), hopeless).startswith("Right: there is no way out")


@pytest.mark.parametrize(
    ("pus", "sps", "words"),
    [
        (0.59, 0.59, "no physics shown, no working plan"),
        (0.6, 0.6, "some of the physics, part of a plan"),
        (1.6, 1.6, "right physics, most of a plan"),
    ],
)
def test_marks_are_told_in_words(pus: float, sps: float, words: str) -> None:
    judged = result("P", A, verdict(pus, sps, 1))
    assert f"a on Room P: {words}, used no red herring. {pus + sps + 1:.1f} of 5." == wording.answer_sentence(
        judged, puzzle("P"), STANDARD
    )


def test_an_answer_without_a_mark_says_why() -> None:
    p = puzzle("P")
    said = lambda r: wording.answer_sentence(r, p, STANDARD)  # noqa: E731
    assert said(result("P", A, failed="player")) == "a on Room P: no answer. too slow"
    assert said(result("P", A, failed="judge")) == "a on Room P: an answer, but no mark. too slow"
    assert said(result("P", A)) == "a on Room P: answered, not judged yet."
    assert said(result("P", A).model_copy(update={"answer": None})) == "a on Room P: not asked yet."
    none = result("P", A, verdict(0, 0, 0, checklist(attempted=False)))
    assert said(none) == "a on Room P: no attempt. 0 of 5."
    out = result("P", A, verdict(2, 0.2, 1, checklist(steps="00", works="no")), outcome(out=True))
    assert "a plan that works" in said(out)


def test_a_judge_of_a_players_family_is_named_and_of_another_is_not() -> None:
    def config(judge: str) -> RunConfig:
        spec = JudgeSpec(design="checklist", model=ModelSpec(provider="openai", model=judge))
        return RunConfig(players=(ModelSpec(provider="openai", model="gpt-5"), A), judge=spec)

    assert wording.same_family(config("gpt-4o")).startswith("The judge is from the same family as gpt-5.")
    assert wording.same_family(RunConfig(players=(A,))) == ""


def test_a_bill_names_both_parts_and_the_most_it_can_be() -> None:
    free, dear = Bill(0, 0.0, 0.0, 0.0), Bill(3, 0.1, 0.2, 0.5)
    assert wording.bill_sentence(free, free) == "free"
    assert wording.bill_sentence(dear, free) == "about 0.1 to 0.20 USD for the players (3 calls; at most 0.50 USD)"
    assert wording.bill_sentence(free, dear) == "about 0.1 to 0.20 USD for the judge (3 calls; at most 0.50 USD)"
    unknown = Bill(1, None, None, None)
    assert wording.bill_sentence(unknown, free) == "an unknown price for the players (1 call)"


def test_names_are_told_apart_where_they_are_alike() -> None:
    twice = [puzzle("P0"), puzzle("P1").model_copy(update={"title": "Room P0"})]
    assert wording.titles(twice) == {"P0": "Room P0 (P0)", "P1": "Room P0 (P1)"}
    run = run_of(puzzles(1), [])
    assert wording.answer_name(run, result("P0", A, repeat=2).trial) == "a on Room P0, repeat 2"
    assert wording.answer_name(run, result("P0", A).trial) == "a on Room P0"
    assert [wording.join_and(x) for x in (["a"], ["a", "b"], ["a", "b", "c"])] == ["a", "a and b", "a, b and c"]


@pytest.mark.parametrize(
    ("usd", "said"), [(0.1, "0.10 USD"), (0.0999, "0.1 USD"), (0.0001, "0.0001 USD"), (0.00009, "under 0.0001 USD")]
)
def test_small_amounts_keep_their_digits(usd: float, said: str) -> None:
    assert wording.money(usd) == said


@pytest.mark.parametrize(("s", "said"), [(89, "89 s"), (90, "2 min"), (5399, "90 min"), (5400, "1.5 h")])
def test_durations_change_their_unit_where_people_do(s: float, said: str) -> None:
    assert wording.seconds(s) == said


@pytest.mark.parametrize(
    ("names", "said"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_names_are_listed_as_people_list_them(names: list[str], said: str) -> None:
    assert wording.join_and(names) == said


def test_a_number_comes_with_its_word() -> None:
    assert [wording.pluralize(n, "puzzle") for n in (0, 1, 2)] == ["0 puzzles", "1 puzzle", "2 puzzles"]
    assert [wording.pluralize(n, "reply", "replies") for n in (1, 2)] == ["1 reply", "2 replies"]


@pytest.mark.parametrize(
    ("value", "low", "high", "said"),
    [
        (0.0, 0.0, 0.0, "neither clearly more generous nor clearly stricter"),
        (0.3, 0.0, 0.6, "neither clearly more generous nor clearly stricter"),
        (-0.3, -0.6, 0.0, "neither clearly more generous nor clearly stricter"),
        (-0.3, -0.6, -0.1, "0.3 marks stricter on Solution Path than b"),
        (0.3, None, 0.6, "neither clearly more generous nor clearly stricter"),
    ],
)
def test_a_bias_is_sure_where_its_interval_leaves_nothing_out(
    value: float, low: float | None, high: float | None, said: str
) -> None:
    score = ScoreAgreement(score="sps", n=30, bias=Estimate(value=value, low=low, high=high))
    nothing = ScoreAgreement(score="rhh", n=0, bias=Estimate(value=1.0, low=0.9, high=1.1))
    unknown = ScoreAgreement(score="pus", n=30)
    assert said in wording.bias_sentence("a", "b", [score, nothing, unknown])


def test_a_report_without_a_bias_says_none() -> None:
    card = ReportCard(judge="j", agreement=(ScoreAgreement(score="sps", n=0),))
    assert wording.card_sentence(card, []) == "j passed 0 of 0 controls. It has passed its exam."


def test_a_run_is_called_by_its_title_or_by_who_and_what() -> None:
    specs = [ModelSpec(provider="demo", model=m) for m in "abcd"]
    now = {"started_at": "2026-11-27T14:05:09.000+00:00"}
    assert (
        wording.run_name(run_of(puzzles(2), [], specs[:3]).model_copy(update=now)) == "14:05, a, b and c on 2 puzzles"
    )
    assert wording.run_name(run_of(puzzles(1), [], specs).model_copy(update=now)) == "14:05, 4 players on 1 puzzle"
    assert wording.run_name(run_of(puzzles(1), [], []).model_copy(update={"title": "T"})) == "T"
    asked_nothing = run_of([], [], [])
    three = asked_nothing.model_copy(update={"puzzles": tuple(puzzles(3)), "started_at": ""})
    assert wording.run_name(three) == "nobody on 3 puzzles"


def test_an_answer_names_its_judge_even_where_only_the_room_spoke() -> None:
    spoken = result("P0", A, None, outcome(out=True))
    assert wording.answer_sentence(spoken, puzzle("P0"), STANDARD) == "a on Room P0: answered, not judged yet."


@pytest.mark.parametrize(
    ("gap", "said"),
    [(0.04, "as generous as you"), (0.5, "0.5 marks more generous than you"), (-0.5, "0.5 marks stricter than you")],
)
def test_a_student_is_told_which_way_the_judge_differs(gap: float, said: str) -> None:
    assert said in wording.generosity_sentence(gap)


@pytest.mark.parametrize(
    ("gaps", "said"),
    [
        ([], ""),
        ([1.0] * 5, "too few to compare"),
        ([0.5, -0.5] * 5, "as many marks as you"),
        ([1.0, 1.1, 0.9, 1.2, 0.8, 1.0], "beyond chance, so this judge is more generous than you"),
        ([-1.0, -1.1, -0.9, -1.2, -0.8, -1.0], "1.0 marks fewer than you (-1.1 to -0.9, 6 answers)"),
        ([2.0, -1.0, 1.0, 0.0, 1.5, -1.2], "too close to call"),
    ],
)
def test_how_a_judge_differs_from_a_class_is_said_with_what_it_means(gaps: list[float], said: str) -> None:
    assert said in wording.gap_sentence(gaps)
    assert "-0.0" not in wording.gap_sentence(gaps)
