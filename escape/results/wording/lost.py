"""Where a run's own players lost."""

from typing import NamedTuple

from escape.puzzles import banded
from escape.results.digest import first_trials, names, own_players, result_at
from escape.results.wording.words import titles
from escape.types import Run, TrialKey


class Lost(NamedTuple):
    """An attempt that did not escape, and the words that go before and after the room's name."""

    key: TrialKey
    room: str
    before: str
    after: str


def lost_attempt(run: Run) -> Lost | None:
    """Choose one failed attempt of the run's own players. None if there is none.

    Attempts in which a move left no way out come first, the latest such move first; then the one that got
    farthest.
    """
    players, display_names, titles_by_id = own_players(run), names(run), titles(run.puzzles)
    failed = [
        (r.led_to, r.trial)
        for r in run.results
        if r.led_to and not r.led_to.out and r.trial.player in players
    ]
    if not failed:
        return None
    # a move that left no way out tells more than getting stuck, and a late one more than an early one
    outcome, trial = max(
        failed, key=lambda x: (x[0].lost_at is not None, x[0].tried, x[0].lost_at or x[0].progress)
    )
    who, room = display_names[trial.player], titles_by_id[trial.problem_id]
    if outcome.lost_at is not None:
        reply = outcome.steps[outcome.lost_at - 1].said if outcome.lost_at <= len(outcome.steps) else ""
        quote = f": “{reply}”" if reply else "."
        return Lost(trial.key, room, f"{who} lost", f"at move {outcome.lost_at}{quote}")
    if outcome.tried and not outcome.unread:
        far = f"after {outcome.progress:.0%} of the way out." if outcome.progress else "at the start."
        return Lost(trial.key, room, f"{who} gave up in" if outcome.gave_up else f"{who} got stuck in", far)
    return Lost(trial.key, room, f"{who}'s answer to", "could not be read.")


def first_to_read(run: Run) -> TrialKey | None:
    """Choose the answer to read first, in the order of sets. None without an answer.

    It is the first answer by one of the run's own players that did not escape, or else their first answer.
    """
    players, first = own_players(run), first_trials(run)
    keys = [
        first.get((p.problem_id, who))
        for puzzles in banded(run.puzzles).values()
        for p in puzzles
        for who in players
    ]
    answered = [key for key in keys if key and result_at(run, key).answer]
    return next(
        (k for k in answered if (o := result_at(run, k).led_to) and not o.out), next(iter(answered), None)
    )
