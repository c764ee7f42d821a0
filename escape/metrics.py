"""METRICS: from a checklist to marks, and the one gate into Scores. Pure arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import fmean

from escape.errors import NotJudged
from escape.schema import Checklist, Puzzle, Scores, Verdict

FEASIBILITY = {"yes": 1.0, "partly": 0.5, "no": 0.0}
LABELS = {"pus": "Physical Understanding", "sps": "Solution Path", "rhh": "Red Herring Handling"}
# the marks that a judge or a person may give directly, lowest first
SCALE: dict[str, tuple[float, ...]] = {
    "pus": (0.0, 0.5, 1.0, 1.5, 2.0),
    "sps": (0.0, 0.5, 1.0, 1.5, 2.0),
    "rhh": (0.0, 1.0),
}


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def marks(checklist: Checklist, puzzle: Puzzle) -> Scores:
    """The published scores, computed: see README "How a mark is made"."""
    applies = bool(puzzle.red_herrings)
    if not checklist.attempted:
        return Scores(pus=0, sps=0, rhh=0 if applies else None)
    done = _share(sum(t.met for t in checklist.steps), len(checklist.steps))
    if checklist.works == "undecided":
        path = 2 * done
    else:
        whole = checklist.works == "yes" and checklist.complete_alternative
        path = FEASIBILITY[checklist.works] + (1.0 if whole else done)
    return Scores(
        pus=2 * _share(sum(t.met for t in checklist.principles), len(checklist.principles)),
        sps=path,
        rhh=float(not any(t.met for t in checklist.herrings)) if applies else None,
    )


def gate(pus: object, sps: object, rhh: object, puzzle: Puzzle) -> Scores:
    """Marks that a judge or a person gave directly, held to range and step. Raises NotJudged.

    The published judge gave a 0.5 for Red Herring Handling, which is 0 or 1; here that is refused.
    """
    got: dict[str, float] = {}
    for name, value in (("pus", pus), ("sps", sps), ("rhh", rhh)):
        if name == "rhh" and not puzzle.red_herrings:
            continue
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value not in SCALE[name]:
            steps = ", ".join(f"{x:g}" for x in SCALE[name])
            raise NotJudged(f"{LABELS[name]} was {str(value)[:40]!r}; allowed are {steps}", out_of_form=True)
        got[name] = float(value)
    return Scores(pus=got["pus"], sps=got["sps"], rhh=got.get("rhh"))


@dataclass(frozen=True)
class Metric:
    """A way to turn one verdict into marks; all of them read the same verdict, so switching costs nothing."""

    name: str
    label: str
    explanation: str
    of: Callable[[Verdict, Puzzle], Scores]


def _standard(verdict: Verdict, puzzle: Puzzle) -> Scores:
    return verdict.scores if puzzle.red_herrings else verdict.scores.model_copy(update={"rhh": None})


def _graded(verdict: Verdict, puzzle: Puzzle) -> Scores:
    scores, items = _standard(verdict, puzzle), verdict.checklist
    if items is None or not items.herrings or not items.attempted or scores.rhh is None:
        return scores
    used = sum(t.met for t in items.herrings)
    return scores.model_copy(update={"rhh": 1 - used / len(items.herrings)})


def _strict(verdict: Verdict, puzzle: Puzzle) -> Scores:
    scores = _standard(verdict, puzzle)
    fails = verdict.checklist is not None and verdict.checklist.works == "no"
    return scores.model_copy(update={"sps": 0.0}) if fails else scores


def _as_published(verdict: Verdict, puzzle: Puzzle) -> Scores:
    if puzzle.red_herrings:
        return verdict.scores
    attempted = verdict.checklist is None or verdict.checklist.attempted
    return verdict.scores.model_copy(update={"rhh": float(attempted)})


METRICS: dict[str, Metric] = {
    m.name: m
    for m in (
        Metric("standard", "Standard", "Red herrings count only where a puzzle has some.", _standard),
        Metric("rhh_graded", "Graded herrings", "Each herring used costs its share, not the whole mark.", _graded),
        Metric("sps_strict", "Strict path", "A plan that would not work gets 0 for Solution Path.", _strict),
        Metric("as_published", "As published", "Puzzles without herrings give everybody a free point.", _as_published),
    )
}


@dataclass(frozen=True)
class Means:
    """Means over puzzles, each score where it applies; None where it never applies."""

    pus: float | None
    sps: float | None
    rhh: float | None

    @property
    def overall(self) -> float | None:
        """0 to 5, as published: the sum of the means; None without a mark."""
        parts = [x for x in (self.pus, self.sps, self.rhh) if x is not None]
        return sum(parts) if parts else None

    @property
    def maximum(self) -> float:
        """What `overall` is out of: 5, or 4 where no puzzle has herrings."""
        return 5.0 if self.rhh is not None else 4.0


def means(scores: Iterable[Scores]) -> Means:
    """Mean of each score over those puzzles where it applies."""
    rows = list(scores)

    def mean(values: list[float]) -> float | None:
        return fmean(values) if values else None

    return Means(
        pus=mean([s.pus for s in rows]),
        sps=mean([s.sps for s in rows]),
        rhh=mean([s.rhh for s in rows if s.rhh is not None]),
    )
