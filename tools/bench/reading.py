"""The instrument's own error, on plans by writers who saw only the prompts, in three styles.

A reader called each plan sound or unsound. Counts how many sound ones are kept in and how many unsound ones
let out, before and after the one repair.

No rule was written for the sealed part, which was opened when the reading was done. `repair` is what somebody
wrote who saw only the repair's prompt.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from escape.puzzles import files
from escape.rooms import plans
from escape.stats import share_interval
from escape.types import Puzzle
from tools.bench.harness import ROOT

PLANS = ROOT / "tests" / "data" / "reading_plans.jsonl"
STYLES = ("form", "loose", "prose")


@dataclass(frozen=True)
class Case:
    """One plan: what a reader calls it, whether it got out, and whether a line stayed unread.

    `mended_out`, `mended_unread`: the same after the repair.
    """

    half: str
    style: str
    sound: bool
    out: bool
    unread: bool
    mended_out: bool
    mended_unread: bool


def cases() -> list[Case]:
    """Carry out every plan, as it was written and with its repair."""
    rooms = {p.problem_id: p for path in files.sets_in(files.BUNDLED).values() for p in files.load(path)}
    return [_case(json.loads(line), rooms) for line in PLANS.read_text("utf-8").splitlines()]


def _case(row: dict[str, object], rooms: dict[str, Puzzle]) -> Case:
    puzzle, text = rooms[str(row["problem_id"])], f"Moves:\n{row['moves']}"
    first = plans.outcome(puzzle, text, requested=True)
    then = plans.outcome(puzzle, text, requested=True, repair=str(row.get("repair", "")))
    assert first
    assert then
    return Case(
        str(row["half"]),
        str(row["style"]),
        bool(row["sound"]),
        first.out,
        first.not_understood > 0,
        then.out,
        then.not_understood > 0,
    )


def said(what: str, hits: Sequence[bool]) -> str:
    """A share with its numbers and its 95 % interval."""
    if not hits:
        return f"{what}: none"
    interval = share_interval(sum(hits), len(hits))
    return f"{what}: {sum(hits)} of {len(hits)} ({interval.low:.0%} to {interval.high:.0%})"


def main() -> None:
    every = cases()
    for half in ("open", "sealed"):
        for style in (*STYLES, "all"):
            mine = [c for c in every if c.half == half and style in (c.style, "all")]
            sound, unsound = [c for c in mine if c.sound], [c for c in mine if not c.sound]
            print(f"{half} part, {style}")
            print("  " + said("sound plans that get out", [c.out for c in sound]))
            print("  " + said("  after the repair", [c.mended_out for c in sound]))
            print("  " + said("unsound plans that are refused", [not c.out for c in unsound]))
            print("  " + said("  after the repair", [not c.mended_out for c in unsound]))
            print("  " + said("plans with an unread line", [c.unread for c in mine]))
