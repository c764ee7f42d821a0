"""The class's marks beside the judge's."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median

from escape.classes.rounds import member_label
from escape.judges import SCORES, raters
from escape.metrics import LABELS, METRICS
from escape.results import gap_sentence, join_and
from escape.store import Entry
from escape.types import PERSON, Mark, Result, Run, Trial, Verdict, by_person


def entered_marks(entries: Sequence[Entry]) -> list[Mark]:
    return [
        Mark(trial=Trial.model_validate_json(e.item), rater=f"{PERSON}{member_label(e.member)}",
                verdict=Verdict.model_validate_json(e.body))
        for e in entries
    ]  # fmt: skip


def with_marks(run: Run, entries: Sequence[Entry]) -> Run:
    """Put the class's marks into its run as the only opinions, and keep only the answers it marked."""
    opinions = entered_marks(entries)
    marked = {o.trial for o in opinions}
    results = tuple(r for r in run.results if r.trial in marked)
    return run.model_copy(update={"results": results, "opinions": tuple(opinions)})


@dataclass(frozen=True)
class Answered:
    """An answer's marks on one score: everybody's in the class, their median, and the judge's."""

    trial: Trial
    score: str
    given: tuple[float, ...]
    judge: float | None

    @property
    def median(self) -> float:
        return median(self.given)

    @property
    def apart(self) -> float:
        """The distance between the judge's mark and the median; 0 if the judge gave none."""
        return 0.0 if self.judge is None else abs(self.judge - self.median)


def answers(run: Run) -> list[Answered]:
    verdicts = raters(run)
    people = [v for name, v in verdicts.items() if by_person(name)]
    rows = []
    for result in run.results:
        for score in SCORES:
            values = [x for v in people if result.trial in v
                     and (x := getattr(v[result.trial].scores, score)) is not None]  # fmt: skip
            if values:
                rows.append(Answered(result.trial, score, tuple(values), judged(run, result).get(score)))
    return rows


def judged(run: Run, result: Result) -> dict[str, float]:
    """Compute the judge's marks as Results shows them, with the room's outcome taken into account.

    A score that could not be decided is left out.
    """
    verdict = result.verdict
    if verdict is None:
        return {}
    scores = METRICS["standard"].scores(verdict, run.puzzle_by_id[result.trial.problem_id], result.outcome)
    unknown = verdict.undecided and result.outcome is None
    every = {score: getattr(scores, score) for score in SCORES if not (score == "sps" and unknown)}
    return {score: mark for score, mark in every.items() if mark is not None}


def gaps(marked: Sequence[Answered]) -> list[float]:
    """Compute the judge's marks minus the class's medians, summed over the scores of each answer."""
    by_answer: dict[Trial, float] = {}
    for a in marked:
        if a.judge is not None:
            by_answer[a.trial] = by_answer.get(a.trial, 0.0) + a.judge - a.median
    return list(by_answer.values())


def gap(marked: Sequence[Answered]) -> str:
    """Say how far the judge's marks are from the class's medians, all scores of an answer together."""
    return gap_sentence(gaps(marked))


def generosity(marked: Sequence[Answered]) -> str:
    parts = []
    for score in SCORES:
        more = [a.judge - a.median for a in marked if a.score == score and a.judge is not None]
        if more:
            mean = fmean(more)
            how = f"{abs(mean):.1f} marks {'more generous' if mean > 0 else 'stricter'}"
            if abs(mean) < 0.05:
                how = "as generous"
            parts.append(f"{how} on {LABELS[score]}")
    n = len({a.trial for a in marked if a.judge is not None})
    over = f"Over {n} answer{'s' if n != 1 else ''}, compared with the class's median,"
    return f"{over} the judge is {join_and(parts)}." if parts else "The judge has not marked these answers."
