"""Where a run's own players lost: one attempt in a sentence, and the first that one reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from escape.puzzles import banded
from escape.results.digest import first_trials, names, own_players, result_at
from escape.results.wording import titles
from escape.types import Note, Outcome, Run, TrialKey


class Lost(NamedTuple):
    """An attempt that was not out, and what is said of it before and after the room's name."""

    key: TrialKey
    room: str
    before: str
    after: str


def _late(outcome: Outcome) -> tuple[bool, bool, float]:
    """Return how much an attempt that failed tells: lost by a move is more than stuck, late more than early."""
    return outcome.lost_at is not None, outcome.tried, outcome.lost_at or outcome.progress


def lost_attempt(run: Run) -> Lost | None:
    """One attempt of the run's own players: that which was lost latest by a move, else got farthest. None if none."""
    players, display_names, titles_by_id = own_players(run), names(run), titles(run.puzzles)
    failed = [(r.led_to, r.trial) for r in run.results if r.led_to and not r.led_to.out and r.trial.player in players]
    if not failed:
        return None
    outcome, trial = max(failed, key=lambda attempt: _late(attempt[0]))
    who, room = display_names[trial.player], titles_by_id[trial.problem_id]
    if outcome.lost_at is not None:
        reply = outcome.steps[outcome.lost_at - 1].said if outcome.lost_at <= len(outcome.steps) else ""
        quote = f": “{reply}”" if reply else "."
        return Lost(trial.key, room, f"{who} lost", f"at move {outcome.lost_at}{quote}")
    if outcome.tried and not outcome.unread:
        return Lost(trial.key, room, f"{who} got stuck in", f"{outcome.progress:.0%} of the way out.")
    return Lost(trial.key, room, f"{who}'s answer to", "could not be read.")


def first_lost(run: Run) -> TrialKey | None:
    """Return the first answer to read: the first of the run's own players that is not out, else the first."""
    players, first = own_players(run), first_trials(run)
    keys = [
        first.get((p.problem_id, who)) for puzzles in banded(run.puzzles).values() for p in puzzles for who in players
    ]
    answered = [key for key in keys if key and result_at(run, key).answer]
    return next((k for k in answered if (o := result_at(run, k).led_to) and not o.out), next(iter(answered), None))


CATEGORIES = (
    "did not read the room",
    "wrong physics",
    "knew the physics, forgot a step",
    "fell for a temptation",
    "went by what it knew by heart",
    "no plan at all",
    "something else",
)


def counts(run: Run, notes: Sequence[Note]) -> tuple[list[str], list[list[str]]]:
    """Head and rows: a category a row, a player a column."""
    display_names = names(run)
    players = [p for p in display_names if any(n.trial.player == p for n in notes)]
    tallied = Counter((n.category or CATEGORIES[-1], n.trial.player) for n in notes)
    kinds = dict.fromkeys([*CATEGORIES, *(category for category, _ in tallied)])
    rows = [
        [kind, *(str(tallied[kind, p]) for p in players)] for kind in kinds if any(tallied[kind, p] for p in players)
    ]
    return ["What went wrong", *(display_names[p] for p in players)], rows
