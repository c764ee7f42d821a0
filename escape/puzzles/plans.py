"""Plans that people wrote for a puzzle without having seen its room, in `PUZZLE_ID.plans.jsonl` beside it.

A sound one must get out and an unsound one must not: `python -m escape check` carries all of them out.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from escape.errors import FileError, PuzzleError
from escape.fields import Record, Remark
from escape.intake import decoded, records
from escape.rooms import play
from escape.schema import Puzzle


class Plan(Record):
    """One plan, with the reader's word whether it is sound and why. `misread`: people know what it means, and the room
    is known to take it otherwise.
    """

    writer: str
    plan: str = ""
    sound: bool
    moves: Remark
    why: Remark = ""
    misread: bool = False


def plans_beside(file: Path, puzzle: Puzzle) -> list[Plan]:
    """The plans in the file beside a puzzle's own; none where there is no such file. Raises PuzzleError."""
    path = file.with_name(f"{puzzle.problem_id}.plans.jsonl")
    if not path.is_file():
        return []
    try:
        needs = "each line needs writer, sound and moves"
        return list(records(decoded(path.read_bytes(), str(path)), Plan, str(path), needs))
    except FileError as error:
        raise PuzzleError(puzzle.problem_id, "plans", str(error)) from None


def broken(puzzle: Puzzle, plans: list[Plan]) -> Iterator[str]:
    """What the room does with plans that it should not, a sentence each; a line that cannot be read proves nothing."""
    for plan in plans:
        outcome = play.outcome(puzzle, f"Moves:\n{plan.moves}")
        name = f"{plan.writer}'s plan {plan.plan}".strip()
        if outcome is None or plan.misread or (outcome.not_understood and not outcome.out):
            continue
        if outcome.out and not plan.sound:
            yield f"{name} is unsound ({plan.why}) and gets out; a rule asks for too little"
        elif plan.sound and not outcome.out:
            where = f"lost at move {outcome.lost_at}" if outcome.lost_at else f"{outcome.progress:.0%} of the way done"
            yield f"{name} is sound and does not get out ({where}); a rule is missing"
