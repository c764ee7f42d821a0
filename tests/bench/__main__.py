"""`python -m tests.bench throughput|visitors|soak`: a run beside a bare SDK, a class at once, endurance."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from escape import prompts, puzzles, stored
from tests.bench.visitor import Visitor

ROOT = Path(__file__).parent.parent.parent


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port: int = s.getsockname()[1]
        return port


@contextlib.contextmanager
def process(command: list[str], ready: str, **env: str) -> Iterator[subprocess.Popen[bytes]]:
    running = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **env}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(300):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(ready, timeout=1)
                break
            time.sleep(0.1)
        yield running
    finally:
        running.terminate()
        running.wait(20)


@contextlib.contextmanager
def mock(*args: str) -> Iterator[str]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with process([sys.executable, "-m", "tests.bench.mock", "--port", str(port), *args], f"{url}/stats"):
        yield url


def stats(url: str) -> Counter[str]:
    return Counter(json.load(urllib.request.urlopen(f"{url}/stats", timeout=10)))


def measured(command: list[str], url: str) -> tuple[float, float, float, int]:
    """(wall s, CPU s, peak MB, exit code) of a process."""
    env = {**os.environ, "OPENAI_BASE_URL": f"{url}/v1", "OPENAI_API_KEY": "mock"}
    began = time.monotonic()
    running = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(running.pid, 0)
    code = os.waitstatus_to_exitcode(status)
    running.returncode = code
    return time.monotonic() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, code


def run_command(trials: int, at_once: int, file: str) -> list[str]:
    model = "openai:gpt-4o-mini"
    return [
        sys.executable,
        "-m",
        "escape",
        "run",
        "--model",
        model,
        "--judge",
        model,
        "--trials",
        str(trials),
        "--concurrency",
        str(at_once),
        "--json",
        file,
        "--quiet",
    ]


async def bare(cells: int, at_once: int) -> None:
    """The same calls by nothing but the SDK and a semaphore."""
    import openai

    client = openai.AsyncOpenAI()
    gate = asyncio.Semaphore(at_once)
    rooms = puzzles.load(puzzles.BUNDLED)

    async def ask(prompt: prompts.Prompt) -> str:
        extra = {}
        if prompt.reply_schema:
            form = {"name": "x", "strict": True, "schema": prompt.reply_schema}
            extra["response_format"] = {"type": "json_schema", "json_schema": form}
        messages = [{"role": "system", "content": prompt.system}, {"role": "user", "content": prompt.user}]
        reply = await client.chat.completions.create(model="gpt-4o-mini", messages=messages, max_tokens=512, **extra)
        return reply.choices[0].message.content or ""

    async def cell(i: int) -> None:
        async with gate:
            room = rooms[i % len(rooms)]
            answer = await ask(prompts.player(room))
            json.loads(await ask(prompts.checklist(room, answer, "==m==")))

    await asyncio.gather(*(cell(i) for i in range(cells)))
    await client.close()


def throughput(o: argparse.Namespace) -> None:
    """Wall time, CPU and memory of `escape run` beside the bare SDK on the same calls, in turn."""
    limit = -(-o.cells // o.at_once) * 2 * o.latency
    print(f"{o.cells} cells, {o.at_once} at once, {o.latency * 1000:.0f} ms a call: the limit is {limit:.1f} s")
    for _ in range(o.rounds):
        for name in ("bare", "escape"):
            with (
                mock("--latency", str(o.latency), "--jitter", str(o.jitter)) as url,
                tempfile.TemporaryDirectory() as folder,
            ):
                command = (
                    run_command(o.cells // 5, o.at_once, f"{folder}/run.json")
                    if name == "escape"
                    else [
                        sys.executable,
                        "-m",
                        "tests.bench",
                        "bare",
                        "--cells",
                        str(o.cells),
                        "--at-once",
                        str(o.at_once),
                    ]
                )
                wall, cpu, peak, code = measured(command, url)
                print(
                    f"{name:7} wall {wall:6.2f} s ({wall / limit:.2f} of the limit)  CPU {cpu:5.2f} s  "
                    f"peak {peak:4.0f} MB  calls {stats(url)['calls']}  exit {code}"
                )


def soak(o: argparse.Namespace) -> None:
    """Many trials with faults: none lost, none twice, memory flat."""
    with (
        mock("--latency", "0.01", "--jitter", "0.005", "--faults", "0.2") as url,
        tempfile.TemporaryDirectory() as folder,
    ):
        file = Path(folder) / "run.json"
        for trials in (o.trials // 10, o.trials):
            before = stats(url)
            wall, cpu, peak, code = measured(run_command(trials // 5, 50, str(file)), url)
            asked = stats(url) - before
            run = stored.load(file)
            states = Counter(r.status for r in run.results)
            size = file.stat().st_size / 2**20
            lost = trials - len(run.results)
            twice = len(run.results) - len({r.trial for r in run.results})
            answered = sum(r.answer is not None for r in run.results)
            print(
                f"{trials} trials: {wall:.0f} s, CPU {cpu:.0f} s, peak {peak:.0f} MB, file {size:.1f} MB, exit {code}; "
                f"{dict(states)}; lost {lost}, twice {twice}; answers kept {answered}, answers sent by the server "
                f"{asked['answers']}; faults {asked['faults']}"
            )
            assert lost == twice == 0
            assert answered == asked["answers"], "a paid answer was lost, or asked for twice"


class Seen(NamedTuple):
    """What one visitor lived through: the run's seconds, the bar's longest stillness, clicks, the last sentence."""

    took: float
    gap: float
    clicks: list[float]
    lead: str


async def one_visitor(url: str, number: int, o: argparse.Namespace) -> Seen:
    await asyncio.sleep(number * 0.1)
    me = await Visitor(url).open()
    clicks = []
    for player in "abc":
        clicks.append(await me.rerun(new_provider="openai"))
        clicks.append(await me.rerun(new_model=f"gpt-4o-{player}"))
        clicks.append(await me.rerun(add_player=True))
    players = [f"openai:gpt-4o-{p}" for p in "abc"]
    me.choose("players", players)
    clicks.append(await me.rerun())
    clicks.append(await me.rerun(repeats=2.0))
    clicks.append(await me.rerun(key_openai=f"sk-visitor-{number:02d}-000000000"))
    began = time.monotonic()
    me.progress.clear()
    clicks.append(await me.rerun(run=True))
    views = ["Puzzles", "Results", "Answers", "Export"]
    while me.running and time.monotonic() - began < 120:
        await asyncio.sleep(1.7)
        clicks.append(await me.rerun(view=views[len(clicks) % len(views)]))
    took = me.progress[-1][0] - began if me.progress else 0.0
    await me.rerun(view="Results")
    lead = next((t for t in reversed(me.texts) if "scores" in t and "esc-lead" in t), "")
    changes = [began]
    last = ""
    for when, text in me.progress:
        if text != last:
            changes.append(when)
            last = text
    gaps = [b - a for a, b in itertools.pairwise(changes)]
    await me.close()
    return Seen(took, max(gaps, default=0.0), clicks, re.sub("<[^>]+>", "", lead))


def visitors(o: argparse.Namespace) -> None:
    """A class at once: everybody's bar moves, clicks are answered, all runs are complete."""
    port = free_port()
    page = f"http://127.0.0.1:{port}"
    with (
        mock("--latency", "0.2") as url,
        process(
            [
                sys.executable,
                "-m",
                "streamlit",
                "run",
                "app.py",
                "--server.port",
                str(port),
                "--server.address",
                "127.0.0.1",
            ],
            f"{page}/_stcore/health",
            OPENAI_BASE_URL=f"{url}/v1",
        ) as server,
    ):

        async def everybody() -> list[Seen]:
            return await asyncio.gather(*(one_visitor(page, i, o) for i in range(o.n)))

        began = time.monotonic()
        found = asyncio.run(everybody())
        clicks = sorted(c for f in found for c in f.clicks)
        status = Path(f"/proc/{server.pid}/status").read_text()
        peak = int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1024
        took = sorted(f.took for f in found)
        gaps = sorted(f.gap for f in found)
        print(
            f"{o.n} visitors, 30 trials each: {time.monotonic() - began:.0f} s in all; a run took "
            f"{statistics.median(took):.1f} s (longest {took[-1]:.1f}); longest stillness of a bar: median "
            f"{statistics.median(gaps):.1f} s, worst {gaps[-1]:.1f} s; {len(clicks)} clicks, 95 % within "
            f"{clicks[int(0.95 * len(clicks))]:.2f} s, median {statistics.median(clicks):.2f} s; server {peak:.0f} MB"
        )
        print(f"calls answered {stats(url)['answers']} of {30 * o.n}; leads: {Counter(f.lead[:60] for f in found)}")


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("what", choices=["throughput", "soak", "visitors", "bare"])
    p.add_argument("--cells", type=int, default=1000)
    p.add_argument("--at-once", type=int, default=50)
    p.add_argument("--latency", type=float, default=0.2)
    p.add_argument("--jitter", type=float, default=0.0)
    p.add_argument("--rounds", type=int, default=2)
    p.add_argument("--trials", type=int, default=10_000)
    p.add_argument("--n", type=int, default=30)
    o = p.parse_args()
    if o.what == "bare":
        asyncio.run(bare(o.cells, o.at_once))
        return
    measures: dict[str, Callable[[argparse.Namespace], None]] = {
        "throughput": throughput,
        "soak": soak,
        "visitors": visitors,
    }
    measures[o.what](o)


if __name__ == "__main__":
    main()
