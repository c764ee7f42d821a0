"""A class that arrives at a cold server within six seconds, and then clicks: who fails, the CPU of each, the wait."""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import time

from tests.bench.tools import page, peak_mb
from tests.bench.visitor import Visitor

ARRIVE_S = 6.0
PATIENCE_S = 60.0
VIEWS = ("Results", "Answers", "Puzzles", "Export")
SHARED = 3.0  # a first visitor's work may be so many later visitors', since what all share is done once


def cpu_s(pid: int) -> float:
    """Seconds of CPU that a process has used."""
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def arrive(url: str, after_s: float, waits: list[float]) -> Visitor | None:
    """A visitor whose page came, or None; the wait for it is noted."""
    await asyncio.sleep(after_s)
    began = time.monotonic()
    try:
        me = await asyncio.wait_for(Visitor(url).open(), PATIENCE_S)
    except (OSError, TimeoutError):
        return None
    waits.append(time.monotonic() - began)
    return me


async def click(me: Visitor, took: list[float]) -> None:
    """Eight clicks on tabs, some two seconds apart."""
    for n in range(8):
        await asyncio.sleep(4 * random.random())
        took.append(await me.rerun(view=VIEWS[n % len(VIEWS)]))


async def scene(url: str, n: int, pid: int) -> None:
    waits: list[float] = []
    before = cpu_s(pid)
    came = await asyncio.gather(*(arrive(url, ARRIVE_S * i / n, waits) for i in range(n)))
    await asyncio.sleep(1)
    each, here = (cpu_s(pid) - before) / n, [me for me in came if me]
    before = cpu_s(pid)
    for _ in range(5):
        await (await Visitor(url).open()).close()
    later = (cpu_s(pid) - before) / 5
    before = cpu_s(pid)
    for _ in range(20):
        await here[0].rerun(view="Results")
    results = (cpu_s(pid) - before) / 20
    took: list[float] = []
    await asyncio.gather(*(click(me, took) for me in here))
    waits.sort()
    took.sort()
    print(
        f"{n} visitors within {ARRIVE_S:.0f} s at a cold server: {n - len(here)} failed, {each:.2f} s of CPU each (a "
        f"later one {later:.2f}); the page after {waits[len(waits) // 2]:.1f} s (longest {waits[-1]:.1f})"
    )
    print(
        f"warm: 95 % of {len(took)} clicks within {took[int(0.95 * len(took))]:.2f} s, median "
        f"{took[len(took) // 2]:.2f}; a click on Results {1000 * results:.0f} ms of CPU; server {peak_mb(pid):.0f} MB"
    )
    assert len(here) == n, "somebody was left standing"
    assert each < SHARED * later, "what all visitors share is not done once"


def main(o: argparse.Namespace) -> None:
    with page() as (url, server):
        asyncio.run(scene(url, o.n, server.pid))
