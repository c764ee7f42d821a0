"""A published board says what its runs say, stands alone, and `verify` finds whatever was changed in it."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from escape.__main__ import main
from escape.environments.houses import houses
from escape.extras.publish import RECORD, Origin, check, publish
from escape.extras.publish.verifying import carried_out
from escape.puzzles import files
from escape.runs.file import lines, load
from escape.types import Answer, FileError, ModelSpec, Puzzle, Run, SpecError, Trial
from tests.small_runs import run_with

pytestmark = pytest.mark.proof

MADE_AT = "2026-11-27T12:00:00+00:00"


@pytest.fixture(scope="module")
def of_rooms(by_id: dict[str, Puzzle]) -> Run:
    five = [by_id[i] for i in ("CIPHER_001", "COLLAB_001", "FLUID_001", "UV_001", "VAC_001")]
    return run_with(five, ["demo:careful", "demo:hasty"])


@pytest.fixture(scope="module")
def of_houses() -> Run:
    return run_with(houses("board", 6, 6), ["demo:careful", "control:greedy"])


@pytest.fixture
def site(of_rooms: Run, of_houses: Run, tmp_path: Path) -> Path:
    publish([(of_rooms, "self-reported"), (of_houses, "re-run")], tmp_path / "site", MADE_AT)
    return tmp_path / "site"


def slug_of(site: Path, origin: str) -> str:
    """The name of the files of the run of this origin: rooms are self-reported here, houses re-run."""
    record = json.loads((site / RECORD).read_bytes())
    return next(r["file"] for r in record["runs"] if r["origin"] == origin).partition(".")[0]


def found(site: Path) -> list[str]:
    return list(check(site, {p.problem_id: p for p in files.load(files.BUNDLED)}))


def test_a_board_has_its_runs_replays_records_and_a_workflow_and_nothing_differs(site: Path) -> None:
    there = {str(f.relative_to(site)) for f in site.rglob("*") if f.is_file()}
    assert {"index.html", RECORD, ".github/workflows/verify.yml"} <= there
    assert sum(f.startswith("runs/") for f in there) == sum(f.startswith("replays/") for f in there) == 2
    assert sum(f.startswith("every_eval_ever/") for f in there) == 4
    assert found(site) == []


def test_the_page_stands_alone_and_says_who_ran_what_with_ranges_seeds_and_hashes(site: Path, of_houses: Run) -> None:
    page = (site / "index.html").read_text("utf-8")
    assert len(page.encode()) < 300_000
    assert "<script" not in page
    assert not re.search(r"(src|href)=[\"']?https?:", page)
    assert "self-reported" in page
    assert "re-run" in page
    assert "How to submit" in page
    assert "seed board" in page
    record = json.loads((site / RECORD).read_bytes())
    assert {r["origin"] for r in record["runs"]} == {"self-reported", "re-run"}
    assert all(r["sha256"][:16] in page for r in record["runs"])
    for link in re.findall(r"href=([\w./-]+)", page):
        assert (site / link).exists(), link
    players = {p["player"] for b in record["boards"] if b["most"] == 6 for p in b["players"]}
    assert players == {"demo:careful", "control:greedy"}
    opened = sum(r.outcome.doors.opened for r in of_houses.results if r.outcome and r.outcome.doors)
    replays = (site / "replays" / f"{slug_of(site, 're-run')}.html").read_text("utf-8")
    assert replays.count("<details>") == 12
    assert opened > 0


def by_a_model(run: Run, model: str, **more: object) -> Run:
    """What careful played, as a model's run."""
    spec = ModelSpec(provider="openai", model=model)
    results = []
    for r in run.results:
        if r.trial.player == "demo:careful":
            answer = r.answer and r.answer.model_copy(update={"model": model})
            trial = Trial(problem_id=r.trial.problem_id, player=spec.name, budget=spec.budget)
            results.append(r.model_copy(update={"trial": trial, "answer": answer}))
    config = run.config.model_copy(update={"players": (spec,)})
    return run.model_copy(update={"config": config, "results": tuple(results), **more})


def test_a_title_a_player_a_move_or_a_reply_from_outside_is_text(of_rooms: Run, of_houses: Run, tmp_path: Path) -> None:
    bad = "<img src=x onerror=alert(1)>"
    tube = of_rooms.puzzle_by_id["FLUID_001"]
    assert tube.world
    rules = tuple(rule.model_copy(update={"say": bad}) for rule in tube.world.rules)
    world = tube.world.model_copy(update={"rules": rules})
    told = run_with([tube.model_copy(update={"problem_id": "MINE", "world": world})], ["control:reference"])
    run = by_a_model(of_rooms, "m", run_id=f"../{bad}", title=bad, started_at=bad)
    first, *rest = run.results
    said = Answer(text=f"Moves:\npull: {bad}", model="m")
    moved = first.model_copy(update={"answer": said, "outcome": None, "verdict": None})
    moved = moved.model_copy(update={"outcome": carried_out(moved, run.puzzle_by_id[first.trial.problem_id])})
    run = run.model_copy(update={"results": (moved, *rest)})
    publish(
        [(run, "self-reported"), (by_a_model(of_houses, bad), "self-reported"), (told, "self-reported")],
        tmp_path,
        MADE_AT,
    )
    pages = "".join(f.read_text("utf-8") for f in tmp_path.rglob("*.html"))
    assert "&lt;img" in pages
    assert "<img" not in pages
    assert not list(tmp_path.parent.glob("*img*"))


def tampered(file: Path, change: Callable[[str], str]) -> None:
    text = gzip.decompress(file.read_bytes()).decode()
    assert change(text) != text
    file.write_bytes(gzip.compress(change(text).encode()))


def swap(old: str, new: str) -> Callable[[str], str]:
    return lambda text: text.replace(old, new, 1)


@pytest.mark.parametrize(
    ("file", "change", "said"),
    [
        ("runs/ROOMS*", swap('"out":true', '"out":false'), "is not the file whose hash the record has"),
        ("runs/ROOMS*", swap("pour: bottle of water -> tube", "pour: bottle of water -> floor"), "is not the puzzle"),
        ("runs/HOUSES*", swap('"opened":', '"opened":1'), "differ|hash|outcome"),
        ("index.html", swap("careful", "careless"), "index.html: is not what the runs say"),
        ("index.html", swap("self-reported", "re-run"), "index.html: is not what the runs say"),
        ("replays/ROOMS*", swap("Poured slowly", "Poured fast"), "replays/.* is not what the runs say"),
        ("board.json", swap('"value": ', '"value": 1'), "board.json: is not what the runs say"),
        ("board.json", swap('"missing": 0', '"missing": 1'), "board.json: is not what the runs say"),
        ("every_eval_ever/ROOMS*.json", swap('"score": ', '"score": 1'), "every_eval_ever/.* is not what the runs say"),
    ],
)
def test_whatever_is_changed_is_found(site: Path, file: str, change: Callable[[str], str], said: str) -> None:
    names = file.replace("ROOMS", slug_of(site, "self-reported")).replace("HOUSES", slug_of(site, "re-run"))
    target = next(iter(site.glob(names)))
    if target.suffix == ".gz":
        tampered(target, change)
    else:
        text = target.read_text("utf-8")
        assert change(text) != text
        target.write_text(change(text), "utf-8")
    assert any(re.search(said, line) for line in found(site)), found(site)


def test_a_run_that_is_missing_or_stands_on_no_board_is_named(site: Path, of_rooms: Run) -> None:
    first = site / "runs" / f"{slug_of(site, 'self-reported')}.json.gz"
    (site / "runs" / "more.json").write_bytes(b"".join(lines.lines(of_rooms)))
    assert any("more.json: stands on no board" in line for line in found(site))
    first.unlink()
    assert any(f"runs/{first.name}: is missing" in line for line in found(site))


@pytest.mark.parametrize(
    "name", ["replays/evil.html", "evil.html", "every_eval_ever/fake.json", ".github/workflows/verify.yml", "runs/x.gz"]
)
def test_a_file_that_nobody_named_and_another_workflow_are_found(site: Path, name: str) -> None:
    (site / name).write_text("<script>alert(1)</script>", "utf-8")
    assert any(line.startswith(name) for line in found(site)), found(site)


def test_an_outcome_without_an_answer_is_found(of_rooms: Run, of_houses: Run, tmp_path: Path) -> None:
    for n, run in enumerate((of_rooms, of_houses)):
        forged = [r.model_copy(update={"answer": None}) for r in run.results]
        with pytest.raises(SpecError, match="no answer that it could come from"):
            publish([(run.model_copy(update={"results": tuple(forged)}), "self-reported")], tmp_path / str(n), MADE_AT)
        assert not (tmp_path / str(n)).exists()


def test_who_left_its_failures_out_is_seen_to(of_rooms: Run, tmp_path: Path) -> None:
    out = [r for r in of_rooms.results if r.outcome and r.outcome.out]
    given: list[tuple[Run, Origin]] = [(of_rooms.model_copy(update={"results": tuple(out)}), "self-reported")]
    with pytest.raises(SpecError, match="are missing"):
        publish(given, tmp_path, MADE_AT)
    publish(given, tmp_path, MADE_AT, incomplete=True)
    record = json.loads((tmp_path / RECORD).read_bytes())
    missing = {p["player"]: p["missing"] for b in record["boards"] for p in b["players"]}
    assert sum(missing.values()) == len(of_rooms.results) - len(out)


def test_a_run_is_added_to_a_site_as_the_page_says_and_origins_stay(site: Path, of_houses: Run) -> None:
    fresh = run_with(houses("board", 6, 6), ["demo:hasty"])
    runs = [(load(f), "self-reported") for f in sorted((site / "runs").iterdir())]
    publish([*runs, (fresh, "self-reported")], site, MADE_AT)  # type: ignore[list-item]
    assert found(site) == []
    record = json.loads((site / RECORD).read_bytes())
    assert sorted(r["origin"] for r in record["runs"]) == ["re-run", "self-reported", "self-reported"]
    with pytest.raises(SpecError, match="was not named"):  # nobody loses a run by forgetting it
        publish([(fresh, "self-reported")], site, MADE_AT)
    assert found(site) == []
    for file in (site / "runs").iterdir():
        if not file.name.startswith(fresh.run_id):
            file.unlink()
    (site / ".github/workflows/pages.yml").write_text("name: pages")  # whoever keeps the site may have more
    publish([(fresh, "self-reported")], site, MADE_AT)
    assert (site / ".github/workflows/pages.yml").exists()
    assert found(site) == []
    assert len(list((site / "runs").iterdir())) == len(list((site / "replays").iterdir())) == 1


def test_nothing_is_written_or_read_through_a_link(of_rooms: Run, tmp_path: Path) -> None:
    victim, out = tmp_path / "victim.txt", tmp_path / "site"
    victim.write_text("mine")
    out.mkdir()
    (out / "index.html").symlink_to(victim)
    (out / ".index.html.new").symlink_to(victim)
    publish([(of_rooms, "self-reported")], out, MADE_AT)
    assert victim.read_text() == "mine"
    (run,) = (out / "runs").iterdir()
    run.rename(tmp_path / "kept.gz")
    run.symlink_to(tmp_path / "kept.gz")
    assert any("is missing, or is no run" in line for line in found(out))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    other = tmp_path / "other"
    other.mkdir()
    (other / "runs").symlink_to(elsewhere)
    with pytest.raises(FileError, match="leads out of"):
        publish([(of_rooms, "self-reported")], other, MADE_AT)
    assert not list(elsewhere.iterdir())


@pytest.mark.parametrize("name", ["../x.json.gz", "x><img src=x>.json.gz", "a\\u0000b", "/etc/passwd"])
def test_a_record_that_names_what_is_no_run_file_is_refused(site: Path, name: str) -> None:
    record = (site / RECORD).read_text("utf-8")
    (site / RECORD).write_text(re.sub(r'"file": "[^"]*"', lambda _: f'"file": "{name}"', record), "utf-8")
    with pytest.raises(SpecError, match=r"board\.json"):
        found(site)


def test_the_same_player_twice_stands_on_two_boards(of_rooms: Run, tmp_path: Path) -> None:
    again = of_rooms.model_copy(update={"run_id": "again"})
    publish([(of_rooms, "self-reported"), (again, "self-reported")], tmp_path, MADE_AT)
    record = json.loads((tmp_path / RECORD).read_bytes())
    assert [len(b["players"]) for b in record["boards"]] == [2, 2]  # nobody is best of two
    assert found(tmp_path) == []


def test_a_run_that_the_boards_owner_ran_again_stays_one_when_the_board_is_made_anew(
    of_rooms: Run, tmp_path: Path
) -> None:
    publish([(of_rooms, "re-run")], tmp_path, MADE_AT)
    publish([(of_rooms, "self-reported")], tmp_path, MADE_AT)
    assert {entry["origin"] for entry in json.loads((tmp_path / RECORD).read_bytes())["runs"]} == {"re-run"}


def test_the_command_line_publishes_verifies_and_refuses(of_rooms: Run, tmp_path: Path) -> None:
    run, out = tmp_path / "run.json", str(tmp_path / "site")
    run.write_bytes(b"".join(lines.lines(of_rooms)))
    made = CliRunner().invoke(main, ["publish", "--reran", str(run), "--out", out])
    assert made.exit_code == 0, made.output
    good = CliRunner().invoke(main, ["verify", out])
    assert (good.exit_code, good.output) == (0, f"{out}: a board, nothing differs\n")
    index = Path(out, "index.html")
    index.write_text(index.read_text("utf-8") + " ", "utf-8")
    bad = CliRunner().invoke(main, ["verify", out, str(run)])
    assert bad.exit_code == CliRunner().invoke(main, ["verify", str(run), out]).exit_code == 1
    assert "index.html: is not what the runs say" in bad.output
    for arguments, why in (
        (["publish", "--out", out], "name a run to publish"),
        (["verify", str(tmp_path)], "has no board.json"),
    ):
        refused = CliRunner().invoke(main, arguments)
        assert isinstance(refused.exception, SpecError)
        assert why in str(refused.exception)


TEXT, NUMBER = str, (int, float)
# what the format asks of a record, from its schema 0.2.1: the fields that must be there, and what those we write hold
NEEDED = {
    "": ("schema_version", "evaluation_id", "retrieved_timestamp", "source_metadata", "model_info", "eval_library",
         "evaluation_results"),
    "source_metadata": ("source_type", "source_organization_name", "evaluator_relationship"),
    "model_info": ("name", "id"),
    "eval_library": ("name", "version"),
}  # fmt: skip
OF_A_RESULT = ("evaluation_name", "source_data", "metric_config", "score_details")
ONE_OF = {
    "source_type": {"documentation", "evaluation_run"},
    "score_type": {"binary", "continuous", "levels"},
}
KNOWN = {*NEEDED[""], "evaluation_timestamp", "dedupe_identity", "detailed_evaluation_results"}


def test_a_record_is_as_every_eval_ever_wants_it(site: Path) -> None:
    for file in site.glob("every_eval_ever/*.json"):
        record = json.loads(file.read_bytes())
        assert set(record) <= KNOWN
        for part, names in NEEDED.items():
            assert set(names) <= set(record[part] if part else record)
        assert record["source_metadata"]["source_type"] in ONE_OF["source_type"]
        by_whom = {"re-run": "third_party", "self-reported": "other"}[
            record["source_metadata"]["additional_details"]["origin"]
        ]
        assert record["source_metadata"]["evaluator_relationship"] == by_whom
        assert all(isinstance(v, TEXT) for v in record["source_metadata"]["additional_details"].values())
        assert record["retrieved_timestamp"].isdecimal()
        for result in record["evaluation_results"]:
            assert set(OF_A_RESULT) <= set(result)
            metric, score = result["metric_config"], result["score_details"]
            assert metric["lower_is_better"] is False
            assert metric["score_type"] in ONE_OF["score_type"]
            assert metric["min_score"] <= score["score"] <= metric["max_score"]
            assert result["source_data"]["source_type"] == "other"
            assert all(isinstance(v, TEXT) for v in result["source_data"]["additional_details"].values())
            if span := score.get("uncertainty", {}).get("confidence_interval"):
                assert span["lower"] <= score["score"] <= span["upper"]
                assert 0 <= span["confidence_level"] <= 1
            settings = result.get("generation_config", {}).get("generation_args", {})
            assert set(settings) <= {"max_tokens", "temperature"}
            assert isinstance(settings.get("max_tokens", 1), int)


def test_foresight_and_pairs_stand_on_the_board_and_in_both_kinds_of_record(
    by_id: dict[str, Puzzle], tmp_path: Path
) -> None:
    twists = files.in_set(files.BUNDLED, "twists")
    pair = [p for p in twists if "MAG_003" in (p.problem_id, p.twist and p.twist.of)]
    assert len(pair) == 2
    run = run_with(pair, ["control:by-heart", "control:reference"], foresight=True)
    publish([(run, "re-run")], tmp_path, MADE_AT)
    board_page = (tmp_path / "index.html").read_text("utf-8")
    assert "Pairs, both right" in board_page
    (board,) = json.loads((tmp_path / RECORD).read_bytes())["boards"]
    pairs = {p["player"]: p["pairs"]["value"] for p in board["players"]}
    assert pairs == {"control:by-heart": 0.0, "control:reference": 1.0}
    foreseen = {p["player"]: p["foresight"]["value"] for p in board["players"] if "foresight" in p}
    assert foreseen["control:reference"] == 1.0
    assert "Foresight, beyond chance" in board_page
    for file in (tmp_path / "every_eval_ever").glob("*.json"):
        results = json.loads(file.read_bytes())["evaluation_results"]
        assert len({r["evaluation_name"] for r in results}) == len(results) >= 2
    assert found(tmp_path) == []
