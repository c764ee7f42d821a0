"""Predictions of a winner, and bets on plans."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from escape.classes.rounds import BetEntry, Prediction, Round, StoredBet
from escape.puzzles import bets
from escape.store import Entry
from escape.types import Outcome, Puzzle, Run


def guesses(entries: Sequence[Entry]) -> list[Prediction]:
    return [Prediction.model_validate_json(e.body) for e in entries]


def plan_outcome(posed: StoredBet, by_id: Mapping[str, Puzzle]) -> Outcome | None:
    """Carry out a plan to bet on. None if the class's run no longer has its room."""
    return bets.outcome_of(by_id[posed.problem_id], posed.lines) if posed.problem_id in by_id else None


@dataclass(frozen=True)
class Bets:
    """A plan, its outcome, and how many of the class bet on `out` and on `stuck`."""

    posed: StoredBet
    outcome: Outcome | None
    out: int
    stuck: int

    @property
    def right(self) -> int:
        if self.outcome is None:
            return 0
        return self.out if self.outcome.out else self.stuck


def bets_by_plan(class_round: Round, entries: Sequence[Entry], run: Run) -> list[Bets]:
    """Count the bets on each plan of a round, and carry the plan out."""
    calls = [(int(e.item), BetEntry.model_validate_json(e.body).out) for e in entries]
    cast = Counter(calls)
    by_id = run.puzzle_by_id
    return [
        Bets(b, plan_outcome(b, by_id), cast[n, True], cast[n, False])
        for n, b in enumerate(class_round.settings.bets)
    ]


def votes(predictions: Sequence[Prediction]) -> Counter[str]:
    return Counter(g.winner for g in predictions)
