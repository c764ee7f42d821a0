"""What others get of our runs and rooms: a board, records, replays, Inspect's logs, an agent's plays."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

import pytest

from escape.environments import environment_of
from escape.extras import Env
from escape.extras.inspect import logs
from escape.extras.mcp.server import Plays
from escape.extras.publish import page, publish, records
from escape.extras.publish.boards import Entry, boards, promised
from escape.extras.publish.verifying import differences
from escape.types import Failure, FailureKind, Result
from tests.approved import Approved
from tests.every_kind import KINDS, every_kind
from tests.frozen import MADE_AT

ASIDE = ("look", "Move: pull the moon down", "", "wait", "I would first think. Move: open the door")


SOUND = [kind for kind in KINDS if "wrong" not in kind]


@pytest.mark.parametrize("kind", SOUND)
def test_a_published_run_stays_as_it_is(approved: Approved, kind: str, tmp_path: Path) -> None:
    run = every_kind()[kind]
    publish([(run, "self-reported"), (run, "re-run")], tmp_path / "site", MADE_AT, incomplete=True)
    for file in sorted((tmp_path / "site").rglob("*")):
        if file.suffix in (".html", ".json", ".md", ".yml"):
            approved.add(file.read_text("utf-8").replace(">", ">\n"))


def test_what_verify_finds_stays_as_it_is(approved: Approved) -> None:
    for kind, run in every_kind().items():
        approved.add("\n".join(f"{kind}, {found.kind}: {found.text}" for found in differences(run, {})))


@pytest.mark.proof
def test_a_board_on_which_much_failed_stays_as_it_is(approved: Approved) -> None:
    for run in (promised(every_kind()["everything goes wrong"]), every_kind()["everything goes wrong"]):
        found = boards(
            [Entry(run, "a.jsonl.gz", "0" * 64, "self-reported"), Entry(run, "b.jsonl.gz", "1" * 64, "re-run")]
        )
        approved.add(page.page(found, MADE_AT).replace(">", ">\n"))
        for board in found:
            approved.add("\n".join(map(repr, board.lines)))
        approved.add(json.dumps(records.board(found, MADE_AT), indent=0))
        approved.add("\n".join(json.dumps(r, indent=0) for _, r in records.every_eval_ever(found, MADE_AT)))


def test_a_call_that_failed_is_not_missing() -> None:
    run = every_kind()["rooms"]
    why = Failure(stage="player", kind=FailureKind.TIMEOUT, message="too slow")
    failed = tuple(Result(trial=r.trial, failure=why) if i % 3 == 0 else r for i, r in enumerate(run.results))
    assert not [d for d in differences(run.model_copy(update={"results": failed}), {}) if d.kind == "missing"]


@pytest.mark.parametrize("kind", SOUND)
def test_a_log_for_inspect_stays_as_it_is(approved: Approved, kind: str) -> None:
    for log in logs.logs(every_kind()[kind]):
        for sample in log.samples or ():
            approved.add(
                re.sub(r'"(id|timestamp)": ?"[^"]*",?', "", sample.model_dump_json(indent=0, exclude_none=True))
            )
        approved.add(f"{log.eval.task} {log.eval.model} {log.eval.task_args} {log.eval.config.epochs} {log.results}")


def played(env: Env, seed: str) -> Iterator[str]:
    yield env.reset(seed)
    for line, aside in zip_longest(environment_of(env.puzzle).reference(env.puzzle), ASIDE, fillvalue=""):
        for said in (aside, f"Move: {line}" if line else ""):
            if said:
                step = env.step(said)
                yield f"{said} -> {step.observation} ({step.reward:.3f}, {step.done}, {step.state})"
    yield f"{env.state} after {env.moves}"


@pytest.mark.parametrize("kind", ["rooms", "houses", "laboratories"])
def test_an_agents_play_stays_as_it_is(approved: Approved, kind: str) -> None:
    for text in played(Env(kind, doors=3), "FLUID_001" if kind == "rooms" else "kept"):
        approved.add(text)
    plays = Plays("agent")
    (code,) = re.findall(r"play (\w+)", plays.enter(kind, "FLUID_001" if kind == "rooms" else "kept", 3))[:1]
    for move in ("look", "wait", "sing", "give up", "wait"):
        try:
            approved.add(plays.do(code, move).replace(code, "CODE"))
        except ValueError as error:
            approved.add(str(error).replace(code, "CODE"))
        approved.add(plays.score(code).replace(code, "CODE"))
