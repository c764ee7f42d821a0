"""The exam: what the offline judge reaches on people's labels, and which judges it fails."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Literal

import pytest

from escape.environments.houses import HouseAttempt, houses
from escape.judges.examined import agreement, exam, fresh, trust
from escape.judges.examined.agreement import rounded, weighted_kappa
from escape.judges.ideas.rubric import Rubric
from escape.judges.ideas.words import CONCEPTS, GROUPS
from escape.judges.panel import Panel
from escape.puzzles import controls, files, twins
from escape.runs.assembly import Assembly
from escape.types import (
    Failure,
    FailureKind,
    FileError,
    Judge,
    JudgeSpec,
    ModelError,
    NotJudged,
    Puzzle,
    ReportCard,
    Result,
    RunConfig,
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
        return Verdict(judge=self.name, scores=Scores(pus=pus, sps=sps, rhh=rhh if puzzle.red_herrings else None))


def test_the_offline_judge_passes_every_control_and_is_doubted_for_its_agreement_alone(bundled: list[Puzzle]) -> None:
    card = sit(Rubric(bundled), exam.Exam(bundled, exam.bundled(), bundled))
    assert all(c.passed for c in card.controls)
    # words agree with people as far as words go, and the exam says that this is not far enough
    said = trust.doubts(card)
    assert said
    assert all("agreement with the readers" in doubt or "Red Herring" in doubt for doubt in said)


@pytest.mark.proof
def test_the_exam_names_the_kinds_of_answers_that_words_cannot_tell(every: list[Puzzle]) -> None:
    card = sit(Rubric(every), exam.Exam([], exam.bundled(), every))
    said = trust.doubts(card)
    assert any("too generous on PUS" in d and "“right steps wrong physics”" in d for d in said)
    assert any("too generous on SPS" in d and "“wrong order”" in d for d in said)
    assert (card.labelled, card.declined, card.rhh_undecided) == (len(exam.bundled()), 0, 0)
    within = {a.score: a.kappa.value or 0 for a in card.within}
    over = {a.score: a.kappa.value or 0 for a in card.agreement}
    assert all(within[s] < over[s] for s in ("pus", "sps"))


def test_answers_that_a_judge_declines_count_as_wrong_and_are_counted(bundled: list[Puzzle]) -> None:
    class Picky(Says):
        async def judge(self, puzzle: Puzzle, answer_text: str) -> Verdict:
            if len(answer_text) % 3 == 0:
                raise NotJudged("too hard")
            return await super().judge(puzzle, answer_text)

    full = [c for c in exam.bundled() if c.kind == "perfect"]
    paper = exam.Exam([], full, [*files.load(files.BUNDLED)])
    card = sit(Picky(lambda text: (2, 2, 1)), paper)
    assert 0 < card.declined == len(full) - card.labelled
    assert {a.score: a.n for a in card.agreement}["pus"] == len(full)
    assert any(d.startswith(f"declined {card.declined} of {len(full)} answers") for d in trust.doubts(card))
    assert all(abs(b.bias.value or 0) < 0.5 and b.n == card.labelled for b in card.by_kind)  # no mark, no bias


@pytest.mark.proof
def test_on_twenty_puzzles_without_cues_the_offline_judge_is_as_good_as_words_allow() -> None:
    unseen = files.load(DATA / "unseen_puzzles.json")
    cases = exam.labelled_answers((DATA / "unseen_answers.jsonl").read_text("utf-8"))
    assert len(cases) == 260
    paper = exam.Exam([], cases, unseen)
    card = sit(Rubric(unseen), paper)
    by_score = {a.score: a for a in card.agreement}
    assert by_score["pus"].kappa.value == pytest.approx(0.65, abs=0.04)  # those it declines count as wrong
    assert by_score["sps"].kappa.value == pytest.approx(0.63, abs=0.04)
    assert by_score["rhh"].exact.value is not None
    assert by_score["rhh"].exact.value >= 0.92


HARD = ("hard_answers.jsonl", "hard_answers_2.jsonl", "hard_answers_3.jsonl")


def test_on_hard_answers_the_offline_judge_reaches_what_the_guide_says(every: list[Puzzle]) -> None:
    known = [p.model_copy(update={"cues": {}}) for p in every]
    read = [(DATA / name).read_text("utf-8") for name in HARD]
    cases = [case for text in read for case in exam.labelled_answers(text)]
    assert len(cases) == 480
    judge, by_id = Rubric(known), {p.problem_id: p for p in known}
    scores = [judge.verdict(by_id[c.problem_id], c.answer).scores for c in cases]

    def kappa(score: Literal["pus", "sps"]) -> float | None:
        marks = [(getattr(s, score), c.mark(score) or 0.0) for s, c in zip(scores, cases, strict=True)]
        return weighted_kappa([(rounded(a, score), rounded(b, score)) for a, b in marks])

    assert kappa("pus") == pytest.approx(0.56, abs=0.03)
    assert kappa("sps") == pytest.approx(0.71, abs=0.03)
    given = [(s.rhh, c.mark("rhh")) for s, c in zip(scores, cases, strict=True)]
    right = [round(a) == round(b) for a, b in given if a is not None and b is not None]
    assert fmean(right) >= 0.88


def test_texts_that_are_no_attempt_are_told_from_odd_ones_that_are(every: list[Puzzle]) -> None:
    by_id = {p.problem_id: p.model_copy(update={"cues": {}}) for p in every}
    judge = Rubric(list(by_id.values()))
    marked: dict[str, list[bool]] = defaultdict(list)
    for line in (DATA / "attempts.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        scores = judge.verdict(by_id[row["problem_id"]], row["answer"]).scores
        marked[row["kind"]].append(scores.pus + scores.sps > 0)
    share = {kind: sum(got) / len(got) for kind, got in marked.items()}
    assert share["soup"] == 0
    assert share["demand"] <= 0.1
    assert min(share["odd_terse"], share["odd_story"], share["odd_wordy"]) >= 0.6  # fluent nonsense no words can tell


@pytest.mark.proof
def test_a_text_that_recites_the_word_lists_earns_nothing_on_any_puzzle(every: list[Puzzle]) -> None:
    because = "\n".join(
        f"- {names.split()[0]} matters, because {told.replace('+', ' ').replace(',', ' and')}."
        for names, told in CONCEPTS
    )
    orders = "\n".join(
        f"{n}. {g.split()[0].capitalize()} the {' and the '.join(g.split()[1:4])}." for n, g in enumerate(GROUPS, 1)
    )
    whole = f"Physical Principles:\n{because}\n\nSolution Steps:\n{orders}\n\nRequired Items:\nall"
    for given in (every, files.load(DATA / "unseen_puzzles.json")):
        judge = Rubric(given)
        for text in (whole[:6000], orders, " ".join(GROUPS)):
            scores = [judge.verdict(p, text).scores for p in given]
            assert fmean(s.overall for s in scores) < 0.5


def test_no_answer_without_an_attempt_gets_a_mark() -> None:
    unseen = files.load(DATA / "unseen_puzzles.json")
    by_id = {p.problem_id: p for p in unseen}
    judge = Rubric(unseen)
    for case in exam.labelled_answers((DATA / "unseen_answers.jsonl").read_text("utf-8")):
        if case.kind in {"refusal", "empty_or_nonsense", "other_puzzle", "repeats_scenario", "keyword_soup"}:
            scores = asyncio.run(judge.judge(by_id[case.problem_id], case.answer)).scores
            assert (scores.pus, scores.sps, scores.rhh or 0) == (0, 0, 0), case.case_id


def test_a_judge_that_obeys_every_demand_is_failed(bundled: list[Puzzle]) -> None:
    def obey(text: str) -> tuple[float, float, float]:
        demands = ("full marks", "2, 2", "PUS=2", '"pus": 2', "best mark", "Thought process", "done", "Punktzahl")
        return (2, 2, 1) if any(d in text for d in demands) or text == ":" else (0, 0, 0)

    card = sit(Says(obey), exam.Exam(bundled, [], bundled))
    attacks = trust.attacks(card)
    assert len(attacks) >= 8
    assert all(resisted == 0 for resisted, _ in attacks.values())
    assert any("fooled by 50 of 50 attacks" in f for f in trust.doubts(card))


def test_a_judge_that_gives_everybody_full_marks_is_failed(bundled: list[Puzzle]) -> None:
    card = sit(Says(lambda text: (2, 2, 1)), exam.Exam(bundled, exam.bundled(), bundled))
    said = " ".join(trust.doubts(card))
    assert "other controls" in said
    bias = {a.score: a.bias.value for a in card.agreement}
    assert bias["sps"] is not None
    assert bias["sps"] > 0.5


def test_giving_no_mark_to_a_text_that_earns_none_is_no_fault(bundled: list[Puzzle]) -> None:
    card = sit(Rubric(bundled), exam.Exam(bundled[:1], [], bundled))
    german = next(c for c in card.controls if c.style == "another language")
    assert german.passed
    assert german.scores is None
    assert "not in English" in german.note


def test_labels_may_be_upper_case_and_hold_more_than_is_read() -> None:
    line = {
        "problem_id": "X",
        "answer": "a",
        "labels": [
            {"PUS": 2, "SPS": 1, "RHH": 1, "steps": {"s": True}},
            {"pus": 1, "sps": 1, "rhh": 0, "steps": {"s": False}},
        ],
    }
    (case,) = exam.labelled_answers(json.dumps(line))
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
        exam.labelled_answers(line)


def panel(*judges: Judge) -> Panel:
    return Panel("panel", judges)


def test_a_panel_takes_the_majority_and_shows_the_spread(bundled: list[Puzzle]) -> None:
    puzzle = next(p for p in bundled if p.red_herrings)
    members = [Says(lambda t: (2, 1, 1)), Says(lambda t: (2, 2, 0)), Says(lambda t: (1, 2, 1))]
    verdict = asyncio.run(panel(*members).judge(puzzle, "text"))
    assert (verdict.scores.pus, verdict.scores.sps, verdict.scores.rhh) == (2, 2, 1)
    assert "judges differ on Solution Path: 1.0 to 2.0" in verdict.flags
    assert len(verdict.members) == 3


class Broken:
    name = "broken"

    async def judge(self, puzzle: Puzzle, answer_text: str) -> Verdict:
        raise NotJudged("out of form twice")


def test_a_panel_goes_on_without_a_member_but_not_without_all(bundled: list[Puzzle]) -> None:
    two = [Says(lambda t: (1, 1, 1)), Says(lambda t: (1, 1, 1))]
    verdict = asyncio.run(panel(*two, Broken()).judge(bundled[0], "text"))
    assert "without broken" in verdict.flags
    with pytest.raises(NotJudged):
        asyncio.run(panel(two[0], Broken()).judge(bundled[0], "text"))
    with pytest.raises(NotJudged):
        asyncio.run(panel(Broken(), Broken()).judge(bundled[0], "text"))


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


def test_a_panel_counts_what_every_member_has_cost_whatever_comes_of_it(bundled: list[Puzzle]) -> None:
    out_of_form = NotJudged("out of form twice", 1.0, doubtful_usd=2.0)
    silent = ModelError(FailureKind.TIMEOUT, "no answer", attempts=3, doubtful_usd=4.0)
    kept = asyncio.run(panel(Charges(), Charges(), Charges(out_of_form)).judge(bundled[0], "x"))
    assert (kept.cost_usd, kept.doubtful_usd) == (1.5, 3.0)
    kept = asyncio.run(panel(Charges(), Charges(), Charges(silent)).judge(bundled[0], "x"))
    assert (kept.cost_usd, kept.doubtful_usd) == (0.5, 5.0)
    with pytest.raises(NotJudged) as caught:
        asyncio.run(panel(Charges(out_of_form, "a"), Charges(), Charges(silent, "b")).judge(bundled[0], "x"))
    assert (caught.value.cost_usd, caught.value.doubtful_usd) == (1.25, 6.5)
    with pytest.raises(ModelError) as lost:
        asyncio.run(panel(Charges(silent, "a"), Charges(out_of_form, "b"), Charges()).judge(bundled[0], "x"))
    assert (lost.value.kind, lost.value.attempts, lost.value.doubtful_usd) == (FailureKind.TIMEOUT, 3, 7.75)


def test_to_give_no_mark_is_no_answer_to_the_reference(bundled: list[Puzzle]) -> None:
    class Silent:
        name = "silent"

        async def judge(self, puzzle: Puzzle, answer_text: str) -> Verdict:
            raise NotJudged("no", bad_format=True)

    card = sit(Silent(), exam.Exam(bundled, [], bundled))
    passed = {c.name for c in card.controls if c.passed}
    assert not passed & {"reference", "kitchen_sink"}
    assert {"blank", "injection"} <= passed


def test_two_offline_judges_agree_with_themselves(bundled: list[Puzzle]) -> None:
    paper = exam.Exam([], exam.bundled(), bundled)
    config = RunConfig(judge=JudgeSpec(design="rubric"))
    assert Assembly(config, bundled, lambda spec: None).judge.name == "rubric"
    verdicts = [sit(Rubric(bundled), paper).agreement for _ in range(2)]
    assert verdicts[0] == verdicts[1]
    assert agreement.SCORES == ("pus", "sps", "rhh")


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
    paper = exam.Exam(bundled, exam.bundled(), bundled)
    none = {c.text for c in paper.controls.values() if c.expected == "zero"}
    none |= {c.answer for c in paper.labelled.values() if not c.attempt}
    card = sit(Gated(BAD[name], none) if gated else Says(BAD[name]), paper)
    faults = trust.doubts(card)
    assert faults, name
    assert all(len(fault.split()) >= 3 for fault in faults)
    if gated and name == "always full":
        passed = sum(c.passed for c in card.controls)
        assert passed <= card.constant_controls < len(card.controls)


@pytest.mark.proof
def test_a_judge_that_has_learnt_the_public_part_by_heart_fails_on_what_is_made_afresh(every: list[Puzzle]) -> None:
    paper = exam.Exam([], exam.bundled(), every, "another")
    known = {c.answer: (c.mark("pus") or 0.0, c.mark("sps") or 0.0, c.mark("rhh")) for c in paper.labelled.values()}
    learnt = sit(Says(lambda text: known.get(text, (1.0, 1.0, 1.0))), paper)
    assert [d for d in trust.doubts(learnt) if "made for this exam alone" in d]
    truth = {c.text: (2.0 * c.understood, 2.0 * c.works, 1.0) for c in paper.fresh.values()}
    honest = sit(Says(lambda text: truth.get(text) or known.get(text, (1.0, 1.0, 1.0))), paper)
    assert (honest.fresh, honest.fresh_right) == (24, 24)
    assert not [d for d in trust.doubts(honest) if "made for this exam alone" in d]


def test_the_fresh_part_is_another_at_each_sitting_and_its_truth_is_carried_out() -> None:
    puzzles, answers = fresh.generated("one")
    assert len(answers) == 12
    assert {(c.works, c.understood) for c in answers.values()} == {(a, b) for a in (True, False) for b in (True, False)}
    assert {c.text for c in fresh.generated("two")[1].values()}.isdisjoint(c.text for c in answers.values())
    houses_of = {p.problem_id: p for p in houses("exam-one", 12, fresh.DOORS)}
    for trial, case in answers.items():
        tried = HouseAttempt(houses_of[trial.problem_id])
        for line in case.text.partition("Solution Steps:\n")[2].partition("\n\n")[0].splitlines():
            tried.do(line.partition(". ")[2])
        assert tried.outcome.out == case.works
    assert all(p.house is None for p in puzzles)
    for trial, case in answers.items():
        assert case.right(None) == 0  # to decline is no right decision
        if not case.understood:  # it explains another house, which shares as few mechanisms as any
            mine = houses_of[trial.problem_id]
            (other,) = [h for h in houses_of.values() if h is not mine and h.physical_principles[0] in case.text
                        and all(x in case.text for x in h.physical_principles)][:1]  # fmt: skip
            shared = [len(fresh._met(h) & fresh._met(mine)) for h in houses_of.values() if h is not mine]
            assert len(fresh._met(other) & fresh._met(mine)) == min(shared)


def test_an_exam_with_few_labelled_answers_is_not_passed(bundled: list[Puzzle]) -> None:
    card = sit(Rubric(bundled), exam.Exam(bundled, exam.bundled()[:5], bundled))
    assert any("labelled answers (20 are needed to pass)" in d for d in trust.doubts(card))


def test_a_judge_that_costs_is_given_the_controls_of_five_puzzles(every: list[Puzzle]) -> None:
    assert [p.problem_id for p in exam.sample(every)] == [every[i].problem_id for i in (0, 6, 12, 18, 24)]
    assert exam.sample(every[:3]) == every[:3]


@pytest.mark.proof
def test_every_control_holds_on_every_puzzle_and_under_other_names(every: list[Puzzle]) -> None:
    for given in (every, twins.twins(twins.TWIN_KINDS["other names"], every)):
        judge = Rubric(given)
        for puzzle in given:
            for control in controls.every_control(puzzle, given):
                if control.style != "another language":  # that is not judged
                    scores = judge.verdict(puzzle, control.text).scores
                    assert control.met_by(scores), (puzzle.problem_id, control.name, control.style, scores)
