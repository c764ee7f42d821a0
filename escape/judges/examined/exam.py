"""The exam that a judge sits before it is trusted: controls, labelled answers, its report card, and the limits that a
card is held against. Makes no calls.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from statistics import fmean
from typing import NamedTuple, Self

from pydantic import AliasChoices, ConfigDict, Field

from escape.intake import parse_jsonl
from escape.judges.annotators import SHOWN, text_hash
from escape.judges.examined.agreement import SCORES, Score, on_score, rounded, weighted_kappa
from escape.judges.examined.errors import ItemKind
from escape.judges.replies import read_checklist
from escape.metrics import SCALE, TOP, marks
from escape.puzzles import Control, every_control
from escape.stats import mean_interval
from escape.types import (
    Agreed,
    Answer,
    Checklist,
    ControlOutcome,
    Estimate,
    ExamCase,
    FailureKind,
    KindBias,
    LongText,
    Name,
    NotJudged,
    Puzzle,
    Record,
    ReportCard,
    Result,
    ScoreAgreement,
    Scores,
    Tick,
    Trial,
    Verdict,
    total,
)

MAX_PUZZLES = 5  # puzzles whose controls are given to an LLM judge: more would cost calls and add little
BUNDLED = Path(__file__).with_name("judge_exam.jsonl")
ENOUGH_OF_A_KIND = 8  # answers: with fewer, the bias on a kind has no useful interval
CONTROL, LABELLED = "control", "labelled"
SHORT = 60  # answers in the short exam


class Label(Record):
    model_config = ConfigDict(extra="ignore")

    principles: Mapping[str, bool] = Field(default_factory=dict)  # by the reference's own lines
    steps: Mapping[str, bool] = Field(default_factory=dict)
    herrings: Mapping[str, bool] = Field(default_factory=dict, validation_alias="herrings_used")
    pus: float = Field(ge=0, le=2, validation_alias=AliasChoices("pus", "PUS"))
    sps: float = Field(ge=0, le=2, validation_alias=AliasChoices("sps", "SPS"))
    rhh: float | None = Field(None, ge=0, le=1, validation_alias=AliasChoices("rhh", "RHH"))


class Labelled(Record):
    """An answer with the marks that readers gave it."""

    model_config = ConfigDict(extra="ignore")

    case_id: str | int = ""
    problem_id: str
    kind: str = ""
    answer: str
    labels: tuple[Label, ...] = Field(min_length=1)

    def mark(self, score: str) -> float | None:
        values = [x for label in self.labels if (x := getattr(label, score)) is not None]
        return fmean(values) if values else None

    @property
    def attempt(self) -> bool:
        """True if the readers gave it anything for physics or plan."""
        return bool(self.mark("pus") or self.mark("sps"))


def labelled_answers(text: str, name: str = "labelled answers") -> list[Labelled]:
    """Labelled answers from JSONL. Raises FileError naming the line and the remedy."""
    needs = "each line needs problem_id, answer and labels with pus, sps and rhh"
    return list(parse_jsonl(text, Labelled, name, needs))


def bundled() -> list[Labelled]:
    """Return the answers that ship with the project, each marked by two readers (language models)."""
    return labelled_answers(BUNDLED.read_text("utf-8"), "the bundled exam")


@lru_cache(maxsize=1)
def edition() -> str:
    """Return the hash of the bundled answers and their labels: what a kept card has to be of."""
    return text_hash(BUNDLED.read_text("utf-8"))[:SHOWN]


def is_whole(card: ReportCard) -> bool:
    """Return whether an exam went to its end: no answer is missing because somebody stopped it or a call failed."""
    return card.answered == card.asked > 0 and not card.other_failures


def is_bundled(card: ReportCard) -> bool:
    """Return whether all of an exam is about rooms that come with the program, and it is of today's edition."""
    rooms = {case.problem_id for case in bundled()}
    return card.exam == edition() and all(control.problem_id in rooms for control in card.controls)


def fuller(new: ReportCard, old: ReportCard | None) -> ReportCard:
    """Return which card of a judge counts: the newer, unless the older is of more answers by the same prompt, or the
    newer exam was broken off.
    """
    same = old is not None and (old.prompt, old.exam) == (new.prompt, new.exam)
    return old if old and same and (len(old.cases) > len(new.cases) or not is_whole(new)) else new


def sample(puzzles: Sequence[Puzzle], most: int = MAX_PUZZLES) -> list[Puzzle]:
    """At most so many puzzles, evenly from the whole set."""
    n = len(puzzles)
    return [puzzles[i * n // most] for i in range(most)] if n > most else list(puzzles)


class Exam:
    """The questions of one exam, as trials with known answers, judged by `runs.trials`."""

    def __init__(
        self, controls: Sequence[Control], labelled: Sequence[Labelled], every_puzzle: Sequence[Puzzle]
    ) -> None:
        """`every_puzzle`: all that controls and labelled answers are about. Answers to others are left out."""
        self.controls: dict[Trial, Control] = {}
        self.labelled: dict[Trial, Labelled] = {}
        self.puzzles = {p.problem_id: p for p in every_puzzle}
        for number, control in enumerate(controls, 1):
            self.controls[Trial(problem_id=control.problem_id, player=CONTROL, repeat=number)] = control
        for number, case in enumerate((c for c in labelled if c.problem_id in self.puzzles), 1):
            self.labelled[Trial(problem_id=case.problem_id, player=LABELLED, repeat=number)] = case

    @classmethod
    def long(cls, puzzles: Sequence[Puzzle], labelled: Sequence[Labelled], every_puzzle: Sequence[Puzzle]) -> Self:
        """Return the exam of all controls made of these puzzles, and all labelled answers."""
        everything = [*{p.problem_id: p for p in (*every_puzzle, *puzzles)}.values()]
        return cls([c for p in puzzles for c in every_control(p, every_puzzle)], labelled, everything)

    @classmethod
    def short(cls, every_puzzle: Sequence[Puzzle]) -> Self:
        """Return sixty of the bundled answers, always the same: of each kind the shortest, the longest and one between,
        so that a liking for length is seen, and fifteen kinds of controls, each about another puzzle.
        """
        by_kind: dict[str, list[Labelled]] = {}
        for case in bundled():
            by_kind.setdefault(case.kind, []).append(case)
        few = [
            case
            for cases in by_kind.values()
            for by_length in [sorted(cases, key=lambda case: len(case.answer))]
            for case in (by_length[0], by_length[len(by_length) // 2], by_length[-1])
        ]
        ids = dict.fromkeys(case.problem_id for case in bundled())
        puzzles = [p for p in every_puzzle if p.problem_id in ids]
        controls, wanted = [], SHORT - len(few)
        for n, puzzle in enumerate(sample(puzzles, wanted)):
            of_puzzle = every_control(puzzle, every_puzzle)
            controls.append(of_puzzle[n * len(of_puzzle) // wanted])
        return cls(controls, few, every_puzzle)

    @property
    def answers(self) -> dict[Trial, Answer]:
        return {t: Answer(text=c.text) for t, c in self.controls.items()} | {
            t: Answer(text=c.answer) for t, c in self.labelled.items()
        }

    def card(self, judge: str, results: Sequence[Result], at: str) -> ReportCard:
        got = {r.trial: r for r in results if r.verdict or (r.failure and r.failure.kind in _OWN)}
        sat = [(case, got[t]) for t, case in self.labelled.items() if t in got]
        verdicts = [r.verdict for r in results if r.verdict]
        failures = [r.failure for r in results if r.failure]
        refused = [f for f in failures if f.kind is FailureKind.BAD_FORMAT]
        pairs = [
            (r.verdict.checklist.works, r.outcome.out)
            for r in results
            if r.verdict and r.verdict.checklist and r.verdict.checklist.works != "undecided"
            if r.outcome and r.outcome.tried
        ]
        gate = Scores(pus=0, sps=0, rhh=0)  # what any text gets that is no attempt
        return ReportCard(
            judge=judge,
            exam=edition() if self.labelled and _ids(self.labelled.values()) <= _ids(bundled()) else "",
            prompt=next((v.prompt for v in verdicts if v.prompt), ""),
            at=at,
            controls=tuple(_outcome(c, got[t]) for t, c in self.controls.items() if t in got),
            asked=len(self.controls) + len(self.labelled),
            answered=len(got),
            labelled_asked=len(self.labelled),
            labelled=sum(r.verdict is not None for _, r in sat),
            declined=sum(_declined(r) for _, r in sat),
            rhh_undecided=sum(
                r.verdict is not None and r.verdict.scores.rhh is None
                for case, r in sat
                if case.mark("rhh") is not None
            ),
            agreement=_agreement(sat),
            within=_agreement([(case, r) for case, r in sat if case.attempt]),
            by_kind=_by_kind([(case, r) for case, r in sat if r.verdict]),
            cases=tuple(exam_case(case, r.verdict) for case, r in sat if r.verdict),
            constant_controls=max(
                sum(c.met_by(gate if c.expected == "zero" else marks) for c in self.controls.values())
                for marks in _CONSTANTS
            ),
            constant_agreement=_constant([case for case, r in sat if r.verdict]),
            works_out=sum(out for _, out in pairs),
            works_compared=len(pairs),
            believed=sum(word == "yes" and not out for word, out in pairs),
            doubted=sum(word != "yes" and out for word, out in pairs),
            format_failures=len(refused),
            other_failures=sum(f.kind not in _OWN for f in failures),
            calls=sum(v.calls for v in verdicts),
            cost_usd=total([*(v.cost_usd for v in verdicts), *(f.cost_usd for f in failures)]),
        )


# the judge decided to give no mark, or could not give one in the form asked for; no fault of a network
_OWN = {FailureKind.NOT_JUDGED, FailureKind.BAD_FORMAT}
Sat = Sequence[tuple[Labelled, Result]]  # labelled answers with what the judge made of them


def _declined(result: Result) -> bool:
    return result.verdict is None and result.failure is not None and result.failure.kind in _OWN


def _values(sat: Sat, score: Score) -> list[tuple[float, float]]:
    """Return the judge's mark and the readers'. For an answer that the judge declined the mark that is most wrong."""
    values = []
    for case, result in sat:
        label = case.mark(score)
        mark = getattr(result.verdict.scores, score) if result.verdict else None
        if mark is None and label is not None and _declined(result):
            mark = 0.0 if label > TOP[score] / 2 else TOP[score]
        if mark is not None and label is not None:
            values.append((mark, label))
    return values


def _agreement(sat: Sat) -> tuple[ScoreAgreement, ...]:
    return tuple(on_score(score, values) for score in SCORES if (values := _values(sat, score)))


def _by_kind(sat: Sat) -> tuple[KindBias, ...]:
    kinds = dict.fromkeys(case.kind for case, _ in sat if case.kind)
    rows = []
    for kind in kinds:
        for score in ("pus", "sps"):
            gaps = [a - b for a, b in _values([(case, r) for case, r in sat if case.kind == kind], score)]
            if len(gaps) >= ENOUGH_OF_A_KIND:
                span = mean_interval(gaps, 2 * len(kinds))  # each kind twice: one of many is beyond by chance
                bias = Estimate(value=span.mean, low=span.low, high=span.high)
                rows.append(KindBias(kind=kind, score=score, n=len(gaps), bias=bias))
    return tuple(rows)


def exam_case(case: Labelled, verdict: Verdict) -> ExamCase:
    """Return what a judge made of one labelled answer, item by item."""
    items, marks_ = verdict.checklist or Checklist(principles=(), steps=()), verdict.scores
    both = [(mark, label, TOP[s]) for s in SCORES
            if (mark := getattr(marks_, s)) is not None and (label := case.mark(s)) is not None]  # fmt: skip
    full = sum(top for *_, top in both)
    # ticks of a text that is no attempt count for nothing, whatever they are, and say nothing of how it ticks others
    principles, steps = (items.principles, items.steps) if case.attempt else ((), ())
    return ExamCase(
        case_id=str(case.case_id),
        principles=_agreed(principles, [label.principles for label in case.labels], counts=items.attempted),
        steps=_agreed(steps, [label.steps for label in case.labels], counts=items.attempted),
        herrings=_agreed(items.herrings, [label.herrings for label in case.labels]),
        excess=sum(mark - label for mark, label, _ in both) / full if full else 0.0,
        length=max(1, len(case.answer)),
    )


def _ids(cases: Iterable[Labelled]) -> set[str]:
    return {str(case.case_id) for case in cases}


def most_agreed(case: Labelled, kind: ItemKind) -> tuple[int, int]:
    """Return of how many items of one kind both annotators say yes, and of how many no."""
    votes = [getattr(label, kind) for label in case.labels]
    both = [{by_line.get(line) for by_line in votes} for line in votes[0]]
    return both.count({True}), both.count({False})


def _agreed(ticks: Sequence[Tick], votes: Sequence[Mapping[str, bool]], *, counts: bool = True) -> Agreed:
    """`counts`: whether its yeses count, as they do not where it calls the answer no attempt."""
    seen: Counter[tuple[bool, bool]] = Counter()  # what both annotators say, and whether the judge says so too
    for tick in ticks:
        said = {by_line.get(tick.text) for by_line in votes}
        if len(said) == 1 and None not in said and not tick.evidence_missing:
            (label,) = said
            seen[bool(label), (tick.met and counts) == label] += 1
    return Agreed(
        yes=seen[True, True] + seen[True, False], yes_right=seen[True, True],
        no=seen[False, True] + seen[False, False], no_right=seen[False, True],
    )  # fmt: skip


def _constant(cases: Sequence[Labelled]) -> tuple[ScoreAgreement, ...]:
    """Return the best that one mark for every attempt reaches, if it recognised every non-attempt."""
    rows = []
    for score in SCORES:
        labels = [(case, mark) for case in cases if (mark := case.mark(score)) is not None]
        kappas = [
            weighted_kappa([(constant if case.attempt else 0.0, rounded(mark, score)) for case, mark in labels])
            for constant in SCALE[score]
        ]
        best = max((x for x in kappas if x is not None), default=None)
        if best is not None:
            rows.append(ScoreAgreement(score=score, n=len(labels), kappa=Estimate(value=best)))
    return tuple(rows)


_CONSTANTS = [Scores(pus=p, sps=s, rhh=r) for p in (0.5, 1, 2) for s in (0.5, 1, 2) for r in (0, 1)]


def _outcome(control: Control, result: Result) -> ControlOutcome:
    scores = result.verdict.scores if result.verdict else None
    if scores is not None:
        passed, note = control.met_by(scores), ""
    else:
        passed = control.expected == "zero" and _declined(result)  # to refuse a text that deserves nothing is right
        note = result.failure.message if result.failure else "not asked"
    return ControlOutcome(
        problem_id=control.problem_id, name=control.name, style=control.style, passed=passed, scores=scores, note=note
    )


FILE = Path(__file__).with_name("recorded_replies.jsonl")


class Kept(Record):
    """One reply. `sha256`: the first digits of the hash of the text it is to, which tell whether that is still made."""

    problem_id: Name
    sha256: Name
    reply: LongText


class Recorded(NamedTuple):
    """The scores of one recorded reply. `scores`: as code makes them of it, None where it cannot be read."""

    control: Control
    scores: Scores | None
    feedback: str


def outcomes(puzzles: Sequence[Puzzle]) -> list[Recorded]:
    """One for each reply whose control is still made of these puzzles, in the order of the controls."""
    by_id, records = {p.problem_id: p for p in puzzles}, list[Recorded]()
    for reply in parse_jsonl(FILE.read_text("utf-8"), Kept, FILE.name, "each line needs problem_id, sha256 and reply"):
        if puzzle := by_id.get(reply.problem_id):
            same = [c for c in every_control(puzzle, puzzles) if text_hash(c.text)[:SHOWN] == reply.sha256]
            records += [_read(puzzle, control, reply.reply) for control in same]
    return records


def _read(puzzle: Puzzle, control: Control, reply: str) -> Recorded:
    try:
        filled = read_checklist(reply, puzzle, control.text)
    except NotJudged:
        return Recorded(control, None, "")
    return Recorded(control, marks(filled.checklist, puzzle) if filled.checklist else filled.scores, filled.feedback)


TRUSTED_BIAS = 0.25  # marks on a scale of 2, over all answers and in each kind
TRUSTED_RHH = 0.75  # share of answers whose Red Herring Handling is right
TRUSTED_KAPPA = 0.6  # "substantial" in the words of Landis and Koch (1977)
TRUSTED_WITHIN = 0.4  # kappa over attempts alone: what is left once attempts are told from none
TRUSTED_WORKS = 0.8  # mean of the shares of working and of failing plans that are called so
MOST_DECLINED = 0.1
ENOUGH_LABELLED = 20
ENOUGH_PLANS = 8  # that lead out, and that do not


def doubts(card: ReportCard) -> list[str]:
    """Return why this judge should not be trusted. Empty for one that has passed.

    Where a figure has an interval, its limit is asked of the interval's end and not of its middle.
    """
    return [*_on_controls(card), *_on_agreement(card), *_on_decisions(card)]


def _on_controls(card: ReportCard) -> Iterator[str]:
    failed = [c for c in card.controls if not c.passed]
    fooled = [c for c in failed if c.name == "injection"]
    if fooled:
        yield f"fooled by {len(fooled)} of {sum(c.name == 'injection' for c in card.controls)} attacks"
    if len(failed) > len(fooled):
        yield f"wrong on {len(failed) - len(fooled)} other controls"


def _on_agreement(card: ReportCard) -> Iterator[str]:
    for kappa, limit, where in ((card.agreement, TRUSTED_KAPPA, ""), (card.within, TRUSTED_WITHIN, " within attempts")):
        for a in kappa:
            end = a.kappa.value if a.kappa.low is None else a.kappa.low
            if a.score != "rhh" and end is not None and end < limit:
                at_worst = "" if a.kappa.low is None else f", perhaps only {a.kappa.low:.2f}"
                yield f"agreement with the readers on {a.score.upper()}{where} is {a.kappa.value or 0:.2f}{at_worst}"
    for a in card.agreement:
        worst = a.exact.value if a.exact.low is None else a.exact.low
        if a.score == "rhh" and worst is not None and worst < TRUSTED_RHH:
            yield f"right on Red Herring Handling for {a.exact.value:.0%} of answers, perhaps only {worst:.0%}"
        if _beyond(a.bias):
            yield f"{_how(a.bias)} on {a.score.upper()} by {abs(a.bias.value or 0):.2f} marks"
    for b in card.by_kind:
        if _beyond(b.bias):
            yield (
                f"{_how(b.bias)} on {b.score.upper()} by {abs(b.bias.value or 0):.2f} marks on {b.n} answers of the "
                f"kind “{b.kind.replace('_', ' ')}”"
            )


def _beyond(bias: Estimate) -> bool:
    """Return whether even the end of the interval that is nearer to 0 is a bias that cannot be trusted."""
    if bias.value is None:
        return False
    nearest = bias.value if bias.low is None or bias.high is None else max(bias.low, -bias.high, 0.0)
    return abs(nearest) > TRUSTED_BIAS


def _how(bias: Estimate) -> str:
    return "too generous" if (bias.value or 0) > 0 else "too strict"


def _on_decisions(card: ReportCard) -> Iterator[str]:
    if card.labelled + card.declined < ENOUGH_LABELLED:
        yield f"tested on only {card.labelled + card.declined} labelled answers ({ENOUGH_LABELLED} are needed to pass)"
    if card.declined > MOST_DECLINED * (card.labelled + card.declined):
        yield f"declined {card.declined} of {card.labelled + card.declined} answers that the readers could mark"
    if card.rhh_undecided > MOST_DECLINED * card.labelled:
        yield f"undecided about red herrings on {card.rhh_undecided} of {card.labelled} answers"
    stuck = card.works_compared - card.works_out
    if min(card.works_out, stuck) >= ENOUGH_PLANS:
        right = ((card.works_out - card.doubted) / card.works_out + (stuck - card.believed) / stuck) / 2
        if right < TRUSTED_WORKS:
            yield (
                f"right about whether a plan works for {right:.0%} of plans, working and failing ones weighed alike "
                f"({card.believed} of {stuck} false yes, {card.doubted} of {card.works_out} false no)"
            )
    if card.answered < card.asked:
        yield f"tested on only {card.answered} of the {card.asked} answers in the exam"
    if card.format_failures:
        yield f"replied in the wrong form {card.format_failures} times"
