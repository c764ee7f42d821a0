"""Twenty ways to forge a run, each refused by `verify`."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from escape.__main__ import main

pytestmark = pytest.mark.proof

Lines = list[dict[str, Any]]
FLAGS = "--model demo:careful --model demo:hasty --model demo:hoarder --trials 2 --quiet"


@pytest.fixture(scope="module")
def true_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("true") / "run.json"
    CliRunner().invoke(main, ["run", *FLAGS.split(), "--json", str(path)], catch_exceptions=False)
    return path


def stuck(line: dict[str, Any]) -> bool:
    return not line.get("result", {}).get("outcome", {"out": True})["out"]


def newest(lines: Lines, **having: Any) -> dict[str, Any]:
    """The newest result whose trial has these fields and that has an outcome."""
    found: dict[str, Any] = next(
        x["result"]
        for x in reversed(lines)
        if "outcome" in x.get("result", {}) and having.items() <= x["result"]["trial"].items()
    )
    return found


def dropped(keep: Callable[[dict[str, Any]], bool]) -> Callable[[Lines], Lines]:
    return lambda lines: [x for x in lines if "result" not in x or keep(x)]


def trial_of(line: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = line["result"]["trial"]
    return found


def edited(edit: Callable[[Lines], None]) -> Callable[[Lines], Lines]:
    def apply(lines: Lines) -> Lines:
        edit(lines)
        return lines

    return apply


def _every(lines: Lines, **fields: Any) -> None:
    for line in lines:
        if stuck(line):
            line["result"] |= fields


def _swap_answers(lines: Lines) -> None:
    a, b = newest(lines, player="demo:careful"), newest(lines, player="demo:hasty", problem_id="UV_001")
    for line in lines:
        result = line.get("result", {})
        for one, other in ((a, b), (b, a)):
            if result.get("trial") == one["trial"]:
                result |= {k: copy.deepcopy(other[k]) for k in ("answer", "outcome", "verdict") if k in other}


def _copied_outcome(lines: Lines) -> None:
    good = next(x["result"]["outcome"] for x in lines if x.get("result", {}).get("outcome", {}).get("out"))
    for line in lines:
        if stuck(line):
            line["result"]["outcome"] = copy.deepcopy(good)


def _renamed(field: str, old: str, new: str) -> Callable[[Lines], Lines]:
    def edit(lines: Lines) -> None:
        for line in lines:
            if "result" in line and trial_of(line)[field] == old:
                trial_of(line)[field] = new

    return edited(edit)


def _as_failures(lines: Lines) -> None:
    for line in lines:
        if stuck(line):
            for gone in ("answer", "outcome", "verdict"):
                line["result"].pop(gone, None)


def _answers_gone(lines: Lines) -> None:
    for line in lines:
        if "outcome" in line.get("result", {}):
            line["result"].pop("answer", None)


def _in_header(edit: Callable[[dict[str, Any]], None]) -> Callable[[Lines], Lines]:
    return edited(lambda lines: edit(lines[0]["header"]))


def _doubled(lines: Lines) -> Lines:
    out = next(x for x in lines if x.get("result", {}).get("outcome", {}).get("out"))
    extra = copy.deepcopy(out)
    trial_of(extra)["repeat"] = 3
    return [*lines, extra]


def _another_room(lines: Lines) -> None:
    for puzzle in lines[0]["header"]["puzzles"]:
        puzzle["world"]["rules"][0]["then"] = puzzle["world"]["goal"]


def _repair_added(lines: Lines) -> None:
    for line in lines:
        if stuck(line):
            line["result"]["outcome"] |= {"out": True, "progress": 1.0}
            line["result"]["repair"] = {"lines": 1, "answer": {"text": "1. take: ping pong ball"}}


def _repair_of_what_was_read(lines: Lines) -> None:
    for line in lines:
        if stuck(line):
            line["result"]["repair"] = {"lines": 3, "answer": {"text": "1. none"}}


FORGED: dict[str, Callable[[Lines], Lines]] = {
    "one trial deleted": lambda lines: [
        x for x in lines if "result" not in x or trial_of(x) != newest(lines, player="demo:careful")["trial"]
    ],
    "what is stuck deleted": dropped(lambda x: not stuck(x)),
    "a player deleted": dropped(lambda x: trial_of(x)["player"] != "demo:hasty"),
    "a repeat deleted": dropped(lambda x: trial_of(x).get("repeat", 1) == 1),
    "a puzzle deleted": dropped(lambda x: trial_of(x)["problem_id"] != "UV_001"),
    "a row doubled under a third repeat": _doubled,
    "answers swapped between two players and puzzles": edited(_swap_answers),
    "an outcome copied over": edited(_copied_outcome),
    "a player renamed": _renamed("player", "demo:hasty", "openai:gpt-9"),
    "a puzzle renamed": _renamed("problem_id", "UV_001", "FLUID_001"),
    "a repeat renamed": edited(
        lambda lines: trial_of(next(x for x in lines if "result" in x)).update(repeat=7)
    ),
    "failures without a word": edited(_as_failures),
    "what is stuck said to be out": edited(
        lambda lines: _every(lines, outcome={"out": True, "moves": 2, "shortest": 2, "progress": 1.0})
    ),
    "outcomes without answers": edited(_answers_gone),
    "other answers": edited(lambda lines: _every(lines, answer={"text": "Moves:\nlook"})),
    "a repair that was never made": edited(_repair_added),
    "marks raised": edited(
        lambda lines: _every(
            lines, verdict={"judge": "readers", "scores": {"pus": 2.0, "sps": 2.0, "rhh": None}}
        )
    ),
    "an easier room": edited(_another_room),
    "more tokens than the budget": edited(
        lambda lines: _every(lines, answer={"text": "x", "output_tokens": 10**6})
    ),
    "a hash that is none": _in_header(lambda h: h["versions"].update({"program sha256": "as it was"})),
    "marks by another judge": edited(
        lambda lines: _every(
            lines,
            verdict={"judge": "checklist:openai:gpt-5", "scores": {"pus": 2.0, "sps": 2.0, "rhh": None}},
        )
    ),
    "an end before its beginning": edited(
        lambda lines: _every(
            lines, started_at="2026-12-01T10:00:00+00:00", ended_at="2026-12-01T09:00:00+00:00"
        )
    ),
    "a trial of a player who is not in it": edited(
        lambda lines: (
            lines.append(copy.deepcopy(next(x for x in lines if "result" in x)))
            or trial_of(lines[-1]).update(player="openai:gpt-9")
        )
    ),
    "a repair of a plan that was read whole": edited(lambda lines: _repair_of_what_was_read(lines)),
    "an easier set": _in_header(lambda h: h["config"].update(problem_ids=h["config"]["problem_ids"][:1])),
}


@pytest.mark.parametrize("how", FORGED)
def test_a_forged_run_is_refused(how: str, true_run: Path, tmp_path: Path) -> None:
    lines = [json.loads(x) for x in true_run.read_text("utf-8").splitlines()]
    forged = FORGED[how](copy.deepcopy(lines))
    assert forged != lines
    path = tmp_path / "forged.json"
    path.write_text("".join(json.dumps(x) + "\n" for x in forged), "utf-8")
    verified = CliRunner().invoke(main, ["verify", str(path)])
    assert verified.exit_code != 0, verified.output


def test_the_true_run_is_taken(true_run: Path, tmp_path: Path) -> None:
    assert CliRunner().invoke(main, ["verify", str(true_run)]).exit_code == 0
