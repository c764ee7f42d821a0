"""The command line as scripts use it: a process of its own, its exit codes, its files."""

import csv
import json
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from escape.cli.run import RunOptions, compose_run
from escape.models import prices
from escape.models.specs import parse
from escape.puzzles import controls, files
from escape.puzzles.form import Draft, puzzle_of
from escape.runs import new_run
from escape.runs.file import jsonl
from escape.types import RunConfig, SpecError
from tests.cli.command import ROOT, escape
from tests.fake_server import ANSWER, FakeServer
from tests.raw_server import RawServer, Sent
from tests.small_runs import A, puzzles, result, run_of, verdict

DEMO = ["--model", "demo:careful", "--model", "demo:hasty", "--model", "demo:hoarder"]
PAID = ["--model", "openai:gpt-4o", "--model", "anthropic:claude-haiku", "--judge", "openai:gpt-4o"]


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_demo_run_prints_a_leaderboard_and_writes_its_files(tmp_path: Path) -> None:
    done = escape("run", *DEMO, "--csv", str(tmp_path / "o.csv"), "--json", str(tmp_path / "o.json"))
    assert done.returncode == 0, done.stderr
    assert "demo:careful" in done.stdout
    rows = table(tmp_path / "o.csv")
    assert len(rows) == 15
    mean = {p: sum(float(r["sps"]) for r in rows if r["player"] == f"demo:{p}") for p in ("careful", "hasty")}
    assert mean["careful"] > mean["hasty"]
    assert {r["rhh"] for r in rows if r["player"] == "demo:hoarder"} == {"0.0", ""}
    again = escape("run", *DEMO, "--resume", str(tmp_path / "o.json"), "--csv", str(tmp_path / "p.csv"))
    assert again.returncode == 0
    assert again.stdout == done.stdout
    assert (tmp_path / "p.csv").read_text("utf-8") == (tmp_path / "o.csv").read_text("utf-8")


def test_a_new_room_that_nobody_can_answer_is_left_out_and_named(
    the_five: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "six"
    shutil.copytree(the_five, folder)
    new = json.loads((folder / "FLUID_001.json").read_text("utf-8")) | {"problem_id": "NEW_001"}
    (folder / "NEW_001.json").write_text(json.dumps(new), encoding="utf-8")
    monkeypatch.setenv("ESCAPE_PUZZLES", str(folder))
    done = escape("run", *DEMO)
    assert done.returncode == 0, done.stderr
    assert "left out, since not every player has an answer to it: NEW_001" in done.stderr
    assert "careful gets out of 5 of 5 rooms" in done.stdout
    recorded = escape("run", "--model", "recorded:frontier")
    assert recorded.returncode == 0, recorded.stderr
    assert "frontier gets out of 5 of 5 rooms" in recorded.stdout
    assert "left out" not in escape("run", "--model", "demo:careful", "--quiet").stderr
    beside_a_model = compose_run(RunOptions(players=("demo:careful", "openai:gpt-5")), None)
    assert "NEW_001" in beside_a_model.config.problem_ids
    wanted = escape("run", "--model", "demo:careful", "--puzzle", "NEW_001")
    assert wanted.returncode == 1  # what is named is tried
    assert "has no answer written for this puzzle" in wanted.stderr


def test_the_readers_mark_the_demo_players_and_name_the_remedy_for_others() -> None:
    done = escape("run", "--model", "demo:careful", "--judge", "readers")
    assert done.returncode == 0, done.stderr
    assert "careful gets out of 5 of 5 rooms" in done.stdout
    assert "Marks: two language models, blind." in done.stdout
    other = escape("run", "--model", "control:reference", "--judge", "readers")
    assert other.returncode == 1
    assert "choose another judge" in other.stderr


def test_resuming_needs_nothing_but_the_file(tmp_path: Path) -> None:
    first = escape("run", *DEMO, "--json", str(tmp_path / "o.json"), "--quiet")
    assert escape("run", "--resume", str(tmp_path / "o.json")).stdout == first.stdout
    assert first.stderr == ""


def test_both_apis_give_complete_judged_rows(tmp_path: Path, both_apis: FakeServer) -> None:
    done = escape("run", *PAID, "--csv", str(tmp_path / "o.csv"))
    assert done.returncode == 0, done.stderr
    rows = table(tmp_path / "o.csv")
    assert len(rows) == 10
    assert {r["status"] for r in rows} == {"marked"}
    assert all(
        r["judge"] == "checklist:openai:gpt-4o" and r["input_tokens"] and r["judge_input_tokens"]
        for r in rows
    )
    assert all(float(r["cost_usd"]) > 0 for r in rows if r["player"] == "openai:gpt-4o")
    assert len(both_apis.requests) == 10 + 2 + 10  # the judge is proven on two controls


def test_the_holistic_design_is_chosen_by_its_flag(tmp_path: Path, both_apis: FakeServer) -> None:
    done = escape(
        "run",
        "--model",
        "demo:hasty",
        "--judge",
        "openai:gpt-4o",
        "--judge-design",
        "holistic",
        "--csv",
        str(tmp_path / "o.csv"),
    )
    assert done.returncode == 0, done.stderr
    assert {r["judge_prompt"] for r in table(tmp_path / "o.csv")} == {"holistic/1"}


def test_a_wrong_key_costs_two_calls_and_exits_1_with_the_cause(
    tmp_path: Path, both_apis: FakeServer
) -> None:
    done = escape("run", "--model", "openai:badkey-m", "--csv", str(tmp_path / "o.csv"))
    assert done.returncode == 1
    assert "key was refused" in done.stderr
    assert len(both_apis.requests) == 2  # the second, a second later, says the same
    rows = table(tmp_path / "o.csv")
    assert [r["result"] for r in rows] == ["failed"] * 5
    assert "sk-test" not in (tmp_path / "o.csv").read_text("utf-8") + done.stderr + done.stdout


@pytest.mark.proof
def test_faults_that_pass_are_retried_and_nothing_is_lost(tmp_path: Path, both_apis: FakeServer) -> None:
    players = [
        f"{p}:{fault}-m" for p in ("openai", "anthropic") for fault in ("429", "500", "drop", "malformed")
    ]
    flags = [x for p in players for x in ("--model", p)]
    done = escape("run", *flags, "--puzzle", "FLUID_001", "--csv", str(tmp_path / "o.csv"))
    assert done.returncode == 0, done.stderr
    rows = table(tmp_path / "o.csv")
    assert sorted(r["player"] for r in rows) == sorted(players)
    # being told to wait is no attempt
    assert {r["attempts"] for r in rows if "429" in r["player"]} == {"1"}
    assert {r["attempts"] for r in rows if "429" not in r["player"]} == {"2"}
    assert "failed" not in {r["result"] for r in rows}
    assert "retry 1 for openai" in done.stderr


def test_a_cap_stops_the_run_before_it_would_pass(tmp_path: Path, both_apis: FakeServer) -> None:
    done = escape(
        "run",
        "--model",
        "openai:gpt-4o",
        "--trials",
        "20",
        "--max-tokens",
        "200",
        "--max-cost",
        "0.05",
        "--csv",
        str(tmp_path / "o.csv"),
    )
    assert done.returncode == 1
    rows = table(tmp_path / "o.csv")
    assert len(rows) == 100
    assert sum(float(r["cost_usd"] or 0) for r in rows) <= 0.05
    assert 0 < len(both_apis.requests) < 100
    assert "cap" in done.stderr


@pytest.mark.proof
def test_a_killed_run_leaves_a_file_that_resumes_and_asks_nobody_again(
    tmp_path: Path, both_apis: FakeServer
) -> None:
    both_apis.latency_s = 0.05
    path = tmp_path / "o.json"
    command = [
        sys.executable,
        "-m",
        "escape",
        "run",
        "--model",
        "openai:gpt-4o",
        "--trials",
        "12",
        "--json",
        str(path),
    ]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 30
    while (not path.exists() or path.read_text("utf-8").count('"status"') == 0) and len(
        both_apis.requests
    ) < 20:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    kept = [r.trial for r in jsonl.load(path).results if r.answer]
    assert kept
    seen = len(both_apis.requests)
    time.sleep(0.2)
    seen = len(both_apis.requests)
    done = escape("run", "--resume", str(path), "--csv", str(tmp_path / "o.csv"))
    assert done.returncode == 0, done.stderr
    assert len(both_apis.requests) - seen == 60 - len(kept)
    assert not {"failed", "not asked"} & {r["result"] for r in table(tmp_path / "o.csv")}


@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_keeps_what_is_paid_and_says_how_to_go_on(
    told: signal.Signals, tmp_path: Path, both_apis: FakeServer
) -> None:
    both_apis.latency_s = 0.05
    path = tmp_path / "o.json"
    command = [
        sys.executable,
        "-m",
        "escape",
        "run",
        "--model",
        "openai:gpt-4o",
        "--trials",
        "30",
        "--json",
        str(path),
    ]
    process = subprocess.Popen(
        command, cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    )
    while len(both_apis.requests) < 20:
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(told)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 1
    assert f"--resume {path}" in said
    assert sum(r.answer is not None for r in jsonl.load(path).results) == len(both_apis.requests)


def test_another_judge_on_resume_asks_no_player(tmp_path: Path, both_apis: FakeServer) -> None:
    path = str(tmp_path / "o.json")
    escape("run", "--model", "openai:gpt-4o", "--json", path)
    seen = len(both_apis.requests)
    done = escape("run", "--resume", path, "--judge", "openai:gpt-4o", "--json", path)
    assert done.returncode == 0, done.stderr
    assert len(both_apis.requests) - seen == 2 + 5
    assert {r.verdict.judge for r in jsonl.load(path).results if r.verdict} == {"checklist:openai:gpt-4o"}


def test_judging_answers_writes_one_verdict_a_line_in_order(tmp_path: Path) -> None:
    answers = [
        {
            "case_id": "1",
            "problem_id": "FLUID_001",
            "player": "me",
            "answer": "Moves:\npour: bottle of water -> tube\ntake: ping pong ball",
        },
        {"problem_id": "CIPHER_001", "answer": ""},
        {
            "case_id": "3",
            "problem_id": "UV_001",
            "answer": "Ich weiß nicht, wie man die Tür ohne den Schlüssel öffnet.",
            "labels": [],
        },
    ]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, answers)), "utf-8")
    done = escape(
        "judge", "--judge", "room", "--answers", str(tmp_path / "a.jsonl"), "--out", str(tmp_path / "v.jsonl")
    )
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in (tmp_path / "v.jsonl").read_text("utf-8").splitlines()]
    assert [r["case_id"] for r in rows] == ["1", None, "3"]
    assert [r["status"] for r in rows] == ["", "not marked", "not marked"]
    assert set(rows[0]) == {
        "case_id",
        "problem_id",
        "player",
        "pus",
        "sps",
        "rhh",
        "status",
        "result",
        "attempted",
        "works",
        "principles",
        "steps",
        "herrings_used",
        "invented_items",
        "quotes",
        "feedback",
        "out",
        "moves",
        "shortest",
        "progress",
        "lost_at",
        "not_understood",
        "herrings_touched",
    }
    assert [r["out"] for r in rows] == [1, None, None]
    assert rows[2]["pus"] is None


def test_what_came_of_the_moves_stands_beside_the_verdict(tmp_path: Path) -> None:
    answers = [
        {"problem_id": "FLUID_001", "answer": f"Moves:\npour: bottle of water -> {where}\n{more}"}
        for where, more in (("tube", "take: ping pong ball"), ("floor", "push: moon -> tube"))
    ]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, answers)), "utf-8")
    done = escape("judge", "--answers", str(tmp_path / "a.jsonl"), "--out", str(tmp_path / "v.jsonl"))
    assert done.returncode == 0, done.stderr
    out, stuck = (json.loads(line) for line in (tmp_path / "v.jsonl").read_text("utf-8").splitlines())
    assert (out["out"], out["works"], out["moves"], out["shortest"], out["progress"]) == (1, "yes", 2, 2, 1.0)
    assert (stuck["out"], stuck["works"], stuck["lost_at"], stuck["not_understood"]) == (0, "no", 1, 1)
    assert stuck["herrings_touched"] == []


@pytest.mark.proof
def test_checking_the_bundled_puzzles_succeeds() -> None:
    done = escape("check", "problems")
    assert (done.returncode, done.stderr) == (0, "")


def test_the_hard_rooms_are_run_as_a_set_or_by_id_and_no_other_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESCAPE_PUZZLES", str(files.BUNDLED))
    hard = [p.problem_id for p in files.load(files.BUNDLED / "hard")]

    def ids(**given: object) -> list[str]:
        return list(compose_run(RunOptions(players=("control:blank",), **given), None).config.problem_ids)  # type: ignore[arg-type]

    assert ids() == ids(puzzle_set="rooms") == [p.problem_id for p in files.load(files.BUNDLED)]
    assert ids(puzzle_set="hard") == hard
    assert ids(only=(hard[0], "UV_001")) == [hard[0], "UV_001"]
    with pytest.raises(SpecError, match="there is no puzzle 'UV_001'"):
        ids(puzzle_set="hard", only=("UV_001",))
    with pytest.raises(SpecError, match="--puzzles and --set exclude each other"):
        ids(puzzle_set="hard", path="problems")


def test_a_set_that_is_not_there_is_said_and_a_resumed_run_can_take_one(
    monkeypatch: pytest.MonkeyPatch, the_five: Path
) -> None:
    old = run_of(puzzles(2), [], [A])
    with pytest.raises(SpecError, match=f"there is no set 'hard' in {re.escape(str(the_five))}"):
        compose_run(RunOptions(puzzle_set="hard"), old)
    monkeypatch.setenv("ESCAPE_PUZZLES", str(files.BUNDLED))
    hard = tuple(p.problem_id for p in files.load(files.BUNDLED / "hard"))
    assert compose_run(RunOptions(puzzle_set="hard"), old).config.problem_ids == hard


def test_answers_to_hard_rooms_are_judged_without_naming_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ESCAPE_PUZZLES", str(files.BUNDLED))
    (puzzle, *_) = files.load(files.BUNDLED / "hard")
    assert puzzle.world
    line = {"problem_id": puzzle.problem_id, "answer": "Moves:\n" + "\n".join(puzzle.world.moves)}
    (tmp_path / "a.jsonl").write_text(json.dumps(line), "utf-8")
    done = escape("judge", "--answers", "a.jsonl", "--out", "o.jsonl", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    told = json.loads((tmp_path / "o.jsonl").read_text("utf-8"))
    assert (told["out"], told["moves"]) == (True, len(puzzle.world.moves))


@pytest.mark.parametrize("change", ["remove", "misspell"])
@pytest.mark.parametrize("field", ["problem_id", "setup", "physical_principles", "red_herrings", "solution"])
def test_checking_a_faulty_puzzle_names_file_field_and_remedy(
    tmp_path: Path, field: str, change: str
) -> None:
    data = json.loads((ROOT / "problems/UV_001.json").read_text("utf-8"))
    value = data.pop(field)
    if change == "misspell":
        data[field[:-1]] = value
    path = tmp_path / "UV_001.json"
    path.write_text(json.dumps(data), "utf-8")
    done = escape("check", str(path))
    assert done.returncode == 2
    assert str(path) in done.stderr
    assert field[:-1] in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["run"], "no player"),
        (["run", "--model", "nope:x"], "not a provider"),
        (["run", "--model", "demo:x"], "no such player"),
        (["run", "--model", "openai:gpt-4o"], "OPENAI_API_KEY"),
        (["run", *DEMO, "--puzzle", "NOPE"], "no puzzle 'NOPE'"),
        (["run", "--resume", "nope.json"], "is not a file"),
        (["run", *DEMO, "--puzzles", "nope"], "does not exist"),
        (["judge", "--answers", "nope", "--out", "x"], "is not a file"),
        (["run", *DEMO, "--trials", "0"], "--trials"),
        (["check", "pyproject.toml"], "not JSON"),
        (["run", *DEMO, "--csv", "/nope/x.csv"], "cannot be written"),
    ],
)
def test_wrong_use_exits_2_with_what_to_do(args: list[str], words: str) -> None:
    done = escape(*args)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_resuming_with_less_drops_nothing_that_was_paid(tmp_path: Path, both_apis: FakeServer) -> None:
    path = str(tmp_path / "o.json")
    escape("run", "--model", "openai:gpt-4o", "--max-cost", "0.5", "--json", path)
    done = escape("run", "--resume", path, "--puzzle", "UV_001")
    assert done.returncode == 0, done.stderr
    kept = jsonl.load(path)
    assert len(kept.results) == 5
    assert kept.config.max_cost_usd == 0.5  # the cap goes on unless another is given
    seen = len(both_apis.requests)
    escape("run", "--resume", path, "--judge", "openai:gpt-4o", "--judge-design", "holistic")
    # the saved run asks for one puzzle now; its answer is marked
    assert len(both_apis.requests) - seen == 2 + 1
    assert not jsonl.load(path).opinions  # the room's word is no mark


def test_a_cap_holds_over_continuations(tmp_path: Path, both_apis: FakeServer) -> None:
    path = str(tmp_path / "o.json")
    flags = [
        "--model",
        "openai:gpt-4o",
        "--trials",
        "20",
        "--max-tokens",
        "200",
        "--max-cost",
        "0.01",
        "--json",
        path,
    ]
    escape("run", *flags)
    for _ in range(2):
        escape("run", "--resume", path)
    assert sum(r.cost_usd or 0 for r in jsonl.load(path).results) <= 0.01


def test_judged_answers_with_moves_are_marked_by_what_the_room_says(tmp_path: Path) -> None:
    moves = {
        "out": "pour: bottle of water -> tube\ntake: ping pong ball",
        "stuck": "pour: bottle of water -> ice cube",
    }
    said = "Solution Steps:\n1. Pour the water into the tube.\n2. Take the ball.\n\nMoves:\n"
    lines = [json.dumps({"problem_id": "FLUID_001", "answer": said + m}) for m in moves.values()]
    (tmp_path / "a.jsonl").write_text("\n".join(lines), "utf-8")
    done = escape("judge", "--answers", str(tmp_path / "a.jsonl"), "--out", str(tmp_path / "o.jsonl"))
    assert done.returncode == 0, done.stderr
    first, second = map(json.loads, (tmp_path / "o.jsonl").read_text("utf-8").splitlines())
    assert (first["works"], second["works"]) == ("yes", "no")
    assert (first["rhh"], second["rhh"]) == (1, 0)
    assert first["sps"] > second["sps"]


def test_a_run_begun_without_moves_goes_on_without_them() -> None:
    old = run_of(puzzles(2), [result("P0", A, verdict(1, 1))], [A], moves=False)
    made = compose_run(RunOptions(), old)
    assert (made.config.moves, made.config.players, made.run_id) == (False, (A,), old.run_id)


def test_a_puzzle_that_has_answers_stays_as_it_was_read(tmp_path: Path) -> None:
    given = puzzles(2)
    old = run_of(given, [result("P0", A, verdict(1, 1))], [A])
    changed = [p.model_copy(update={"title": "edited"}) for p in given]
    file = tmp_path / "p.json"
    file.write_text(json.dumps([p.model_dump(mode="json", exclude_defaults=True) for p in changed]), "utf-8")
    made = compose_run(RunOptions(path=str(file)), old)
    assert {p.problem_id: p.title for p in made.puzzles} == {"P0": "Room P0", "P1": "edited"}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "no player given; name at least one with --model"),
        (
            {"players": ["demo:careful"], "only": ["NOTHERE"]},
            "there is no puzzle 'NOTHERE'; `escape list` prints all",
        ),
        ({"players": ["demo:careful"], "repeats": 10_000_000}, "a run has at most"),
    ],
)
def test_what_cannot_be_run_says_why(options: dict[str, object], words: str) -> None:
    with pytest.raises(SpecError, match=words):
        compose_run(RunOptions(**options), None)  # type: ignore[arg-type]


def test_judging_by_a_judge_that_is_no_use_says_why(
    tmp_path: Path, both_apis: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(controls, "key_words", controls.reference)  # which this judge marks as it should
    answer = {"problem_id": "FLUID_001", "player": "me", "answer": "Pour the water into the tube."}
    (tmp_path / "a.jsonl").write_text(json.dumps(answer), "utf-8")
    out = tmp_path / "v.jsonl"
    done = escape(
        "judge", "--judge", "openai:gpt-4o", "--answers", str(tmp_path / "a.jsonl"), "--out", str(out)
    )
    assert done.returncode == 1
    assert "1 answer not marked: gpt-4o grants everything" in done.stderr


@pytest.mark.proof
def test_judging_that_was_broken_off_goes_on_where_it_ended(tmp_path: Path, both_apis: FakeServer) -> None:
    rows = [
        {"problem_id": i, "player": "me", "answer": f"Pour the water, {n} times."}
        for n, i in enumerate(["FLUID_001", "UV_001", "VAC_001", "CIPHER_001", "COLLAB_001"] * 2)
    ]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    out = tmp_path / "v.jsonl"
    command = ("judge", "--judge", "openai:gpt-4o", "--answers", str(tmp_path / "a.jsonl"), "--out", str(out))
    first = escape(*command, "--max-cost", "0.1", "--concurrency", "1", "--timeout", "77")
    assert first.returncode == 1, first.stderr
    judge = jsonl.load(f"{out}.run").config.judge.model
    assert judge
    assert judge.timeout_s == 77
    written = [json.loads(x) for x in out.read_text("utf-8").splitlines()]
    # a row an answer, judged or not
    assert [x["problem_id"] for x in written] == [x["problem_id"] for x in rows]
    assert "continue where this one ended" in first.stderr
    seen = len(both_apis.requests)
    assert 0 < seen < 10
    assert escape(*command, "--max-cost", "0.1", "--concurrency", "1").returncode == 1
    assert len(both_apis.requests) == seen  # what was paid before counts towards the cap
    second = escape(*command)
    assert second.returncode == 0, second.stderr
    assert len(both_apis.requests) == 2 + 10  # nobody is paid twice
    assert [json.loads(x)["status"] for x in out.read_text("utf-8").splitlines()] == ["marked"] * 10
    assert not Path(f"{out}.run").exists()
    for _ in range(2):  # a table that is there already is refused, again and again
        assert escape(*command).returncode == 2
        assert len(out.read_text("utf-8").splitlines()) == 10
    (tmp_path / "v2.jsonl.run").write_bytes(b"")
    assert escape(*command[:-1], str(tmp_path / "v2.jsonl")).returncode == 0


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("--max-cost", "nan"), "is not a number"),
        (("--json", ""), "--json needs a file"),
        (("--effort", "high"), "scripted players do not"),
        (("--judge-design", "holistic"), "is for a model as the judge"),
        (("--judge", "reader"), "did you mean 'readers'"),
    ],
)
def test_an_option_that_would_do_nothing_or_nonsense_is_refused(args: tuple[str, ...], words: str) -> None:
    done = escape("run", "--model", "demo:careful", *args)
    assert done.returncode == 2
    assert words in done.stderr


def test_a_hard_link_and_the_puzzles_are_no_place_for_a_run(tmp_path: Path) -> None:
    run = tmp_path / "run.json"
    escape("run", "--model", "demo:careful", "--json", str(run))
    (tmp_path / "same.json").hardlink_to(run)
    before = run.read_bytes()
    done = escape("run", "--resume", str(run), "--json", str(tmp_path / "same.json"))
    assert (done.returncode, run.read_bytes()) == (2, before)
    puzzle = tmp_path / "p.json"
    puzzle.write_bytes(Path("problems/FLUID_001.json").read_bytes())
    done = escape(
        "run", "--model", "demo:careful", "--puzzles", str(puzzle), "--json", str(puzzle), "--force"
    )
    assert done.returncode == 2
    assert b"problem_id" in puzzle.read_bytes()


def test_a_run_without_moves_is_continued_without_them(tmp_path: Path) -> None:
    file = str(tmp_path / "run.json")
    escape("run", "--model", "demo:careful", "--puzzle", "UV_001", "--no-moves", "--json", file, "--quiet")
    assert not jsonl.load(file).config.moves
    escape("run", "--resume", file, "--model", "demo:hasty", "--quiet")
    assert not jsonl.load(file).config.moves


def test_a_room_that_chance_leaves_is_no_room_for_a_benchmark(tmp_path: Path) -> None:
    draft = Draft(
        problem_id="EASY",
        title="The bell",
        scenario="A bell.",
        items="hammer",
        principles="momentum",
        steps="hit the bell",
        things="bell",
        moves="hit: hammer -> bell",
        facts="bell = silent",
        goal="bell = ringing",
        rules=(
            {"verbs": "hit", "thing": "hammer", "at": "bell", "then": "bell = ringing", "say": "It rings."},
        ),
    )
    (tmp_path / "EASY.json").write_text(files.share([puzzle_of(draft)]), "utf-8")
    done = escape("check", str(tmp_path / "EASY.json"))
    assert done.returncode == 2, done.stdout
    assert "all fine" not in done.stdout
    assert "lets a random player out" in done.stderr


def test_a_run_says_that_it_asks_a_provider_again(both_apis: FakeServer) -> None:
    done = escape("run", "--model", "openai:500-gpt-4o", "--puzzle", "UV_001")
    assert "retry 1 for openai" in done.stderr


pytestmark = pytest.mark.proof

CAP = 0.01
MINI = "openai:gpt-4o-mini"
LIMIT = 300  # tokens of an answer
SENT = 1000  # tokens of a prompt, as the server counts
RUN = [
    "run",
    "--model",
    MINI,
    "--trials",
    "40",
    "--max-cost",
    str(CAP),
    "--max-tokens",
    str(LIMIT),
    "--quiet",
]


def metered(usage: dict[str, int]) -> Sent:
    choice = {"message": {"content": ANSWER}, "finish_reason": "stop"}
    return Sent(body=json.dumps({"model": "m", "choices": [choice], "usage": usage}).encode())


def charged(usage: dict[str, int], out: int, monkeypatch: pytest.MonkeyPatch, at_once: int = 50) -> float:
    """What a run costs by the server's own count: so many tokens out a call, whatever it reports."""
    price = prices.per_token(parse(MINI))
    assert price is not None
    with RawServer(lambda n: metered(usage)) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", f"{server.url}/v1")
        monkeypatch.setenv("OPENAI_API_KEY", "sk-test-openai-000000000000")
        escape(*RUN, "--concurrency", str(at_once))
        assert server.calls > 1
        return server.calls * (SENT * price[0] + out * price[1])


def test_a_server_that_keeps_its_limit_keeps_the_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    usage = {"prompt_tokens": SENT, "completion_tokens": LIMIT, "total_tokens": SENT + LIMIT}
    assert 0.8 * CAP <= charged(usage, LIMIT, monkeypatch) <= CAP


@pytest.mark.parametrize("at_once", [8, 50])  # few wait for a turn while those that have one need more money
def test_a_server_that_takes_three_times_its_limit_passes_no_cap(
    monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    usage = {"prompt_tokens": SENT, "completion_tokens": 3 * LIMIT, "total_tokens": SENT + 3 * LIMIT}
    assert charged(usage, 3 * LIMIT, monkeypatch, at_once) <= CAP


def test_thinking_that_shows_in_the_total_alone_passes_no_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    usage = {"prompt_tokens": SENT, "completion_tokens": 100, "total_tokens": SENT + 3 * LIMIT}
    assert charged(usage, 3 * LIMIT, monkeypatch) <= CAP


def test_a_report_of_no_tokens_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    usage = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
    assert charged(usage, LIMIT, monkeypatch) <= CAP


def test_a_judge_that_fits_under_no_cap_takes_no_room_away(both_apis: FakeServer) -> None:
    done = escape(*RUN, "--judge", "openai:gpt-4o")
    assert {r["model"] for r in both_apis.requests} == {MINI.partition(":")[2]}
    assert done.returncode == 1
    assert "does not fit under the cap" in done.stderr


def test_judging_of_other_answers_leaves_what_was_written_before(tmp_path: Path) -> None:
    answers, out = tmp_path / "a.jsonl", tmp_path / "out.jsonl"
    row = {"problem_id": "FLUID_001", "player": "me", "answer": "Pour it."}
    answers.write_text(json.dumps(row), "utf-8")
    assert escape("judge", "--judge", "room", "--answers", str(answers), "--out", str(out)).returncode == 0
    before = out.read_bytes()
    other = new_run(RunConfig(), [p for p in files.load(files.BUNDLED) if p.problem_id == "FLUID_001"])
    Path(f"{out}.run").write_bytes(b"".join(jsonl.run_lines(other)))  # of judging that was broken off
    done = escape("judge", "--judge", "room", "--answers", str(answers), "--out", str(out))
    assert done.returncode == 2
    assert "belongs to other answers or another judge" in done.stderr
    assert out.read_bytes() == before
