"""Judges with known faults sit the exam's labelled answers.

Every bad one fails, and good ones mostly pass.
"""

import random
from collections.abc import Callable

import pytest

from escape.judges.examined import labelled
from escape.judges.examined.doubts import doubts
from escape.judges.examined.exam import Exam
from escape.judges.examined.labelled import Labelled
from escape.metrics import SCALE
from escape.types import Failure, FailureKind, Puzzle, ReportCard, Result, Scores, Verdict

Marks = tuple[float, float, float | None] | None  # None: declined
PAPER = labelled.bundled()


def sitting(
    every: list[Puzzle], judge: Callable[[Labelled, random.Random], Marks], seed: int = 0
) -> ReportCard:
    rng = random.Random(seed)
    paper = Exam.long([], PAPER, every)
    results = []
    for trial, case in paper.labelled.items():
        given = judge(case, rng)
        if given is None:
            failure = Failure(stage="judge", kind=FailureKind.NOT_JUDGED, message="too hard")
            results.append(Result(trial=trial, failure=failure))
            continue
        pus, sps, rhh = given
        rhh = None if case.mark("rhh") is None else rhh
        results.append(
            Result(trial=trial, verdict=Verdict(judge="j", scores=Scores(pus=pus, sps=sps, rhh=rhh)))
        )
    return paper.card("j", results, "now")


def truth(case: Labelled) -> tuple[float, float, float]:
    return (
        case.mark("pus") or 0.0,
        case.mark("sps") or 0.0,
        1.0 if case.mark("rhh") is None else case.mark("rhh") or 0.0,
    )


def _declines_the_hard_ones(case: Labelled, rng: random.Random) -> Marks:
    pus, sps, rhh = truth(case)
    return None if 0.4 < (pus + sps) / 2 < 1.6 and rng.random() < 0.5 else (pus, sps, rhh)


def _only_nothing_or_all(case: Labelled, rng: random.Random) -> Marks:
    pus, sps, rhh = truth(case)
    return 2.0 * (pus >= 1), 2.0 * (sps >= 1), rhh


def _never_decides_herrings(case: Labelled, rng: random.Random) -> Marks:
    pus, sps, _ = truth(case)
    return pus, sps, None


def _full_physics_for_right_steps(case: Labelled, rng: random.Random) -> Marks:
    pus, sps, rhh = truth(case)
    return (2.0 if sps >= 1.5 else pus), sps, rhh


def _half_a_mark_off_long_ones(case: Labelled, rng: random.Random) -> Marks:
    off = 0.5 if len(case.answer.split()) > 300 else 0.0
    pus, sps, rhh = truth(case)
    return max(0.0, pus - off), max(0.0, sps - off), rhh


def _half_a_mark_up_in_the_middle(case: Labelled, rng: random.Random) -> Marks:
    pus, sps, rhh = truth(case)
    return *(min(2.0, x + 0.5) if 0.25 <= x < 1.75 else x for x in (pus, sps)), rhh  # type: ignore[return-value]


def _halo(case: Labelled, rng: random.Random) -> Marks:
    pus, sps, rhh = truth(case)
    return (pus + sps) / 2, (pus + sps) / 2, rhh


def _all_or_nothing(case: Labelled, rng: random.Random) -> Marks:
    good = sum(truth(case)[:2]) >= 2
    return (2.0, 2.0, 1.0) if good else (0.0, 0.0, 0.0)


def _constant(pus: float, sps: float, rhh: float) -> Callable[[Labelled, random.Random], Marks]:
    return lambda case, rng: (pus, sps, rhh) if case.attempt else (0.0, 0.0, 0.0)


BAD = {
    "declines the hard ones": _declines_the_hard_ones,
    "only 0 or 2": _only_nothing_or_all,
    "never decides herrings": _never_decides_herrings,
    "full physics for right steps": _full_physics_for_right_steps,
    "half a mark off long ones": _half_a_mark_off_long_ones,
    "half a mark up in the middle": _half_a_mark_up_in_the_middle,
    "halo": _halo,
    "all or nothing": _all_or_nothing,
    "constant full": _constant(2, 2, 1),
    "constant middle": _constant(1, 1, 1),
    "constant uneven": _constant(1.5, 1, 1),
}


@pytest.mark.parametrize("name", BAD)
@pytest.mark.proof
def test_a_judge_with_a_known_fault_fails_on_the_labelled_answers_alone(
    name: str, every: list[Puzzle]
) -> None:
    said = doubts(sitting(every, BAD[name]))
    assert said, name


def noisy(sd: float) -> Callable[[Labelled, random.Random], Marks]:
    """Mark as people did, with noise, rounded to the scale; one herring decision in twenty is wrong."""

    def judge(case: Labelled, rng: random.Random) -> Marks:
        pus, sps, rhh = truth(case)
        seen = [min(SCALE["pus"], key=lambda step: abs(step - (x + rng.gauss(0, sd)))) for x in (pus, sps)]
        if not case.attempt:
            seen = [0.0, 0.0]
        return seen[0], seen[1], (1 - round(rhh)) if rng.random() < 0.05 else round(rhh)

    return judge


@pytest.mark.parametrize(("sd", "kappa", "passes"), [(0.62, 0.75, 4), (0.45, 0.85, 5), (0.2, 0.95, 6)])
@pytest.mark.proof
def test_good_judges_pass_most_sittings(sd: float, kappa: float, passes: int, every: list[Puzzle]) -> None:
    cards = [sitting(every, noisy(sd), seed) for seed in range(6)]
    seen = [a.kappa.value or 0 for card in cards for a in card.agreement if a.score != "rhh"]
    assert sum(seen) / len(seen) == pytest.approx(kappa, abs=0.05)
    assert sum(not doubts(card) for card in cards) >= passes, [doubts(card) for card in cards]


def test_the_exam_is_even_and_its_kinds_are_many_enough() -> None:
    assert 150 <= len(PAPER) <= 200
    kinds = [c.kind for c in PAPER]
    assert min(map(kinds.count, set(kinds))) >= 10
    assert sum(not c.attempt for c in PAPER) <= 0.1 * len(PAPER)
    with_moves = sum("Moves:" in c.answer for c in PAPER)
    assert 0.4 * len(PAPER) <= with_moves <= 0.6 * len(PAPER)
    for score in ("pus", "sps"):
        marks = [c.mark(score) or 0.0 for c in PAPER]
        thirds = [sum(low <= m < low + 0.67 for m in marks) for low in (0, 0.67, 1.34)]
        assert min(thirds) >= 0.15 * len(marks)
    assert all(len(c.labels) == 2 for c in PAPER)
