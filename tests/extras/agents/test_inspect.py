"""Inspect plays our rooms, houses and laboratories; its scorers say what code says, and it opens our runs as logs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from inspect_ai import Task
from inspect_ai import eval as inspect_eval
from inspect_ai.log import EvalLog, list_eval_logs, read_eval_log
from inspect_ai.model import ModelOutput, ModelUsage, get_model

from escape.environments import playable
from escape.environments.foresight import foreseen_by
from escape.environments.houses import houses
from escape.environments.laboratories import laboratories
from escape.extras.inspect import logs as inspect_logs
from escape.extras.inspect import tasks as inspect_tasks
from escape.puzzles import controls, files
from escape.types import Puzzle, SpecError
from tests.small_runs import run_with


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
    says = [controls.reference(p) if n % 2 == 0 else "I would think." for n, p in enumerate(there)]
    log = played(inspect_tasks.rooms(), says, tmp_path)
    assert values(log, "out") == {p.problem_id: float(n % 2 == 0) for n, p in enumerate(there)}
    assert figures(log)["out"] == pytest.approx(sum(n % 2 == 0 for n in range(len(there))) / len(there))


def test_unread_lines_are_written_anew_in_a_second_turn(tmp_path: Path) -> None:
    room = next(p for p in files.load(files.standard()) if playable(p))
    assert room.world
    first, *rest = room.world.moves
    plan = "\n".join(["Moves:", "so we begin with what matters", *rest])
    log = played(inspect_tasks._task([room], inspect_tasks.out()), [plan, f"1. {first}"], tmp_path)
    assert values(log, "out") == {room.problem_id: 1.0}
    (sample,) = log.samples or ()
    assert [m.role for m in sample.messages] == ["system", "user", "assistant", "user", "assistant"]
    assert "could not be read" in str(sample.messages[3].content)


def test_foresight_is_asked_after_the_plan_and_marked_by_code(tmp_path: Path, by_id: dict[str, Puzzle]) -> None:
    there = [p for p in files.load(files.standard()) if playable(p)]
    says = [text for p in there for text in (controls.reference(p), foreseen_by("reference", p) or "")]
    log = played(inspect_tasks.rooms(foresee=True), says, tmp_path)
    assert figures(log) == {"out": 1.0, "foresight": 1.0}


def test_a_house_is_played_by_plan_and_its_doors_are_counted(tmp_path: Path) -> None:
    made = houses("inspect", 2, 4)
    ways = [p.house.way for p in made if p.house]
    log = played(
        inspect_tasks.houses(n=2, doors=4), ["Moves:\n" + "\n".join(ways[0]), "Moves:\nwait", "1. none"], tmp_path
    )
    opened = values(log, "doors")
    assert opened[made[0].problem_id] == 4
    assert opened[made[1].problem_id] == 0
    assert (log.samples or [])[0].metadata["seed"] == "inspect"


def test_a_laboratory_is_played_move_by_move_and_every_reply_stands_in_the_log(tmp_path: Path) -> None:
    (lab,) = laboratories("inspect", 1, 1)
    way = [step.partition(": ")[2] for step in lab.solution.steps]
    log = played(inspect_tasks.laboratories(n=1, doors=1), [f"Move: {line}" for line in way], tmp_path)
    assert values(log, "doors") == {lab.problem_id: 1.0}
    (sample,) = log.samples or ()
    said = [m.role for m in sample.messages]
    assert said == ["system", "user", *["assistant", "user"] * len(way)]


def test_a_run_of_ours_is_a_log_of_inspects(bundled: list[Puzzle], tmp_path: Path) -> None:
    run = run_with(bundled, ["demo:careful", "demo:hasty"], foresight=True)
    files_written = inspect_logs.write(run, tmp_path)
    assert len(files_written) == len(list_eval_logs(str(tmp_path))) == 2
    log = read_eval_log(str(files_written[0]))
    assert (log.eval.task, log.eval.model, log.eval.run_id) == ("escape/rooms", "demo:careful", run.run_id)
    mine = [r for r in run.results if r.trial.player == "demo:careful"]
    assert values(log, "out") == {r.trial.problem_id: float(r.outcome.out) for r in mine if r.outcome}
    assert {str(m.content) for s in log.samples or () for m in s.messages if m.role == "assistant"} == {
        r.answer.text for r in mine if r.answer
    }
    assert {"out", "sps", "rhh", "foresight"} <= set(figures(log))


def test_the_tokens_of_all_answers_are_a_players_usage(bundled: list[Puzzle], tmp_path: Path) -> None:
    run = run_with(bundled, ["demo:careful"])
    counted = {"input_tokens": 10, "output_tokens": 5}
    results = [r.model_copy(update={"answer": r.answer and r.answer.model_copy(update=counted)}) for r in run.results]
    (file,) = inspect_logs.write(run.model_copy(update={"results": tuple(results)}), tmp_path)
    assert read_eval_log(str(file)).stats.model_usage["demo:careful"].total_tokens == 15 * len(results)


def test_a_pair_counts_where_the_room_and_its_twist_are_left(tmp_path: Path) -> None:
    twists = files.load(files.sets(files.BUNDLED)[files.TWISTS])
    twist = next(p for p in twists if p.twist)
    original = next(p for p in files.load(files.BUNDLED) if twist.twist and p.problem_id == twist.twist.of)
    for says, pairs in (([controls.reference(original), "I would think."], 0.0),
                        ([controls.reference(p) for p in (original, twist)], 1.0)):  # fmt: skip
        log = played(inspect_tasks._task([original, twist], inspect_tasks.out()), says, tmp_path / str(pairs))
        assert log.results
        assert log.results.scores[0].metrics["pairs"].value == pairs


@pytest.mark.parametrize(
    ("make", "remedy"),
    [
        (lambda: inspect_tasks.rooms("room"), "choose one of rooms"),
        (lambda: inspect_tasks.generated("castles", 1, 1), "choose one of houses"),
        (lambda: inspect_tasks.houses(n=0), "n is 1 or more"),
        (lambda: inspect_tasks.laboratories(doors=-1), "doors are 1 to"),
    ],
)
def test_a_wrong_parameter_is_refused_with_its_remedy(make: Callable[[], object], remedy: str) -> None:
    with pytest.raises(SpecError, match=remedy):
        make()
