"""Sample plans, by writers who did not see the room: a sound one must get out, an unsound one must not."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from escape.intake import decode_utf8, parse_jsonl
from escape.rooms import RoomEpisode, plans, room_of, untried
from escape.rooms.reading import plan_lines
from escape.types import FileError, MediumText, Puzzle, PuzzleError, Record


class SamplePlan(Record):
    """One plan, with a reader's verdict on whether it is sound, and why.

    `complete`: the room's plans together try everything that changes something. `move_by_move`: carried out
    line by line, as in a conversation. `repair`: the unread lines by number, as their writer put them when
    asked again.
    """

    writer: str
    plan: str = ""
    sound: bool
    moves: MediumText
    why: MediumText = ""
    complete: bool = False
    move_by_move: bool = False
    repair: MediumText = ""

    def lines(self, puzzle: Puzzle) -> list[str]:
        """List the plan's moves, with its repair applied."""
        lines = plan_lines.move_lines(f"Moves:\n{self.moves}") or []
        if not self.repair:
            return lines
        return plans.mended(lines, plans.unread(plans.attempt(puzzle), lines), self.repair)


def load_plans(file: Path, puzzle: Puzzle) -> list[SamplePlan]:
    """Read the plans in the file next to a puzzle's own. Empty if there is none. Raises PuzzleError."""
    path = file.with_name(f"{puzzle.problem_id}.plans.jsonl")
    if not path.is_file():
        return []
    try:
        needs = "each line needs writer, sound and moves"
        return list(parse_jsonl(decode_utf8(path.read_bytes(), str(path)), SamplePlan, str(path), needs))
    except FileError as error:
        raise PuzzleError(puzzle.problem_id, "plans", str(error)) from None


class Tried(NamedTuple):
    """The result of a room's plans. `faults`: in the room. `idle`: plans unread, which prove nothing."""

    faults: list[str]
    idle: int


def try_plans(puzzle: Puzzle, samples: Sequence[SamplePlan]) -> Tried:
    """Carry out sample plans. Report what the room gets wrong and what complete plans do not try."""
    if puzzle.world is None or not samples:
        return Tried([], 0)
    plays = []
    for plan in samples:
        play, lines = RoomEpisode(room_of(puzzle)), plan.lines(puzzle)
        if plan.move_by_move:
            for line in lines:
                play.do(line)
        else:
            plans.carry_out(play, lines)
        plays.append(play)
    verdicts = [*map(_wrong, samples, plays)]
    untried_rules = untried(room_of(puzzle), plays) if any(plan.complete for plan in samples) else ()
    return Tried([*filter(None, verdicts), *untried_rules], verdicts.count(None))


def _wrong(plan: SamplePlan, play: RoomEpisode) -> str | None:
    """Describe what the room gets wrong in a plan. "" if nothing, None if the plan proves nothing."""
    outcome = play.outcome
    if not play.steps or (outcome.not_understood and not outcome.out):
        return None
    name = f"{plan.writer}'s plan {plan.plan}".strip()
    if outcome.out and not plan.sound:
        return f"{name} is unsound ({plan.why}) but gets out; a rule requires too little"
    if plan.sound and not outcome.out:
        where = (
            f"lost at move {outcome.lost_at}"
            if outcome.lost_at
            else f"{outcome.progress:.0%} of the way done"
        )
        return f"{name} is sound but does not get out ({where}); a rule is missing"
    return ""
