"""Notes on what went wrong in an answer, and the category of each."""

from collections.abc import Sequence

from escape.classes.rounds import Remark, Round, member_label
from escape.store import Entry
from escape.types import Note, Trial


def note_of(class_round: Round, entry: Entry) -> Note:
    """Read a note, under the category that the class gave it, or else its writer's."""
    remark = Remark.model_validate_json(entry.body)
    category = class_round.settings.groups.get(group_key(entry), remark.category)
    return Note(
        trial=Trial.model_validate_json(entry.item),
        text=remark.text,
        category=category,
        by=member_label(entry.member),
    )


def group_key(entry: Entry) -> str:
    """Build the key of a note's category from its writer and the answer it is about."""
    trial = Trial.model_validate_json(entry.item)
    return f"{entry.member} {trial.problem_id} {trial.player} {trial.repeat}"[:300]


def notes(class_round: Round, entries: Sequence[Entry]) -> list[Note]:
    return [note_of(class_round, entry) for entry in entries]
