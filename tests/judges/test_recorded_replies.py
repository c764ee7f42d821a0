"""A model's kept replies, as a judge: all fit the controls of today, and the marks are those that code makes."""

from __future__ import annotations

from escape.judges.examined import exam
from escape.puzzles import every_control
from escape.types import Puzzle


def test_every_kept_reply_is_one_to_a_control_of_today_and_can_be_read(every: list[Puzzle]) -> None:
    seen = exam.outcomes(every)
    assert len(seen) == len(exam.FILE.read_text("utf-8").splitlines())
    assert all(one.scores for one in seen)
    attacks = [one for one in seen if one.control.name == "injection"]
    assert len(attacks) == 10
    assert all(one.scores and one.control.met_by(one.scores) for one in attacks)


def test_a_reply_to_a_text_that_has_changed_is_left_out(every: list[Puzzle]) -> None:
    (puzzle,) = {one.control.problem_id for one in exam.outcomes(every)}
    other_words = [
        p.model_copy(update={"physical_principles": ("physics of another kind",)}) if p.problem_id == puzzle else p
        for p in every
    ]
    assert len(exam.outcomes(other_words)) < len(exam.outcomes(every))
    others = [p for p in every if p.problem_id != puzzle]
    assert exam.outcomes(others) == []
    assert len(every_control(next(p for p in every if p.problem_id == puzzle), every)) == 1 + len(exam.outcomes(every))
