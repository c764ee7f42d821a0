"""Trials: ask, judge, hand out each Result as it ends. Calls go through `calls`. The clock is passed in."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from escape import prompts
from escape.calls import ASKER, Calls
from escape.judges import LLMJudge, RoomJudge
from escape.puzzles import RECORDED, is_told
from escape.rooms import plans as attempts
from escape.rooms import playable
from escape.runs.conversation import converse, joined, needs_repair, repaired
from escape.types import (
    Answer,
    Failure,
    FailureKind,
    Judge,
    Model,
    ModelError,
    ModelSpec,
    NotJudged,
    Outcome,
    Puzzle,
    Repair,
    Result,
    RunConfig,
    Trial,
    Turn,
)

Stage = Literal["player", "judge"]


@dataclass(frozen=True)
class TrialContext:
    """The player, the judge and the settings of a trial. `may_cost`: the most, in USD, that asking a player one puzzle
    and judging the answer can cost. `cost_in_words`: what else there is to say of it. `config`: how they are asked.
    """

    puzzles: Mapping[str, Puzzle]
    players: Mapping[str, Model]
    judge: Judge
    may_cost: Callable[[Puzzle, ModelSpec | None, Answer | None], float] = lambda puzzle, player, answer: 0.0
    cost_in_words: Callable[[Puzzle, ModelSpec | None, Answer | None], str] = lambda puzzle, player, answer: ""
    config: RunConfig = field(default_factory=RunConfig)
    repairs: Mapping[Trial, Repair] = field(default_factory=dict)

    def asks(self, player: str) -> bool:
        """Return whether a player is one of the run's own, who were asked for moves."""
        return any(s.name == player for s in self.config.players)


async def run(
    todo: Iterable[Trial],
    cast: TrialContext,
    calls: Calls,
    emit: Callable[[Result], None],
    *,
    now: Callable[[], str],
    answers: Mapping[Trial, Answer] | None = None,
) -> None:
    """Ask and judge every trial. `emit` gets an answer as soon as it arrives, and the Result once it is judged.

    Trials in `answers` are only judged. Each player has its own workers, so that a slow one delays nobody else. If
    `emit` raises, the run ends: no new calls are made, and results of calls in flight are still emitted.
    """
    known_answers, broken = dict(answers or {}), list[Exception]()
    once_more: dict[Trial, Result] = {}

    def hand_out(result: Result) -> None:
        try:
            emit(result)
            if result.status != "begun":
                calls.budget.ledger.written(result.trial.key)
        except Exception as error:  # such as a full disk: raised once, at the end
            broken.append(error)
            calls.stop()

    async def one(trial: Trial, cast: TrialContext) -> None:
        ASKER.set(trial.key)
        ended = await _one(trial, cast, calls, hand_out, now, known_answers.get(trial))
        if ended and ended.failure and ended.failure.kind.is_transient and trial.key not in calls.again:
            once_more[trial] = ended

    await _all(todo, cast, calls, one, known_answers)
    calls.again |= {trial.key for trial in once_more}  # what failed while others were answered opens no breaker now
    known_answers |= {trial: result.answer for trial, result in once_more.items() if result.answer}
    repairs = {trial: result.repair for trial, result in once_more.items() if result.repair}
    await _all([*once_more], replace(cast, repairs={**cast.repairs, **repairs}), calls, one, known_answers)
    if broken:
        raise broken[0]


async def _all(
    todo: Iterable[Trial],
    cast: TrialContext,
    calls: Calls,
    one: Callable[[Trial, TrialContext], Awaitable[None]],
    known_answers: Mapping[Trial, Answer],
) -> None:
    """Do the trials, each player's by workers of its own."""
    queues: dict[str | None, list[Trial]] = {}
    for trial in todo:
        player = cast.players.get(trial.player) if trial not in known_answers else None
        queues.setdefault(trial.player if player else None, []).append(trial)

    async def worker(queue_trials: Iterator[Trial]) -> None:
        for trial in queue_trials:
            if calls.stopping:
                return
            await one(trial, cast)

    async with asyncio.TaskGroup() as group:
        for queue in queues.values():
            shared = iter(queue)
            # twice as many as may be in flight: while some wait for their judge, others can ask their player
            for _ in range(min(2 * calls.limits.concurrency, len(queue))):
                group.create_task(worker(shared))


async def _one(
    trial: Trial,
    cast: TrialContext,
    calls: Calls,
    emit: Callable[[Result], None],
    now: Callable[[], str],
    answer: Answer | None,
) -> Result | None:
    began, stage = now(), "judge" if answer else "player"
    puzzle, player = cast.puzzles[trial.problem_id], cast.players.get(trial.player)
    outcome: Outcome | None = None
    turns: tuple[Turn, ...] = ()
    repair = cast.repairs.get(trial)

    def end(result: Result) -> Result:
        result = result.model_copy(update={"ended_at": now()})
        emit(result)
        return result

    def kept(so_far: tuple[Turn, ...]) -> None:
        nonlocal turns
        turns = so_far
        emit(Result(trial=trial, turns=turns, started_at=began))

    try:
        if cast.config.protocol == "move by move" and player is not None and answer is None and playable(puzzle):
            turns, outcome = await converse(puzzle, player, kept)
            # nobody marks a conversation: code says how far it led
            return end(Result(trial=trial, answer=joined(turns), outcome=outcome, turns=turns, started_at=began))
        if answer is not None:  # where it leads costs nothing, so a cap that is used up takes nothing of it away
            outcome = _led_to(trial, cast, answer, repair)
            # while it owes lines, nobody knows where its plan leads, whatever fails
            stage = "player" if _owes_lines(trial, cast, answer, outcome) else stage
        question = puzzle, player.spec if player else None, answer
        async with calls.budget.for_trial(cast.may_cost(*question), lambda: cast.cost_in_words(*question)):
            if answer is None:
                if player is None:
                    raise ModelError(FailureKind.INTERNAL, f"there is no player {trial.player}", attempts=0)
                answer = await player.complete(prompts.player(puzzle, moves=cast.config.moves))
                outcome = _led_to(trial, cast, answer, repair)
            if player and _owes_lines(trial, cast, answer, outcome):
                emit(Result(trial=trial, answer=answer, outcome=outcome, started_at=began))  # not ended yet
                stage = "player"
                repair = await _written_anew(puzzle, player, answer)
                outcome = _led_to(trial, cast, answer, repair)
            so_far = Result(
                trial=trial, answer=answer, repair=repair, outcome=outcome, started_at=began, ended_at=now()
            )
            if stage == "player":
                emit(so_far)
            stage = "judge"
            unmarked = trial.player.startswith(f"{RECORDED}:") or is_told(puzzle)
            judge = RoomJudge() if unmarked and isinstance(cast.judge, LLMJudge) else cast.judge
            room = judge if isinstance(judge, RoomJudge) else None
            verdict = room.verdict(puzzle, outcome) if room else await judge.judge(puzzle, answer.text)
            return end(so_far.model_copy(update={"verdict": verdict}))
    except Exception as error:
        if failure := _failure("judge" if stage == "judge" else "player", error):
            return end(
                Result(
                    trial=trial,
                    answer=answer,
                    repair=repair,
                    outcome=outcome,
                    failure=failure,
                    turns=turns,
                    started_at=began,
                )
            )
        return None


def _led_to(trial: Trial, cast: TrialContext, answer: Answer, repair: Repair | None) -> Outcome | None:
    """Return where an answer's moves lead. None if nothing carries them out."""
    puzzle, player = cast.puzzles[trial.problem_id], cast.players.get(trial.player)
    asks_moves = cast.config.moves and (player is not None or cast.asks(trial.player))
    worked_out = attempts.known_outcome if player and not player.spec.budget else attempts.outcome
    return worked_out(puzzle, answer.text, requested=asks_moves, repair=repair.answer.text if repair else "")


def _owes_lines(trial: Trial, cast: TrialContext, answer: Answer, outcome: Outcome | None) -> bool:
    player, puzzle = cast.players.get(trial.player), cast.puzzles[trial.problem_id]
    is_due = player and trial not in cast.repairs
    return bool(outcome and player and is_due and needs_repair(player.spec, puzzle, outcome, answer))


async def _written_anew(puzzle: Puzzle, player: Model, answer: Answer) -> Repair | None:
    again = await repaired(puzzle, player, answer, answer.text)
    return Repair(lines=again.lines, answer=again.answer) if again else None


def _failure(stage: Stage, error: Exception) -> Failure | None:
    """Return the failure as a value. None for a call that was never made because of a stop."""
    if isinstance(error, ModelError):
        if error.kind is FailureKind.CANCELLED:
            return None
        return Failure(
            stage=stage,
            kind=error.kind,
            message=error.message,
            attempts=error.attempts,
            doubtful_usd=error.doubtful_usd,
        )
    if isinstance(error, NotJudged):
        kind = FailureKind.BAD_FORMAT if error.out_of_form else FailureKind.NOT_JUDGED
        cost, doubtful = error.cost_usd, error.doubtful_usd
        return Failure(stage=stage, kind=kind, message=str(error), cost_usd=cost, doubtful_usd=doubtful)
    # a bug of our own must not take the other trials with it; its text may contain anything, so only its name is kept
    return Failure(stage=stage, kind=FailureKind.INTERNAL, message=f"internal error: {type(error).__name__}")
