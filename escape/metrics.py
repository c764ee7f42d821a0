"""Metrics: how checklists and outcomes become marks, and how marks given directly are validated. No I/O."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

from escape.types import Checklist, NotJudged, Outcome, Puzzle, Result, Scores, Tick, Verdict, Works

FEASIBILITY = {"yes": 1.0, "partly": 0.5, "no": 0.0}
LABELS = {"pus": "Physical Understanding", "sps": "Solution Path", "rhh": "Red Herring Handling"}
TOP = {"pus": 2.0, "sps": 2.0, "rhh": 1.0, "out": 1.0}
# the marks that a judge or a person may give directly, lowest first
SCALE: dict[str, tuple[float, ...]] = {
    "pus": (0.0, 0.5, 1.0, 1.5, 2.0),
    "sps": (0.0, 0.5, 1.0, 1.5, 2.0),
    "rhh": (0.0, 1.0),
}


def _mean_of_ticks(ticks: Sequence[Tick]) -> float:
    """Average the values of ticks, 0 to 1. An item without evidence counts neither way."""
    decided = [t.value for t in ticks if not t.evidence_missing]
    return fmean(decided) if decided else 0.0


def works(checklist: Checklist, outcome: Outcome | None) -> Works:
    """Decide whether the plan works: by the room if it read the moves, otherwise by the judge."""
    return outcome.works if outcome and not outcome.unread else checklist.works


def marks(checklist: Checklist, puzzle: Puzzle, outcome: Outcome | None = None) -> Scores:
    """Compute the published scores (docs/judging.md). The room's result wins where moves were carried out."""
    # a plan that gets out is an attempt, however little the answer explains
    if not checklist.attempted and not (outcome and outcome.out):
        return Scores(pus=0, sps=0, rhh=0 if puzzle.red_herrings else None)
    share = _mean_of_ticks(checklist.steps)
    feasible = works(checklist, outcome)
    if feasible == "undecided":
        path = 2 * share
    else:
        by_votes = checklist.feasibility is not None and feasible == checklist.works
        full_marks = feasible == "yes" and checklist.complete_alternative
        path = (checklist.feasibility if by_votes else FEASIBILITY[feasible]) or 0.0
        path += 1.0 if full_marks else share
    used = max((t.value for t in checklist.herrings), default=0.0)
    # no herring was shown to be used, but one without evidence may have been
    unclear = not used and any(t.evidence_missing for t in checklist.herrings)
    return Scores(
        pus=2 * _mean_of_ticks(checklist.principles),
        sps=path,
        rhh=_clean(outcome, otherwise=None if unclear else 1 - used) if puzzle.red_herrings else None,
    )


def herrings_used(verdict: Verdict | None, outcome: Outcome | None) -> tuple[str, ...]:
    """List the red herrings that an answer used: by its moves if they were read, else by the judge."""
    if outcome and outcome.moves and not outcome.unread:
        return outcome.herrings_touched
    items = verdict.checklist if verdict else None
    return tuple(t.text for t in items.herrings if t.met) if items else ()


def room_marks(outcome: Outcome, puzzle: Puzzle) -> Scores:
    """Compute a room's own marks: path by progress, herrings by touch, none for the explanation."""
    clean = float(outcome.tried and not outcome.herrings_touched)
    return Scores(
        pus=None, sps=2.0 if outcome.out else outcome.progress, rhh=clean if puzzle.red_herrings else None
    )


def recomputed_marks(verdict: Verdict, outcome: Outcome | None, puzzle: Puzzle) -> Scores:
    """Recompute the marks that a verdict stores: from its checklist without the outcome, else by the room.

    Marks that were given directly are returned as they are.
    """
    if verdict.checklist is not None:
        return marks(verdict.checklist, puzzle)
    return room_marks(outcome, puzzle) if verdict.scores.pus is None and outcome else verdict.scores


def _clean(outcome: Outcome | None, *, otherwise: float | None) -> float | None:
    """Mark Red Herring Handling: by the moves if there were any, else as `otherwise`."""
    return float(not outcome.herrings_touched) if outcome and outcome.moves else otherwise


def validated_scores(pus: object, sps: object, rhh: object, puzzle: Puzzle) -> Scores:
    """Check marks that a judge or a person gave directly against their scales. Raises NotJudged.

    The published judge gave a 0.5 for Red Herring Handling, which is 0 or 1. Here that is refused.
    """
    got: dict[str, float] = {}
    for name, value in (("pus", pus), ("sps", sps), ("rhh", rhh)):
        if name == "rhh" and not puzzle.red_herrings:
            continue
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value not in SCALE[name]:
            steps = ", ".join(f"{x:g}" for x in SCALE[name])
            raise NotJudged(
                f"{LABELS[name]} was {str(value)[:40]!r}; it must be one of {steps}", malformed=True
            )
        got[name] = float(value)
    return Scores(pus=got["pus"], sps=got["sps"], rhh=got.get("rhh"))


@dataclass(frozen=True)
class Unit:
    """The unit of a metric's figures, and how to write them.

    `thing`: what a mean is taken over. `tried`: the noun in "no rooms tried". `step`: the unit in which gaps
    are written; a gap of 1 is `steps` of them.
    """

    thing: str
    tried: str
    step: str
    steps: int

    def figure(self, mean: float) -> str:
        """Format a mean: `88%` of rooms, or `3.40` marks."""
        return f"{mean:.2f}" if self.steps == 1 else f"{mean:.0%}"

    def size(self, gap: float) -> str:
        """Format a gap as a number, never `-0`."""
        return f"{round(gap, 2) + 0.0:.2f}" if self.steps == 1 else f"{round(self.steps * gap)}"

    def gap(self, gap: float) -> str:
        """Format a gap with its unit: `43 points`, `1.29 marks`."""
        return f"{self.size(gap)} {self.step}"


ROOMS = Unit("room", "rooms tried", "points", 100)
MARKS = Unit("puzzle", "marks", "marks", 1)


@dataclass(frozen=True)
class Metric:
    """A rule that turns one result into a number, its `value`, in a `unit`.

    All use the same results, so switching metrics needs no new calls. More is always better.
    `of` gives the scores; Physical Understanding or Red Herring Handling is left out if it is not among
    `parts` (Solution Path is always there). In ROOMS players are ranked by the share of rooms they got out
    of, which no judge decides, and all scores are shown beside it. `free_herrings`: a puzzle without red
    herrings counts for that score too. `weights`: the weights of scores in the compared sum, where they
    are not 1; the page sets them under *Other weights*.
    """

    name: str
    label: str
    explanation: str
    of: Callable[[Verdict, Puzzle, Outcome | None], Scores]
    parts: tuple[str, ...] = ("pus", "sps", "rhh")
    unit: Unit = MARKS
    free_herrings: bool = False
    weights: tuple[tuple[str, float], ...] = ()

    @property
    def needs_judge(self) -> bool:
        """True if its numbers are marks, which somebody has to give."""
        return self.unit is MARKS

    def value(self, result: Result, puzzle: Puzzle) -> float | None:
        """Compute one result's number: 1 or 0 for out of a room or not, or the weighted sum of its marks.

        None for a room whose outcome is open, and for an answer without a mark.
        """
        if not self.needs_judge:
            return None if result.led_to is None else float(result.led_to.out)
        scores = self.scores(result.verdict, puzzle, result.outcome) if result.verdict else None
        if scores is None:
            return None
        return sum(self.weight(part) * (getattr(scores, part) or 0.0) for part in self.parts)

    def scores(self, verdict: Verdict, puzzle: Puzzle, outcome: Outcome | None) -> Scores | None:
        """Compute the marks. None if the room alone judged and the moves could not be read."""
        if outcome and outcome.unread:
            if verdict.checklist is None and verdict.scores.pus is None:
                return None
            outcome = None
        scores = self.of(verdict, puzzle, outcome)
        apart = (
            {} if not self.needs_judge else {part: None for part in ("pus", "rhh") if part not in self.parts}
        )
        return scores.model_copy(update=apart) if apart else scores

    def counts_herrings(self, puzzle: Puzzle) -> bool:
        return "rhh" in self.parts and (self.free_herrings or bool(puzzle.red_herrings))

    def weight(self, score: str) -> float:
        return dict(self.weights).get(score, 1.0)


def _standard(verdict: Verdict, puzzle: Puzzle, outcome: Outcome | None) -> Scores:
    if outcome and verdict.checklist:
        return marks(verdict.checklist, puzzle, outcome)
    if outcome and verdict.scores.pus is None:
        return room_marks(outcome, puzzle)
    scores = verdict.scores
    if not puzzle.red_herrings:
        return scores.model_copy(update={"rhh": None})
    return (
        scores.model_copy(update={"rhh": _clean(outcome, otherwise=1.0)})
        if outcome and outcome.moves
        else scores
    )


def _graded(verdict: Verdict, puzzle: Puzzle, outcome: Outcome | None) -> Scores:
    scores, items = _standard(verdict, puzzle, outcome), verdict.checklist
    if scores.rhh is None:
        return scores
    if outcome and outcome.moves:
        return scores.model_copy(update={"rhh": 1 - len(outcome.herrings_touched) / len(puzzle.red_herrings)})
    if items is None or not items.herrings or not items.attempted:
        return scores
    return scores.model_copy(update={"rhh": 1 - _mean_of_ticks(items.herrings)})


def _strict(verdict: Verdict, puzzle: Puzzle, outcome: Outcome | None) -> Scores:
    scores = _standard(verdict, puzzle, outcome)
    if verdict.checklist:
        feasible = works(verdict.checklist, outcome)
    else:
        feasible = outcome.works if outcome else "undecided"
    return scores.model_copy(update={"sps": 0.0}) if feasible == "no" else scores


def _as_published(verdict: Verdict, puzzle: Puzzle, outcome: Outcome | None) -> Scores:
    scores = _standard(verdict, puzzle, outcome)
    if puzzle.red_herrings:
        return scores
    attempted = verdict.checklist is None or verdict.checklist.attempted
    return scores.model_copy(update={"rhh": float(attempted)})


METRICS: dict[str, Metric] = {
    m.name: m
    for m in (
        Metric(
            "standard",
            "Standard",
            "The sum of the three scores, 5 at most. Red Herring Handling counts only if a puzzle has red "
            "herrings.",
            _standard,
        ),
        Metric(
            "rhh_graded",
            "Graded red herrings",
            "Each red herring used costs its share, not the whole mark.",
            _graded,
        ),
        Metric(
            "sps_strict",
            "Strict path",
            "A plan that would not even partly work gets 0 for Solution Path.",
            _strict,
        ),
        Metric(
            "as_published",
            "As published",
            "As in the experiment of 2025: a puzzle without red herrings gives everybody a free point.",
            _as_published,
            free_herrings=True,
        ),
        Metric(
            "verified",
            "Rooms escaped",
            "The share of rooms that a player's moves get out of; in a room without a way out, giving up "
            "counts. Code carries the moves out; no judge decides.",
            _standard,
            parts=("out",),
            unit=ROOMS,
        ),
    )
}


@dataclass(frozen=True)
class Means:
    """Means over puzzles, None where a score never applies. `overall`: their sum, 0 to 5, as published."""

    pus: float | None
    sps: float | None
    rhh: float | None
    overall: float | None


def means(scores: Iterable[Scores]) -> Means:
    rows = list(scores)
    columns = [[x for s in rows if (x := getattr(s, score)) is not None] for score in LABELS]
    pus, sps, rhh = (fmean(values) if values else None for values in columns)
    return Means(pus, sps, rhh, sum(filter(None, (pus, sps, rhh))) if rows else None)
