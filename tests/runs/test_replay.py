"""A room that was mended after a run: its plans are carried out again, marks and answers stay."""

from __future__ import annotations

import asyncio

from escape.puzzles import controls
from escape.records import Result, Run, RunConfig
from escape.runs.assembly import Assembly, new_run
from escape.runs.replay import changed_rooms, replayed
from escape.schema import ModelSpec, Puzzle


def played(puzzle: Puzzle) -> Run:
    config = RunConfig(players=(ModelSpec(provider="control", model="reference"),), problem_ids=(puzzle.problem_id,))
    start, found = new_run(config, [puzzle]), dict[object, Result]()
    work = Assembly(config, [puzzle], lambda spec: None)
    asyncio.run(work.run(list(config.trials()), {}, lambda r: found.update({r.trial: r})))
    return start.model_copy(update={"results": tuple(found.values())})


def broken(puzzle: Puzzle) -> Puzzle:
    """The room with its rules gone: nothing one does changes anything."""
    assert puzzle.world
    return puzzle.model_copy(update={"world": puzzle.world.model_copy(update={"rules": ()})})


def test_plans_are_carried_out_again_in_a_room_that_was_mended(by_id: dict[str, Puzzle]) -> None:
    right = by_id["FLUID_001"]
    run = played(broken(right))
    before = run.results[0]
    assert before.outcome
    assert not before.outcome.out
    assert before.answer
    assert before.answer.text == controls.reference(right)
    after = replayed(run, [right]).results[0]
    assert after.outcome
    assert after.outcome.out
    assert (after.answer, after.verdict) == (before.answer, before.verdict)


def test_nothing_is_mended_where_the_room_is_the_same_or_players_would_read_another_text(
    by_id: dict[str, Puzzle],
) -> None:
    right = by_id["FLUID_001"]
    run = played(right)
    assert replayed(run, [right]) is run
    told = broken(right).model_copy(update={"setup": right.setup.model_copy(update={"constraints": ("none",)})})
    assert changed_rooms(run, [told]) == {}


def test_an_answer_that_failed_or_whose_room_stayed_is_left_as_it_was(by_id: dict[str, Puzzle]) -> None:
    run = played(by_id["FLUID_001"])
    failed = run.results[0].model_copy(update={"answer": None, "outcome": None})
    now = by_id["FLUID_001"]
    assert now.world is not None
    other = now.model_copy(update={"world": now.world.model_copy(update={"moves": ("give up",)})})
    again = replayed(run.model_copy(update={"results": (failed, *run.results)}), [other, by_id["VAC_001"]])
    assert again.results[0] == failed
    assert again.puzzles == (other,)
    assert replayed(run, [by_id["VAC_001"]]) is run
