"""The exam that a judge sits before it is trusted: controls and labelled answers. Makes no calls."""

from collections.abc import Sequence
from typing import Self

from escape.judges.examined.figures import (
    OWN_FAILURES,
    agreement,
    best_constant,
    bias_by_kind,
    case_ids,
    control_outcome,
    exam_case,
    is_declined,
)
from escape.judges.examined.labelled import Labelled, bundled, edition
from escape.puzzles import Control, every_control
from escape.types import Answer, FailureKind, Puzzle, ReportCard, Result, Scores, Trial, total

MAX_PUZZLES = 5  # puzzles whose controls are given to an LLM judge: more would cost calls and add little
CONTROL, LABELLED = "control", "labelled"
SHORT = 60  # answers in the short exam


def is_whole(card: ReportCard) -> bool:
    """Check whether an exam was completed: it was not stopped, and no call failed."""
    return card.answered == card.asked > 0 and not card.other_failures


def is_bundled(card: ReportCard) -> bool:
    """Check whether a card is from today's edition, and its controls are about rooms of that exam."""
    rooms = {case.problem_id for case in bundled()}
    return card.exam == edition() and all(control.problem_id in rooms for control in card.controls)


def fuller(new: ReportCard, old: ReportCard | None) -> ReportCard:
    """Choose which card of a judge to keep: the newer one, with one exception.

    The older one stays if it is from the same prompt and edition, and either has more marked answers or the
    newer exam is incomplete.
    """
    same = old is not None and (old.prompt, old.exam) == (new.prompt, new.exam)
    return old if old and same and (len(old.cases) > len(new.cases) or not is_whole(new)) else new


def sample(puzzles: Sequence[Puzzle], most: int = MAX_PUZZLES) -> list[Puzzle]:
    """Pick at most so many puzzles, evenly from the whole set."""
    n = len(puzzles)
    return [puzzles[i * n // most] for i in range(most)] if n > most else list(puzzles)


class Exam:
    """The questions of one exam, as trials with known answers, judged by `runs.trials`."""

    def __init__(
        self, controls: Sequence[Control], labelled: Sequence[Labelled], every_puzzle: Sequence[Puzzle]
    ) -> None:
        """Leave out labelled answers to puzzles that are not in `every_puzzle`."""
        self.controls: dict[Trial, Control] = {}
        self.labelled: dict[Trial, Labelled] = {}
        self.puzzles = {p.problem_id: p for p in every_puzzle}
        for number, control in enumerate(controls, 1):
            self.controls[Trial(problem_id=control.problem_id, player=CONTROL, repeat=number)] = control
        for number, case in enumerate((c for c in labelled if c.problem_id in self.puzzles), 1):
            self.labelled[Trial(problem_id=case.problem_id, player=LABELLED, repeat=number)] = case

    @classmethod
    def long(
        cls, puzzles: Sequence[Puzzle], labelled: Sequence[Labelled], every_puzzle: Sequence[Puzzle]
    ) -> Self:
        """Build the exam of all controls made of these puzzles, and all labelled answers."""
        everything = [*{p.problem_id: p for p in (*every_puzzle, *puzzles)}.values()]
        return cls([c for p in puzzles for c in every_control(p, every_puzzle)], labelled, everything)

    @classmethod
    def short(cls, every_puzzle: Sequence[Puzzle]) -> Self:
        """Build the short exam, always the same SHORT questions.

        They are the shortest, a middle and the longest bundled answer of each kind, so that a bias for length
        shows, and for the rest controls of different kinds, each about another puzzle.
        """
        by_kind: dict[str, list[Labelled]] = {}
        for case in bundled():
            by_kind.setdefault(case.kind, []).append(case)
        few: list[Labelled] = []
        for cases in by_kind.values():
            by_length = sorted(cases, key=lambda case: len(case.answer))
            few += [by_length[0], by_length[len(by_length) // 2], by_length[-1]]
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
        got = {r.trial: r for r in results if r.verdict or (r.failure and r.failure.kind in OWN_FAILURES)}
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
            exam=edition()
            if self.labelled and case_ids(self.labelled.values()) <= case_ids(bundled())
            else "",
            prompt=next((v.prompt for v in verdicts if v.prompt), ""),
            at=at,
            controls=tuple(control_outcome(c, got[t]) for t, c in self.controls.items() if t in got),
            asked=len(self.controls) + len(self.labelled),
            answered=len(got),
            labelled_asked=len(self.labelled),
            labelled=sum(r.verdict is not None for _, r in sat),
            declined=sum(is_declined(r) for _, r in sat),
            rhh_undecided=sum(
                r.verdict is not None and r.verdict.scores.rhh is None
                for case, r in sat
                if case.mark("rhh") is not None
            ),
            agreement=agreement(sat),
            within=agreement([(case, r) for case, r in sat if case.attempt]),
            by_kind=bias_by_kind([(case, r) for case, r in sat if r.verdict]),
            cases=tuple(exam_case(case, r.verdict) for case, r in sat if r.verdict),
            constant_controls=max(
                sum(c.met_by(gate if c.expected == "zero" else marks) for c in self.controls.values())
                for marks in _CONSTANTS
            ),
            constant_agreement=best_constant([case for case, r in sat if r.verdict]),
            works_out=sum(out for _, out in pairs),
            works_compared=len(pairs),
            believed=sum(word == "yes" and not out for word, out in pairs),
            doubted=sum(word != "yes" and out for word, out in pairs),
            format_failures=len(refused),
            other_failures=sum(f.kind not in OWN_FAILURES for f in failures),
            calls=sum(v.calls for v in verdicts),
            cost_usd=total([*(v.cost_usd for v in verdicts), *(f.cost_usd for f in failures)]),
        )


_CONSTANTS = [Scores(pus=p, sps=s, rhh=r) for p in (0.5, 1, 2) for s in (0.5, 1, 2) for r in (0, 1)]
