"""Fits the offline judge's weights and prints what they reach on puzzles left out: `python -m tests.fit_offline_judge`.

Not a test. Paste the two printed lines into escape/judges/weights.toml.
"""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from statistics import fmean
from typing import NamedTuple

import numpy as np

from escape.judges import agreement, exam
from escape.judges.offline import attempt, matching
from escape.judges.offline.clauses import Clause, clauses, foreign
from escape.judges.offline.demands import cleaned
from escape.judges.offline.rubric import Reading
from escape.judges.offline.texts import Texts
from escape.puzzles import files
from escape.records import ScoreAgreement
from escape.schema import Puzzle

DATA = Path(__file__).parent / "data"
Row = tuple[str, int, int, tuple[float, ...], float]  # puzzle, answer, item, features, label


def fit(rows: list[Row], ridge: float = 1.0, no_weighs: float = 1.0) -> np.ndarray:
    """Ridge logistic regression by Newton's method; labels may be shares. `no_weighs`: of a no, beside a yes."""
    x = np.array([[1.0, *r[3]] for r in rows])
    y = np.array([r[4] for r in rows])
    w = np.where(y == 0, no_weighs, 1.0)
    penalty = np.eye(x.shape[1]) * ridge
    penalty[0, 0] = 1e-3
    b = np.zeros(x.shape[1])
    for _ in range(30):
        p = 1 / (1 + np.exp(-x @ b))
        b += np.linalg.solve((x * (w * p * (1 - p))[:, None]).T @ x + penalty, x.T @ (w * (y - p)) - penalty @ b)
    return b


def left_out(rows: list[Row]) -> dict[tuple[int, int], bool]:
    """Each item decided by weights that have not seen its puzzle."""
    made = {}
    for puzzle in {r[0] for r in rows}:
        b = fit([r for r in rows if r[0] != puzzle])
        made |= {(r[1], r[2]): b[0] + np.dot(b[1:], r[3]) > 0 for r in rows if r[0] == puzzle}
    return made


def biased(kind: str, weights: np.ndarray) -> list[float]:
    return [float(weights[0]) + BENEFIT[kind], *map(float, weights[1:])]


def label(case: exam.Labelled, kind: str, index: int) -> float:
    return fmean(list(getattr(one, kind).values())[index] for one in case.labels)


def sets() -> list[tuple[str, list[Puzzle], list[exam.Labelled]]]:
    """Puzzles without cues and their labelled answers; the locked ones are not among them."""
    known = [p.model_copy(update={"cues": {}}) for p in files.load(files.BUNDLED)]
    unseen = [p.model_copy(update={"cues": {}}) for p in files.load(DATA / "unseen_puzzles.json")]
    return [
        ("the bundled exam", known, exam.bundled() * EASY),
        ("twenty further puzzles", unseen, read("unseen_answers.jsonl") * EASY),
        ("hard answers", known, [c for n in HARD for c in read(n)]),
    ]


def read(name: str) -> list[exam.Labelled]:
    return exam.labelled_answers((DATA / name).read_text("utf-8"))


class Case(NamedTuple):
    """A labelled answer that is an attempt, read."""

    set_name: str
    label: exam.Labelled
    texts: Texts
    parts: list[Clause]
    how: matching.Manner
    steps: list[matching.Sighting]


def cases() -> tuple[list[Case], dict[str, list[exam.Labelled]]]:
    """Attempts, and by set the answers that are none."""
    made: list[Case] = []
    none: dict[str, list[exam.Labelled]] = defaultdict(list)
    for name, known, answers in sets():
        asked = {c.problem_id for c in answers}
        texts = {p.problem_id: Texts(p) for p in known if p.problem_id in asked}
        for case in answers:
            if foreign(case.answer):
                continue
            mine, seen = texts[case.problem_id], Reading(case.answer)
            plain, _ = cleaned(seen.text)
            parts = clauses(plain)
            if attempt.attempted(mine, plain, parts, list(texts.values())):
                none[name].append(case)
                continue
            how = matching.manner(mine, parts)
            made.append(Case(name, case, mine, parts, how, matching.steps(mine, parts, how)))
    return made, none


EASY = 2  # how often the easier answers are counted, so that they weigh as much as the 480 hard ones
HARD = ("hard_answers.jsonl", "hard_answers_2.jsonl", "hard_answers_3.jsonl")
NO_ATTEMPTS = {
    "keyword_soup",
    "empty_or_nonsense",
    "refusal",
    "other_puzzle",
    "repeats_scenario",
    "nonsense_fluent",
    "demand",
}
# log odds by which an answer gets the benefit of the doubt: an honest one lost costs more than a poor one let through
BENEFIT = {"attempt": 0.6, "steps": 0.3, "principles": 0.2}


def gate() -> list[float]:
    """The weights of what shows an attempt, from labelled answers and from texts that were written to be none."""
    rows: list[Row] = []

    def add(texts: Texts, text: str, attempt_: float) -> None:
        parts = [p for p in clauses(cleaned(Reading(text).text)[0]) if p.stems]
        if parts and not foreign(text):
            rows.append((texts.puzzle.problem_id, len(rows), 0, attempt.signs(texts, parts), attempt_))

    for _, known, answers in sets():
        texts = {p.problem_id: Texts(p) for p in known}
        for case in answers:
            marked = (case.mark("pus") or 0) + (case.mark("sps") or 0) > 0
            if marked or case.kind in NO_ATTEMPTS:
                add(texts[case.problem_id], case.answer, float(marked and case.kind not in NO_ATTEMPTS))
    for line in (DATA / "attempts.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        add(texts[row["problem_id"]], row["answer"], float(row["attempt"]))
    yes = sum(r[4] for r in rows)
    found = fit(rows, no_weighs=yes / (len(rows) - yes) / 2)
    return biased("attempt", found)


def main() -> None:
    """Every item decided by weights that have not seen its puzzle; then the weights of all."""
    print("attempt =", [round(b, 2) for b in gate()])  # noqa: T201
    given, none = cases()
    steps = [
        (c.label.problem_id, n, i, s.features, label(c.label, "steps", i))
        for n, c in enumerate(given)
        for i, s in enumerate(c.steps)
    ]
    done = left_out(steps)
    share = [
        len(matching.in_order([s.place if done[n, i] or s.certain else -1 for i, s in enumerate(c.steps)]))
        / len(c.steps)
        for n, c in enumerate(given)
    ]
    principles = [
        (c.label.problem_id, n, i, s.features, label(c.label, "principles", i))
        for n, c in enumerate(given)
        for i, s in enumerate(matching.principles(c.texts, c.parts, c.how, share[n]))
    ]
    shown = left_out(principles)
    for name, *_ in sets():
        pus, sps = [], []
        for n, c in enumerate(given):
            if c.set_name == name:
                size = len(c.texts.puzzle.physical_principles)
                pus.append((2 * sum(shown[n, i] for i in range(size)) / size, c.label.mark("pus")))
                sps.append((2 * share[n], c.label.mark("sps")))
        for score, values in (("pus", pus), ("sps", sps)):
            every = values + [(0.0, c.mark(score)) for c in none[name]]
            of_attempts, of_all = agreement.on_score(score, values), agreement.on_score(score, every)
            print(f"{name}: {score}, left one puzzle out: {said(of_all)}, over attempts only {said(of_attempts)}")  # noqa: T201
    for kind, rows in (("steps", steps), ("principles", principles)):
        print(kind, "=", [round(b, 2) for b in biased(kind, fit(rows))])  # noqa: T201


def said(found: ScoreAgreement) -> str:
    return "too few" if found.kappa is None else f"{found.kappa.value:.2f}"


if __name__ == "__main__":
    main()
