"""Boards: what a run promised counts, and what was played differently stands apart."""

from __future__ import annotations

from escape.extras.publish.boards import Entry, boards, promised
from escape.extras.publish.verifying import _older
from escape.types import Failure, FailureKind, Puzzle, Result
from tests.small_runs import run_with


def test_a_call_that_failed_counts_as_not_out(by_id: dict[str, Puzzle]) -> None:
    run = run_with([by_id["FLUID_001"], by_id["VAC_001"]], ["demo:careful"])
    first, second = run.results
    lost = Result(trial=second.trial, failure=Failure(stage="player", kind=FailureKind.TIMEOUT, message="slow"))
    counted = promised(run.model_copy(update={"results": (first, lost)}))
    outs = {r.trial.problem_id: bool(r.outcome and r.outcome.out) for r in counted.results}
    assert outs == {first.trial.problem_id: True, second.trial.problem_id: False}
    assert all(r.outcome for r in counted.results)


def test_plans_and_moves_one_by_one_stand_on_boards_of_their_own(by_id: dict[str, Puzzle]) -> None:
    rooms = [by_id["FLUID_001"], by_id["VAC_001"]]
    runs = [
        run_with(rooms, [name], protocol=how)
        for name, how in (("demo:careful", "plan"), ("demo:hasty", "move by move"))
    ]
    entries = [Entry(run, f"{n}.json", "0" * 64, "self-reported") for n, run in enumerate(runs)]
    assert len(boards(entries)) == 2
    assert len(boards([entries[0]])) == 1


def test_a_run_of_this_version_was_not_read_by_earlier_rules(by_id: dict[str, Puzzle]) -> None:
    run = run_with([by_id["FLUID_001"]], ["demo:careful"]).model_copy(update={"versions": {"reading of moves": "3"}})
    assert not _older(run, "reading of moves", 3)
    assert _older(run, "reading of moves", 4)
    assert _older(run, "unknown", 1)


def test_runs_that_were_asked_with_other_prompts_stand_on_boards_of_their_own(by_id: dict[str, Puzzle]) -> None:
    def boards_with(*versions: dict[str, str]) -> int:
        runs = [
            run_with([by_id["FLUID_001"]], [name]).model_copy(update={"versions": given})
            for name, given in zip(("demo:careful", "demo:hasty"), versions, strict=True)
        ]
        return len(boards([Entry(run, f"{n}.json", "0" * 64, "self-reported") for n, run in enumerate(runs)]))

    assert boards_with({"prompt player": "1"}, {"prompt player": "2"}) == 2
    assert boards_with({"prompt player": "1"}, {"prompt player": "1", "prompt checklist": "9"}) == 1
