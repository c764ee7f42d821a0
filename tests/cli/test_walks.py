"""Commands and options that few need, on runs of every kind: what they print is kept."""

import asyncio
import gzip
import json
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from escape.cli import progress as looping
from escape.extras.mcp import Plays
from escape.puzzles import files
from escape.runs.file import GrowingRun, jsonl
from tests.cli.command import escape
from tests.every_kind import KINDS, every_kind
from tests.small_runs import run_of


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """A file of each kind of run."""
    folder = tmp_path_factory.mktemp("saved")
    for kind, run in every_kind().items():
        (folder / f"{kind}.json").write_bytes(b"".join(jsonl.run_lines(run)))
    return {kind: str(folder / f"{kind}.json") for kind in every_kind()}


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("check ROOMS/FLUID_001.json ROOMS/FLUID_001.twist.json --hints", 0),
        ("check ROOMS/VAC_001.twist.json", 0),
        pytest.param("check", 0, marks=pytest.mark.proof),
        ("prompt UV_001", 0),
        ("prompt UV_001 --move-by-move", 0),
        ("prompt UV_001 --no-moves", 0),
        ("prompt UV_001 --no-moves --move-by-move", 2),
        ("verify", 2),
    ],
)
def test_a_command_by_hand(line: str, code: int) -> None:
    done = escape(*line.replace("ROOMS", str(files.BUNDLED)).split())
    assert done.returncode == code, done.stdout + done.stderr


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_printed_of_a_run_and_the_files_made_of_it(
    kind: str, saved: Mapping[str, str], tmp_path: Path
) -> None:
    for metric in ("standard", "verified"):
        escape("table", saved[kind], "--metric", metric)
    escape("verify", saved[kind])


def test_one_run_that_differs_among_others_is_enough_to_fail(
    saved: Mapping[str, str], tmp_path: Path
) -> None:
    bad = tmp_path / "bad.json"
    bad.write_bytes(Path(saved["rooms"]).read_bytes() + b"torn\n")
    good = tmp_path / "good.json"
    assert escape("run", "--model", "demo:careful", "--json", str(good)).returncode == 0
    assert escape("verify", str(good)).returncode == 0
    assert escape("verify", str(bad), str(good)).returncode == 1
    assert escape("verify", str(good), str(bad)).returncode == 1


def test_judging_that_is_stopped_at_once_writes_a_row_for_every_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [
        {"problem_id": name, "player": "me", "answer": "Pour it."}
        for name in ("FLUID_001", "UV_001", "VAC_001")
    ]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")

    def stopped(*args: Any) -> None:
        pass

    monkeypatch.setattr(sys.modules["escape.cli.judge"], "run_to_end", stopped)
    done = escape(
        "judge", "--judge", "room", "--answers", str(tmp_path / "a.jsonl"), "--out", str(tmp_path / "o")
    )
    assert done.returncode == 1
    written = [json.loads(line) for line in (tmp_path / "o").read_text("utf-8").splitlines()]
    assert [row["problem_id"] for row in written] == [row["problem_id"] for row in rows]


@pytest.mark.parametrize("name", ["plays.json", "plays.json.gz", "plays.jsonl.gz", "agent.v2.json.gz"])
def test_plays_of_an_agent_are_written_as_the_files_name_says(name: str, tmp_path: Path) -> None:
    plays = Plays("me", tmp_path / name)
    room = next(iter(plays._rooms))
    for _ in range(2):
        plays.do(plays.enter(room).split()[1].strip(".,:"), "give up")
    data = (tmp_path / name).read_bytes()
    text = gzip.decompress(data) if name.endswith(".gz") else data
    assert len(jsonl.loads(text).results) == 2


def test_the_first_interrupt_waits_for_calls_and_the_second_drops_them() -> None:
    class Calls:
        stopping = False

        def stop(self) -> None:
            self.stopping = True

    class Work:
        calls, ended = Calls(), 0

        async def run(self, *given: object) -> None:
            os.kill(os.getpid(), signal.SIGINT)
            await asyncio.sleep(0.05)
            self.ended += 1
            os.kill(os.getpid(), signal.SIGINT)
            await asyncio.sleep(0.05)
            self.ended += 1

    said: list[str] = []
    work: Any = Work()
    looping.run_to_end(work, GrowingRun.of(run_of([], [])), said.append)
    assert work.ended == 1
    assert said[-1] == "stopped"
