"""The one repair: lines of a plan that could not be read, shown once to the model that wrote them, and written anew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from escape import prompts
from escape.models import is_scripted
from escape.puzzles import attempts
from escape.records import Result, RunConfig
from escape.runs.conversation import tokens_of
from escape.schema import Answer, Model, ModelSpec, Prompt, Puzzle
from escape.world import Outcome

LEAST = 64  # tokens: with fewer left of its answer budget a player is not asked


class Repaired(NamedTuple):
    """How many lines a player was shown once more, how it was asked, and what it replied."""

    lines: int
    prompt: Prompt
    answer: Answer


def needs_repair(spec: ModelSpec, puzzle: Puzzle, outcome: Outcome) -> bool:
    """Whether a model's plan has lines that could not be read, so that it is asked once to write them anew."""
    return bool(outcome.not_understood) and puzzle.playable and not is_scripted(spec.name)


async def repaired(puzzle: Puzzle, player: Model, answer: Answer, text: str) -> Repaired | None:
    """The lines that could not be read, written anew by their player within what is left of its answer budget; None if
    there are none, or if nothing is left. Raises ModelError.
    """
    lines, faulty = attempts.plan(puzzle, text)
    left = player.spec.max_tokens - tokens_of(answer)
    if not faulty or left < LEAST:
        return None
    prompt = prompts.repair(puzzle, lines, faulty).model_copy(update={"limit": left})
    return Repaired(len(faulty), prompt, await player.complete(prompt))


def unrepaired(config: RunConfig, results: Iterable[Result], puzzles: Mapping[str, Puzzle]) -> set[str]:
    """The players who must still be asked to write unread lines of an answer anew."""
    specs = {spec.name: spec for spec in config.players}
    return {
        r.trial.player
        for r in results
        if r.outcome and r.repair is None and not r.verdict and r.status != "played" and r.trial.player in specs
        and needs_repair(specs[r.trial.player], puzzles[r.trial.problem_id], r.outcome)
    }  # fmt: skip
