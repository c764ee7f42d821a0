"""Trials: ask, judge, hand out each Result as it ends. Calls go through `calls`. The clock is passed in.

Beside a first question there are those after it: turn by turn from where a conversation was left, or once more for the
lines of a plan that could not be read.
"""

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from escape import prompts
from escape.calls import ASKER, Calls, too_expensive
from escape.judges import LLMJudge, RoomJudge
from escape.models import is_scripted
from escape.puzzles import RECORDED, is_told
from escape.rooms import RoomEpisode, attempt, plans, playable
from escape.rooms.reading import plan_lines
from escape.runs.costs import TrialCosts
from escape.types import (
    WITHOUT_ANSWER,
    Answer,
    Failure,
    FailureKind,
    Judge,
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
LEAST = 64  # tokens: with fewer left of its answer budget a player is not asked to write lines anew
LETTERS_A_TOKEN = 4  # of an answer whose server does not say how many tokens it took


async def converse(
    puzzle: Puzzle, player: Model, keep: Callable[[tuple[Turn, ...]], None]
) -> tuple[tuple[Turn, ...], Outcome]:
    """Play to the end, the last move or token. `keep` gets all turns after each. Raises ModelError."""
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
        move = plan_lines.one(answer.whole_lines)
        number = len(turns) + 1
        reply = _whole_reply(episode, number, move, cut_off=answer.cut_off)
        turns = (*turns, Turn(number=number, answer=answer, move=move, reply=reply))
        keep(turns)
    return turns, episode.outcome


def _whole_reply(episode: RoomEpisode, number: int, move: str, *, cut_off: bool) -> str:
    """Return what a player is told after a turn: what happened, and how many moves that was."""
    if not move:
        reply = "" if cut_off else NO_MOVE
    else:
        before = len(episode.steps)
        episode.do(move)
        reply = " ".join(step.said for step in episode.steps[before:])
    return reply + (f"\n(Move {number} of {episode.max_lines}.)" if reply and not episode.over else "")


def replay(puzzle: Puzzle, moves: Sequence[tuple[str, bool]]) -> tuple[list[str], Outcome]:
    """Return a room's replies to a conversation's moves, each with whether it was cut off, and the outcome."""
    episode = attempt(puzzle, "move by move")
    replies = [_whole_reply(episode, n, move, cut_off=cut) for n, (move, cut) in enumerate(moves, 1)]
    return replies, episode.outcome


def tokens_of(answer: Answer) -> int:
    """Return how much of its budget an answer took, in tokens, thinking included."""
    return answer.output_tokens or (len(answer.text) + len(answer.reasoning)) // LETTERS_A_TOKEN


def join_turns(turns: Sequence[Turn]) -> Answer:
    """Join a conversation into one answer: its moves, and the tokens and time of its turns. It adds no cost."""
    answers = [turn.answer for turn in turns]
    came, sent = ([getattr(a, f) for a in answers] for f in ("output_tokens", "input_tokens"))
    return Answer(
        text="Moves:\n" + "\n".join(turn.move for turn in turns if turn.move),
        model=answers[-1].model if answers else "",
        input_tokens=total(sent),
        output_tokens=total(came),
        latency_s=sum(a.latency_s for a in answers),
        finish_reason=answers[-1].finish_reason if answers else "length",
        cost_usd=0.0,
        attempts=sum(a.attempts for a in answers),
    )


def needs_repair(spec: ModelSpec, puzzle: Puzzle, outcome: Outcome, answer: Answer) -> bool:
    """Return whether a model is to rewrite unread lines, or a plan without moves, within its budget."""
    unread = bool(outcome.not_understood) or (_spoke(answer) and not outcome.tried)
    return unread and playable(puzzle) and not is_scripted(spec.name) and spec.max_tokens - tokens_of(answer) >= LEAST


def _spoke(answer: Answer) -> bool:
    return bool(answer.text.strip()) and answer.finish_reason not in WITHOUT_ANSWER


async def ask_repair(puzzle: Puzzle, player: Model, answer: Answer) -> tuple[Prompt, Repair] | None:
    """Ask a player for its unread lines once more. None if there are none, or no budget is left. Raises ModelError."""
    lines, faulty = plans.plan(puzzle, answer.text)
    tokens_left = player.spec.max_tokens - tokens_of(answer)
    if (lines and not faulty) or not _spoke(answer) or tokens_left < LEAST:
        return None
    question = prompts.repair(puzzle, lines, faulty) if lines else prompts.into_moves(puzzle, answer.text)
    prompt = question.model_copy(update={"limit": tokens_left})
    try:
        return prompt, Repair(lines=max(1, len(faulty)), answer=await player.complete(prompt))
    except ModelError as error:
        if error.kind is FailureKind.NO_SCRIPT:  # a recorded player that was not asked this then
            return None
        raise


def players_owing_repair(config: RunConfig, results: Iterable[Result], puzzles: Mapping[str, Puzzle]) -> set[str]:
    """Return the players who must still be asked to write unread lines of an answer anew."""
    specs = {spec.name: spec for spec in config.players}
    return {
        r.trial.player
        for r in results
        if r.outcome and r.answer and r.repair is None and not r.verdict and r.status != "played"
        and r.trial.player in specs
        and needs_repair(specs[r.trial.player], puzzles[r.trial.problem_id], r.outcome, r.answer)
    }  # fmt: skip


Emit = Callable[[Result], None]  # takes each result as it comes
Clock = Callable[[], str]  # the time in UTC, as files have it
Stage = Literal["player", "judge"]


@dataclass(frozen=True)
class TrialContext:
    """What the trials of a run share. Without `costs` nothing is reserved for one before it starts."""

    puzzles: Mapping[str, Puzzle]
    players: Mapping[str, Model]
    judge: Judge
    costs: TrialCosts | None = None
    config: RunConfig = field(default_factory=RunConfig)
    repairs: Mapping[Trial, Repair] = field(default_factory=dict)


async def run(
    todo: Iterable[Trial],
    context: TrialContext,
    calls: Calls,
    emit: Emit,
    *,
    now: Clock,
    answers: Mapping[Trial, Answer] | None = None,
) -> None:
    """Ask and judge every trial. `emit` gets an answer as soon as it arrives, and the Result once it is judged.

    Trials in `answers` are only judged. Each player has its own workers, so that a slow one delays nobody else. If
    `emit` raises, the run ends: no new calls are made, and results of calls in flight are still emitted.
    """
    work = _Work(calls, emit, now, dict(answers or {}))
    await work.do(todo, context)
    lost, work.lost = work.lost, {}
    calls.ask_again([trial.key for trial in lost])
    work.answers |= {trial: result.answer for trial, result in lost.items() if result.answer}
    repairs = {trial: result.repair for trial, result in lost.items() if result.repair}
    await work.do(lost, replace(context, repairs={**context.repairs, **repairs}))
    if work.broken:
        raise work.broken[0]


@dataclass
class _Work:
    """The trials of a run on their way. `lost`: those to ask once more. `broken`: what `emit` raised."""

    calls: Calls
    emit: Emit
    now: Clock
    answers: dict[Trial, Answer]
    lost: dict[Trial, Result] = field(default_factory=dict)
    broken: list[Exception] = field(default_factory=list)

    async def do(self, todo: Iterable[Trial], context: TrialContext) -> None:
        """Do the trials, each player's by workers of its own."""
        queues: dict[str | None, list[Trial]] = {}
        for trial in todo:
            player = context.players.get(trial.player) if trial not in self.answers else None
            queues.setdefault(trial.player if player else None, []).append(trial)
        async with asyncio.TaskGroup() as group:
            for queue in queues.values():
                shared = iter(queue)
                # more than may be in flight: while some wait for their judge or to ask again, others ask their player
                for _ in range(min(4 * self.calls.limits.concurrency, len(queue))):
                    group.create_task(self._worker(shared, context))

    async def _worker(self, queue: Iterator[Trial], context: TrialContext) -> None:
        for trial in queue:
            if self.calls.stopping:
                return
            ASKER.set(trial.key)
            ended = await _TrialRun(self, trial, context).end()
            kind = ended.failure.kind if ended and ended.failure else None
            if ended and kind and self._may_pass(kind, context.players.get(trial.player)):
                self.lost.setdefault(trial, ended)

    def _may_pass(self, kind: FailureKind, player: Model | None) -> bool:
        """Return whether a trial that failed so is asked once more at the end: not where nothing was ever answered."""
        has_worked = player is not None and bool(self.calls.lane(player.spec).worked)
        return kind.is_transient or (kind.is_permanent and has_worked)

    def hand_out(self, result: Result) -> None:
        try:
            self.emit(result)
            if result.status != "begun":
                self.calls.budget.ledger.written(result.trial.key)
        except Exception as error:  # such as a full disk: raised once, at the end
            self.broken.append(error)
            self.calls.stop()


class _TrialRun:
    """One trial on its way to a result. `stage`: who is to blame for what fails now."""

    def __init__(self, work: _Work, trial: Trial, context: TrialContext) -> None:
        self.work, self.trial, self.context = work, trial, context
        self.puzzle, self.player = context.puzzles[trial.problem_id], context.players.get(trial.player)
        self.began = work.now()
        self.answer = work.answers.get(trial)
        self.stage: Stage = "judge" if self.answer else "player"
        self.repair = context.repairs.get(trial)
        self.outcome: Outcome | None = None
        self.turns: tuple[Turn, ...] = ()

    async def end(self) -> Result | None:
        """Return the result that ends the trial. None if it was stopped."""
        try:
            ended = await self._play()
        except Exception as error:
            failure = _failure(self.stage, error)
            if failure is None:
                if self.answer and isinstance(error, ModelError) and error.doubtful_usd:  # a judge's paid replies
                    paid = self._result().model_copy(update={"earlier_usd": error.doubtful_usd})
                    self.work.hand_out(paid)
                return None
            ended = self._result(failure=failure)
        ended = ended.model_copy(update={"ended_at": self.work.now()})
        self.work.hand_out(ended)
        return ended

    def _result(self, *, failure: Failure | None = None) -> Result:
        return Result(trial=self.trial, answer=self.answer, repair=self.repair, outcome=self.outcome, turns=self.turns,
                      failure=failure, started_at=self.began)  # fmt: skip

    def _keep(self, turns: tuple[Turn, ...]) -> None:
        self.turns = turns
        self.work.hand_out(self._result())

    def _carry_out(self, answer: Answer) -> None:
        """Carry the moves of an answer out, if somebody was asked for moves."""
        puzzle, player, config = self.puzzle, self.player, self.context.config
        asked = config.moves and (player is not None or self.trial.player in {s.name for s in config.players})
        worked_out = plans.known_outcome if player and not player.spec.budget else plans.outcome
        repair = self.repair.answer.text if self.repair else ""
        self.outcome = worked_out(puzzle, answer.text, requested=asked, repair=repair)

    def _owes_repair(self, answer: Answer) -> bool:
        if self.player is None or self.outcome is None or self.trial in self.context.repairs:
            return False
        return needs_repair(self.player.spec, self.puzzle, self.outcome, answer)

    async def _play(self) -> Result:
        context, puzzle, player = self.context, self.puzzle, self.player
        by_moves = context.config.protocol == "move by move" and player is not None and self.answer is None
        if by_moves and player and playable(puzzle):
            self.turns, self.outcome = await converse(puzzle, player, self._keep)
            self.answer = join_turns(self.turns)
            return self._result()  # nobody marks a conversation: code says how far it led
        if self.answer is not None:  # where it leads costs nothing, so a cap that is used up takes nothing of it away
            self._carry_out(self.answer)
            if self._owes_repair(self.answer):  # until then nobody knows where its plan leads, whatever fails
                self.stage = "player"
        question = puzzle, player.spec if player else None, self.answer
        budget = self.work.calls.budget
        async with contextlib.AsyncExitStack() as reserved:
            if context.costs and (usd := context.costs.max_usd(*question)):
                try:
                    await reserved.enter_async_context(budget.for_trial(usd))
                except ModelError:
                    raise too_expensive(usd, budget.cap or 0.0, context.costs.describe(*question)) from None
            return await self._judge(await self._ask())

    async def _ask(self) -> Answer:
        puzzle, player, answer = self.puzzle, self.player, self.answer
        if answer is None:
            if player is None:
                raise ModelError(FailureKind.INTERNAL, f"there is no player {self.trial.player}", attempts=0)
            answer = self.answer = await player.complete(prompts.player(puzzle, moves=self.context.config.moves))
            self._carry_out(answer)
        if player and self._owes_repair(answer):
            self.work.hand_out(self._result())  # not ended yet
            self.stage = "player"
            if again := await ask_repair(puzzle, player, answer):
                self.repair = again[1]
            self._carry_out(answer)
        return answer

    async def _judge(self, answer: Answer) -> Result:
        so_far = self._result().model_copy(update={"ended_at": self.work.now()})
        if self.stage == "player":
            self.work.hand_out(so_far)
        self.stage = "judge"
        unmarked = self.trial.player.startswith(f"{RECORDED}:") or is_told(self.puzzle)
        judge = RoomJudge() if unmarked and isinstance(self.context.judge, LLMJudge) else self.context.judge
        if isinstance(judge, RoomJudge):
            verdict = judge.verdict(self.puzzle, self.outcome)
        else:
            verdict = await judge.judge(self.puzzle, answer.text)
        return so_far.model_copy(update={"verdict": verdict})


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
        kind = FailureKind.BAD_FORMAT if error.malformed else FailureKind.NOT_JUDGED
        cost, doubtful = error.cost_usd, error.doubtful_usd
        return Failure(stage=stage, kind=kind, message=str(error), cost_usd=cost, doubtful_usd=doubtful)
    # a bug of our own must not take the other trials with it; its text may contain anything, so only its name is kept
    return Failure(stage=stage, kind=FailureKind.INTERNAL, message=f"internal error: {type(error).__name__}")
