"""A model judge's replies to controls, recorded, with the marks that code makes of them today."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from escape.intake import parse_jsonl
from escape.judges.annotators import HASH_DIGITS, text_hash
from escape.judges.replies import read_checklist
from escape.metrics import marks
from escape.puzzles import Control, every_control
from escape.types import LongText, Name, NotJudged, Puzzle, Record, Scores

FILE = Path(__file__).with_name("recorded_replies.jsonl")


class RecordedReply(Record):
    """A recorded reply. `sha256`: the start of its control text's hash, to find that control."""

    problem_id: Name
    sha256: Name
    reply: LongText


class Recorded(NamedTuple):
    """A recorded reply to a control, with the scores that code computes; None if it cannot be read."""

    control: Control
    scores: Scores | None
    feedback: str


def outcomes(puzzles: Sequence[Puzzle]) -> list[Recorded]:
    """Score the recorded replies whose control is still made of these puzzles, in the file's order."""
    by_id, records = {p.problem_id: p for p in puzzles}, list[Recorded]()
    for reply in parse_jsonl(
        FILE.read_text("utf-8"), RecordedReply, FILE.name, "each line needs problem_id, sha256 and reply"
    ):
        if puzzle := by_id.get(reply.problem_id):
            same = [
                c for c in every_control(puzzle, puzzles) if text_hash(c.text)[:HASH_DIGITS] == reply.sha256
            ]
            records += [_replayed(puzzle, control, reply.reply) for control in same]
    return records


def _replayed(puzzle: Puzzle, control: Control, reply: str) -> Recorded:
    try:
        filled = read_checklist(reply, puzzle, control.text)
    except NotJudged:
        return Recorded(control, None, "")
    return Recorded(
        control, marks(filled.checklist, puzzle) if filled.checklist else filled.scores, filled.feedback
    )
