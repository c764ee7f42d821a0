"""Answer budgets and kinds side by side: what one command asks, what it writes, and what the picture says."""

from __future__ import annotations

import json
import re
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from escape.cli.asked import RunOptions, asked_for, in_parts
from escape.environments import environment_of
from escape.environments.houses import houses as made
from escape.metrics import METRICS
from escape.models import parse
from escape.results import houses, spending
from escape.results.card import page
from escape.runs.file import load
from escape.types import ANSWER_BUDGET, SpecError
from tests.cli.command import escape
from tests.cli.test_commands import table
from tests.fake_server import FakeServer

A_LINE = 40  # tokens that this model takes for a move


class Thinker(FakeServer):
    """A model that knows the way, and writes as much of it as its budget allows."""

    def __init__(self, ways: dict[str, list[str]]) -> None:
        super().__init__()
        self.ways = ways

    def _answer(self, h: BaseHTTPRequestHandler, body: dict[str, Any], *, anthropic: bool) -> None:
        limit = body.get("max_completion_tokens") or body["max_tokens"]
        way = next(way for text, way in self.ways.items() if text in body["messages"][-1]["content"])
        lines = ["Moves:", *way]
        shown = lines[: limit // A_LINE]
        cut = len(shown) < len(lines)
        choice = {
            "index": 0,
            "message": {"role": "assistant", "content": "\n".join([*shown, "and" if cut else ""])},
            "finish_reason": "length" if cut else "stop",
        }
        usage = {"prompt_tokens": 900, "completion_tokens": A_LINE * len(shown), "total_tokens": 0}
        self.reply(h, 200, {"id": "x", "object": "chat.completion", "created": 1, "model": body["model"],
                            "choices": [choice], "usage": usage})  # fmt: skip


def test_a_name_may_carry_its_budget_and_options_do_not_change_it() -> None:
    spec = parse("openai:gpt-5[low][4096]", max_tokens=100)
    assert (spec.name, spec.model, spec.effort, spec.budget) == ("openai:gpt-5[low][4096]", "gpt-5", "low", 4096)
    assert parse(spec.name) == spec
    assert parse("openai:gpt-5").name == "openai:gpt-5"
    assert parse("openai:gpt-5").budget == ANSWER_BUDGET


def test_every_model_is_asked_at_every_budget_and_a_script_once() -> None:
    options = RunOptions(players=("openai:gpt-5", "demo:careful"), budgets=(512, 2048), counts={"houses": 1}, seed="b")
    players = asked_for(options, None).config.players
    assert [(p.name, p.budget) for p in players] == [
        ("openai:gpt-5[512]", 512), ("openai:gpt-5[2048]", 2048), ("demo:careful", 0),
    ]  # fmt: skip
    with pytest.raises(SpecError, match="exclude each other"):
        asked_for(RunOptions(players=("openai:gpt-5",), budgets=(512,), max_tokens=100), None)


def test_doors_against_tokens_on_the_report_for_one_model_at_three_budgets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    puzzles = made("spent", 5, 8)
    ways = {p.setup.scenario: environment_of(p).reference(p) for p in puzzles}
    with Thinker(ways) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", f"{server.url}/v1")
        monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
        file = tmp_path / "run.json"
        done = escape("run", "--model", "openai:gpt-4o", "--houses", "5", "--doors", "8", "--seed", "spent",
                      "--budgets", "200,400,8000", "--json", str(file))  # fmt: skip
        assert done.returncode == 0, done.stderr
    asked = sorted({r.get("max_completion_tokens") or r["max_tokens"] for r in server.requests})
    assert {200, 400, 8000} <= set(asked)
    reach = houses.reach(load(file))
    assert [line.median for line in reach.lines] == sorted((line.median for line in reach.lines), reverse=True)
    assert reach.lines[0].name == "gpt-4o[8000]"
    assert reach.lines[0].median == 8
    assert reach.lines[-1].median < 8
    assert not any(p.decided for p in reach.pairs)  # one model at other budgets is not better than itself
    over_tokens, over_dollars = spending.pictures(reach)
    assert over_tokens[0].count("<circle") == 3
    assert over_tokens[0].count("<polyline") == 1  # one line joins a model's budgets
    assert "gpt-4o[200]: " in over_tokens[1]
    assert "$" in over_dollars[1]
    shown = page(load(file), METRICS["verified"])
    assert "Doors against tokens" in shown
    rows = spending.table(reach)[1]
    assert len(rows) == 3
    assert all(cell in shown for row in rows for cell in row)


def test_rooms_houses_and_laboratories_in_one_command_each_in_a_file_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "o.json"
    done = escape("run", "--model", "control:reference", "--set", "rooms", "--puzzle", "VAC_001", "--houses", "2",
                  "--doors", "4", "--laboratories", "1", "--json", str(file),
                  "--csv", str(tmp_path / "o.csv"), "--report", str(tmp_path / "o.html"))  # fmt: skip
    assert done.returncode == 0, done.stderr
    kinds = ("puzzles", "houses", "laboratories")
    runs = {kind: load(tmp_path / f"o-{kind}.json") for kind in kinds}
    assert {kind: len(run.puzzles) for kind, run in runs.items()} == {"puzzles": 1, "houses": 2, "laboratories": 1}
    assert len(table(tmp_path / "o-houses.csv")) == 2
    assert {f.name for f in tmp_path.glob("*.html")} == {f"o-{kind}.html" for kind in kinds}
    seeds = {re.split("-", p.problem_id)[2] for kind in kinds[1:] for p in runs[kind].puzzles}
    assert len(seeds) == 1  # one seed for all
    assert not file.exists()
    again = escape(
        "run", "--model", "demo:careful", "--houses", "2", "--set", "rooms", "--resume", str(tmp_path / "o-houses.json")
    )
    assert again.returncode == 2
    assert "continue each file by itself" in again.stderr


def test_nothing_is_asked_when_a_later_part_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "o-houses.json").write_text(json.dumps({"mine": 1}), encoding="utf-8")
    done = escape("run", "--model", "demo:careful", "--set", "rooms", "--puzzle", "VAC_001", "--houses", "1",
                  "--json", str(tmp_path / "o.json"))  # fmt: skip
    assert done.returncode == 2
    assert "o-houses.json" in done.stderr
    assert json.loads((tmp_path / "o-houses.json").read_text("utf-8")) == {"mine": 1}


def test_parts_share_what_is_said_of_all_and_keep_apart_what_is_not() -> None:
    options = RunOptions(
        players=("demo:careful",), puzzle_set="rooms", counts={"houses": 3}, metric="standard", doors=5
    )
    rooms, houses_ = in_parts(options)
    assert (rooms.puzzle_set, rooms.counts, rooms.doors, rooms.metric) == ("rooms", {}, None, "standard")
    assert (houses_.puzzle_set, dict(houses_.counts), houses_.doors, houses_.metric) == (None, {"houses": 3}, 5, None)
    assert in_parts(RunOptions(players=("demo:careful",), puzzle_set="rooms"))[0].puzzle_set == "rooms"


def test_a_puzzle_named_beside_a_count_is_one_of_those_and_a_later_fault_leaves_no_file(tmp_path: Path) -> None:
    (only,) = in_parts(RunOptions(players=("demo:careful",), counts={"houses": 5}, only=("H2-4-s-3",), seed="s"))
    assert dict(only.counts) == {"houses": 5}
    done = escape("run", "--model", "control:reference", "--houses", "1", "--laboratories", "1", "--doors", "16",
                  "--json", str(tmp_path / "o.json"))  # fmt: skip
    assert done.returncode == 2
    assert "at most 10" in done.stderr
    assert not list(tmp_path.iterdir())


def test_one_model_at_two_addresses_is_refused_since_no_table_could_tell_them_apart() -> None:
    there = "compatible:m@http://a.example/v1"
    both = RunOptions(players=(there, there.replace("a.", "b.")))
    with pytest.raises(SpecError, match="named at two addresses"):
        asked_for(both, None)
    assert len(asked_for(RunOptions(players=(there, there)), None).config.players) == 1
