"""Texts that people wrote for a puzzle, in files next to it: the demo players' answers, with what two readers said of
them if anybody did, and plans by writers who did not see the room. A sound plan must get out and an unsound one must
not: `python -m escape check` carries out all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from pydantic import Field, JsonValue

from escape.intake import decode_utf8, parse_jsonl
from escape.puzzles import files
from escape.rooms import RoomEpisode, room_of, untried
from escape.rooms import plans as attempts
from escape.rooms.reading import plan_lines
from escape.types import FileError, LongText, MediumText, Name, Puzzle, PuzzleError, Record

ENDING = ".answers.jsonl"  # after a puzzle's id


class WrittenAnswer(Record):
    """One demo player's answer. `readers`: as `judges.readers` takes it."""

    player: Name
    answer: LongText
    readers: Mapping[str, JsonValue] = Field(default_factory=dict)


def _everywhere() -> Mapping[str, Mapping[str, WrittenAnswer]]:
    return _in_sets_of(files.BUNDLED, files.standard())


@lru_cache(maxsize=8)
def _in_sets_of(*bases: Path) -> Mapping[str, Mapping[str, WrittenAnswer]]:
    """Return every answer beside the puzzles of these folders' sets, by puzzle and player."""
    by_puzzle = {}
    for folder in dict.fromkeys(p for base in bases for p in files.sets(base).values() if p.is_dir()):
        for file in sorted(folder.glob(f"*{ENDING}")):
            lines = parse_jsonl(file.read_text("utf-8"), WrittenAnswer, str(file), "each line needs player and answer")
            by_puzzle[file.name.removesuffix(ENDING)] = {line.player: line for line in lines}
    return MappingProxyType(by_puzzle)


def written_for(problem_id: str) -> Mapping[str, WrittenAnswer]:
    """Return the answers beside a puzzle, by player. Empty if there are none."""
    return _everywhere().get(problem_id, {})


def every_written() -> Iterator[tuple[str, WrittenAnswer]]:
    return ((problem_id, answer) for problem_id, answers in _everywhere().items() for answer in answers.values())


class SamplePlan(Record):
    """One plan, with a reader's verdict on whether it is sound, and why. `complete`: the room's plans try everything
    that changes anything. `move_by_move`: carried out line by line, as in a conversation.
    """

    writer: str
    plan: str = ""
    sound: bool
    moves: MediumText
    why: MediumText = ""
    complete: bool = False
    move_by_move: bool = False


def load_plans(file: Path, puzzle: Puzzle) -> list[SamplePlan]:
    """Return the plans in the file next to a puzzle's own. None if there is no such file. Raises PuzzleError."""
    path = file.with_name(f"{puzzle.problem_id}.plans.jsonl")
    if not path.is_file():
        return []
    try:
        needs = "each line needs writer, sound and moves"
        return list(parse_jsonl(decode_utf8(path.read_bytes(), str(path)), SamplePlan, str(path), needs))
    except FileError as error:
        raise PuzzleError(puzzle.problem_id, "plans", str(error)) from None


class Tried(NamedTuple):
    """The results of a room's plans: its faults by them, and how many plans prove nothing, being unread."""

    faults: list[str]
    idle: int


def carry_out(puzzle: Puzzle, plans: Sequence[SamplePlan]) -> Tried:
    """Carry the plans out, and name those that the room gets wrong and what complete plans leave untried."""
    if puzzle.world is None or not plans:
        return Tried([], 0)
    plays = [_play(RoomEpisode(room_of(puzzle)), plan) for plan in plans]
    verdicts = [*map(_wrong, plans, plays)]
    untried_rules = untried(room_of(puzzle), plays) if any(plan.complete for plan in plans) else ()
    return Tried([*filter(None, verdicts), *untried_rules], verdicts.count(None))


def _play(play: RoomEpisode, plan: SamplePlan) -> RoomEpisode:
    lines = plan_lines.lines(f"Moves:\n{plan.moves}") or []
    if not plan.move_by_move:
        return attempts.carried_out(play, lines)
    for line in lines:
        play.do(line)
    return play


def _wrong(plan: SamplePlan, play: RoomEpisode) -> str | None:
    """Return what the room gets wrong in a plan, "" if nothing. None for one that proves nothing."""
    outcome = play.outcome
    if not play.steps or (outcome.not_understood and not outcome.out):
        return None
    name = f"{plan.writer}'s plan {plan.plan}".strip()
    if outcome.out and not plan.sound:
        return f"{name} is unsound ({plan.why}) but gets out; a rule requires too little"
    if plan.sound and not outcome.out:
        where = f"lost at move {outcome.lost_at}" if outcome.lost_at else f"{outcome.progress:.0%} of the way done"
        return f"{name} is sound but does not get out ({where}); a rule is missing"
    return ""
