"""A plan for a written room drawn at random: what acts there are, and no idea of any."""

from __future__ import annotations

from escape.environments.dice import Dice
from escape.environments.rooms.room import move_text, room_of
from escape.types import Puzzle

LINES = 8


def guessed(puzzle: Puzzle) -> list[str]:
    """Moves that the room answers somewhere, in any order."""
    acts, dice = room_of(puzzle).acts, Dice(f"guesser {puzzle.problem_id}")
    return [move_text(*dice.pick(acts)) for _ in range(LINES)]
