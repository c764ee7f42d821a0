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
from escape.errors import SpecError
from escape.houses import houses
from escape.publish import RECORD, check, publish
from escape.puzzles import files
from escape.records import Run
from escape.runs.file import lines
from escape.schema import Puzzle
from tests.small_runs import run_with

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
    assert [r["origin"] for r in record["runs"]] == ["self-reported", "re-run"]
    assert all(r["sha256"][:16] in page for r in record["runs"])
    for link in re.findall(r"href=([\w./-]+)", page):
        assert (site / link).exists(), link
    ranks = {p["player"]: p["ranks"] for p in record["boards"][1]["players"]}
    assert set(ranks) == {"demo:careful", "control:greedy"}
    opened = sum(r.outcome.doors.opened for r in of_houses.results if r.outcome and r.outcome.doors)
    replays = next((site / "replays").glob("002-*")).read_text("utf-8")
    assert replays.count("<details>") == 12
    assert opened > 0


def test_a_title_or_player_from_outside_is_text(of_rooms: Run, tmp_path: Path) -> None:
    bad = "<img src=x onerror=alert(1)>"
    run = of_rooms.model_copy(update={"run_id": f"../{bad}", "title": bad, "started_at": bad})
    publish([(run, "self-reported")], tmp_path, MADE_AT)
    told = "".join(f.read_text("utf-8") for f in tmp_path.rglob("*.html"))
    assert "<img" not in told
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
        ("runs/001-*", swap('"out":true', '"out":false'), "is not the file whose hash the record has"),
        ("runs/001-*", swap("pour: bottle of water -> tube", "pour: bottle of water -> floor"), "is not the puzzle"),
        ("runs/002-*", swap('"opened":', '"opened":1'), "differ|hash|outcome"),
        ("index.html", swap("careful", "careless"), "index.html: is not what the runs say"),
        ("index.html", swap("self-reported", "re-run"), "index.html: is not what the runs say"),
        ("replays/001-*", swap("Poured slowly", "Poured fast"), "replays/.* is not what the runs say"),
        ("board.json", swap('"value": ', '"value": 1'), "board.json: is not what the runs say"),
        ("board.json", swap('"sha256": "', '"sha256": "0'), "is not the file whose hash the record has"),
        ("every_eval_ever/*-1-1.json", swap('"score": ', '"score": 1'), "every_eval_ever/.* is not what the runs say"),
    ],
)
def test_whatever_is_changed_is_found(site: Path, file: str, change: Callable[[str], str], said: str) -> None:
    (target,) = list(site.glob(file))[:1]
    if target.suffix == ".gz":
        tampered(target, change)
    else:
        text = target.read_text("utf-8")
        assert change(text) != text
        target.write_text(change(text), "utf-8")
    assert any(re.search(said, line) for line in found(site)), found(site)


def test_a_run_that_is_missing_or_stands_on_no_board_is_named(site: Path, of_rooms: Run) -> None:
    (first,) = site.glob("runs/001-*")
    (site / "runs" / "more.json").write_bytes(b"".join(lines.lines(of_rooms)))
    assert any("more.json: stands nowhere" in line for line in found(site))
    first.unlink()
    assert any(f"runs/{first.name}: is missing" in line for line in found(site))


def test_the_same_player_twice_stands_on_two_boards(of_rooms: Run, tmp_path: Path) -> None:
    again = of_rooms.model_copy(update={"run_id": "again"})
    publish([(of_rooms, "self-reported"), (again, "self-reported")], tmp_path, MADE_AT)
    record = json.loads((tmp_path / RECORD).read_bytes())
    assert [len(b["players"]) for b in record["boards"]] == [2, 2]  # nobody is best of two
    assert found(tmp_path) == []


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
    assert bad.exit_code == 1
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
    "evaluator_relationship": {"first_party", "third_party", "collaborative", "other"},
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
        assert record["source_metadata"]["evaluator_relationship"] in ONE_OF["evaluator_relationship"]
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
