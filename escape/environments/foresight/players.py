"""What scripted players say to the questions: all of it, none of it, and something between, each by a stated habit."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from escape.environments.dice import Dice
from escape.types import Question

Say = Callable[[Question, Dice], str]


def _right(question: Question, dice: Dice) -> str:
    return question.options[question.right]


def _guess(question: Question, dice: Dice) -> str:
    return dice.pick(question.options)


def _careful(question: Question, dice: Dice) -> str:
    """Knows the rules, and in one question of five does not look closely."""
    return _right(question, dice) if dice.below(5) else _guess(question, dice)


def _hasty(question: Question, dice: Dice) -> str:
    """Believes that whatever is tried works: there is always a way, and no plan fails."""
    hoped = next((o for o in question.options if o in ("yes", "none") or o.endswith(" opens")), None)
    return hoped or _guess(question, dice)


SAYS: dict[str, Say] = {"reference": _right, "guesser": _guess, "careful": _careful, "hasty": _hasty, "hoarder": _guess}


def said_by(name: str, puzzle_id: str, questions: Sequence[Question]) -> str | None:
    """A scripted player's reply; None for one that foresees nothing."""
    if name not in SAYS:
        return None
    dice = Dice(f"foresight {name} {puzzle_id}")
    return json.dumps({f"q{n}": SAYS[name](q, dice) for n, q in enumerate(questions, 1)})
