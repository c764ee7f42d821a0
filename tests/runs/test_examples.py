"""The two runs made for lessons: what their players are like, and that the same is made each time."""

from __future__ import annotations

import pytest

from escape.puzzles import scripted_answer
from escape.results.digest import rooms
from escape.runs import examples
from escape.types import Puzzle, Run


@pytest.fixture(scope="module")
def days(every: list[Puzzle]) -> Run:
    return examples.day_to_day(every[:6])


def test_each_day_is_a_repeat_with_answer_mark_and_room(days: Run) -> None:
    known = {p.problem_id for p in days.puzzles}
    assert len(days.results) == 2 * len(known) * examples.DAYS
    assert {r.trial.repeat for r in days.results} == set(range(1, examples.DAYS + 1))
    assert days.players == ["brought:lark", "brought:owl"]
    assert days.config.repeats == examples.DAYS
    assert set(days.config.problem_ids) == known
    assert all(r.answer and r.answer.cost_usd == 0 and r.verdict and r.outcome for r in days.results)
    assert days.title == "Made for a lesson: the same two players on 5 days"


def test_every_answer_is_that_of_a_good_day_or_a_bad_one(days: Run) -> None:
    for result in days.results:
        assert result.answer is not None
        said = {scripted_answer(who, result.trial.problem_id) for who in ("careful", "hasty")}
        assert result.answer.text in said


@pytest.mark.proof
def test_the_better_one_has_more_good_days_and_the_same_run_is_made_again(every: list[Puzzle]) -> None:
    run = examples.day_to_day(every)
    left = {who: sum(v.values()) / len(v) for who, v in rooms(run).items()}
    assert left["brought:lark"] > left["brought:owl"]
    again = examples.day_to_day(every)
    assert [r.answer for r in again.results] == [r.answer for r in run.results]


def test_one_explains_as_the_careful_and_the_other_plans_like_them(every: list[Puzzle]) -> None:
    run = examples.metric_decides(every)
    assert run.config.repeats == 1
    reasons, plans = 0, 0
    for result in run.results:
        careful = examples._parts(scripted_answer("careful", result.trial.problem_id) or "")
        hasty = examples._parts(scripted_answer("hasty", result.trial.problem_id) or "")
        assert result.answer is not None
        mine = examples._parts(result.answer.text)
        if result.trial.player == "brought:scholar":
            assert mine[0] == careful[0]
            reasons += mine[1] == careful[1]
        else:
            assert mine[0] == hasty[0]
            plans += mine[1] == careful[1]
    assert reasons < plans


def test_an_answer_without_steps_is_all_reasons() -> None:
    assert examples._parts("Why.\nSolution Steps:\n1. go") == ("Why.\n", "Solution Steps:\n1. go")
    assert examples._parts("Why.") == ("Why.", "")


def test_some_days_are_good_and_others_bad_to_the_same_player(days: Run) -> None:
    said: dict[tuple[str, str], set[str]] = {}
    for result in days.results:
        assert result.answer
        said.setdefault((result.trial.player, result.trial.problem_id), set()).add(result.answer.text)
    assert sum(len(texts) == 2 for texts in said.values()) > len(said) / 2


def test_what_a_class_predicts_before_it_sees_is_the_run_of_five_days() -> None:
    assert set(examples.BEFORE) == {"days"} < set(examples.EXAMPLES)
    assert examples.EXAMPLES["days"][1] is examples.day_to_day
