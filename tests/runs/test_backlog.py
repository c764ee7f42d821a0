"""What a run still lacks when it goes on."""

from __future__ import annotations

from escape.runs import backlog
from escape.types import Foresight, Puzzle
from tests.small_runs import run_with


def test_a_question_of_what_will_happen_that_failed_is_asked_again(by_id: dict[str, Puzzle]) -> None:
    run = run_with([by_id["FLUID_001"], by_id["VAC_001"]], ["control:reference"], foresight=True)
    assert not list(backlog.unforeseen(run.config, run.results, run.puzzle_by_id, []))
    first, second = run.results
    failed = first.model_copy(update={"foresight": Foresight(problem="not today")})
    never = second.model_copy(update={"foresight": None})
    assert list(backlog.unforeseen(run.config, (failed, never), run.puzzle_by_id, [])) == [first.trial, second.trial]
