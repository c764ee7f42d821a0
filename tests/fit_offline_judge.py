"""Fits the offline judge's weights and prints what they reach on puzzles left out: `python -m tests.fit_offline_judge`.

Not a test. Paste the two printed lines into escape/judges/weights.toml.
"""

from __future__ import annotations

from pathlib import Path
from statistics import fmean

import numpy as np

from escape import agreement, exam, puzzles
from escape.judges.offline import attempt, matching
from escape.judges.offline.clauses import clauses, clean, foreign
from escape.judges.offline.rubric import Reading

DATA = Path(__file__).parent / "data"
Row = tuple[str, int, int, tuple[float, ...], float]  # puzzle, answer, item, features, label


def fit(rows: list[Row], ridge: float = 1.0) -> np.ndarray:
    """Ridge logistic regression by Newton's method; labels may be shares."""
    x = np.array([[1.0, *r[3]] for r in rows])
    y = np.array([r[4] for r in rows])
    penalty = np.eye(x.shape[1]) * ridge
    penalty[0, 0] = 1e-3
    b = np.zeros(x.shape[1])
    for _ in range(30):
        p = 1 / (1 + np.exp(-x @ b))
        b += np.linalg.solve((x * (p * (1 - p))[:, None]).T @ x + penalty, x.T @ (y - p) - penalty @ b)
    return b


def left_out(rows: list[Row]) -> dict[tuple[int, int], bool]:
    """Each item decided by weights that have not seen its puzzle."""
    made = {}
    for puzzle in {r[0] for r in rows}:
        b = fit([r for r in rows if r[0] != puzzle])
        made |= {(r[1], r[2]): b[0] + np.dot(b[1:], r[3]) > 0 for r in rows if r[0] == puzzle}
    return made


def label(case: exam.Labelled, kind: str, index: int) -> float:
    return fmean(list(getattr(one, kind).values())[index] for one in case.labels)


def main() -> None:
    bundled, unseen = puzzles.load(puzzles.BUNDLED), puzzles.load(DATA / "unseen_puzzles.json")
    sets = [
        (bundled, exam.bundled()),
        (unseen, exam.labelled_answers((DATA / "unseen_answers.jsonl").read_text("utf-8"))),
    ]
    cases = []
    for known, answers in sets:
        texts = {p.problem_id: matching.Texts(p.model_copy(update={"cues": {}})) for p in known}
        for case in answers:
            if case.problem_id in texts and not foreign(case.answer):
                cleaned = clean(Reading(case.answer).text)
                parts = clauses(cleaned)
                mine = texts[case.problem_id]
                cases.append((case, mine, parts, attempt.attempted(mine, cleaned, parts, list(texts.values()))))
    tried = [(n, c, t, p) for n, (c, t, p, why) in enumerate(cases) if not why]
    seen = {n: matching.steps(t, p) for n, c, t, p in tried}
    steps = [
        (c.problem_id, n, i, s.features, label(c, "steps", i)) for n, c, t, p in tried for i, s in enumerate(seen[n])
    ]
    done = left_out(steps)
    share = {
        n: len(matching.in_order([s.place if done[n, i] or s.certain else -1 for i, s in enumerate(seen[n])]))
        / len(seen[n])
        for n, *_ in tried
    }
    principles = [
        (c.problem_id, n, i, s.features, label(c, "principles", i))
        for n, c, t, p in tried
        for i, s in enumerate(matching.principles(t, p, share[n]))
    ]
    shown = left_out(principles)
    count = {n: len(t.puzzle.physical_principles) for n, c, t, p in tried}
    pus = [
        (2 * sum(shown[n, i] for i in range(count[n])) / count[n] if n in share else 0.0, c.mark("pus"))
        for n, (c, *_) in enumerate(cases)
    ]
    sps = [(2 * share.get(n, 0.0), c.mark("sps")) for n, (c, *_) in enumerate(cases)]
    for name, values in (("pus", pus), ("sps", sps)):
        print(name, "left one puzzle out:", agreement.on_score(name, values))  # noqa: T201
    for name, rows in (("steps", steps), ("principles", principles)):
        print(name, "=", [round(float(b), 2) for b in fit(rows)])  # noqa: T201


if __name__ == "__main__":
    main()
