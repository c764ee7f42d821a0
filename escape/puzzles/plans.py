"""Plans that people wrote for a puzzle without seeing its room, in `PUZZLE_ID.plans.jsonl` next to it.

A sound plan must get out and an unsound one must not: `python -m escape check` carries out all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from escape.errors import FileError, PuzzleError
from escape.fields import MediumText, Record
from escape.intake import decode_utf8, parse_jsonl
from escape.rooms import plan_lines
from escape.rooms.play import Play, carried_out
from escape.rooms.room import Act, Room, move_text, room_of
from escape.rooms.verbs import VERBS
from escape.schema import Puzzle


class SamplePlan(Record):
    """One plan, with a reader's verdict on whether it is sound, and why. `misread`: people know what it means, but the
    room is known to read it differently. `complete`: the plans of this room try everything that changes anything in it;
    once one of them says so, `faults` names what none of them does.
    """

    writer: str
    plan: str = ""
    sound: bool
    moves: MediumText
    why: MediumText = ""
    misread: bool = False
    complete: bool = False


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
            yield from _untried(room_of(puzzle), plays)


def broken(puzzle: Puzzle, plans: list[SamplePlan]) -> Iterator[str]:
    """One sentence for each plan that the room gets wrong. A line that cannot be read proves nothing."""
    return _broken(plans, _carried_out(puzzle, plans))


def _carried_out(puzzle: Puzzle, plans: list[SamplePlan]) -> list[Play]:
    return [carried_out(room_of(puzzle), plan_lines.lines(f"Moves:\n{plan.moves}") or []) for plan in plans]


def _broken(plans: list[SamplePlan], plays: list[Play]) -> Iterator[str]:
    for plan, play in zip(plans, plays, strict=True):
        outcome = play.outcome
        name = f"{plan.writer}'s plan {plan.plan}".strip()
        if not play.steps or plan.misread or (outcome.not_understood and not outcome.out):
            continue
        if outcome.out and not plan.sound:
            yield f"{name} is unsound ({plan.why}) but gets out; a rule requires too little"
        elif plan.sound and not outcome.out:
            where = f"lost at move {outcome.lost_at}" if outcome.lost_at else f"{outcome.progress:.0%} of the way done"
            yield f"{name} is sound but does not get out ({where}); a rule is missing"


def _untried(room: Room, plays: list[Play]) -> Iterator[str]:
    """One sentence for each rule that changes something on a thing, or on one thing with another, where no plan does.

    Whoever lets a rule answer one thing more than it should is told so, and whoever adds a rule adds a plan for it.
    With which verb does not matter; words and codes are left out.
    """
    tried = {pair for play in plays for act, rule in play.changes for pair in _pairs(room, act, rule)}
    named: set[int] = set()
    for edge in (edge for edges in room.graph.edges.values() for edge in edges):
        for act in () if edge.rule in named else edge.acts:
            if not VERBS[act[0]].takes_word and not tried & _pairs(room, act, edge.rule):
                named.add(edge.rule)
                yield (
                    f"{room.rule_name(edge.rule)} changes something on {move_text(*act)!r}, but in no plan does "
                    "anything come of that; add a plan, or let the rule not answer it"
                )
                break


def _pairs(room: Room, act: Act, rule: int) -> set[tuple[str, str]]:
    """A thing and its second thing, in either order if the verb allows both; no second thing if it does not matter."""
    verb, thing, second = act
    if room.world.rules[rule].at is None:
        return {(thing, "")}
    return {(thing, second), (second, thing)} if VERBS[verb].symmetric else {(thing, second)}
