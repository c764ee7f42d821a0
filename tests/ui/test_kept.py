"""A class from beginning to end, as its teacher, a student and one who hands nothing in see it: pages are kept."""

from __future__ import annotations

from random import Random

import pytest
from streamlit.testing.v1 import AppTest

from escape.classes.roles import Student
from escape.classes.rounds import Called, Guess, Played, Posed, Remark, Round, RoundSettings
from escape.puzzles import bets
from escape.types import Puzzle, Run, Scores, Verdict
from escape.ui.class_ import here
from tests.ui.test_class import joined, state
from tests.ui.test_page import opened


@pytest.fixture
def board() -> AppTest:
    at = opened()
    at.button(key="open_class").click().run()
    return at


def plan_of(kind: str, run: Run, puzzles: list[Puzzle]) -> RoundSettings:
    trials = tuple(r.trial for r in run.results if r.trial.player == "demo:hasty")[:2]
    players = tuple(p.name for p in run.config.players)
    offered = tuple(
        Posed(problem_id=b.puzzle.problem_id, by=b.by, lines=b.lines, why=b.why) for b in bets.drawn(puzzles, "kept", 3)
    )
    return {
        "mark": RoundSettings(kind="mark", answers=trials),
        "checklist": RoundSettings(kind="mark", answers=trials, checklist=True),
        "play": RoundSettings(kind="play", puzzles=("FLUID_001", "VAC_001")),
        "write": RoundSettings(kind="write"),
        "predict": RoundSettings(kind="predict", players=players),
        "bet": RoundSettings(kind="bet", bets=offered),
        "note": RoundSettings(kind="note", answers=trials),
    }[kind]


def done(student: Student, round_: Round, random: Random, puzzles: list[Puzzle]) -> None:
    """What one student hands in, drawn."""
    plan, name = round_.plan, f"human:S{student.member.number:02}"
    for trial in plan.answers:
        if plan.kind == "note":
            student.remark(
                round_, trial, Remark(text=f"by {name}", category=random.choice(["wrong physics", "no plan at all"]))
            )
        else:
            scores = Scores(pus=random.choice([0, 1, 2]), sps=random.choice([0, 1.5]), rhh=random.choice([0, 1]))
            student.mark(round_, trial, Verdict(judge=name, scores=scores))
    for puzzle in (p for p in puzzles if p.problem_id in plan.puzzles):
        way = puzzle.world.moves if puzzle.world and random.random() < 0.6 else ("look", "wait", "wait")
        said = "Moves:\n" + "\n".join(("wait", *way) if random.random() < 0.5 else way)
        student.play(round_, puzzle.problem_id, Played(answer=said, starts=student.member.number))
    for number in range(len(plan.bets)):
        student.call(round_, number, Called(out=random.random() < 0.5))
    if plan.kind == "predict":
        student.predict(round_, Guess(winner=random.choice(plan.players), enough=random.random() < 0.5))
    if plan.kind == "write":
        student.hand_in(round_, puzzles[2].model_copy(update={"title": f"My tube, {student.member.number}"}))


@pytest.mark.parametrize("kind", ["mark", "checklist", "play", "write", "predict", "bet", "note"])
def test_a_round_from_beginning_to_end(board: AppTest, kind: str, bundled: list[Puzzle]) -> None:
    teacher, random = state(board).seat.teacher, Random(kind)
    assert teacher is not None
    me, idle = joined(board), joined(board, "Eve")
    student = state(me).seat.student
    assert student is not None
    others = [here.doors().join(teacher.code, name).student for name in ("Bo", "Cy", "Di")]
    round_ = teacher.start(plan_of(kind, teacher.run(), bundled))
    me.run()
    done(student, round_, random, bundled)
    for other in others[:2]:
        done(other, round_, random, bundled)
    idle.run()
    for change in (teacher.close, teacher.reopen, teacher.close, teacher.reveal):
        board.run()
        me.run()
        change(next(r for r in teacher.rounds() if r.id == round_.id))
    for at in (board, me, idle):
        at.run()
        assert not at.exception
