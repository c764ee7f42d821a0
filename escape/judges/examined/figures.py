"""The figures of a report card: how a judge's marks of known answers compare with the readers' marks."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from escape.judges.examined.agreement import SCORES, Score, on_score, rounded, weighted_kappa
from escape.judges.examined.errors import ItemKind
from escape.judges.examined.labelled import Labelled
from escape.metrics import SCALE, TOP
from escape.puzzles import Control
from escape.stats import mean_interval
from escape.types import (
    Agreed,
    Checklist,
    ControlOutcome,
    Estimate,
    ExamCase,
    FailureKind,
    KindBias,
    Result,
    ScoreAgreement,
    Tick,
    Verdict,
)

ENOUGH_OF_A_KIND = 8  # answers: with fewer, the bias on a kind has no useful interval


# failures of the judge, not of the network: it declined to mark, or did not keep the form
OWN_FAILURES = {FailureKind.NOT_JUDGED, FailureKind.BAD_FORMAT}
Sat = Sequence[tuple[Labelled, Result]]  # labelled answers with what the judge made of them


def is_declined(result: Result) -> bool:
    return result.verdict is None and result.failure is not None and result.failure.kind in OWN_FAILURES


def _mark_pairs(sat: Sat, score: Score) -> list[tuple[float, float]]:
    """Pair the judge's marks with the readers'. A declined answer counts as the most wrong mark."""
    values = []
    for case, result in sat:
        label = case.mark(score)
        mark = getattr(result.verdict.scores, score) if result.verdict else None
        if mark is None and label is not None and is_declined(result):
            mark = 0.0 if label > TOP[score] / 2 else TOP[score]
        if mark is not None and label is not None:
            values.append((mark, label))
    return values


def agreement(sat: Sat) -> tuple[ScoreAgreement, ...]:
    return tuple(on_score(score, values) for score in SCORES if (values := _mark_pairs(sat, score)))


def bias_by_kind(sat: Sat) -> tuple[KindBias, ...]:
    kinds = dict.fromkeys(case.kind for case, _ in sat if case.kind)
    rows = []
    for kind in kinds:
        for score in ("pus", "sps"):
            gaps = [a - b for a, b in _mark_pairs([(case, r) for case, r in sat if case.kind == kind], score)]
            if len(gaps) >= ENOUGH_OF_A_KIND:
                span = mean_interval(gaps, 2 * len(kinds))  # corrected for the number of comparisons
                bias = Estimate(value=span.mean, low=span.low, high=span.high)
                rows.append(KindBias(kind=kind, score=score, n=len(gaps), bias=bias))
    return tuple(rows)


def exam_case(case: Labelled, verdict: Verdict) -> ExamCase:
    """Compare a judge's verdict on one labelled answer with its labels, item by item."""
    items, marks_ = verdict.checklist or Checklist(principles=(), steps=()), verdict.scores
    both = [(mark, label, TOP[s]) for s in SCORES
            if (mark := getattr(marks_, s)) is not None and (label := case.mark(s)) is not None]  # fmt: skip
    full = sum(top for *_, top in both)
    # ticks of a text that is no attempt count for nothing, whatever they are, and say nothing of how it ticks
    # others
    principles, steps = (items.principles, items.steps) if case.attempt else ((), ())
    return ExamCase(
        case_id=str(case.case_id),
        principles=_agreed(principles, [label.principles for label in case.labels], counts=items.attempted),
        steps=_agreed(steps, [label.steps for label in case.labels], counts=items.attempted),
        herrings=_agreed(items.herrings, [label.herrings for label in case.labels]),
        excess=sum(mark - label for mark, label, _ in both) / full if full else 0.0,
        length=max(1, len(case.answer)),
    )


def case_ids(cases: Iterable[Labelled]) -> set[str]:
    return {str(case.case_id) for case in cases}


def most_agreed(case: Labelled, kind: ItemKind) -> tuple[int, int]:
    """Count the items of one kind that both annotators call yes, and those that both call no."""
    votes = [getattr(label, kind) for label in case.labels]
    both = [{by_line.get(line) for by_line in votes} for line in votes[0]]
    return both.count({True}), both.count({False})


def _agreed(ticks: Sequence[Tick], votes: Sequence[Mapping[str, bool]], *, counts: bool = True) -> Agreed:
    """Count the ticks that match labels on which both annotators agree; skip those without evidence.

    `counts`: False if the judge called the answer no attempt, so that its yeses count as noes.
    """
    # what both annotators say, and whether the judge says so too
    seen: Counter[tuple[bool, bool]] = Counter()
    for tick in ticks:
        said = {by_line.get(tick.text) for by_line in votes}
        if len(said) == 1 and None not in said and not tick.evidence_missing:
            (label,) = said
            seen[bool(label), (tick.met and counts) == label] += 1
    return Agreed(
        yes=seen[True, True] + seen[True, False], yes_right=seen[True, True],
        no=seen[False, True] + seen[False, False], no_right=seen[False, True],
    )  # fmt: skip


def best_constant(cases: Sequence[Labelled]) -> tuple[ScoreAgreement, ...]:
    """Compute the best kappa of a judge that gives every attempt one mark and any other text 0."""
    rows = []
    for score in SCORES:
        labels = [(case, mark) for case in cases if (mark := case.mark(score)) is not None]
        kappas = [
            weighted_kappa(
                [(constant if case.attempt else 0.0, rounded(mark, score)) for case, mark in labels]
            )
            for constant in SCALE[score]
        ]
        best = max((x for x in kappas if x is not None), default=None)
        if best is not None:
            rows.append(ScoreAgreement(score=score, n=len(labels), kappa=Estimate(value=best)))
    return tuple(rows)


def control_outcome(control: Control, result: Result) -> ControlOutcome:
    scores = result.verdict.scores if result.verdict else None
    if scores is not None:
        passed, note = control.met_by(scores), ""
    else:
        # to refuse a text that deserves nothing is right
        passed = control.expected == "zero" and is_declined(result)
        note = result.failure.message if result.failure else "not asked"
    return ControlOutcome(
        problem_id=control.problem_id,
        name=control.name,
        style=control.style,
        passed=passed,
        scores=scores,
        note=note,
    )
