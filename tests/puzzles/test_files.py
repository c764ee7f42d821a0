"""Puzzle files: every accepted form, and one message with file, field and remedy for every fault."""

import copy
import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from escape.puzzles import files
from escape.rooms import room_of
from escape.types import Puzzle, PuzzleError

ROOT = Path(__file__).parent.parent.parent
PUBLISHED_FIELDS = [
    "problem_id",
    "setup",
    "setup.scenario",
    "setup.available_items",
    "setup.constraints",
    "physical_principles",
    "red_herrings",
    "solution",
    "solution.steps",
    "solution.key_insights",
]


def tube() -> dict[str, Any]:
    data: dict[str, Any] = json.loads((ROOT / "problems/FLUID_001.json").read_text("utf-8"))
    return data


def fault(data: object) -> PuzzleError:
    with pytest.raises(PuzzleError) as caught:
        files.parse(json.dumps(data), "my.json")
    return caught.value


def test_each_bundled_file_holds_the_puzzle_of_its_name() -> None:
    for file in sorted((ROOT / "problems").glob("*.json")):
        assert [p.problem_id for p in files.load(file)] == [file.stem]


def test_the_five_published_puzzles_are_there_with_their_shape() -> None:
    found = {p.problem_id: p for p in files.load(ROOT / "problems")}
    assert {"FLUID_001", "UV_001", "CIPHER_001", "VAC_001", "COLLAB_001"} <= set(found)
    shape = {
        k: (len(p.physical_principles), len(p.solution.steps), len(p.red_herrings)) for k, p in found.items()
    }
    assert shape["FLUID_001"] == (3, 4, 3)
    assert shape["UV_001"] == (3, 5, 2)
    assert shape["CIPHER_001"] == (3, 4, 0)
    assert shape["VAC_001"] == (3, 5, 3)
    assert shape["COLLAB_001"] == (4, 5, 0)
    assert all(set(p.herring_notes) == set(p.red_herrings) for p in found.values())


def test_one_puzzle_a_list_and_an_object_by_id_are_all_read() -> None:
    other = tube() | {"problem_id": "OTHER"}
    assert len(files.parse(json.dumps(tube()))) == 1
    assert len(files.parse(json.dumps([tube(), other]))) == 2
    assert len(files.parse(json.dumps({"FLUID_001": tube(), "OTHER": other}))) == 2
    nameless = tube()
    del nameless["problem_id"]
    assert files.parse(json.dumps({"X_1": nameless}))[0].problem_id == "X_1"


def test_answer_is_read_as_solution() -> None:
    data = tube()
    data["answer"] = data.pop("solution")
    assert files.parse(json.dumps(data))[0].solution.steps


@pytest.mark.parametrize("field", PUBLISHED_FIELDS)
def test_a_missing_field_is_named_with_its_remedy(field: str) -> None:
    data = tube()
    *path, last = field.split(".")
    owner = data[path[0]] if path else data
    del owner[last]
    error = fault(data)
    assert (error.file, error.field) == ("my.json", field)
    assert "add it" in str(error)


@pytest.mark.parametrize("field", [*PUBLISHED_FIELDS, "title", "herring_notes"])
def test_a_misspelt_field_is_named_with_what_was_meant(field: str) -> None:
    data = tube()
    *path, last = field.split(".")
    owner = data[path[0]] if path else data
    owner[f"{last}x"] = owner.pop(last)
    error = fault(data)
    assert error.field == f"{field}x"
    assert repr(last) in str(error)


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        (lambda d: d["red_herrings"].append("hammer"), "red_herrings.3", "not one of the items"),
        (lambda d: d["setup"]["available_items"].append("Ice  Cube"), "setup.available_items", "twice"),
        (lambda d: d["solution"]["steps"].append(" "), "solution.steps.4", "empty"),
        (lambda d: d["physical_principles"].clear(), "physical_principles", "empty"),
        (lambda d: d["setup"].update(scenario="  "), "setup.scenario", "empty"),
        (lambda d: d["setup"].update(scenario="x" * 5000), "setup.scenario", "at most 4000 characters"),
        (lambda d: d.update(problem_id="no spaces"), "problem_id", "no spaces"),
        (
            lambda d: d["herring_notes"].update({"hammer": "x"}),
            "herring_notes.hammer",
            "is not in red_herrings",
        ),
        (lambda d: d.update(difficulty=9), "difficulty", "less than or equal to 3"),
    ],
)
def test_a_fault_in_the_content_is_named(change: Any, field: str, words: str) -> None:
    data = copy.deepcopy(tube())
    change(data)
    error = fault(data)
    assert error.field == field
    assert words in str(error)


def test_a_herring_may_leave_out_the_items_bracketed_remark() -> None:
    data = tube()
    data["setup"]["available_items"].append("rope (frayed)")
    data["red_herrings"].append("Rope")
    assert files.parse(json.dumps(data))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not JSON"),
        ("[1, 2", "not JSON"),
        ("[]", "no puzzle"),
        ('"x"', "must contain a puzzle"),
        ('{"a": 1, "a": 2}', "twice in one object"),
        ("[" * 3000, "nested too deeply"),
        ("[" * 900 + "]" * 900, "nested too deeply"),
        ("[" + "9" * 5000 + "]", "cannot be read"),
        ('{"problem_id": ' + "[" * 20 + "]" * 20 + "}", "nested too deeply"),
    ],
)
def test_what_is_no_puzzle_file_is_refused(text: str, words: str) -> None:
    with pytest.raises(PuzzleError, match=words):
        files.parse(text)
    with pytest.raises(PuzzleError, match="UTF-8"):
        files.parse(b"\xff\xfe\x00")


def test_two_puzzles_may_not_share_an_id() -> None:
    assert "FLUID_001" in str(fault([tube(), tube()]))
    with pytest.raises(PuzzleError, match="also in"):
        files.load(ROOT / "problems", ROOT / "problems/UV_001.json")


def test_two_thousand_puzzles_load_in_linear_time_and_no_more_are_taken() -> None:
    plain = {k: v for k, v in tube().items() if k != "world"}
    many = [plain | {"problem_id": f"P_{i}"} for i in range(files.MAX_PUZZLES)]

    def seconds(n: int) -> float:
        text, began = json.dumps(many[:n]), time.thread_time()
        assert len(files.parse(text)) == n
        return time.thread_time() - began

    assert seconds(2000) < 60 * seconds(200)  # tenfold the puzzles: by squares it would be a hundredfold
    assert "the maximum is 2000" in str(fault([*many, tube()]))


def test_a_class_that_opens_a_new_server_at_once_has_its_puzzles_read_once(
    bundled: list[Puzzle], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[object] = []

    def slow(*paths: str | Path) -> list[Puzzle]:
        reads.append(paths)
        time.sleep(0.1)
        return bundled

    monkeypatch.setattr(files, "load", slow)
    with ThreadPoolExecutor(8) as visitors:
        found = list(visitors.map(files.shared, [tmp_path] * 8))
    assert len(reads) == 1
    assert all(f is found[0] for f in found)


def test_a_thing_of_the_room_may_not_repeat_an_item() -> None:
    with_world = json.loads((ROOT / "problems/VAC_001.json").read_text("utf-8"))
    with_world["world"]["things"].append(with_world["setup"]["available_items"][0])
    with pytest.raises(PuzzleError, match="appears twice"):
        files.parse(json.dumps(with_world))


def test_a_file_is_bounded_and_a_folder_and_a_pipe_are_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = json.dumps(tube())
    monkeypatch.setattr(files, "MAX_BYTES", len(text))
    path = tmp_path / "P.json"
    path.write_text(text)
    assert len(files.load(path)) == len(files.parse(text)) == 1
    path.write_text(text + " ")
    for read in (lambda: files.load(path), lambda: files.parse(text + " ")):
        with pytest.raises(PuzzleError, match="is larger than 0 MB; split it"):
            read()
    with pytest.raises(PuzzleError, match=r"does not exist; check the path"):
        files.load(tmp_path / "none.json")
    (tmp_path / "empty").mkdir()
    with pytest.raises(PuzzleError, match=r"contains no \.json file"):
        files.load(tmp_path / "empty")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(PuzzleError, match="is not a regular file"):
        files.load(tmp_path / "pipe")


def test_two_files_with_one_id_name_both(tmp_path: Path) -> None:
    for name in ("a.json", "b.json"):
        (tmp_path / name).write_text(json.dumps(tube()))
    with pytest.raises(PuzzleError, match=r"'FLUID_001' is also in .*a\.json; give one of them another id"):
        files.load(tmp_path)
    assert files.load_with_origin(tmp_path / "a.json")[0][1] == tmp_path / "a.json"


def test_the_puzzles_are_those_of_the_environment_or_the_bundled_ones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ESCAPE_PUZZLES", "/elsewhere")
    assert files.standard() == Path("/elsewhere")
    monkeypatch.setenv("ESCAPE_PUZZLES", "")
    assert files.standard() == files.BUNDLED


def test_a_fault_in_json_is_named_by_key_or_line() -> None:
    for text, where in (('{"a": 1,\n "a": 2}', "a"), ('{\n"a": }', "line 2"), ("[" * 99 + "]" * 99, "file")):
        with pytest.raises(PuzzleError) as caught:
            files.parse(text, "my.json")
        assert caught.value.field == where
    assert "use the form in problems/README.md" in str(caught.value)


def test_a_set_is_told_by_its_canary_and_not_by_a_puzzle_called_puzzles() -> None:
    shared = {"canary": "c", "puzzles": [tube()]}
    assert [p.problem_id for p in files.parse(json.dumps(shared))] == ["FLUID_001"]
    assert [p.problem_id for p in files.parse(json.dumps(shared | {"sha256": files.set_hash([tube()])}))]
    with pytest.raises(
        PuzzleError, match="the puzzles were changed; if you changed them on purpose, remove this field"
    ):
        files.parse(json.dumps(shared | {"sha256": "0" * 64}))
    without = tube()
    del without["problem_id"]
    assert [p.problem_id for p in files.parse(json.dumps({"puzzles": without}))] == ["puzzles"]
    assert fault({"a": tube()}).field == "a.problem_id"
    assert fault({"A": without, "B": "no puzzle"}).field.startswith("B")
    assert fault([without]).field == "puzzle 1.problem_id"


@pytest.mark.parametrize(
    ("path", "remedy"),
    [
        (("red_herrings",), "is missing; add it ([] if there are none)"),
        (("setup", "constraints"), "is missing; add it ([] if there are none)"),
        (("physical_principles",), "is missing; add it"),
        (("solution", "steps"), "is missing; add it"),
    ],
)
def test_what_may_be_empty_is_said_where_it_is_missing(path: tuple[str, ...], remedy: str) -> None:
    data = tube()
    at = data
    for key in path[:-1]:
        at = at[key]
    del at[path[-1]]
    found = fault(data)
    assert (found.field, found.remedy) == (".".join(path), remedy)


def test_a_misspelt_field_inside_a_list_is_compared_with_its_own_kind() -> None:
    data = tube()
    data["world"]["rules"][0]["wen"] = data["world"]["rules"][0].pop("when", {})
    found = fault(data)
    assert found.field == "world.rules.0.wen"
    assert found.remedy == "is not a known field; did you mean 'when'?"


def test_rooms_that_are_too_large_together_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    work = room_of(files.parse(json.dumps(tube()))[0]).exploration_size
    monkeypatch.setattr(files, "MAX_WORK", work / 2)
    assert files.parse(json.dumps(tube()))
    monkeypatch.setattr(files, "MAX_WORK", work / 2 - 1)
    with pytest.raises(PuzzleError, match="the rooms of this file are too large together"):
        files.parse(json.dumps(tube()))


def set_at(path: str, value: object) -> dict[str, Any]:
    data = tube()
    at: Any = data
    *way, last = path.split("/")
    for key in way:
        at = at[int(key) if key.isdigit() else key]
    at[int(last) if last.isdigit() else last] = value
    return data


@pytest.mark.parametrize(
    ("path", "value", "field", "words"),
    [
        ("world/rules/0/then", {"nothing": "x"}, "world.rules.0", "'nothing' has no value in world.start"),
        ("world/rules/0/when", {"nothing": "x"}, "world.rules.0", "'nothing' has no value in world.start"),
        ("world/goal", {"nothing": "x"}, "world.goal", "'nothing' has no value in world.start"),
        ("world/rules/0/verbs", ["porr"], "world.rules.0.verbs", "did you mean 'pour'?"),
        ("world/rules/0/thing", ["moon"], "world.rules.0", "'moon' is not one of the items or things"),
        ("world/rules/0/at", ["moon"], "world.rules.0", "'moon' is not one of the items or things"),
        ("world/names", {"moon": ["far"]}, "world.names", "'moon' is not one of the items or things"),
        (
            "world/names",
            {"tube": ["Milk carton"]},
            "world.names",
            "'Milk carton' is the name of a thing already",
        ),
        ("red_herrings/0", "moon", "red_herrings.0", "'moon' is not one of the items"),
        ("herring_notes", {"moon": "far"}, "herring_notes.moon", "is not in red_herrings"),
        ("setup/scenario", "  ", "setup.scenario", "is empty; fill it in"),
        ("physical_principles/0", " ", "physical_principles.0", "is empty; fill it in or remove it"),
        ("solution/steps/0", "( )", "solution.steps.0", "is empty; fill it in or remove it"),
        ("setup/constraints", ["a b", "A  b"], "setup.constraints", "'a b' appears twice; keep one"),
        ("setup/available_items", [], "setup.available_items", "is empty; fill it in or remove it"),
    ],
)
def test_each_fault_of_content_names_its_own_field(path: str, value: object, field: str, words: str) -> None:
    found = fault(set_at(path, value))
    assert found.field == field
    assert words in found.remedy


def test_a_word_that_is_spoken_need_not_be_a_thing() -> None:
    data = tube()
    data["world"]["rules"].append(
        {"verbs": ["say"], "thing": data["world"]["things"][0], "at": "sesame", "say": "No."}
    )
    assert files.parse(json.dumps(data))


def test_a_room_with_too_many_states_is_told_so() -> None:
    data = tube()
    world = data["world"]
    for n in range(12):
        world["start"][f"tap {n}"] = "0"
        world["things"].append(f"tap {n}")
        world["rules"] += [
            {
                "verbs": ["turn"],
                "thing": f"tap {n}",
                "when": {f"tap {n}": str(v)},
                "then": {f"tap {n}": str(v + 1)},
                "say": "It turns.",
            }
            for v in range(4)
        ]
    found = fault(data)
    assert found.field == "world"
    assert "states" in found.remedy


def test_a_room_is_found_by_its_id_in_whatever_file_it_lies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rooms = {name: tube() | {"problem_id": name} for name in ("A", "B", "C")}
    (tmp_path / "mine.json").write_text(json.dumps([rooms["A"], rooms["B"]]), "utf-8")
    (tmp_path / "C.json").write_text(json.dumps(rooms["C"]), "utf-8")
    monkeypatch.setenv("ESCAPE_PUZZLES", str(tmp_path))
    assert {"A", "C"} <= {p.problem_id for p in files.with_ids(["A", "C"])}
    assert [p.problem_id for p in files.with_ids(["C"])] == ["C"]
