"""Runs of houses: what options come to, answers that were cut off, and set-ups that come back."""

from __future__ import annotations

import asyncio

import pytest

from escape.calls import Limits
from escape.calls.budget import Prices
from escape.calls.guard import Calls
from escape.cli.asked import RunOptions, asked_for
from escape.cli.check import check
from escape.cli.printed import generated
from escape.environments.houses import houses
from escape.judges.ideas import Rubric
from escape.runs import new_run, trials
from escape.runs.file import reader
from escape.types import ANSWER_BUDGET, Answer, FileError, ModelSpec, Prompt, Puzzle, Result, Run, RunConfig, SpecError
from escape.ui.arrival import _recipe
from tests.small_runs import dumps

FREE = Prices(cost=lambda spec, answer: 0.0, ceiling=lambda spec, prompt, more: None)


class Says:
    """A player whose answer is this one."""

    spec = ModelSpec(provider="fake", model="p")

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    async def complete(self, prompt: Prompt) -> Answer:
        return self.answer

    async def close(self) -> None:
        return None


def played(puzzle: Puzzle, answer: Answer, *, moves: bool = True) -> Result:
    config = RunConfig(players=(Says.spec,), problem_ids=(puzzle.problem_id,), moves=moves)
    calls, got = Calls(FREE, Limits(concurrency=1)), list[Result]()
    cast = trials.Participants({puzzle.problem_id: puzzle}, {"fake:p": Says(answer)}, Rubric([]), config=config)
    asyncio.run(trials.run(list(config.trials()), cast, calls, got.append, now=lambda: ""))
    return got[-1]


def test_of_an_answer_that_was_cut_off_whole_lines_are_carried_out() -> None:
    puzzle = houses("pinned", 1, 3)[0]
    assert puzzle.house
    text = "Moves:\n" + "\n".join(puzzle.house.way)
    for finish, steps in (("stop", len(puzzle.house.way)), ("length", len(puzzle.house.way) - 1)):
        found = played(puzzle, Answer.model_validate({"text": text, "finish_reason": finish})).outcome
        assert found
        assert len(found.steps) == steps
    empty = played(puzzle, Answer(text="Moves:", finish_reason="length"))
    assert empty.status == "played"


def test_the_last_move_of_a_room_counts_though_the_answer_was_cut_off_behind_it(by_id: dict[str, Puzzle]) -> None:
    text = "Moves:\npour: bottle of water -> tube\ntake: ping pong ball"
    found = played(by_id["FLUID_001"], Answer(text=text, finish_reason="length")).outcome
    assert found
    assert (found.out, len(found.steps)) == (True, 2)


def test_a_house_is_played_also_where_no_moves_areasked_for() -> None:
    puzzle = houses("pinned", 1, 3)[0]
    silent = played(puzzle, Answer(text=""), moves=False)
    assert silent.status == "played"
    assert silent.outcome
    assert silent.outcome.doors
    assert silent.outcome.doors.opened == 0


def run_of(puzzles: list[Puzzle]) -> Run:
    ids = tuple(p.problem_id for p in puzzles)
    return new_run(RunConfig(players=(ModelSpec(provider="demo", model="careful"),), problem_ids=ids), puzzles)


def test_a_player_who_joins_a_run_of_houses_may_answer_as_long_as_the_others() -> None:
    old = run_of(houses("q", 2, 2))
    made = asked_for(RunOptions(players=("openai:gpt-4o",)), old)
    assert made.config.players[0].max_tokens == ANSWER_BUDGET
    assert asked_for(RunOptions(), old).config.problem_ids == ("H1-2-q-1", "H1-2-q-2")
    more = asked_for(RunOptions(counts={"houses": 3}, doors=2, seed="q"), old)
    assert more.config.problem_ids == ("H1-2-q-1", "H1-2-q-2", "H1-2-q-3")


def test_houses_are_refused_in_one_line() -> None:
    with pytest.raises(SpecError, match="needs --seed"):
        asked_for(RunOptions(counts={"houses": 3}), run_of(houses("q", 1, 1)))
    for seed in ("", "a b", "ü", "x" * 41, "sealed-1"):
        with pytest.raises(SpecError, match="a seed ") as found:
            generated("houses", 1, 1, seed)
        assert "\n" not in str(found.value)
    for options in ({"doors": 3}, {"seed": ""}):
        with pytest.raises(SpecError, match="belong to houses"):
            check.callback(("problems",), None, **options)  # type: ignore[misc, arg-type]


def test_the_longest_seed_can_be_sealed_and_its_label_makes_no_houses() -> None:
    (puzzle,) = generated("houses", 1, 1, "x" * 40, sealed=True)
    assert "xxxx" not in puzzle.model_dump_json()
    assert puzzle.problem_id.startswith("H1-1-sealed-")
    assert _recipe(run_of([puzzle])) == {}


def test_a_set_up_comes_back_only_where_the_page_can_make_the_same_houses() -> None:
    two = houses("q", 2, 1)
    assert _recipe(run_of(two)) == {"kind": "houses", "houses_n": 2, "houses_doors": 1, "houses_seed": "q"}
    assert _recipe(run_of(two[1:])) == {}
    assert _recipe(run_of(houses("q", 41, 1))) == {}
    assert _recipe(run_of([*two, *houses("r", 1, 1)])) == {}


def test_an_uploaded_run_has_so_many_doors_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each house is proved when it is read, so that a page would stand still over a file of thousands."""
    run = new_run(RunConfig(), houses("many", 3, 4))
    assert reader.loads(dumps(run).encode()).puzzles == run.puzzles
    monkeypatch.setattr(reader, "MAX_DOORS_UPLOADED", 11)
    with pytest.raises(FileError, match="12 doors together, of at most 11"):
        reader.loads(dumps(run).encode())
