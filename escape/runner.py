"""Trials: ask, judge, hand out each Result as it ends. Calls go through the desk; time is passed in."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Literal

from escape import prompts
from escape.desk import Desk
from escape.errors import Kind, ModelError, NotJudged
from escape.records import Failure, Result, RunConfig, Trial
from escape.schema import Answer, Judge, Model, Puzzle

Stage = Literal["player", "judge"]


async def run(
    todo: Iterable[Trial],
    puzzles: Mapping[str, Puzzle],
    players: Mapping[str, Model],
    judge: Judge,
    desk: Desk,
    emit: Callable[[Result], None],
    *,
    now: Callable[[], str],
    answers: Mapping[Trial, Answer] | None = None,
) -> None:
    """Ask and judge every trial; `emit` gets an answer the moment it is there, and the Result when it is judged.

    Trials in `answers` are only judged. Each provider has its own workers, so that a slow one delays nobody else.
    """
    known = answers or {}
    lanes: dict[int, list[Trial]] = {}
    for trial in todo:
        lane = desk.lane(players[trial.player].spec) if trial.player in players and trial not in known else None
        lanes.setdefault(id(lane), []).append(trial)

    async def worker(mine: Iterator[Trial]) -> None:
        for trial in mine:
            if desk.stopping:
                return
            await _one(trial, puzzles[trial.problem_id], players.get(trial.player), judge, emit, now, known.get(trial))

    async with asyncio.TaskGroup() as group:
        for queue in lanes.values():
            shared = iter(queue)
            # twice the gate's width: while some wait for their judge, others may ask their player
            for _ in range(min(2 * desk.concurrency, len(queue))):
                group.create_task(worker(shared))


async def _one(
    trial: Trial,
    puzzle: Puzzle,
    player: Model | None,
    judge: Judge,
    emit: Callable[[Result], None],
    now: Callable[[], str],
    answer: Answer | None,
) -> None:
    began = now()

    def result(**parts: object) -> Result:
        return Result.model_validate({"trial": trial, "started_at": began, "ended_at": now(), **parts})

    if answer is None:
        try:
            if player is None:
                raise ModelError(Kind.INTERNAL, f"nobody plays {trial.player}", attempts=0)
            answer = await player.complete(prompts.player(puzzle))
        except Exception as error:
            if failure := _failure("player", error):
                emit(result(failure=failure))
            return
        emit(result(answer=answer))
    try:
        emit(result(answer=answer, verdict=await judge.judge(puzzle, answer.text)))
    except Exception as error:
        if failure := _failure("judge", error):
            emit(result(answer=answer, failure=failure))


def _failure(stage: Stage, error: Exception) -> Failure | None:
    """What went wrong as a value; None for a call that a stop kept from being made."""
    if isinstance(error, ModelError):
        if error.kind is Kind.CANCELLED:
            return None
        return Failure(stage=stage, kind=error.kind, message=error.message, attempts=error.attempts)
    if isinstance(error, NotJudged):
        return Failure(stage=stage, kind=Kind.NOT_JUDGED, message=str(error), cost_usd=error.cost_usd)
    # a fault of our own must not take the other trials with it; its text may hold anything, so only its name is kept
    return Failure(stage=stage, kind=Kind.INTERNAL, message=f"internal error: {type(error).__name__}")


def missing(
    config: RunConfig, results: Sequence[Result], *, failed_too: bool
) -> tuple[list[Trial], dict[Trial, Answer]]:
    """What is left to do to complete a run: trials, and the answers among them that only want a judge."""
    by_trial = {r.trial: r for r in results}
    todo: list[Trial] = []
    answers: dict[Trial, Answer] = {}
    for trial in dict.fromkeys([*config.trials(), *by_trial]):
        result = by_trial.get(trial)
        if result and (result.verdict or (result.failure and not failed_too)):
            continue
        todo.append(trial)
        if result and result.answer:
            answers[trial] = result.answer
    return todo, answers
