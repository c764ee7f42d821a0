"""What became of one answer, in a sentence."""

from escape.metrics import Metric, herrings_used
from escape.results.csv import marks_of
from escape.results.digest import display_name
from escape.results.wording.words import ended_as, join_and, pluralize
from escape.types import NOT_READ, Ended, Outcome, Puzzle, Result

WHY = {  # how an answer ended -> why no move could be read
    "cut off": "it was cut off at the answer budget before there was a move",
    "empty": "its answer was empty",
    "refused": "the model refused, or its answer was filtered",
}


def outcome_sentence(outcome: Outcome, puzzle: Puzzle, ended: Ended = "") -> str:
    """Describe the outcome of a plan in a line, such as `Out in 4 moves; ...`.

    `ended`: the trial's `result`, which tells why nothing was read.
    """
    if outcome.out and not puzzle.solvable:
        text = "Right: there is no way out of this room, and the player gave up."
    elif outcome.out:
        text = f"Out in {pluralize(outcome.moves, 'move')}; the shortest way out takes {outcome.shortest}."
    elif ended in WHY:
        text = f"Not out: {WHY[ended]}."
    elif outcome.unread:
        text = "Format not understood, so it is unknown where the plan leads."
    elif outcome.gave_up:
        text = "Gave up, although there is a way out."
    elif outcome.lost_at is not None:
        text = f"Not out: after move {outcome.lost_at} there was no longer a way out."
    else:
        text = f"Not out: {pluralize(outcome.moves, 'move')}, {outcome.progress:.0%} of the way."
    if outcome.herrings_touched:
        kind = "a red herring" if len(outcome.herrings_touched) == 1 else "red herrings"
        text += f" Used {join_and(outcome.herrings_touched)}: {kind}."
    if outcome.not_understood and outcome.tried:
        text += f" {pluralize(outcome.not_understood, 'line')} could not be read as a move."
    return text


def answer_sentence(result: Result, puzzle: Puzzle, metric: Metric) -> str:
    who = f"{display_name(result.trial.player)} on {puzzle.name}"
    if result.failure:
        what = "not marked" if result.mark_failure else "failed"
        word = f"{result.result}; " if result.mark_failure and result.result else ""
        return f"{who}: {word}{what}. {result.failure.message}"
    scores = marks_of(result, puzzle, metric)
    if result.result in NOT_READ and scores is None:
        return f"{who}: {ended_as(result.result)}, so it is unknown where its plan leads."
    ended = f"{result.result}; " if result.result else ""
    if scores is None or result.verdict is None:
        return f"{who}: {ended}not marked." if result.answer else f"{who}: not asked."
    checklist = result.verdict.checklist
    if checklist is not None and not checklist.attempted:
        why = f" ({checklist.attempted_reason})" if checklist.attempted_reason else ""
        return f"{who}: {ended}no attempt, according to its judge{why}. 0 of {scores.top}."
    grades = ("no physics shown", "some of the physics", "right physics")
    physics = "explanation not marked" if scores.pus is None else _grade(scores.pus / 2, grades)
    plan = _grade(scores.sps / 2, ("no working plan", "part of a plan", "most of a plan"))
    if scores.sps == 2:
        plan = "a whole plan"
    if result.outcome and result.outcome.out:
        plan = "a plan that works"
    used = herrings_used(result.verdict, result.outcome)
    herrings = ", used no red herring" if scores.rhh == 1 else ""
    if used:
        herrings = f", used {join_and(used)}"
    return f"{who}: {ended}{physics}, {plan}{herrings}. {scores.overall:.1f} of {scores.top}."


def _grade(share: float, names: tuple[str, str, str]) -> str:
    low, middle, high = names
    if share < 0.3:
        return low
    return middle if share < 0.8 else high
