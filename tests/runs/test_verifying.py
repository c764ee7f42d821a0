"""Verification: a run as it was made differs nowhere, and each of twenty that were tampered with is found."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from escape.__main__ import main
from escape.judges.examined import labelled
from escape.puzzles import files, scripted_answer
from escape.puzzles.controls import reference
from escape.runs import differences
from escape.runs.file import load
from escape.types import Agreed, ExamCase, FileError, ReportCard
from tests.fake_server import FakeServer

Line = dict[str, Any]
Change = Callable[[list[Line]], None]
FLAGS = {
    "rooms": "--model demo:careful --model control:reference --puzzle FLUID_001 --puzzle HEAT_001 --judge "
    "readers",
    "silent": "--model control:blank --puzzle FLUID_001 --judge room",
    "moves": "--model control:reference --puzzle FLUID_001 --puzzle HEAT_001 --move-by-move",
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("runs")
    for name, flags in FLAGS.items():
        CliRunner().invoke(main, ["run", *flags.split(), "--json", str(folder / name), "--quiet"])
    return {name: folder / name for name in FLAGS}


def found(path: Path) -> list[str]:
    bundled = {p.problem_id: p for p in files.load(*files.sets_in(files.BUNDLED).values())}
    try:
        return list(differences(load(path), bundled))
    except FileError as error:  # what is proved when a file is read
        return [str(error)]


@pytest.mark.parametrize("name", FLAGS)
def test_a_run_as_it_was_made_differs_nowhere(name: str, made: dict[str, Path]) -> None:
    assert found(made[name]) == []


def test_a_world_that_cannot_be_used_is_named_and_the_rest_is_verified(
    made: dict[str, Path], tmp_path: Path
) -> None:
    lines = [json.loads(line) for line in made["rooms"].read_text("utf-8").splitlines()]
    for puzzle in head(lines)["puzzles"]:
        if puzzle["problem_id"] == "FLUID_001":
            puzzle["world"]["rules"][0]["then"] = {"no such fact": "x"}
    bad = tmp_path / "bad"
    bad.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    told = found(bad)
    assert [line for line in told if "no such fact" in line and line.startswith("FLUID_001: world")]
    assert not [line for line in told if "HEAT_001" in line]


def last(lines: list[Line], having: str) -> Line:
    """The newest result or mark that has a field."""
    records = [x.get("result") or x.get("mark") or {} for x in lines]
    found: Line = next(record for record in reversed(records) if having in record)
    return found


def head(lines: list[Line]) -> Line:
    found: Line = lines[0]["header"]
    return found


def change(*path: Any, to: Any) -> Change:
    """Set a field in the newest result that has the first of the path."""

    def apply(lines: list[Line]) -> None:
        at: Any = last(lines, path[0])
        for step in path[:-1]:
            at = at[step]
        at[path[-1]] = to

    return apply


def in_header(*path: Any, to: Any) -> Change:
    def apply(lines: list[Line]) -> None:
        at: Any = head(lines)
        for step in path[:-1]:
            at = at[step]
        at[path[-1]] = to

    return apply


def every_outcome(**to: Any) -> Change:
    def apply(lines: list[Line]) -> None:
        for line in lines:
            if "outcome" in line.get("result", {}):
                line["result"]["outcome"].update(to)

    return apply


def no_outcome(lines: list[Line]) -> None:
    """Nowhere is said what a silent answer led to, as if nobody had tried."""
    for line in lines:
        if not line.get("result", {}).get("outcome", {}).get("moves", 1):
            del line["result"]["outcome"]


def no_outcome_of_turns(lines: list[Line]) -> None:
    del last(lines, "outcome")["outcome"]


def a_stranger(lines: list[Line]) -> None:
    lines.append(
        {"result": last(lines, "outcome") | {"trial": {"problem_id": "FLUID_001", "player": "openai:best"}}}
    )


def an_answer(lines: list[Line]) -> None:
    for line in lines:
        if answer := line.get("result", {}).get("answer"):
            answer["text"] = answer["text"].replace("pour", "drop").replace("heat", "drop")


TAMPERED: dict[str, tuple[str, Change]] = {
    "an escape": ("rooms", every_outcome(out=False, progress=0.5)),
    "a number of moves": ("rooms", every_outcome(moves=1)),
    "where it was lost": ("rooms", every_outcome(lost_at=1)),
    "an answer's moves": ("rooms", an_answer),
    "marks": ("rooms", change("verdict", "scores", "sps", to=0.5)),
    "a checklist": ("rooms", change("verdict", "checklist", "principles", 0, "share", to=0.0)),
    "a room's rule": ("rooms", in_header("puzzles", 0, "world", "rules", 0, "say", to="The exit opens.")),
    "a room's goal": ("rooms", in_header("puzzles", 0, "world", "goal", to={"ball": "at the bottom"})),
    "a room's text": ("rooms", in_header("puzzles", 0, "setup", "scenario", to="An open door.")),
    "a silent answer's room": ("silent", no_outcome),
    "where turns led": ("moves", no_outcome_of_turns),
    "a player nobody asked": ("rooms", a_stranger),
    "a turn's move": ("moves", change("turns", 0, "move", to="take: key")),
    "a turn's words": ("moves", change("turns", 0, "answer", "text", to="Move: give up")),
    "a turn's reply": ("moves", change("turns", 0, "reply", to="You are out.")),
    "a turn's number": ("moves", change("turns", 0, "number", to=9)),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_a_run_that_was_tampered_with_is_found(what: str, made: dict[str, Path], tmp_path: Path) -> None:
    name, tamper = TAMPERED[what]
    rows = [json.loads(row) for row in made[name].read_text("utf-8").splitlines()]
    before = json.dumps(rows)
    tamper(rows)
    assert json.dumps(rows) != before
    changed = tmp_path / "changed"
    changed.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    assert found(changed)


def test_the_command_says_what_differs_and_by_its_exit_code(made: dict[str, Path], tmp_path: Path) -> None:
    good = CliRunner().invoke(main, ["verify", str(made["moves"])])
    assert (good.exit_code, "nothing differs" in good.output) == (0, True)
    bad = tmp_path / "bad.json"
    bad.write_text(made["rooms"].read_text("utf-8").replace('"share":1.0', '"share":0.0'), "utf-8")
    told = CliRunner().invoke(main, ["verify", str(made["moves"]), str(bad)])
    assert told.exit_code == 1
    assert "marks: readers gives" in told.output


@pytest.fixture
def judged(both_apis: FakeServer, tmp_path: Path) -> Path:
    """A run of a model that a model has marked."""
    path = tmp_path / "judged"
    flags = "--model openai:gpt-4o-mini --puzzle FLUID_001 --judge openai:gpt-4o --quiet"
    CliRunner().invoke(main, ["run", *flags.split(), "--json", str(path)])
    assert found(path) == []
    return path


def rewritten(path: Path, change_it: Change) -> Path:
    rows = [json.loads(row) for row in path.read_text("utf-8").splitlines()]
    before = json.dumps(rows)
    change_it(rows)
    assert json.dumps(rows) != before
    changed = path.with_name("changed")
    changed.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return changed


@pytest.mark.parametrize(
    ("path", "to", "words"),
    [
        (("works",), "no", "says works: yes, and here it is no"),
        (("attempted",), False, "says attempted: yes, and here it is no"),
        (("steps", 0, "met"), False, "ticks otherwise"),
    ],
)
def test_a_checklist_that_its_kept_reply_does_not_give_is_found(
    judged: Path, path: tuple[Any, ...], to: object, words: str
) -> None:
    changed = rewritten(judged, change("verdict", "checklist", *path, to=to))
    assert [line for line in found(changed) if words in line]


def test_a_scripted_players_text_under_a_models_name_is_found(judged: Path) -> None:
    for player in ("careful", "hasty"):
        text = scripted_answer(player, "FLUID_001")
        changed = rewritten(judged, change("answer", "text", to=text))
        assert [line for line in found(changed) if f"is the text of demo:{player}" in line]
    puzzle = next(p for p in files.load(files.BUNDLED) if p.problem_id == "FLUID_001")
    changed = rewritten(judged, change("answer", "text", to=reference(puzzle)))
    assert [line for line in found(changed) if "is the text of control:reference" in line]


def test_a_card_that_says_of_the_exam_what_is_not_so_is_found(judged: Path) -> None:
    case = labelled.bundled()[0]
    good = ExamCase(case_id=str(case.case_id), principles=Agreed(yes=4, yes_right=3), length=len(case.answer))
    card = ReportCard(
        judge="checklist:openai:gpt-4o", prompt="checklist/3", exam=labelled.edition(), cases=(good,)
    )

    def with_card(cases: list[ExamCase]) -> list[str]:
        dumped = card.model_copy(update={"cases": tuple(cases)}).model_dump(
            mode="json", exclude_defaults=True
        )
        return found(rewritten(judged, in_header("cards", to=[dumped])))

    assert with_card([good]) == []
    for bad, words in (
        (
            good.model_copy(update={"principles": Agreed(yes=9, yes_right=9)}),
            "not as the annotators ticked them",
        ),
        (
            good.model_copy(update={"principles": Agreed(yes=4, yes_right=4, no=9)}),
            "not as the annotators ticked them",
        ),
        (good.model_copy(update={"case_id": "made up"}), "is not in the exam"),
        (good.model_copy(update={"length": 3}), "is not in the exam, or another text"),
    ):
        assert [line for line in with_card([bad]) if words in line], words
    assert [line for line in with_card([good, good]) if "more than once" in line]
