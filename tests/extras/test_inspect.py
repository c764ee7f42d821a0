"""Inspect plays our rooms, and its scorer says what code says."""

from collections.abc import Callable
from pathlib import Path

import pytest
from inspect_ai import Task
from inspect_ai import eval as inspect_eval
from inspect_ai.log import EvalLog
from inspect_ai.model import ModelOutput, ModelUsage, get_model

from escape.extras import inspect as inspect_tasks
from escape.puzzles import controls, files
from escape.rooms import playable
from escape.types import SpecError


def played(task: Task, says: list[str], folder: Path) -> EvalLog:
    """The log of a task whose model says these things in turn."""
    outputs = [ModelOutput.from_content("mockllm/model", text) for text in says]
    for output in outputs:  # else the mock model counts tokens with a table that it fetches
        output.usage = ModelUsage(input_tokens=100, output_tokens=10, total_tokens=110)
    model = get_model("mockllm/model", custom_outputs=outputs)
    (log,) = inspect_eval(task, model=model, log_dir=str(folder), display="none", max_samples=1)
    assert log.status == "success", log.error
    return log


def figures(log: EvalLog) -> dict[str, float]:
    assert log.results
    return {s.name: next(iter(s.metrics.values())).value for s in log.results.scores}


def values(log: EvalLog, name: str) -> dict[str, float]:
    return {str(s.id): s.scores[name].as_float() for s in log.samples or () if s.scores}


@pytest.mark.proof
def test_half_of_the_rooms_are_left_by_whoever_is_given_half_of_the_ways(tmp_path: Path) -> None:
    there = [p for p in files.load(files.standard()) if playable(p)]
    says = [controls.reference(p) if n % 2 == 0 else "Moves:\nlook" for n, p in enumerate(there)]
    log = played(inspect_tasks.rooms(), says, tmp_path)
    assert values(log, "out") == {p.problem_id: float(n % 2 == 0) for n, p in enumerate(there)}
    assert figures(log)["out"] == pytest.approx(sum(n % 2 == 0 for n in range(len(there))) / len(there))


@pytest.mark.proof
def test_unread_lines_are_written_anew_in_a_second_turn(tmp_path: Path) -> None:
    room = next(p for p in files.load(files.standard()) if playable(p))
    assert room.world
    first, *rest = room.world.moves
    plan = "\n".join(["Moves:", "so we begin with what matters", *rest])
    log = played(inspect_tasks.task_of([room]), [plan, f"1. {first}"], tmp_path)
    assert values(log, "out") == {room.problem_id: 1.0}
    (sample,) = log.samples or ()
    assert [m.role for m in sample.messages] == ["system", "user", "assistant", "user", "assistant"]
    assert "could not be read" in str(sample.messages[3].content)


def test_a_pair_counts_where_the_room_and_its_twist_are_left(tmp_path: Path) -> None:
    twists = files.load(files.sets_in(files.BUNDLED)[files.TWISTS])
    twist = next(p for p in twists if p.twist_of)
    original = next(p for p in files.load(files.BUNDLED) if p.problem_id == twist.twist_of)
    for says, pairs in (([controls.reference(original), "I would think.", "none"], 0.0),
                        ([controls.reference(p) for p in (original, twist)], 1.0)):  # fmt: skip
        log = played(inspect_tasks.task_of([original, twist]), says, tmp_path / str(pairs))
        assert log.results
        assert log.results.scores[0].metrics["pairs"].value == pairs


@pytest.mark.parametrize(("make", "remedy"), [(lambda: inspect_tasks.rooms("room"), "choose one of rooms")])
def test_a_wrong_parameter_is_refused_with_its_remedy(make: Callable[[], object], remedy: str) -> None:
    with pytest.raises(SpecError, match=remedy):
        make()


def test_a_room_is_played_move_by_move_and_every_reply_stands_in_the_log(tmp_path: Path) -> None:
    room = next(p for p in files.load(files.standard()) if playable(p))
    assert room.world
    says = [f"Move: {line}" for line in room.world.moves]
    log = played(inspect_tasks.task_of([room], moves=True), says, tmp_path)
    assert values(log, "out") == {room.problem_id: 1.0}
    (sample,) = log.samples or ()
    assert [m.role for m in sample.messages] == ["system", "user", *["assistant", "user"] * len(says)]
