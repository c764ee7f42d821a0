"""Ten visitors load a file made to fill the memory while thirty others look on: the server's peak, their clicks.

Each file is 64 MB once it is unpacked: blanks, blanks inside a text, and a real run of long answers. Beside it the same
visitors without the files.
"""

import argparse
import asyncio
import gzip
import json

from streamlit.proto.WidgetStates_pb2 import WidgetState

from escape.runs.file import jsonl
from escape.unpacking import OURS
from tools.bench.hostile import a_run
from tools.bench.tools import page, peak_mb
from tools.bench.visitor import Visitor

MB = 2**20
MOST = 64 * MB - 1000
BOMBERS = 10
VIEWS = ("Results", "Answers", "Test models", "Make a room")


def blanks() -> bytes:
    return gzip.compress(b" " * MOST)


def blanks_in_a_text() -> bytes:
    header, *_ = a_run().splitlines(keepends=True)
    line = b'{"result":{"answer":{"text":"' + b" " * (15 * MB) + b'"}}}\n'
    return gzip.compress(header + 4 * line)


def a_real_run() -> bytes:
    """A run of five thousand answers, as many as a hosted page takes, as long as the bound on its size allows."""
    header, *results = a_run().splitlines(keepends=True)
    head = json.loads(header)
    head["header"]["config"]["repeats"] = 5000 // len(results)
    lines, words = [json.dumps(head).encode() + b"\n"], b"and then we look around once more "
    each = max(1, MOST // (5000 * len(words)) - 8)
    for repeat in range(1, 5000 // len(results) + 1):
        for line in results:
            longer = line.replace(b'"text":"', b'"text":"' + words * each, 1)
            lines.append(longer.replace(b'"trial":{', b'"trial":{"repeat":%d,' % repeat, 1))
    data = b"".join(lines)
    assert len(jsonl.loads(data).results) > 4000
    return gzip.compress(data, 1)


async def one_bomber(url: str, data: bytes) -> None:
    me = await Visitor(url).open()
    for fold in ("runs_menu", "load_fold"):
        me.values[fold] = WidgetState(id=me.ids[fold], bool_value=True)
        await me.rerun()
    await me.upload("run_file", "run.json.gz", data)
    await me.close()


async def looks_on(me: Visitor, took: list[float]) -> None:
    for n in range(6):
        await asyncio.sleep(0.5)
        took.append(await me.rerun(view=VIEWS[n % len(VIEWS)]))


async def together(url: str, n: int, data: bytes | None) -> list[float]:
    here = [await Visitor(url).open() for _ in range(n)]
    took: list[float] = []
    bombs = [one_bomber(url, data) for _ in range(BOMBERS)] if data else []
    await asyncio.gather(*(looks_on(me, took) for me in here), *bombs)
    for me in here:
        await me.close()
    return sorted(took)


def main(o: argparse.Namespace) -> None:
    env = {OURS: str(o.memory), "ESCAPE_HOSTED": "1", "STREAMLIT_SERVER_ENABLE_XSRF_PROTECTION": "false"}
    kinds = {"no file": None, "blanks": blanks, "blanks in a text": blanks_in_a_text, "a real run": a_real_run}
    for name, make in kinds.items():
        data = make() if make else None
        with page(**env) as (url, server):
            took = asyncio.run(together(url, o.n, data))
            size = f"{BOMBERS} files of {len(data) / 1024:.0f} kB" if data else "alone"
            slow = took[int(0.95 * len(took))]
            print(
                f"{o.memory} MB, {o.n} visitors, {name} ({size}): peak {peak_mb(server.pid):.0f} MB; 95 % of "
                f"{len(took)} clicks within {slow:.2f} s",
                flush=True,
            )
