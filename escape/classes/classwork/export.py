"""A class's work as a CSV, without its puzzles."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import assert_never

from escape.classes.classwork.marking import judged
from escape.classes.classwork.noting import note_of
from escape.classes.classwork.voting import plan_outcome
from escape.classes.rounds import BetEntry, Played, Prediction, Review, Round, member_label
from escape.results import safe_cell
from escape.rooms import plans
from escape.store import Entry
from escape.types import Puzzle, Run, Trial, Verdict

COLUMNS = (
    "round kind student problem_id player repeat pus sps rhh works note out moves shortest starts winner "
    "enough bet category judge_pus judge_sps judge_rhh title"
).split()


def to_csv(rounds: Sequence[tuple[Round, Sequence[Entry], Run]]) -> str:
    """Write all entries of a class as CSV, one row each; of a puzzle, only its id.

    Each round comes with the run that it was about. People are S01, S02 and so on.
    """
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for class_round, entries, run in rounds:
        for entry in entries:
            row: dict[str, str | float | None] = {
                "round": class_round.number,
                "kind": class_round.settings.kind,
                "student": member_label(entry.member),
            }
            row |= row_of(class_round, entry, run)
            writer.writerow({k: safe_cell(v) for k, v in row.items()})
    return out.getvalue()


def row_of(class_round: Round, entry: Entry, run: Run) -> dict[str, str | float | None]:
    """Build the CSV row of an entry, with the room's title and, beside a mark, the judge's marks."""
    row = _entry_row(class_round, entry, run.puzzle_by_id)
    puzzle = run.puzzle_by_id.get(str(row.get("problem_id")))
    row["title"] = puzzle.title if puzzle else None
    if class_round.settings.kind == "mark":
        trial = Trial.model_validate_json(entry.item)
        result = next((r for r in run.results if r.trial == trial), None)
        row |= {f"judge_{score}": mark for score, mark in (judged(run, result) if result else {}).items()}
    return row


def _entry_row(
    class_round: Round, entry: Entry, by_id: Mapping[str, Puzzle]
) -> dict[str, str | float | None]:
    match class_round.settings.kind:
        case "mark":
            trial, verdict = Trial.model_validate_json(entry.item), Verdict.model_validate_json(entry.body)
            return {
                "problem_id": trial.problem_id,
                "player": trial.player,
                "repeat": trial.repeat,
                "pus": verdict.scores.pus,
                "sps": verdict.scores.sps,
                "rhh": verdict.scores.rhh,
                "works": verdict.checklist.works if verdict.checklist else "",
                "note": verdict.feedback,
            }
        case "play":
            played = Played.model_validate_json(entry.body)
            row: dict[str, str | float | None] = {"problem_id": entry.item, "starts": played.starts}
            outcome = plans.outcome(by_id[entry.item], played.answer) if entry.item in by_id else None
            if outcome:
                row |= {"out": int(outcome.out), "moves": outcome.moves, "shortest": outcome.shortest}
            return row
        case "predict":
            guess = Prediction.model_validate_json(entry.body)
            return {"winner": guess.winner, "enough": int(guess.enough)}
        case "write":
            own_id = json.loads(entry.body)["problem_id"]
            return {"problem_id": f"{member_label(entry.member)}-{own_id}"}
        case "review":
            review = Review.model_validate_json(entry.body)
            return {
                "problem_id": review.room,
                "out": int(review.out),
                "note": review.line,
                "category": review.word,
            }
        case "bet":
            posed = class_round.settings.bets[int(entry.item)]
            bet = BetEntry.model_validate_json(entry.body).out
            row = {"problem_id": posed.problem_id, "player": posed.by, "bet": int(bet)}
            outcome = plan_outcome(posed, by_id)
            return row | ({"out": int(outcome.out)} if outcome else {})
        case "note":
            note = note_of(class_round, entry)
            return {
                "problem_id": note.trial.problem_id,
                "player": note.trial.player,
                "repeat": note.trial.repeat,
                "note": note.text,
                "category": note.category,
            }
        case other:
            assert_never(other)
