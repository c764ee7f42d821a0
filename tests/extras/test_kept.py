"""What others get of our runs and rooms: a board, records, replays, Inspect's logs, an agent's plays."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

import pytest

from escape.environments import environment_of
from escape.extras import Env
from escape.extras.inspect import logs
from escape.extras.mcp.server import Plays
from escape.extras.publish import publish
from escape.extras.publish.verifying import differences
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
