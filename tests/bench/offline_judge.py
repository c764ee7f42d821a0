"""What marks by words are worth: the offline judge's kappa with the readers on every labelled answer, without cues."""

from __future__ import annotations

import argparse
from pathlib import Path
from statistics import fmean

from escape.judges.examined import exam
from escape.judges.examined.agreement import rounded, weighted_kappa
from escape.judges.ideas import Rubric
from escape.puzzles import files
from escape.types import NotJudged

DATA = Path(__file__).parent.parent / "data"
HARD = ("hard_answers.jsonl", "hard_answers_2.jsonl", "hard_answers_3.jsonl")


def main(o: argparse.Namespace) -> None:
    def read(name: str) -> list[exam.Labelled]:
        return exam.labelled_answers((DATA / name).read_text("utf-8"))

    known, unseen = files.load(files.BUNDLED), files.load(DATA / "unseen_puzzles.json")
    sets = [
        (known, exam.bundled()),
        (known, read("published_answers.jsonl")),
        (unseen, read("unseen_answers.jsonl")),
        *((known, read(name)) for name in HARD),
    ]
    marks: dict[str, list[tuple[float, float]]] = {"pus": [], "sps": []}
    full: list[float] = []
    for puzzles, cases in sets:
        bare = {p.problem_id: p.model_copy(update={"cues": {}}) for p in puzzles}
        judge = Rubric(list(bare.values()))
        for case in cases:
            try:
                scores = judge.verdict(bare[case.problem_id], case.answer).scores
            except NotJudged:
                continue
            given = {name: case.mark(name) or 0.0 for name in marks}
            for name, pairs in marks.items():
                pairs.append((getattr(scores, name), given[name]))
            if min(given.values()) >= 1.9:
                full.append((scores.pus + scores.sps) / 2)
    for name, pairs in marks.items():
        kappa = weighted_kappa([(rounded(a, name), rounded(b, name)) for a, b in pairs])
        print(f"{name}: kappa {kappa:.2f} over {len(pairs)} labelled answers")
    none = [(a, c) for (a, b), (c, d) in zip(marks["pus"], marks["sps"], strict=True) if b + d == 0]
    print(f"full answers {fmean(full):.2f} of 2; {sum(a + c > 0 for a, c in none)} of {len(none)} no-attempts marked")
