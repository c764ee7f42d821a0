"""Visitors who come one after the other, run the example, open every tab and leave: what the server keeps of them."""

import argparse
import asyncio
import time

from escape.ui.session import VIEWS
from tools.bench.tools import page
from tools.bench.visitor import Visitor

FIRST = 10  # visitors after whom the level is taken
MOST_MB = 60  # above that level at the end


def resident_mb(pid: int) -> float:
    """What a process holds now."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) / 1024 for line in file if line.startswith("VmRSS"))


async def one(url: str) -> None:
    """Runs what is set up, reads every tab, leaves."""
    me = await Visitor(url).open()
    await me.press_run()
    await me.see_results()
    for view in VIEWS:
        await me.rerun(view=view)
    await me.close()


def main(o: argparse.Namespace) -> None:
    with page(MALLOC_ARENA_MAX="0") as (url, server):
        level = 0.0
        for n in range(1, o.n + 1):
            asyncio.run(one(url))
            if n == FIRST:
                time.sleep(o.wait)
                level = resident_mb(server.pid)
            if n in (1, FIRST) or n % 50 == 0:
                print(f"after {n} visitors {resident_mb(server.pid):.0f} MB", flush=True)
        time.sleep(o.wait)
        at_end = resident_mb(server.pid)
        print(
            f"after {o.wait} s without anybody {at_end:.0f} MB: {at_end - level:+.0f} MB above the level after {FIRST}"
        )
    assert at_end - level <= MOST_MB, "visitors who left are still paid for"
