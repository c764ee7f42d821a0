"""Foresight: understanding measured without a judge, by asking what will happen.

In: a room or a house. Out: questions that its rules or formulas answer exactly, and the share a player answers rightly
beyond chance. No model, no opinion.
"""

from __future__ import annotations

from functools import lru_cache

from escape.environments.dice import Dice
from escape.environments.foresight.players import said_by
from escape.environments.foresight.score import marked, score
from escape.environments.registry import environment_of
from escape.types import Puzzle, Question

VERSION = 2


@lru_cache(maxsize=200)
def questions(puzzle: Puzzle) -> tuple[Question, ...]:
    """What is asked about a puzzle, the same for everybody; none about a laboratory, or where nothing can be done."""
    dice = Dice(f"foresight {VERSION} {puzzle.problem_id}")
    try:
        return tuple(environment_of(puzzle).questions(puzzle, dice))
    except ValueError:  # somebody's own room that has too many states, or a name for nothing
        return ()


def foreseen_by(name: str, puzzle: Puzzle | None) -> str | None:
    """A scripted player's reply to the questions about a puzzle; None for one that foresees nothing."""
    return said_by(name, puzzle.problem_id, questions(puzzle)) if puzzle else None
