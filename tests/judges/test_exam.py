"""The exam: what the offline judge reaches on people's labels, and which judges it fails."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from escape.judges.examined import exam, labelled, recorded_replies
from escape.judges.examined.doubts import doubts
from escape.puzzles import every_control, files
from escape.types import (
    Failure,
    FailureKind,
    FileError,
    Judge,
    NotJudged,
    Puzzle,
    ReportCard,
    Result,
    Scores,
    Verdict,
)

DATA = Path(__file__).parent.parent / "data"


def sit(judge: Judge, paper: exam.Exam) -> ReportCard:
    async def mark() -> list[Result]:
        made = []
        for trial, answer in paper.answers.items():
            try:
                verdict = await judge.judge(paper.puzzles[trial.problem_id], answer.text)
                made.append(Result(trial=trial, answer=answer, verdict=verdict))
            except NotJudged as error:
                failure = Failure(stage="judge", kind=FailureKind.NOT_JUDGED, message=str(error))
                made.append(Result(trial=trial, answer=answer, failure=failure))
        return made

    return paper.card(judge.name, asyncio.run(mark()), "now")


class Says:
    """A judge that gives what `marks` says for an answer."""

    name = "says"

    def __init__(self, marks: Callable[[str], tuple[float, float, float]]) -> None:
        self._marks = marks

    async def judge(self, puzzle: Puzzle, answer_text: str) -> Verdict:
        pus, sps, rhh = self._marks(answer_text)
        return Verdict(
            judge=self.name, scores=Scores(pus=pus, sps=sps, rhh=rhh if puzzle.red_herrings else None)
        )


def test_answers_that_a_judge_declines_count_as_wrong_and_are_counted(bundled: list[Puzzle]) -> None:
    class Picky(Says):
        async def judge(self, puzzle: Puzzle, answer_text: str) -> Verdict:
            if len(answer_text) % 3 == 0:
                raise NotJudged("too hard")
            return await super().judge(puzzle, answer_text)

    full = [c for c in labelled.bundled() if c.kind == "perfect"]
    paper = exam.Exam.long([], full, [*files.load(files.BUNDLED)])
    card = sit(Picky(lambda text: (2, 2, 1)), paper)
    assert 0 < card.declined == len(full) - card.labelled
    pus = next(a for a in card.agreement if a.score == "pus")
    assert pus.n == len(full)
    # what was declined counts as most wrong
    assert pus.exact.value == pytest.approx(card.labelled / len(full))
    assert any(d.startswith(f"declined {card.declined} of {len(full)} answers") for d in doubts(card))
    # no mark, no bias
    assert all(abs(b.bias.value or 0) < 0.5 and b.n == card.labelled for b in card.by_kind)


HARD = ("hard_answers.jsonl", "hard_answers_2.jsonl", "hard_answers_3.jsonl")


def test_a_judge_that_obeys_every_demand_is_failed(bundled: list[Puzzle]) -> None:
    def obey(text: str) -> tuple[float, float, float]:
        demands = (
            "full marks",
            "2, 2",
            "PUS=2",
            '"pus": 2',
            "best mark",
            "Thought process",
            "done",
            "Punktzahl",
        )
        return (2, 2, 1) if any(d in text for d in demands) or text == ":" else (0, 0, 0)

    card = sit(Says(obey), exam.Exam.long(bundled, [], bundled))
    assert not any(c.passed for c in card.controls if c.name == "injection")
    assert any("fooled by 50 of 50 attacks" in f for f in doubts(card))


def test_a_judge_that_gives_everybody_full_marks_is_failed(bundled: list[Puzzle]) -> None:
    card = sit(Says(lambda text: (2, 2, 1)), exam.Exam.long(bundled, labelled.bundled(), bundled))
    said = " ".join(doubts(card))
    assert "other controls" in said
    bias = {a.score: a.bias.value for a in card.agreement}
    assert bias["sps"] is not None
    assert bias["sps"] > 0.5


def test_labels_may_be_upper_case_and_hold_more_than_is_read() -> None:
    line = {
        "problem_id": "X",
        "answer": "a",
        "labels": [
            {"PUS": 2, "SPS": 1, "RHH": 1, "steps": {"s": True}},
            {"pus": 1, "sps": 1, "rhh": 0, "steps": {"s": False}},
        ],
    }
    (case,) = labelled.labelled_answers(json.dumps(line))
    assert (case.mark("pus"), case.mark("rhh")) == (1.5, 0.5)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{", "line 1 is not JSON"),
        ('{"problem_id": "X", "answer": "a"}', "labels"),
        ('{"problem_id": "X", "answer": "a", "labels": [{"pus": 3, "sps": 1}]}', "less than or equal to 2"),
    ],
)
def test_a_fault_in_a_label_file_names_its_line(line: str, words: str) -> None:
    with pytest.raises(FileError, match=words):
        labelled.labelled_answers(line)


class Broken:
    name = "broken"

    async def judge(self, puzzle: Puzzle, answer_text: str) -> Verdict:
        raise NotJudged("out of form twice")


@dataclass
class Charges:
    """A member that costs something whatever comes of it."""

    fault: Exception | None = None
    name: str = "charges"

    async def judge(self, puzzle: Puzzle, answer_text: str) -> Verdict:
        if self.fault:
            raise self.fault
        scores = Scores(pus=1, sps=1, rhh=1)
        return Verdict(judge=self.name, scores=scores, cost_usd=0.25, doubtful_usd=0.5)


def test_to_give_no_mark_is_no_answer_to_the_reference(bundled: list[Puzzle]) -> None:
    class Silent:
        name = "silent"

        async def judge(self, puzzle: Puzzle, answer_text: str) -> Verdict:
            raise NotJudged("no", malformed=True)

    card = sit(Silent(), exam.Exam.long(bundled, [], bundled))
    passed = {c.name for c in card.controls if c.passed}
    assert not passed & {"reference", "kitchen_sink"}
    assert {"blank", "injection"} <= passed


def _by_length(text: str) -> tuple[float, float, float]:
    full = min(2.0, len(text.split()) // 25 * 0.5)
    return full, full, 1.0


def _by_key_words(text: str) -> tuple[float, float, float]:
    known = sum(len(w) > 6 for w in text.split())
    return (2.0, 2.0, 1.0) if known > 8 else (1.0, 1.0, 1.0) if known > 3 else (0.0, 0.0, 1.0)


BAD: dict[str, Callable[[str], tuple[float, float, float]]] = {
    "always full": lambda text: (2, 2, 1),
    "always nothing": lambda text: (0, 0, 0),
    "by length": _by_length,
    "by key words": _by_key_words,
}


class Gated(Says):
    """A bad judge with a perfect eye for what is no attempt."""

    def __init__(self, bad: Callable[[str], tuple[float, float, float]], none: set[str]) -> None:
        super().__init__(lambda text: (0, 0, 0) if text in none else bad(text))


@pytest.mark.parametrize("name", BAD)
@pytest.mark.parametrize("gated", [False, True])
def test_four_bad_judges_fail_also_behind_a_good_gate(name: str, gated: bool, bundled: list[Puzzle]) -> None:
    paper = exam.Exam.long(bundled, labelled.bundled(), bundled)
    none = {c.text for c in paper.controls.values() if c.expected == "zero"}
    none |= {c.answer for c in paper.labelled.values() if not c.attempt}
    card = sit(Gated(BAD[name], none) if gated else Says(BAD[name]), paper)
    faults = doubts(card)
    assert faults, name
    assert all(len(fault.split()) >= 3 for fault in faults)
    if gated and name == "always full":
        passed = sum(c.passed for c in card.controls)
        assert passed <= card.constant_controls < len(card.controls)


@pytest.mark.proof
def test_a_judge_that_has_learnt_the_labels_by_heart_fails_on_the_controls(every: list[Puzzle]) -> None:
    paper = exam.Exam.long(exam.sample(every), labelled.bundled(), every)
    known = {
        c.answer: (c.mark("pus") or 0.0, c.mark("sps") or 0.0, c.mark("rhh")) for c in paper.labelled.values()
    }
    assert doubts(sit(Says(lambda text: known.get(text, (1.0, 1.0, 1.0))), paper))


def test_a_judge_that_costs_is_given_the_controls_of_five_puzzles(every: list[Puzzle]) -> None:
    assert [p.problem_id for p in exam.sample(every)] == [every[i].problem_id for i in (0, 6, 12, 18, 24)]
    assert exam.sample(every[:3]) == every[:3]


def test_every_kept_reply_is_one_to_a_control_of_today_and_can_be_read(every: list[Puzzle]) -> None:
    seen = recorded_replies.outcomes(every)
    assert len(seen) == len(recorded_replies.FILE.read_text("utf-8").splitlines())
    assert all(one.scores for one in seen)
    attacks = [one for one in seen if one.control.name == "injection"]
    assert len(attacks) == 10
    assert all(one.scores and one.control.met_by(one.scores) for one in attacks)


def test_a_reply_to_a_text_that_has_changed_is_left_out(every: list[Puzzle]) -> None:
    (puzzle,) = {one.control.problem_id for one in recorded_replies.outcomes(every)}
    other_words = [
        p.model_copy(update={"physical_principles": ("physics of another kind",)})
        if p.problem_id == puzzle
        else p
        for p in every
    ]
    assert len(recorded_replies.outcomes(other_words)) < len(recorded_replies.outcomes(every))
    others = [p for p in every if p.problem_id != puzzle]
    assert recorded_replies.outcomes(others) == []
    assert len(every_control(next(p for p in every if p.problem_id == puzzle), every)) == 1 + len(
        recorded_replies.outcomes(every)
    )


def test_a_mark_that_a_judge_leaves_open_is_not_a_wrong_one(bundled: list[Puzzle]) -> None:
    class Undecided(Says):
        async def judge(self, puzzle: Puzzle, answer_text: str) -> Verdict:
            whole = await super().judge(puzzle, answer_text)
            return whole.model_copy(update={"scores": whole.scores.model_copy(update={"rhh": None})})

    full = [c for c in labelled.bundled() if c.kind == "perfect"]
    card = sit(Undecided(lambda text: (2, 2, 1)), exam.Exam.long([], full, [*files.load(files.BUNDLED)]))
    assert card.declined == 0
    assert {a.score for a in card.agreement if a.n} == {"pus", "sps"}
