"""Marking: proves a judge, then marks the answers that are there; hands out each mark as it comes.

The same code serves right after asking, later, for another judge, for imported answers and in an exam. A
judge's failure is never a failure of the answer. The clock is passed in.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from escape.calls import ASKER, Booked, Calls
from escape.judges import Annotators, LLMJudge
from escape.puzzles import controls
from escape.runs.costs import TrialCosts
from escape.runs.trials import Clock, failure_of
from escape.types import Failure, FailureKind, Judge, Mark, ModelError, NotJudged, Puzzle, Trial, Verdict

PROBATION = 3  # good marks until more than one answer is marked at once
IN_A_ROW = 5  # failures that end a marking

EmitMark = Callable[[Mark], object]


class _UselessError(Exception):
    """A judge cannot be used. `failure` says why."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


@dataclass
class Marking:
    """The marking of a run's answers by one judge.

    `good`: marks given. `in_a_row`: failures since the last of them. `over`: why nothing further is marked.
    `lost`: answers to mark once more at the end. `broken`: what `emit` raised, after which nothing more is
    marked.
    """

    judge: Judge
    puzzles: Mapping[str, Puzzle]
    calls: Calls
    emit: EmitMark
    now: Clock
    costs: TrialCosts | None = None
    must_prove: bool = True
    good: int = 0
    in_a_row: int = 0
    over: Failure | None = None
    lost: dict[Trial, str] = field(default_factory=dict)
    broken: list[Exception] = field(default_factory=list)
    _proof_usd: float = 0.0
    _alone: asyncio.Lock = field(default_factory=asyncio.Lock)
    _out: int = 0  # marks under way at once
    _back: asyncio.Event = field(default_factory=asyncio.Event)  # set when one of them has come back

    async def mark_again(self) -> None:
        """Mark once more what failed in a way that may pass, if the judge has marked anything at all."""
        lost, self.lost = self.lost, {}
        if lost and self.good and not self._has_ended():
            self.calls.ask_again([trial.key for trial in lost])
            self.in_a_row = 0
            await self.mark(lost)

    async def mark(self, answers: Mapping[Trial, str]) -> None:
        """Mark answers, under a cap room by room.

        One at a time until PROBATION marks are good, and again after a failure; otherwise several at once.
        """
        if self.calls.budget.cap is not None:
            await self._mark_rooms(answers)
            return
        queue = iter(answers.items())

        async def worker() -> None:
            for trial, text in queue:
                if self._has_ended():
                    return
                await self._one(trial, text)

        async with asyncio.TaskGroup() as group:
            for _ in range(min(self.calls.limits.concurrency, len(answers))):
                group.create_task(worker())

    async def _mark_rooms(self, answers: Mapping[Trial, str]) -> None:
        """Mark room by room: book one reply about each of a room's answers, then mark all of them.

        The first room that does not fit under the cap ends the marking.
        """
        rooms: dict[tuple[int, str], list[Trial]] = {}
        for trial in answers:
            rooms.setdefault((trial.repeat, trial.problem_id), []).append(trial)
        tasks, most = set[asyncio.Task[None]](), self.calls.limits.concurrency
        async with asyncio.TaskGroup() as group:
            for trials in rooms.values():
                while tasks and (self.good < PROBATION or self.in_a_row or len(tasks) >= most):
                    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                if self._has_ended():
                    return
                try:
                    booked = await self.calls.budget.book([self._stake(t, answers[t]) for t in trials])
                except ModelError as error:
                    failure = failure_of("judge", error)
                    for trial in trials if failure else ():
                        self._hand_out(
                            Mark(trial=trial, rater=self.judge.name, failure=failure, at=self.now())
                        )
                    return
                for trial, money in zip(trials, booked, strict=True):
                    task = group.create_task(self._one(trial, answers[trial], money))
                    tasks.add(task)
                    task.add_done_callback(tasks.discard)

    def _stake(self, trial: Trial, answer: str) -> float:
        if self.costs is None or not isinstance(self.judge, LLMJudge):
            return 0.0
        return self.costs.mark_usd(self.judge.spec, self.puzzles[trial.problem_id], answer)

    def _has_ended(self) -> bool:
        return self.calls.stopping or self.over is not None

    async def _one(self, trial: Trial, text: str, booked: Booked | None = None) -> None:
        ASKER.set(trial.key)
        async with self.calls.budget.spending(booked):
            async with self._alone:  # one at a time until PROBATION marks are good, and after a failure
                while self.in_a_row and self._out:  # marks under way may end the failures, or add to them
                    self._back.clear()
                    await self._back.wait()
                if self._has_ended():
                    return
                if self.good < PROBATION or self.in_a_row:
                    await self._mark(trial, text)
                    return
                self._out += 1
            try:
                await self._mark(trial, text)
            finally:
                self._out -= 1
                self._back.set()

    async def _mark(self, trial: Trial, text: str) -> None:
        puzzle = self.puzzles[trial.problem_id]
        try:
            if self.must_prove and isinstance(self.judge, LLMJudge):
                await self._prove(self.judge, puzzle)
                self.must_prove = False
            verdict = await self.judge.judge(puzzle, text)
        except _UselessError as useless:
            self.over = useless.failure
            self._hand_out(Mark(trial=trial, rater=self.judge.name, failure=self.over, at=self.now()))
        except Exception as error:
            self._fails(trial, text, error)
        else:
            self.good, self.in_a_row = self.good + 1, 0
            self._hand_out(Mark(trial=trial, rater=self.judge.name, verdict=verdict, at=self.now()))

    def _fails(self, trial: Trial, text: str, error: Exception) -> None:
        failure = failure_of("judge", error)
        if failure is None:
            # stopped, with replies that are paid for
            if isinstance(error, ModelError) and error.doubtful_usd:
                self._hand_out(Mark(trial=trial, rater=self.judge.name, earlier_usd=error.doubtful_usd))
            return
        # stored marks may lack one answer and have the next
        if failure.kind is not FailureKind.BUDGET and not isinstance(self.judge, Annotators):
            self.in_a_row += 1
        if self.in_a_row >= IN_A_ROW or failure.kind.is_permanent:
            message = f"{self._name} {_trouble(error)} ({self.in_a_row} tried)"
            failure = failure.model_copy(update={"message": message})
            self.over = failure
        elif failure.kind.is_transient:
            self.lost.setdefault(trial, text)
        self._hand_out(Mark(trial=trial, rater=self.judge.name, failure=failure, at=self.now()))

    async def _prove(self, judge: LLMJudge, puzzle: Puzzle) -> None:
        """Have two controls marked: the steps must be granted to the reference, not to its key words.

        Their cost is added to the first mark's. Raises _UselessError if the judge fails, or its error if that
        may pass.
        """
        verdicts: list[Verdict] = []
        try:
            for text in (controls.reference(puzzle), controls.key_words(puzzle)):
                verdict = await judge.judge(puzzle, text)
                self._proof_usd += (verdict.cost_usd or 0.0) + verdict.doubtful_usd
                verdicts.append(verdict)
        except (ModelError, NotJudged) as error:
            failure = failure_of("judge", error)
            if failure is None or failure.kind is FailureKind.BUDGET or failure.kind.is_transient:
                raise
            message = f"{self._name} {_trouble(error)}"
            raise _UselessError(failure.model_copy(update={"message": message})) from None
        good, bad = verdicts
        why = ""
        if not _grants_steps(good):
            why = "marks the reference solution as wrong"
        elif _grants_steps(bad):
            why = "grants everything"
        if why:
            message = f"{self._name} {why}"
            raise _UselessError(Failure(stage="judge", kind=FailureKind.NOT_JUDGED, message=message))

    @property
    def _name(self) -> str:
        return self.judge.spec.model if isinstance(self.judge, LLMJudge) else self.judge.name

    def _hand_out(self, mark: Mark) -> None:
        if self._proof_usd:
            mark = mark.model_copy(update={"earlier_usd": mark.earlier_usd + self._proof_usd})
            self._proof_usd = 0.0
        try:
            self.emit(mark)
            if mark.verdict or mark.failure:
                self.calls.budget.ledger.written(mark.trial.key)
        except Exception as error:  # such as a full disk: raised once, at the end
            self.broken.append(error)
            self.calls.stop()


def _grants_steps(verdict: Verdict) -> bool:
    """Tell whether a judge grants the steps.

    More than half of them are ticked, or without a checklist more than half of the marks for the path are
    given.
    """
    items = verdict.checklist
    if items is None:
        return verdict.scores.sps > 1.0
    return items.attempted and sum(t.met for t in items.steps) > len(items.steps) / 2


def _trouble(error: Exception) -> str:
    """Describe what is wrong with a judge, as a clause behind its name."""
    if isinstance(error, NotJudged) and error.malformed:
        return "does not keep the form"
    if isinstance(error, NotJudged):
        return str(error).removeprefix("asked twice, the judge ")
    return f"does not answer: {error.message}" if isinstance(error, ModelError) else "cannot be asked"
