"""Plans that people wrote for a puzzle without seeing its room, in `PUZZLE_ID.plans.jsonl` next to it.

A sound plan must get out and an unsound one must not: `python -m escape check` carries out all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from escape.errors import FileError, PuzzleError
from escape.fields import MediumText, Record, normalized_name
from escape.intake import decode_utf8, parse_jsonl
from escape.rooms import moves, plan_lines, play
from escape.rooms.room import move_text, room_of
from escape.rooms.verbs import VERBS
from escape.schema import Puzzle


class SamplePlan(Record):
    """One plan, with a reader's verdict on whether it is sound, and why. `misread`: people know what it means, but the
    room is known to read it differently.
    """

    writer: str
    plan: str = ""
    sound: bool
    moves: MediumText
    why: MediumText = ""
    misread: bool = False


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


def broken(puzzle: Puzzle, plans: list[SamplePlan]) -> Iterator[str]:
    """One sentence for each plan that the room gets wrong. A line that cannot be read proves nothing."""
    for plan in plans:
        outcome = play.outcome(puzzle, f"Moves:\n{plan.moves}")
        name = f"{plan.writer}'s plan {plan.plan}".strip()
        if outcome is None or plan.misread or (outcome.not_understood and not outcome.out):
            continue
        if outcome.out and not plan.sound:
            yield f"{name} is unsound ({plan.why}) but gets out; a rule requires too little"
        elif plan.sound and not outcome.out:
            where = f"lost at move {outcome.lost_at}" if outcome.lost_at else f"{outcome.progress:.0%} of the way done"
            yield f"{name} is sound but does not get out ({where}); a rule is missing"


def untried(puzzle: Puzzle, plans: list[SamplePlan]) -> Iterator[str]:
    """One sentence for each rule that changes something on a move that no plan makes, with whatever verb.

    Whoever lets a rule answer one thing more than it should is told so, and whoever adds a rule adds a plan for it.
    Words and codes are left out. Without plans there is nothing to compare with.
    """
    if puzzle.world is None or not plans:
        return
    room = room_of(puzzle)
    tried: set[frozenset[str]] = set()
    for line in (line for plan in plans for line in plan_lines.lines(f"Moves:\n{plan.moves}") or ()):
        for move in moves.read(line, room.names):
            thing, second = normalized_name(move.thing), normalized_name(move.second)
            seconds = (second, move.word, normalized_name(move.number))
            tried |= {frozenset((thing, x)) - {""} for x in ("", *seconds)} | {frozenset((second,))}
    named: set[int] = set()
    for edge in (edge for edges in room.graph.edges.values() for edge in edges):
        for verb, thing, said in () if edge.rule in named else edge.acts:
            second = "" if room.world.rules[edge.rule].at is None else said
            if not VERBS[verb].takes_word and frozenset((thing, second)) - {""} not in tried:
                named.add(edge.rule)
                yield (
                    f"{room.rule_name(edge.rule)} changes something on {move_text(verb, thing, second)!r}, but no plan "
                    "tries that; add a plan that does, or let the rule not answer it"
                )
                break
