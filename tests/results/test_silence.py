"""Saying nothing where one is stuck gains nothing.

Simulated equal players, one of them cut off, silent, or filtered.
"""

import random

import pytest

from escape.metrics import METRICS
from escape.results.ranking import ranking
from escape.types import Answer, Finish, Outcome, Puzzle, Result, Trial
from tests.results.test_ranking import room_puzzles
from tests.small_runs import A, B, outcome, run_of, verdict

pytestmark = pytest.mark.proof

RUNS = 100


def said(
    where: Puzzle, player: str, room: Outcome, finish: Finish = "stop", text: str = "Moves:\nwait"
) -> Result:
    return Result(
        trial=Trial(problem_id=where.problem_id, player=player),
        answer=Answer(text=text, finish_reason=finish, cost_usd=0.0),
        outcome=room,
        verdict=verdict(1, 1),
    )


@pytest.mark.parametrize("finish", ["length", "stop", "filter"])
@pytest.mark.parametrize("chance", [0.6, 1.0])
@pytest.mark.parametrize("rooms", [6, 18, 30])
def test_of_equal_players_silence_where_it_is_stuck_does_not_win(
    rooms: int, chance: float, finish: Finish
) -> None:
    dice, given = random.Random(f"{rooms} {chance} {finish}"), room_puzzles(rooms)
    leads = better = 0
    for _ in range(RUNS):
        rows = []
        for where in given:
            hard = dice.random()
            for who in (A, B):
                out = dice.random() < 0.2 + 0.6 * hard
                silent = who is B and not out and dice.random() < chance
                played = outcome(moves=0) if silent else outcome(out=out)
                rows.append(
                    said(where, who.name, played, finish if silent else "stop", "" if silent else "Moves:\nx")
                )
        found = ranking(run_of(given, rows), METRICS["verified"])
        first, second = found.standings
        assert first.headline
        assert second.headline
        leads += first.player == B.name and first.headline.mean > second.headline.mean
        better += found.comparison(B.name, A.name) == "ahead"
    assert leads <= 0.55 * RUNS
    assert better <= 0.05 * RUNS


@pytest.mark.parametrize("rooms", [12, 30])
def test_of_equal_players_an_unread_one_makes_nobody_better(rooms: int) -> None:
    """Of one's answers 30 % cannot be read, wherever they lead; false alarms stay below 5.5 %."""
    dice, given, runs = random.Random(rooms), room_puzzles(rooms), 400
    called = leads = 0
    for _ in range(runs):
        rows = []
        for where in given:
            hard = dice.random()
            for who in (A, B):
                out = dice.random() < 0.2 + 0.6 * hard
                unread = who is B and dice.random() < 0.3
                rows.append(said(where, who.name, outcome(moves=0, unread=1) if unread else outcome(out=out)))
        (pair,) = ranking(run_of(given, rows), METRICS["verified"]).pairs
        called += pair.decided
        leads += pair.comparison == "more"
    assert called <= 0.055 * runs
    assert leads > 0 or rooms < 30  # the gap that reading makes is seen, and not called one of physics
