"""The questions after the first: turn by turn from where a conversation was left, or once more for the lines of its
plan that could not be read. Calls go through the player.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from escape import prompts
from escape.models import is_scripted
from escape.rooms import RoomEpisode, attempt, playable
from escape.rooms import plans as attempts
from escape.rooms.reading import plan_lines
from escape.types import (
    WITHOUT_ANSWER,
    Answer,
    FailureKind,
    Model,
    ModelError,
    ModelSpec,
    Outcome,
    Prompt,
    Puzzle,
    Result,
    RunConfig,
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


def replayed(puzzle: Puzzle, moves: Sequence[tuple[str, bool]]) -> tuple[list[str], Outcome]:
    """Return a room's replies to a conversation's moves, each with whether it was cut off, and the outcome."""
    episode = attempt(puzzle, "move by move")
    replies = [_whole_reply(episode, n, move, cut_off=cut) for n, (move, cut) in enumerate(moves, 1)]
    return replies, episode.outcome


def tokens_of(answer: Answer) -> int:
    """Return how much of its budget an answer took, in tokens, thinking included."""
    return answer.output_tokens or (len(answer.text) + len(answer.reasoning)) // LETTERS_A_TOKEN


def joined(turns: Sequence[Turn]) -> Answer:
    """Join a conversation into one answer: its moves, and the tokens and time of its turns. It adds no cost."""
    answers = [turn.answer for turn in turns]
    came, sent = ([getattr(a, f) for a in answers] for f in ("output_tokens", "input_tokens"))
    return Answer(
        text="Moves:\n" + "\n".join(turn.move for turn in turns if turn.move),
        model=answers[-1].model if answers else "",
        input_tokens=_sum(sent),
        output_tokens=_sum(came),
        latency_s=sum(a.latency_s for a in answers),
        finish_reason=answers[-1].finish_reason if answers else "length",
        cost_usd=0.0,
        attempts=sum(a.attempts for a in answers),
    )


def _sum(counts: Sequence[int | None]) -> int | None:
    added = total([None if n is None else float(n) for n in counts])
    return None if added is None else int(added)


class Repaired(NamedTuple):
    """A repair: how many lines a player was shown once more, how it was asked, and its reply."""

    lines: int
    prompt: Prompt
    answer: Answer


def needs_repair(spec: ModelSpec, puzzle: Puzzle, outcome: Outcome, answer: Answer) -> bool:
    """Return whether a model is to rewrite unread lines, or a plan without moves, within its budget."""
    unread = bool(outcome.not_understood) or (_spoke(answer) and not outcome.tried)
    return unread and playable(puzzle) and not is_scripted(spec.name) and spec.max_tokens - tokens_of(answer) >= LEAST


def _spoke(answer: Answer) -> bool:
    return bool(answer.text.strip()) and answer.finish_reason not in WITHOUT_ANSWER


async def repaired(puzzle: Puzzle, player: Model, answer: Answer, text: str) -> Repaired | None:
    """Return a player's rewritten lines within its budget, None if there is nothing to do. Raises ModelError."""
    lines, faulty = attempts.plan(puzzle, text)
    tokens_left = player.spec.max_tokens - tokens_of(answer)
    if (lines and not faulty) or not _spoke(answer) or tokens_left < LEAST:
        return None
    question = prompts.repair(puzzle, lines, faulty) if lines else prompts.into_moves(puzzle, text)
    prompt = question.model_copy(update={"limit": tokens_left})
    try:
        return Repaired(max(1, len(faulty)), prompt, await player.complete(prompt))
    except ModelError as error:
        if error.kind is FailureKind.NO_SCRIPT:  # a recorded player that was not asked this then
            return None
        raise


def unrepaired(config: RunConfig, results: Iterable[Result], puzzles: Mapping[str, Puzzle]) -> set[str]:
    """Return the players who must still be asked to write unread lines of an answer anew."""
    specs = {spec.name: spec for spec in config.players}
    return {
        r.trial.player
        for r in results
        if r.outcome and r.answer and r.repair is None and not r.verdict and r.status != "played"
        and r.trial.player in specs
        and needs_repair(specs[r.trial.player], puzzles[r.trial.problem_id], r.outcome, r.answer)
    }  # fmt: skip
