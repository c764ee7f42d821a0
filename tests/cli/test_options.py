"""What each option of a command does to a run, seen in what it asks, keeps and prints."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from escape import models
from escape.cli import progress
from escape.cli.run import RunOptions, compose_run
from escape.extras import mcp as server
from escape.models import prices
from escape.puzzles import files
from escape.runs import new_run
from escape.runs.file import jsonl, load
from escape.types import JudgeSpec, Note, Puzzle, Run, RunConfig, SpecError, Trial
from tests.cli.command import escape
from tests.fake_server import FakeServer
from tests.small_runs import A, listed_price, puzzles, result, run_of, verdict

PAID = "openai:gpt-5"


def saved(run: Run, file: Path) -> str:
    file.write_bytes(b"".join(jsonl.run_lines(run)))
    return str(file)


@pytest.fixture
def known_prices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Prices that no provider changes."""
    monkeypatch.setattr(prices, "_listed_price", listed_price)


def test_a_run_goes_on_as_it_was_asked_move_by_move_or_in_whole_plans(tmp_path: Path) -> None:
    file = str(tmp_path / "moves.json")
    first = escape(
        "run",
        "--move-by-move",
        "--model",
        "control:reference",
        "--puzzle",
        "UV_001",
        "--json",
        file,
        "--quiet",
    )
    assert first.returncode == 0, first.stderr
    assert escape("run", "--resume", file, "--quiet").returncode == 0
    with pytest.raises(SpecError, match="whole plans"):
        compose_run(RunOptions(move_by_move=True), run_of(puzzles(2), [], [A]))


def test_the_metric_that_is_asked_for_is_the_one_that_is_printed() -> None:
    line = ("run", "--model", "demo:careful", "--judge", "readers", "--quiet")
    assert "careful scores" in escape(*line, "--metric", "standard").stdout
    assert "careful gets out of" in escape(*line).stdout


def test_a_file_is_overwritten_where_that_is_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "run.json"
    file.write_text("notes", "utf-8")
    line = ("run", "--model", "control:reference", "--puzzle", "UV_001", "--quiet", "--json", str(file))
    assert escape(*line).returncode == 2
    assert escape(*line, "--force").returncode == 0
    assert len(load(file).results) == 1


def test_what_is_sent_to_a_model_is_what_was_asked_for() -> None:
    options = RunOptions(players=(PAID,), temperature=0.0, timeout=77.0, effort="low")
    (spec,) = compose_run(options, None).config.players
    assert (spec.temperature, spec.timeout_s, spec.effort) == (0.0, 77.0, "low")


def test_a_run_names_a_set_only_if_it_has_all_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESCAPE_PUZZLES", str(files.BUNDLED))
    blank = RunOptions(players=("control:blank",))
    for given, name in (({}, "rooms"), ({"only": ("UV_001",)}, ""), ({"puzzle_set": "twists"}, "twists")):
        assert compose_run(replace(blank, **given), None).config.puzzle_set == name  # type: ignore[arg-type]


def test_judging_that_goes_on_is_of_the_same_answers_by_the_same_judge(
    known_prices: None, tmp_path: Path, both_apis: FakeServer
) -> None:
    answers = tmp_path / "a.jsonl"
    row = {"problem_id": "FLUID_001", "player": "me", "answer": "Pour the water."}
    answers.write_text("\n".join(json.dumps(row | {"answer": f"Pour {n}."}) for n in range(8)), "utf-8")
    line = ("judge", "--answers", str(answers), "--out", str(tmp_path / "v.jsonl"), "--max-cost", "0.05")
    assert escape(*line, "--judge", "openai:gpt-4o", "--concurrency", "1").returncode == 1
    other = escape(*line, "--judge", "openai:gpt-4o-mini")
    answers.write_text(answers.read_text("utf-8").replace("Pour 7", "Spill 7"), "utf-8")
    edited = escape(*line, "--judge", "openai:gpt-4o")
    for done in (other, edited):
        assert done.returncode == 2
        assert "belongs to other answers or another judge" in done.stderr


def test_a_judge_that_cannot_be_asked_leaves_no_file_behind(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(
        '{"problem_id": "FLUID_001", "player": "me", "answer": "Pour."}', "utf-8"
    )
    line = ("judge", "--answers", str(tmp_path / "a.jsonl"), "--out", str(tmp_path / "v.jsonl"), "--judge")
    refused = escape(*line, "openai:gpt-4o")
    assert (refused.returncode, "needs a key" in refused.stderr) == (2, True)
    assert not (tmp_path / "v.jsonl.run").exists()
    assert escape(*line, "room").returncode == 0


def test_before_a_run_with_a_paid_judge_its_cost_is_said_at_a_terminal(
    both_apis: FakeServer, monkeypatch: pytest.MonkeyPatch, bundled: list[Puzzle]
) -> None:
    monkeypatch.setattr(progress, "sys", SimpleNamespace(stderr=SimpleNamespace(isatty=lambda: True)))
    for judge, told in ((JudgeSpec(design="checklist", model=models.parse("openai:gpt-4o")), "this will "
                                                                                             "cost"),
                        (JudgeSpec(), "this is free")):  # fmt: skip
        players = (models.parse("demo:careful"),)
        start = new_run(
            RunConfig(players=players, judge=judge, problem_ids=(bundled[0].problem_id,)), bundled[:1]
        )
        said: list[str] = []
        progress.execute(progress.prepare(start, said.append), None, said.append)
        assert said[0].startswith(told)


def test_notes_and_title_of_a_run_go_on_with_it() -> None:
    note = Note(trial=Trial(problem_id="P0", player=A.name), by="t", text="it leaks")
    old = run_of(puzzles(2), [result("P0", A, verdict(1, 1))], [A]).model_copy(
        update={"title": "t", "notes": (note,)}
    )
    made = compose_run(RunOptions(max_cost=1.0), old)
    assert (made.title, made.notes) == ("t", (note,))


def test_a_plan_beside_a_room_that_ends_otherwise_than_it_says_is_a_fault(tmp_path: Path) -> None:
    for name in ("FLUID_001.json", "FLUID_001.plans.jsonl"):
        shutil.copy(files.BUNDLED / name, tmp_path)
    plans = tmp_path / "FLUID_001.plans.jsonl"
    assert escape("check", str(tmp_path)).returncode == 0
    rows = [json.loads(line) for line in plans.read_text("utf-8").splitlines()]
    plans.write_text("\n".join(json.dumps(row | {"sound": not row["sound"]}) for row in rows), "utf-8")
    done = escape("check", str(tmp_path))
    assert done.returncode == 2
    assert "plans" in done.stderr


def test_an_agent_over_http_is_served_on_this_machine_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    fake = SimpleNamespace(run=lambda *args, **more: seen.append((args, more)))
    monkeypatch.setattr(server, "server", lambda plays: fake)
    server.serve(server.Plays("me"), "http", 1234)
    assert seen == [(("streamable-http",), {"host": "127.0.0.1", "port": 1234})]


def test_plays_that_could_not_be_kept_are_refused_before_anybody_plays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = []
    monkeypatch.setattr(server, "serve", lambda *args: served.append(args))
    done = escape("mcp", "--json", str(tmp_path / "none" / "plays.json"))
    assert done.returncode == 2
    assert "there is no folder" in done.stderr
    assert escape("mcp", "--json", str(tmp_path / "plays.json")).returncode == 0
    assert len(served) == 1


def test_a_players_file_gives_it_instructions_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "careful.txt"
    file.write_text("openai:gpt-5[high] + careful\nCheck each move twice.\nThen write it.\n", "utf-8")
    run = compose_run(RunOptions(players=(PAID,), player_files=(str(file),), only=("FLUID_001",)), None)
    plain, own = run.config.players
    assert (plain.name, own.name) == (PAID, "openai:gpt-5[high] + careful")
    assert own.instructions == "Check each move twice.\nThen write it."
    assert compose_run(RunOptions(), run).config.players == (plain, own)  # a run that goes on keeps them


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("openai:gpt-5\nCheck.", "the first line must be PROVIDER:MODEL"),
        ("openai:gpt-5 + careful\n", "write both"),
        ("demo:careful + slow\nCheck.", "scripted"),
        ("openia:gpt-5 + careful\nCheck.", "did you mean 'openai'"),
    ],
)
def test_a_players_file_that_is_none_is_named_with_the_remedy(text: str, words: str, tmp_path: Path) -> None:
    file = tmp_path / "player.txt"
    file.write_text(text, "utf-8")
    with pytest.raises(SpecError, match=words) as error:
        compose_run(RunOptions(player_files=(str(file),), only=("FLUID_001",)), None)
    assert "player.txt" in str(error.value)
    with pytest.raises(SpecError, match="check the file"):
        compose_run(RunOptions(player_files=(str(tmp_path / "none"),), only=("FLUID_001",)), None)


def test_answers_to_other_instructions_are_not_taken_for_these(tmp_path: Path) -> None:
    file = tmp_path / "careful.txt"
    file.write_text("openai:gpt-5 + careful\nCheck each move twice.", "utf-8")
    run = compose_run(RunOptions(player_files=(str(file),), only=("FLUID_001",)), None)
    file.write_text("openai:gpt-5 + careful\nBe quick.", "utf-8")
    with pytest.raises(SpecError, match="other instructions"):
        compose_run(RunOptions(player_files=(str(file),)), run)


def asked(old: Run | None = None, **options: object) -> RunConfig:
    return compose_run(RunOptions(**options), old).config  # type: ignore[arg-type]


def test_each_option_reaches_the_run_and_none_is_mistaken_for_nothing() -> None:
    one = asked(
        players=["demo:careful"], max_cost=0.0, repeats=3, concurrency=2, only=["FLUID_001"], moves=False
    )
    assert [p.name for p in one.players] == ["demo:careful"]
    assert (one.max_cost_usd, one.repeats, one.concurrency, one.moves) == (0.0, 3, 2, False)
    assert one.problem_ids == ("FLUID_001",)
    usual = asked(players=["demo:careful"])
    assert (usual.max_cost_usd, usual.repeats, usual.moves, usual.judge.name) == (None, 1, True, "room")
    assert len(usual.problem_ids) == 5
    twice = asked(
        players=["demo:careful", "demo:hasty", "demo:careful"], only=["UV_001", "FLUID_001", "UV_001"]
    )
    assert [p.model for p in twice.players] == ["careful", "hasty"]
    assert twice.problem_ids == ("UV_001", "FLUID_001")


def test_what_is_not_asked_anew_goes_on_as_it_was() -> None:
    old = run_of(puzzles(3), [result("P0", A, verdict(1, 1))], [A], max_cost_usd=0.5, repeats=2)
    same = asked(old)
    assert (same.max_cost_usd, same.repeats, same.problem_ids, same.players) == (
        0.5,
        2,
        ("P0", "P1", "P2"),
        (A,),
    )
    assert asked(old, max_cost=0.0).max_cost_usd == 0.0
    assert asked(old, repeats=4).repeats == 4
    assert asked(old, players=["demo:hasty"]).players != (A,)
    fewer = compose_run(RunOptions(only=["P2"]), old)
    assert fewer.config.problem_ids == ("P2",)
    # those with answers, and the rest, stay there
    assert {p.problem_id for p in fewer.puzzles} == {"P0", "P1", "P2"}
    assert fewer.results == old.results
    other = asked(old, judge_name="openai:gpt-4o")
    assert other.judge.model is not None
    assert other.judge.model.name == "openai:gpt-4o"
    judged_before = old.model_copy(update={"config": other})
    assert asked(judged_before).judge == other.judge
    assert asked(judged_before, judge_name="readers").judge.name == "readers"
