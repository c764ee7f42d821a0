"""Notes on what went wrong, counted by category and player."""

from collections import Counter
from collections.abc import Sequence

from escape.results.digest import names
from escape.types import Note, Run

CATEGORIES = (
    "did not read the room",
    "wrong physics",
    "knew the physics, forgot a step",
    "fell for a temptation",
    "relied on a memorised solution",
    "no plan at all",
    "something else",
)


def notes_table(run: Run, notes: Sequence[Note]) -> tuple[list[str], list[list[str]]]:
    """Tabulate the notes: the head, and a row for each category, with a column for each player."""
    display_names = names(run)
    players = [p for p in display_names if any(n.trial.player == p for n in notes)]
    tallied = Counter((n.category or CATEGORIES[-1], n.trial.player) for n in notes)
    kinds = dict.fromkeys([*CATEGORIES, *(category for category, _ in tallied)])
    rows = [
        [kind, *(str(tallied[kind, p]) for p in players)]
        for kind in kinds
        if any(tallied[kind, p] for p in players)
    ]
    return ["What went wrong", *(display_names[p] for p in players)], rows
