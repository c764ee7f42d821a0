"""The MCP server, with the official Python client, over standard input and output and over HTTP."""

import asyncio
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from escape.extras.mcp import Plays
from escape.runs import differences
from escape.runs.file import load

mcp = pytest.importorskip("mcp")


async def call(client: Any, tool: str, **arguments: Any) -> str:
    answer = await client.call_tool(tool, arguments)
    said: str = answer.content[0].text
    return f"REFUSED {said}" if answer.is_error else said


async def play(client: Any) -> None:
    """Leave a room, give up in it and try what is not there."""
    assert "FLUID_001: The tube" in await call(client, "list_rooms")
    told = await call(client, "enter", room="FLUID_001")
    code = told.split()[1]
    assert "bottle of water" in told
    assert "15 cm" in await call(client, "do", play=code, move="look: tube")
    await call(client, "do", play=code, move="pour: bottle of water -> tube")
    assert "You are out. 2 moves." in await call(client, "do", play=code, move="take: ping pong ball")
    again = (await call(client, "enter", room="FLUID_001")).split()[1]
    for move in ("Solution Steps", "pour: bottle of water -> floor; hit: tube", "", "surrender"):
        await call(client, "do", play=again, move=move)
    assert "It is over. 1 moves." in await call(client, "score", play=again)
    again = (await call(client, "enter", room="FLUID_001")).split()[1]
    assert "It goes on. 0 moves." in await call(client, "score", play=again)
    assert "It is over." in await call(client, "give_up", play=again)
    assert (await call(client, "enter", room="../../etc/passwd")).startswith("REFUSED")
    assert (await call(client, "do", play="00000000", move="look")).startswith("REFUSED")


@pytest.mark.proof
def test_an_agent_plays_over_standard_input_and_its_plays_become_a_run(
    tmp_path: Path, every: list[Any]
) -> None:
    from mcp.client.client import Client
    from mcp.client.stdio import StdioServerParameters, stdio_client

    file = tmp_path / "plays.json"
    command = ["-m", "escape", "mcp", "--name", "tester", "--json", str(file)]

    async def go() -> None:
        async with Client(
            stdio_client(StdioServerParameters(command=sys.executable, args=command))
        ) as client:
            await play(client)

    asyncio.run(go())
    run = load(str(file))
    assert [(r.trial.player, bool(r.outcome and r.outcome.out)) for r in run.results] == [
        ("agent:tester", True),
        ("agent:tester", False),
        ("agent:tester", False),
    ]
    assert list(differences(run, {p.problem_id: p for p in every})) == []
    again = subprocess.run([sys.executable, *command], capture_output=True, text=True, check=False)
    assert again.returncode == 2
    assert re.search("already exists; name another file", again.stderr)


@pytest.mark.proof
def test_an_agent_plays_over_http() -> None:
    from mcp.client.client import Client

    from tools.bench.harness import free_port

    port = free_port()
    running = subprocess.Popen(
        [sys.executable, "-m", "escape", "mcp", "--http", "--port", str(port)], stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(150):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/mcp", timeout=1)
            except urllib.error.HTTPError:
                break
            except OSError:
                time.sleep(0.1)

        async def go() -> None:
            async with Client(f"http://127.0.0.1:{port}/mcp") as client:
                await play(client)

        asyncio.run(go())
    finally:
        running.terminate()
        running.wait(10)


def test_of_too_many_plays_the_one_idle_for_longest_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("escape.extras.mcp.MAX_PLAYS", 2)
    plays = Plays("me")
    first, second = (plays.enter("FLUID_001").split()[1] for _ in range(2))
    plays.do(first, "look")
    plays.enter("FLUID_001")
    assert "It goes on." in plays.score(first)
    with pytest.raises(ValueError, match="no such play"):
        plays.score(second)


def test_a_play_that_is_over_is_kept_once_whatever_is_called_after_it() -> None:
    plays = Plays("me")
    code = plays.enter("FLUID_001").split()[1]
    for move in ("pour: bottle of water -> tube", "take: ping pong ball", "look", "look"):
        said = plays.do(code, move)
    assert "You are out." in said
    assert [r.trial.repeat for r in plays.run.results] == [1]
