"""A run that grows: joins its records so far, whatever their source, and makes the line of each new one.

Asking and marking write lines of their own. Joined, a result has the mark of the run's judge; marks of others
stay beside it. What the room alone decides is worked out here from the outcome, and is in no line.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable

from escape.judges import RoomJudge, is_markable
from escape.rooms import playable
from escape.types import (
    Failure,
    FailureKind,
    Header,
    Mark,
    NotJudged,
    Pending,
    Result,
    Run,
    Trial,
    TrialKey,
    by_person,
)

ROOM = RoomJudge()


class GrowingRun:
    """A sink in memory, which writes nothing.

    `read_result` and `read_mark` take records as a file has them. `result`, `mark` and `stake` take new ones,
    and return the record to write for each.
    """

    def __init__(self, start: Header, results: Iterable[Result] = (), marks: Iterable[Mark] = ()) -> None:
        self._start = start if isinstance(start, Run) else _bare_run(start)
        self._puzzles = start.puzzle_by_id
        self._bare: dict[Trial, Result] = {}  # without marks of the run's judge
        self._marks: defaultdict[Trial, list[Mark]] = defaultdict(list)  # of the run's judge
        self._others: list[Mark] = []
        self._joined: dict[Trial, Result] = {}
        self._lost: dict[Trial, float] = {}  # at stake when a program was killed
        self._at_stake: dict[Trial, float] = {}  # of this one
        for result in results:
            self.read_result(result)
        for mark in marks:
            self.read_mark(mark)
        self._lost = {p.trial: p.usd for p in self._start.lost}

    @classmethod
    def of(cls, run: Run) -> "GrowingRun":
        """Build it from a whole run."""
        return cls(run, run.results, run.opinions)

    @property
    def run(self) -> Run:
        stakes = Counter(self._lost) + Counter(self._at_stake)
        lost = tuple(Pending(trial=trial, usd=usd) for trial, usd in stakes.items())
        fields = {"results": tuple(self._joined.values()), "lost": lost, "opinions": tuple(self._others)}
        return self._start.model_copy(update=fields)

    def result_of(self, trial: Trial) -> Result:
        """Look up a trial's result so far, joined with its mark. Raises KeyError."""
        return self._joined[trial]

    def __len__(self) -> int:
        return len(self._bare)

    def amend(self, **fields: object) -> None:
        """Replace fields that are neither results nor marks: title, notes, cards, damaged lines."""
        self._start = self._start.model_copy(update=fields)

    def go_on_as(self, header: Header) -> None:
        """Continue under another header, except for its opinions and cards.

        If the judge is another one, marks of the earlier judge move beside the run, and marks of the new one
        into it.
        """
        fields = {n: getattr(header, n) for n in Header.model_fields if n not in ("opinions", "cards")}
        before, self._start = self._judge, self._start.model_copy(update=fields)
        self._puzzles = header.puzzle_by_id
        if self._judge != before:
            marks = [*(m for own in self._marks.values() for m in own), *self._others]
            self._marks.clear()
            self._others = []
            for trial, result in self._bare.items():
                if result.verdict and result.answer and result.verdict.judge != self._judge:
                    marks.append(Mark(trial=trial, rater=result.verdict.judge, verdict=result.verdict))
                    self._bare[trial] = result.model_copy(update={"verdict": None})
            for mark in marks:
                self._file(mark)
        for trial in self._bare:
            self._join(trial)

    @property
    def _judge(self) -> str:
        return self._start.config.judge.name

    # records as a file has them

    def read_result(self, record: Result) -> None:
        """Take a result as a file or memory has it, in place of an earlier one of its trial.

        If it has no answer, the earlier one's is kept. Its mark, if by the run's judge, is kept apart.
        """
        bare = record.with_answer_of(self._bare.get(record.trial))
        verdict, failure = bare.verdict, bare.mark_failure
        if verdict and verdict.judge == ROOM.name:  # written by an earlier version
            bare, verdict = bare.model_copy(update={"verdict": None}), None
        if (verdict and verdict.judge == self._judge) or (failure and not _is_derived(failure)):
            bare = bare.model_copy(update={"verdict": None, "failure": None})
            self._marks[bare.trial].append(
                Mark(trial=bare.trial, rater=self._judge, verdict=verdict, failure=failure)
            )
        self._bare[bare.trial] = bare
        self._settle(bare.trial)
        self._join(bare.trial)

    def read_mark(self, mark: Mark) -> None:
        self._file(mark)
        if not by_person(mark.rater):
            self._settle(mark.trial)
        self._join(mark.trial)

    def _settle(self, trial: Trial) -> None:
        self._at_stake.pop(trial, None)
        self._lost.pop(trial, None)

    # records as they come

    def stake(self, trial: TrialKey, usd: float) -> Pending:
        """Note what calls about a trial may cost, in USD, before they leave; return the record to write.

        That includes what was lost on the trial when an earlier program was killed.
        """
        problem_id, player, repeat = trial
        about = Trial(problem_id=problem_id, player=player, repeat=repeat)
        self._at_stake[about] = usd
        return Pending(trial=about, usd=usd + self._lost.get(about, 0.0))

    def result(self, result: Result) -> Result:
        """Merge a result with the earlier one; return the record to write.

        That one omits an answer that is written already.
        """
        lost = self._lost.get(result.trial, 0.0)
        self._settle(result.trial)
        before = self._bare.get(result.trial)
        merged = result.merge(before)
        if lost:
            merged = merged.model_copy(update={"earlier_usd": merged.earlier_usd + lost})
        self._bare[result.trial] = merged
        self._join(result.trial)
        before_fields = (before.answer, before.repair) if before else (None, None)
        is_known = before_fields[0] is not None and before_fields == (merged.answer, merged.repair)
        return merged.model_copy(update={"answer": None, "repair": None, "turns": ()}) if is_known else merged

    def mark(self, mark: Mark) -> Mark:
        """Take a mark and return the record to write.

        A judge's mark, not a person's, settles what was at stake for its trial.
        """
        lost = 0.0 if by_person(mark.rater) else self._lost.get(mark.trial, 0.0)
        if lost:
            mark = mark.model_copy(update={"earlier_usd": mark.earlier_usd + lost})
        self.read_mark(mark)
        return mark

    async def committed(self) -> None:
        """Do nothing: there is no storage to wait for."""

    # joining

    def _file(self, mark: Mark) -> None:
        if mark.rater == ROOM.name:
            return  # the room's verdict is not a mark, whoever stored it
        if mark.rater == self._judge:
            self._marks[mark.trial].append(mark)
        else:
            self._others.append(mark)

    def _join(self, trial: Trial) -> None:
        result = self._bare.get(trial)
        if result is None:
            return  # a mark of what was never asked
        for mark in self._marks.get(trial, ()):
            result = result.with_mark(mark)
        if result.verdict is None and result.failure is None:
            result = self._by_room(result)
        self._joined[trial] = result

    def _by_room(self, result: Result) -> Result:
        """Add the room's verdict to an answer that no judge is to mark, or the failure to have one.

        A result that is still open stays as it is.
        """
        puzzle, judge = self._puzzles[result.trial.problem_id], self._start.config.judge
        if result.answer is None or result.status != "answered" or result.owes_repair:
            return result
        if is_markable(judge, puzzle, result.trial.player):
            return result
        if result.outcome is None and playable(puzzle) and not result.ended_at:
            return result  # brought from elsewhere, and not carried out yet
        try:
            return result.model_copy(update={"verdict": ROOM.verdict(puzzle, result.outcome)})
        except NotJudged as error:
            failure = Failure(stage="judge", kind=FailureKind.NOT_JUDGED, message=str(error))
            return result.model_copy(update={"failure": failure})


def _is_derived(failure: Failure | None) -> bool:
    """Tell whether a failure says only that there are no moves, which is worked out again."""
    return failure is not None and failure.kind is FailureKind.NOT_JUDGED and failure.message == ROOM.no_moves


def _bare_run(header: Header) -> Run:
    return Run.model_construct(**{n: getattr(header, n) for n in Header.model_fields})


def records_of(run: Run) -> Iterable[Result | Mark]:
    """Yield a run's results and marks as they are written, without what the room alone decides."""
    for result in run.results:
        verdict, failure = result.verdict, result.mark_failure
        judge = run.config.judge.name
        if (verdict and verdict.judge in (judge, ROOM.name)) or failure:
            yield result.model_copy(update={"verdict": None, "failure": None})
            if (verdict and verdict.judge != ROOM.name) or (failure and not _is_derived(failure)):
                yield Mark(trial=result.trial, rater=judge, verdict=verdict, failure=failure)
        else:
            yield result
    yield from run.opinions
