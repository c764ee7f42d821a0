"""Asking: asks each trial's player, carries its moves out, and hands out results as they come.

A trial may take several calls: the turns of a conversation, or a second one to rewrite lines of a plan that
could not be read. Nothing here waits for a judge. The clock is passed in.
"""

import asyncio
import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from escape import prompts
from escape.calls import ASKER, Booked, Calls, too_expensive
from escape.models import is_scripted
from escape.rooms import RoomEpisode, attempt, plans, playable
from escape.rooms.reading import plan_lines
from escape.runs.costs import TrialCosts
from escape.types import (
    WITHOUT_ANSWER,
    Answer,
    Failure,
    FailureKind,
    Model,
    ModelError,
    ModelSpec,
    NotJudged,
    Outcome,
    Prompt,
    Puzzle,
    Repair,
    Result,
    RunConfig,
    Trial,
    Turn,
    total,
)

NO_MOVE = 'Not understood: your answer has no move. End it with a line that begins with "Move:".'
LEAST = 64  # tokens: with fewer left of its answer budget, a player is not asked to rewrite lines
LETTERS_A_TOKEN = 4  # of an answer whose server does not say how many tokens it took


async def converse(
    puzzle: Puzzle, player: Model, keep: Callable[[tuple[Turn, ...]], None]
) -> tuple[tuple[Turn, ...], Outcome]:
    """Play a room move by move, until it is over or the moves or tokens are used up.

    `keep` gets all turns after each one. Raises ModelError.
    """
    episode, turns = attempt(puzzle, "move by move"), tuple[Turn, ...]()
    first = prompts.move_by_move(puzzle, episode.max_lines, player.spec)
    while (
        not episode.over
        and len(turns) < episode.max_lines
        and (tokens_left := player.spec.max_tokens - sum(tokens_of(t.answer) for t in turns)) > 0
    ):
        if turns and turns[-1].answer.cut_off:
            break  # the limit ended the last answer
        answer = await player.complete(first.model_copy(update={"turns": turns, "limit": tokens_left}))
        move = plan_lines.one_move(answer.whole_lines)
        number = len(turns) + 1
        reply = _whole_reply(episode, number, move, cut_off=answer.cut_off)
        turns = (*turns, Turn(number=number, answer=answer, move=move, reply=reply))
        keep(turns)
    return turns, episode.outcome


def _whole_reply(episode: RoomEpisode, number: int, move: str, *, cut_off: bool) -> str:
    """Carry a turn's move out, and compose the reply: what happened, and the number of the move."""
    if not move:
        reply = "" if cut_off else NO_MOVE
    else:
        before = len(episode.steps)
        episode.do(move)
        reply = " ".join(step.said for step in episode.steps[before:])
    return reply + (f"\n(Move {number} of {episode.max_lines}.)" if reply and not episode.over else "")


def replay(puzzle: Puzzle, moves: Sequence[tuple[str, bool]]) -> tuple[list[str], Outcome]:
    """Carry a conversation's moves out again; return the room's replies and the outcome.

    `moves`: each with whether its answer was cut off.
    """
    episode = attempt(puzzle, "move by move")
    replies = [_whole_reply(episode, n, move, cut_off=cut) for n, (move, cut) in enumerate(moves, 1)]
    return replies, episode.outcome


def tokens_of(answer: Answer) -> int:
    """Count the tokens of its budget that an answer took, thinking included. Estimated if unreported."""
    return answer.output_tokens or (len(answer.text) + len(answer.reasoning)) // LETTERS_A_TOKEN


def join_turns(turns: Sequence[Turn]) -> Answer:
    """Join a conversation into one answer: its moves, and the tokens and time of its turns.

    It adds no cost.
    """
    answers = [turn.answer for turn in turns]
    return Answer(
        text="Moves:\n" + "\n".join(turn.move for turn in turns if turn.move),
        model=answers[-1].model if answers else "",
        input_tokens=total([a.input_tokens for a in answers]),
        output_tokens=total([a.output_tokens for a in answers]),
        latency_s=sum(a.latency_s for a in answers),
        finish_reason=answers[-1].finish_reason if answers else "length",
        cost_usd=0.0,
        attempts=sum(a.attempts for a in answers),
    )


def needs_repair(spec: ModelSpec, puzzle: Puzzle, outcome: Outcome, answer: Answer) -> bool:
    """Decide whether a model is to rewrite unread lines, or a plan without moves, within its budget."""
    unread = bool(outcome.not_understood) or (_spoke(answer) and not outcome.tried)
    return (
        unread
        and playable(puzzle)
        and not is_scripted(spec.name)
        and spec.max_tokens - tokens_of(answer) >= LEAST
    )


def _spoke(answer: Answer) -> bool:
    return bool(answer.text.strip()) and answer.finish_reason not in WITHOUT_ANSWER


async def ask_repair(puzzle: Puzzle, player: Model, answer: Answer) -> tuple[Prompt, Repair] | None:
    """Ask a player once more for its unread lines; return prompt and repair. Raises ModelError.

    None if there are none, if there is no answer or too little budget is left, or if a recorded player was
    never asked this.
    """
    lines, faulty = plans.plan(puzzle, answer.text)
    tokens_left = player.spec.max_tokens - tokens_of(answer)
    if (lines and not faulty) or not _spoke(answer) or tokens_left < LEAST:
        return None
    question = prompts.repair(puzzle, lines, faulty) if lines else prompts.into_moves(puzzle, answer.text)
    prompt = question.model_copy(update={"limit": tokens_left})
    try:
        return prompt, Repair(lines=max(1, len(faulty)), answer=await player.complete(prompt))
    except ModelError as error:
        if error.kind is FailureKind.NO_SCRIPT:  # a recorded player was never asked this
            return None
        raise


Emit = Callable[[Result], object]  # takes each result as it comes; false where it is not kept yet
Clock = Callable[[], str]  # the time in UTC, as files have it
MOST_OPEN = 2_000  # trials under way at once under a cap, where money alone holds them back


@dataclass(frozen=True)
class TrialContext:
    """The data that a run's trials share. `known`: results so far, whose answers are not asked again.

    Without `costs` nothing is booked for a trial before it starts.
    """

    puzzles: Mapping[str, Puzzle]
    players: Mapping[str, Model]
    config: RunConfig = field(default_factory=RunConfig)
    known: Mapping[Trial, Result] = field(default_factory=dict)
    costs: TrialCosts | None = None


class Asking:
    """The asking of a run's trials.

    `emit` gets the result that ends a trial, and before it each turn, and an answer that needs a repair. If
    it raises, no new calls are made, and results of calls in flight are still emitted. `lost`: trials to ask
    once more. `broken`: what `emit` raised.
    """

    def __init__(self, context: TrialContext, calls: Calls, emit: Emit, now: Clock) -> None:
        self.context, self.calls, self.emit, self.now = context, calls, emit, now
        self.lost: dict[Trial, Result] = {}
        self.broken: list[Exception] = []

    async def ask(self, todo: Sequence[Trial]) -> None:
        """Ask one player's trials with workers of their own, so that it delays nobody else.

        Of conversations only as many are open as calls may be in flight: whoever kills the program loses the
        turns of those.
        """
        queue = iter(todo)

        async def worker() -> None:
            for trial in queue:
                if self.calls.stopping:
                    return
                await self._one(trial)

        workers = self.calls.limits.concurrency
        if not self.context.config.in_turns:
            workers *= 4  # more than calls in flight: while some wait to repeat a call, others ask
        async with asyncio.TaskGroup() as group:
            for _ in range(min(workers, len(todo))):
                group.create_task(worker())

    async def ask_rooms(self, todo: Sequence[Trial]) -> None:
        """Ask room by room under a cap; book each room's stakes for all players before asking any.

        Nobody waits for another's answer, except in conversations, which book turn by turn: only as many are
        open as calls may be in flight. A player is set aside if one of its answers may cost more than the
        cap. The first room that does not fit ends the asking, for all players alike; what costs nothing is
        still done.
        """
        most = MOST_OPEN
        if self.context.config.in_turns:
            most = self.calls.limits.concurrency * max(1, len(self.context.players))
        aside, refused = self._set_aside(todo), None
        rooms: dict[tuple[int, str], list[Trial]] = {}
        for trial in todo:
            if error := aside.get(trial.player):
                self._refuse(trial, error)
            else:
                rooms.setdefault((trial.repeat, trial.problem_id), []).append(trial)
        open_tasks: set[asyncio.Task[None]] = set()
        async with asyncio.TaskGroup() as group:
            for room in rooms.values():
                stakes = {t: 0.0 if self._is_closed(t) else self._stake(t) for t in room}
                booked = [Booked(0.0) for _ in room]
                if refused is None:
                    try:
                        booked = await self.calls.budget.book(list(stakes.values()), self._booked_for(stakes))
                    except ModelError as error:
                        refused = error
                for (trial, usd), money in zip(stakes.items(), booked, strict=True):
                    if self.calls.stopping:
                        return
                    if refused and usd:
                        self._refuse(trial, refused)
                        continue
                    task = group.create_task(self._one(trial, money))
                    open_tasks.add(task)
                    task.add_done_callback(open_tasks.discard)
                    while len(open_tasks) >= most:
                        await asyncio.wait(open_tasks, return_when=asyncio.FIRST_COMPLETED)

    def _set_aside(self, todo: Sequence[Trial]) -> dict[str, ModelError]:
        """Find the players with an answer that may cost more than the cap, each with the error."""
        costs, cap, aside = self.context.costs, self.calls.budget.cap, dict[str, ModelError]()
        if costs is None or cap is None:
            return aside
        for trial in todo:
            usd = self._stake(trial)
            if usd > cap and trial.player not in aside:
                aside[trial.player] = too_expensive(usd, cap, costs.usually(*self._question(trial)))
        return aside

    async def ask_again(self) -> list[Trial]:
        """Ask the lost trials once more and return them."""
        lost, self.lost = self.lost, {}
        self.calls.ask_again([trial.key for trial in lost])
        self.context = replace(self.context, known={**self.context.known, **lost})
        async with asyncio.TaskGroup() as group:
            for _, trials in itertools.groupby(sorted(lost, key=lambda t: t.player), key=lambda t: t.player):
                group.create_task(self.ask(list(trials)))
        return list(lost)

    async def _one(self, trial: Trial, booked: Booked | None = None) -> None:
        ASKER.set(trial.key)
        async with self.calls.budget.spending(booked):
            ended = await _TrialRun(self, trial).end()
        kind = ended.failure.kind if ended and ended.failure else None
        if ended and kind and self._may_pass(kind, self.context.players.get(trial.player)):
            self.lost.setdefault(trial, ended)

    def _question(self, trial: Trial) -> tuple[Puzzle, ModelSpec | None, Answer | None]:
        player, known = self.context.players.get(trial.player), self.context.known.get(trial)
        spec = player.spec if player else None
        return self.context.puzzles[trial.problem_id], spec, known.answer if known else None

    def _stake(self, trial: Trial) -> float:
        return self.context.costs.max_usd(*self._question(trial)) if self.context.costs else 0.0

    def _booked_for(self, stakes: Mapping[Trial, float]) -> str:
        """Describe whose answers a room's stakes are for; for a single one, state its usual cost."""
        asked = [t for t, usd in stakes.items() if usd]
        if len(asked) == 1 and self.context.costs:
            return self.context.costs.usually(*self._question(asked[0]))
        return f" for one room's {len(asked)} answers"

    def _is_closed(self, trial: Trial) -> bool:
        player = self.context.players.get(trial.player)
        return player is not None and self.calls.lane(player.spec).is_closed(player.spec.model)

    def _refuse(self, trial: Trial, error: ModelError) -> None:
        """Hand out a trial's failure for lack of money, with what is known of the trial."""
        run = _TrialRun(self, trial)
        if run.answer is not None:
            run.carry_out(run.answer)
        self.hand_out(run.result(failure=failure_of("player", error)))

    def _may_pass(self, kind: FailureKind, player: Model | None) -> bool:
        """Decide whether a failed trial is asked once more at the end.

        It is if the failure may pass, or is permanent although calls with the same key have been answered.
        """
        has_worked = player is not None and bool(self.calls.lane(player.spec).worked)
        return kind.is_transient or (kind.is_permanent and has_worked)

    def hand_out(self, result: Result) -> None:
        try:
            if self.emit(result):
                self.calls.budget.ledger.written(result.trial.key)
        except Exception as error:  # such as a full disk: raised once, at the end
            self.broken.append(error)
            self.calls.stop()


class _TrialRun:
    """One trial on its way to a result."""

    def __init__(self, work: Asking, trial: Trial) -> None:
        self.work, self.trial, self.context = work, trial, work.context
        self.puzzle = self.context.puzzles[trial.problem_id]
        self.player = self.context.players.get(trial.player)
        known = self.context.known.get(trial)
        self.began = work.now()
        self.answer = known.answer if known and not known.turns else None
        self.repair = known.repair if known else None
        self.outcome: Outcome | None = None
        self.turns: tuple[Turn, ...] = ()

    async def end(self) -> Result | None:
        """Play the trial to its end; hand out its result and return it. None if it was stopped."""
        try:
            await self._play()
        except Exception as error:
            failure = failure_of("player", error)
            if failure is None:
                return None
            ended = self.result(failure=failure)
        else:
            ended = self.result()
        ended = ended.model_copy(update={"ended_at": self.work.now()})
        self.work.hand_out(ended)
        return ended

    def result(self, *, failure: Failure | None = None) -> Result:
        return Result(
            trial=self.trial,
            answer=self.answer,
            repair=self.repair,
            outcome=self.outcome,
            turns=self.turns,
            failure=failure,
            started_at=self.began,
        )

    def _keep(self, turns: tuple[Turn, ...]) -> None:
        self.turns = turns
        self.work.hand_out(self.result())

    def carry_out(self, answer: Answer) -> None:
        """Carry an answer's moves out, with the repair if there is one.

        An answer without moves has an outcome only if its player was asked for moves.
        """
        puzzle, player, config = self.puzzle, self.player, self.context.config
        asked = config.moves and (player is not None or self.trial.player in {s.name for s in config.players})
        worked_out = plans.known_outcome if player and not player.spec.budget else plans.outcome
        repair = self.repair.answer.text if self.repair else ""
        self.outcome = worked_out(puzzle, answer.text, requested=asked, repair=repair)

    def _owes_repair(self, answer: Answer) -> bool:
        if self.player is None or self.outcome is None or self.repair is not None:
            return False
        return needs_repair(self.player.spec, self.puzzle, self.outcome, answer)

    async def _play(self) -> None:
        puzzle, player = self.puzzle, self.player
        if self.context.config.in_turns and player and self.answer is None and playable(puzzle):
            self.turns, self.outcome = await converse(puzzle, player, self._keep)
            self.answer = join_turns(self.turns)
            return
        if self.answer is None:
            if player is None:
                raise ModelError(FailureKind.INTERNAL, f"there is no player {self.trial.player}", attempts=0)
            self.answer = await player.complete(prompts.player(puzzle, moves=self.context.config.moves))
        self.carry_out(self.answer)
        if player and self._owes_repair(self.answer):
            self.work.hand_out(self.result())  # not ended yet
            if again := await ask_repair(puzzle, player, self.answer):
                self.repair = again[1]
            self.carry_out(self.answer)


def failure_of(stage: Literal["player", "judge"], error: Exception) -> Failure | None:
    """Convert an error into a Failure. None for a call that was never made because of a stop."""
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
        kind = FailureKind.BAD_FORMAT if error.malformed else FailureKind.NOT_JUDGED
        cost, doubtful = error.cost_usd, error.doubtful_usd
        return Failure(stage=stage, kind=kind, message=str(error), cost_usd=cost, doubtful_usd=doubtful)
    # a bug of our own must not take the other trials with it; its text may contain anything, so only its name
    # is kept
    return Failure(stage=stage, kind=FailureKind.INTERNAL, message=f"internal error: {type(error).__name__}")
