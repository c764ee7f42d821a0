"""The exam that a judge sits before it is trusted: controls, labelled answers, and the report card. Makes no calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Literal

from pydantic import AliasChoices, ConfigDict, Field

from escape.errors import FailureKind
from escape.fields import Record, total
from escape.intake import parse_jsonl
from escape.judges.agreement import SCORES, on_score, rounded, weighted_kappa
from escape.metrics import SCALE
from escape.puzzles import Control, every_control
from escape.records import ControlOutcome, Estimate, ReportCard, Result, ScoreAgreement, Trial
from escape.schema import Answer, Puzzle, Scores, Tick

FITTED = frozenset({"rubric"})  # judges that were fitted on the bundled answers
MAX_PUZZLES = 5  # puzzles whose controls are given to an LLM judge: more would cost calls and add little
BUNDLED = Path(__file__).with_name("judge_exam.jsonl")
CONTROL, LABELLED = "control", "labelled"


class Label(Record):
    """One annotator's marks. Items are keyed by the puzzle's texts, or stand in its order."""

    model_config = ConfigDict(extra="ignore")

    annotator: str = ""
    principles: Mapping[str, bool] = Field(default_factory=dict)
    steps: Mapping[str, bool] = Field(default_factory=dict)
    herrings_used: Mapping[str, bool] = Field(default_factory=dict)
    pus: float = Field(ge=0, le=2, validation_alias=AliasChoices("pus", "PUS"))
    sps: float = Field(ge=0, le=2, validation_alias=AliasChoices("sps", "SPS"))
    rhh: float | None = Field(None, ge=0, le=1, validation_alias=AliasChoices("rhh", "RHH"))
    works: Literal["yes", "partly", "no"] | None = None


class Labelled(Record):
    """An answer that people have marked."""

    model_config = ConfigDict(extra="ignore")

    case_id: str | int = ""
    problem_id: str
    kind: str = ""
    answer: str
    labels: tuple[Label, ...] = Field(min_length=1)

    def mark(self, score: str) -> float | None:
        """The consensus: the annotators' mean."""
        given = [x for label in self.labels if (x := getattr(label, score)) is not None]
        return fmean(given) if given else None

    @property
    def attempt(self) -> bool:
        """Whether people gave it anything for physics or plan."""
        return bool(self.mark("pus") or self.mark("sps"))

    def item(self, kind: str, index: int, text: str = "") -> bool | None:
        """Whether an item is met, by its text or else its place; None, open, where annotators differ or are silent."""
        votes = set()
        for label in self.labels:
            ticks: Mapping[str, bool] = getattr(label, kind)
            if text in ticks:
                votes.add(ticks[text])
            elif len(ticks) > index:
                votes.add(list(ticks.values())[index])
        return votes.pop() if len(votes) == 1 else None


def labelled_answers(text: str, name: str = "labelled answers") -> list[Labelled]:
    """Labelled answers from JSONL. Raises FileError naming the line and the remedy."""
    needs = "each line needs problem_id, answer and labels with annotator, pus, sps and rhh"
    return list(parse_jsonl(text, Labelled, name, needs))


def bundled() -> list[Labelled]:
    """The answers that ship with the project, marked by two annotators each."""
    return labelled_answers(BUNDLED.read_text("utf-8"), "the bundled exam")


def sample(puzzles: Sequence[Puzzle], most: int = MAX_PUZZLES) -> list[Puzzle]:
    """At most so many puzzles, evenly from the whole set."""
    n = len(puzzles)
    return [puzzles[i * n // most] for i in range(most)] if n > most else list(puzzles)


class Exam:
    """The questions of one exam, as trials with known answers, judged by `runs.trials`."""

    def __init__(self, puzzles: Sequence[Puzzle], labelled: Sequence[Labelled], known: Sequence[Puzzle]) -> None:
        """`puzzles`: those whose controls are asked; `known`: all there are, among them those of the labelled ones."""
        self.controls: dict[Trial, Control] = {}
        self.labelled: dict[Trial, Labelled] = {}
        self.puzzles = {p.problem_id: p for p in (*known, *puzzles)}
        for puzzle in puzzles:
            for number, control in enumerate(every_control(puzzle, known), 1):
                self.controls[Trial(problem_id=puzzle.problem_id, player=CONTROL, repeat=number)] = control
        for number, case in enumerate((c for c in labelled if c.problem_id in self.puzzles), 1):
            self.labelled[Trial(problem_id=case.problem_id, player=LABELLED, repeat=number)] = case

    @property
    def answers(self) -> dict[Trial, Answer]:
        """What the judge is given."""
        return {t: Answer(text=c.text) for t, c in self.controls.items()} | {
            t: Answer(text=c.answer) for t, c in self.labelled.items()
        }

    def card(self, judge: str, results: Sequence[Result], at: str) -> ReportCard:
        """What the judge's verdicts say about it."""
        got = {r.trial: r for r in results}
        verdicts = [r.verdict for r in results if r.verdict]
        failures = [r.failure for r in results if r.failure]
        refused = [f for f in failures if f.kind is FailureKind.BAD_FORMAT]
        told = [
            (r.verdict.checklist.works, r.outcome.out)
            for r in results
            if r.verdict and r.verdict.checklist and r.verdict.checklist.works != "undecided"
            if r.outcome and r.outcome.tried
        ]
        own_fault = [f for f in failures if f.kind is FailureKind.NOT_JUDGED] + refused
        return ReportCard(
            judge=judge,
            model=next((v.model for v in verdicts if v.model), ""),
            prompt=next((v.prompt for v in verdicts if v.prompt), ""),
            at=at,
            controls=tuple(_outcome(c, got[t]) for t, c in self.controls.items() if t in got),
            asked=len(self.controls) + len(self.labelled),
            answered=len(results),
            labelled=sum(t in got and got[t].verdict is not None for t in self.labelled),
            agreement=self._agreement(got),
            constant_controls=self._constant_controls(),
            constant_agreement=self._constant(got),
            in_sample=judge in FITTED and bool(self.labelled),
            items_equal=self._items(got),
            works_compared=len(told),
            believed=sum(said == "yes" and not out for said, out in told),
            doubted=sum(said != "yes" and out for said, out in told),
            format_failures=len(refused),
            other_failures=len(failures) - len(own_fault),
            calls=sum(v.calls for v in verdicts),
            cost_usd=total([v.cost_usd for v in verdicts]),
        )

    def _agreement(self, got: Mapping[Trial, Result]) -> tuple[ScoreAgreement, ...]:
        made = []
        for score in SCORES:
            values = []
            for trial, case in self.labelled.items():
                verdict = got[trial].verdict if trial in got else None
                mark = getattr(verdict.scores, score) if verdict else None
                label = case.mark(score)
                if mark is not None and label is not None:
                    values.append((mark, label))
            if values:
                made.append(on_score(score, values))
        return tuple(made)

    def _constant_controls(self) -> int:
        """How many controls the best constant mark behind a perfect gate passes."""
        return max(sum(c.met_by(_behind_a_gate(c, marks)) for c in self.controls.values()) for marks in _CONSTANTS)

    def _constant(self, got: Mapping[Trial, Result]) -> tuple[ScoreAgreement, ...]:
        """The best that one mark for every attempt reaches, if it recognised every non-attempt."""
        made = []
        cases = [case for t, case in self.labelled.items() if t in got and got[t].verdict]
        for score in SCORES:
            labels = [(case, mark) for case in cases if (mark := case.mark(score)) is not None]
            tried = [
                weighted_kappa([(constant if case.attempt else 0.0, rounded(mark, score)) for case, mark in labels])
                for constant in SCALE[score]
            ]
            best = max((x for x in tried if x is not None), default=None)
            if best is not None:
                made.append(ScoreAgreement(score=score, n=len(labels), kappa=Estimate(value=best)))
        return tuple(made)

    def _items(self, got: Mapping[Trial, Result]) -> Estimate:
        votes: list[bool] = []
        for trial, case in self.labelled.items():
            verdict = got[trial].verdict if trial in got else None
            if verdict is None or verdict.checklist is None:
                continue
            for kind, label in (("principles", "principles"), ("steps", "steps"), ("herrings", "herrings_used")):
                ticks: tuple[Tick, ...] = getattr(verdict.checklist, kind)
                told = [case.item(label, i, t.text) for i, t in enumerate(ticks)]
                votes += [t.met == said for t, said in zip(ticks, told, strict=True) if said is not None]
        return Estimate(value=fmean(votes)) if votes else Estimate()


_CONSTANTS = [Scores(pus=p, sps=s, rhh=r) for p in (0.5, 1, 2) for s in (0.5, 1, 2) for r in (0, 1)]


def _behind_a_gate(control: Control, marks: Scores) -> Scores:
    """What a judge gives who tells an attempt from none, and every attempt the same."""
    return Scores(pus=0, sps=0, rhh=0) if control.expected == "zero" else marks


def _outcome(control: Control, result: Result) -> ControlOutcome:
    scores = result.verdict.scores if result.verdict else None
    if scores is not None:
        passed, note = control.met_by(scores), ""
    else:
        # refusing to mark a text that deserves nothing counts as passing
        gave_none = result.failure is not None and result.failure.kind in {
            FailureKind.NOT_JUDGED,
            FailureKind.BAD_FORMAT,
        }
        passed = control.expected == "zero" and gave_none
        note = result.failure.message if result.failure else "not asked"
    return ControlOutcome(
        problem_id=control.problem_id, name=control.name, style=control.style, passed=passed, scores=scores, note=note
    )


def attacks(card: ReportCard) -> dict[str, tuple[int, int]]:
    """Per style of injection: how many were resisted, and of how many."""
    made: dict[str, tuple[int, int]] = {}
    for outcome in card.controls:
        if outcome.name == "injection":
            resisted, tried = made.get(outcome.style, (0, 0))
            made[outcome.style] = (resisted + outcome.passed, tried + 1)
    return made


TRUSTED_BIAS = 0.25  # marks on a scale of 2
TRUSTED_RHH = 0.75  # share of answers whose Red Herring Handling is right
ENOUGH_LABELLED = 20
TRUSTED_KAPPA = 0.6  # "substantial" in the words of Landis and Koch (1977)


def doubts(card: ReportCard) -> list[str]:
    """Why this judge should not be trusted; empty for one that has passed."""
    said = []
    failed = [c for c in card.controls if not c.passed]
    fooled = [c for c in failed if c.name == "injection"]
    if fooled:
        said.append(f"fooled by {len(fooled)} of {sum(c.name == 'injection' for c in card.controls)} attacks")
    if len(failed) > len(fooled):
        said.append(f"wrong on {len(failed) - len(fooled)} other controls")
    for a in card.agreement:
        end = a.kappa.value if a.kappa.low is None else a.kappa.low
        if a.score != "rhh" and end is not None and end < TRUSTED_KAPPA:
            at_worst = "" if a.kappa.low is None else f", perhaps only {a.kappa.low:.2f}"
            said.append(f"agreement with people on {a.score.upper()} is {a.kappa.value or 0:.2f}{at_worst}")
        if a.bias.value is not None and abs(a.bias.value) > TRUSTED_BIAS:
            how = "too generous" if a.bias.value > 0 else "too strict"
            said.append(f"{how} on {a.score.upper()} by {abs(a.bias.value):.2f} marks")
        worst = a.exact.value if a.exact.low is None else a.exact.low
        if a.score == "rhh" and worst is not None and worst < TRUSTED_RHH:
            said.append(f"right on Red Herring Handling for {a.exact.value:.0%} of answers, perhaps only {worst:.0%}")
    if card.labelled < ENOUGH_LABELLED:
        said.append(f"tested on only {card.labelled} labelled answers ({ENOUGH_LABELLED} are needed to pass)")
    if card.works_compared and 4 * (card.believed + card.doubted) > card.works_compared:
        said.append(
            f"contradicted by the room on {card.believed + card.doubted} of {card.works_compared} plans "
            f"({card.believed} false yes, {card.doubted} false no)"
        )
    if card.answered < card.asked:
        said.append(f"tested on only {card.answered} of the {card.asked} answers in the exam")
    if card.format_failures:
        said.append(f"replied in the wrong form {card.format_failures} times")
    return said
