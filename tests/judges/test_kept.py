"""Marks that need no model, prompts for those that do, and what is said of a judge, kept as they are."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest

from escape.environments import plans
from escape.judges import checklist
from escape.judges.by_room import RoomJudge
from escape.judges.designs import DESIGNS, JUDGES, by_words, called
from escape.judges.examined import agreement, exam, trust
from escape.judges.ideas.clauses import clauses, cleaned
from escape.judges.ideas.rubric import Rubric
from escape.judges.panel import Panel
from escape.judges.replies import read_checklist, read_holistic, second_look, without_evidence
from escape.puzzles import controls
from escape.types import Answer, EscapeError, Judge, Puzzle, Result, Trial, Verdict
from tests.approved import Approved
from tests.every_kind import every_kind

DATA = Path(__file__).parent.parent / "data"


def verdict(judge: Judge, puzzle: Puzzle, answer: str) -> Verdict | str:
    try:
        return asyncio.run(judge.judge(puzzle, answer))
    except EscapeError as error:
        return str(error)


def told(found: Verdict | str) -> str:
    """The marks, a sign an item, and the beginning of what was quoted or said."""
    if isinstance(found, str):
        return found
    items = found.checklist
    signs = "".join("?" if t.evidence_missing else "1" if t.met else "0" for t in items.ticks) if items else ""
    more = dict.fromkeys(f"{t.share or ''} {(t.quote or t.reason)[:30]}" for t in items.ticks) if items else ()
    scores = found.scores
    works = (items.works, items.feasibility, items.attempted_reason, items.complete_alternative) if items else ()
    return f"{scores.pus} {scores.sps} {scores.rhh} {signs} {works} {' | '.join(more)}".replace("\n", " ")


class Drawn:
    """A judge whose checklists are drawn: what a panel may have to make one of."""

    def __init__(self, number: int) -> None:
        self.name = f"drawn:{number}"
        self._random = Random(number)

    async def judge(self, puzzle: Puzzle, answer: str) -> Verdict:
        offline = await Rubric().judge(puzzle, answer)
        assert offline.checklist
        draw = self._random.random

        def changed(ticks: Sequence[object]) -> list[object]:
            return [t.model_copy(update={"met": draw() < 0.5, "evidence_missing": draw() < 0.2}) for t in ticks]

        items = offline.checklist
        works = self._random.choice(["yes", "partly", "no", "undecided"])
        new = {name: tuple(changed(getattr(items, name))) for name in ("principles", "steps", "herrings")}
        return offline.model_copy(update={"checklist": items.model_copy(update={**new, "works": works})})


@pytest.mark.parametrize("file", ["published_answers.jsonl", "attempts.jsonl"])
def test_marks_without_a_model_stay_as_they_are(approved: Approved, file: str, by_id: dict[str, Puzzle]) -> None:
    panel = Panel("panel", [Drawn(1), Drawn(2), Drawn(3)])
    lines = [json.loads(line) for line in (DATA / file).read_text("utf-8").splitlines()]
    for number, case in enumerate(c for c in lines if c["problem_id"] in by_id):
        puzzle, answer = by_id[case["problem_id"]], case["answer"]
        approved.add(f"{number}: {told(verdict(Rubric(), puzzle, answer))}")
        if number % 4 == 0:
            approved.add(f"{number}: {cleaned(answer)} {clauses(answer)}".replace("\n", " "))
            approved.add(f"panel, {number}: {told(verdict(panel, puzzle, answer))}")
        if (came := plans.outcome(puzzle, answer)) is not None:
            approved.add(f"room, {number}: {told(RoomJudge().verdict(puzzle, came))}")


def reply(puzzle: Puzzle, answer: str, random: Random) -> str:
    """What a model might send back: right, or with quotes that are not there."""

    def items(letter: str, n: int, decision: str) -> dict[str, object]:
        quotes = [answer[5:40], answer[60:90], "words that nobody wrote", ""]
        return {f"{letter}{i + 1}": {decision: random.random() < 0.7, "quote": random.choice(quotes)} for i in range(n)}

    document = {
        "attempted": {"reason": "a plan", "value": random.random() < 0.8},
        "principles": items("P", len(puzzle.physical_principles), "met"),
        "steps": items("S", len(puzzle.solution.steps), "met"),
        "herrings": items("H", len(puzzle.red_herrings), "used"),
        "works": {"reason": "so", "value": random.choice(["yes", "partly", "no"])},
        "complete_alternative": {"value": random.random() < 0.2},
    }
    # and at the second look, where two of them were asked about again
    document |= {f"P{i}": {"quote": answer[5:30], "decision": True} for i in (1, 2)}
    return f"Here it is:\n```json\n{json.dumps(document)}\n```"


def test_prompts_for_a_judge_and_what_is_read_in_its_replies_stay_as_they_are(
    approved: Approved, bundled: list[Puzzle]
) -> None:
    random = Random(3)
    for puzzle in bundled:
        answer = controls.kitchen_sink(puzzle)
        asked = checklist.checklist(puzzle, answer, "====")
        approved.add(f"{asked.system}\n{asked.user}\n{json.dumps(asked.reply_schema)}")
        for _ in range(4):
            for sent in (
                reply(puzzle, answer, random),
                '{"pus": 1.5, "sps": 2, "rhh": 0, "pus_reason": "so"}',
                "no JSON",
            ):
                for read in (read_checklist, read_holistic):
                    try:
                        found = read(sent, puzzle, answer)
                    except (EscapeError, ValueError) as error:
                        approved.add(f"{puzzle.problem_id}: {error}".replace("\n", " "))
                        continue
                    approved.add(f"{puzzle.problem_id}: {found!r}".replace("\n", " "))
                    if items := found.checklist:
                        again = second_look(sent, items, answer)
                        approved.add(f"{[*without_evidence(items)]} {[t.met for t in again.ticks]} {again.works}")


@pytest.mark.proof
def test_what_is_said_of_judges_stays_as_it_is(approved: Approved, bundled: list[Puzzle]) -> None:
    for judge in (Rubric(), Panel("panel", [Rubric(), Drawn(4)]), Drawn(5)):
        paper = exam.Exam(bundled[:3], exam.bundled(), bundled, "kept")
        results = []
        for trial, answer in paper.answers.items():
            found = verdict(judge, paper.puzzles[trial.problem_id], answer.text)
            came = plans.outcome(paper.puzzles[trial.problem_id], answer.text)
            results.append(
                Result(trial=trial, answer=answer, outcome=came, verdict=None if isinstance(found, str) else found)
            )
        card = paper.card(judge.name, results, "now")
        approved.add("\n".join(f"{judge.name}, {name}: {value!r}" for name, value in card))
        approved.add(f"{judge.name}: {trust.attacks(card)} {trust.doubts(card)}")
    for design in DESIGNS:
        approved.add(repr(design))
    approved.add("\n".join(f"{name}: {called(name)} {by_words(name)}" for name in (*JUDGES, "human:Ann", "openai:x")))


@pytest.mark.proof
def test_how_far_raters_agree_stays_as_it_is(approved: Approved) -> None:
    run = every_kind()["everything goes wrong"]
    by_judge = {r.trial: r.verdict for r in run.results if r.verdict}
    random = Random(9)
    others: dict[str, dict[Trial, Verdict]] = {
        f"human:{name}": {
            t: v.model_copy(update={"scores": random.choice([v.scores, list(by_judge.values())[i % 50].scores])})
            for i, (t, v) in enumerate(by_judge.items())
            if random.random() < 0.8
        }
        for name in ("Ann", "Bo")
    }
    for name, theirs in others.items():
        both = agreement.pairs(by_judge, theirs)
        approved.add(f"{name}: {agreement.agreement(both)!r}")
        approved.add(
            "\n".join(
                f"{pair.trial.key} {pair.first.scores} {pair.second.scores} {how_far}"
                for pair, how_far in agreement.disagreements(both)[:20]
            )
        )
    for score in ("pus", "sps", "rhh"):
        approved.add(f"{score}: {agreement.group({'judge': by_judge, **others}, score)}")
    rated = agreement.as_rated_by(run, others["human:Ann"])
    approved.add("\n".join(f"{r.trial.key} {r.status} {r.verdict and r.verdict.scores}" for r in rated.results))
    approved.add(repr({name: len(found) for name, found in agreement.raters(run).items()}))


def test_an_answer_that_is_no_attempt_is_told_from_one(approved: Approved, bundled: list[Puzzle]) -> None:
    for puzzle in bundled:
        for control in controls.every_control(puzzle, bundled):
            approved.add(f"{puzzle.problem_id}, {control.name}: {told(verdict(Rubric(), puzzle, control.text))}")
            approved.add(f"{Answer(text=control.text).whole_lines[:300]}")
