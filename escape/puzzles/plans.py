"""Plans that people wrote for a puzzle without seeing its room, in `PUZZLE_ID.plans.jsonl` next to it.

A sound plan must get out and an unsound one must not: `python -m escape check` carries out all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from escape.environments import plans as attempts
from escape.environments.rooms import Play, room_of, untried
from escape.environments.rooms.reading import plan_lines
from escape.intake import decode_utf8, parse_jsonl
from escape.types import FileError, MediumText, Puzzle, PuzzleError, Record


class SamplePlan(Record):
    """One plan, with a reader's verdict on whether it is sound, and why. `misread`: people know what it means, but the
    room is known to read it differently. `complete`: the plans of this room try everything that changes anything in it;
    once one of them says so, `faults` names what none of them does. `move_by_move`: it is carried out line by line, as
    in a conversation, where giving up counts as long as everything can be undone.
    """

    writer: str
    plan: str = ""
    sound: bool
    moves: MediumText
    why: MediumText = ""
    misread: bool = False
    complete: bool = False
    move_by_move: bool = False


def load_plans(file: Path, puzzle: Puzzle) -> list[SamplePlan]:
    """The plans in the file next to a puzzle's own; none if there is no such file. Raises PuzzleError."""
    path = file.with_name(f"{puzzle.problem_id}.plans.jsonl")
    if not path.is_file():
        return []
    try:
        needs = "each line needs writer, sound and moves"
        return list(parse_jsonl(decode_utf8(path.read_bytes(), str(path)), SamplePlan, str(path), needs))
    except FileError as error:
        raise PuzzleError(puzzle.problem_id, "plans", str(error)) from None


def faults(puzzle: Puzzle, plans: list[SamplePlan]) -> Iterator[str]:
    """What is wrong with a room, by the plans for it: those that it gets wrong, and what none of them tries."""
    if puzzle.world is not None and plans:
        plays = _carried_out(puzzle, plans)
        yield from _broken(plans, plays)
        if any(plan.complete for plan in plans):
            yield from untried(room_of(puzzle), plays)


def broken(puzzle: Puzzle, plans: list[SamplePlan]) -> Iterator[str]:
    """One sentence for each plan that the room gets wrong. A line that cannot be read proves nothing."""
    return _broken(plans, _carried_out(puzzle, plans))


def _carried_out(puzzle: Puzzle, plans: list[SamplePlan]) -> list[Play]:
    return [_play(Play(room_of(puzzle)), plan) for plan in plans]


def _play(play: Play, plan: SamplePlan) -> Play:
    lines = plan_lines.lines(f"Moves:\n{plan.moves}") or []
    if not plan.move_by_move:
        return attempts.carried_out(play, lines)
    for line in lines:
        play.do(line)
    return play


def _broken(plans: list[SamplePlan], plays: list[Play]) -> Iterator[str]:
    for plan, attempt in zip(plans, plays, strict=True):
        outcome = attempt.outcome
        name = f"{plan.writer}'s plan {plan.plan}".strip()
        if not attempt.steps or plan.misread or (outcome.not_understood and not outcome.out):
            continue
        if outcome.out and not plan.sound:
            yield f"{name} is unsound ({plan.why}) but gets out; a rule requires too little"
        elif plan.sound and not outcome.out:
            where = f"lost at move {outcome.lost_at}" if outcome.lost_at else f"{outcome.progress:.0%} of the way done"
            yield f"{name} is sound but does not get out ({where}); a rule is missing"
