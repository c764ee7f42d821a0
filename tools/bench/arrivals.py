"""A class that arrives at a cold server within six seconds, and then clicks.

Shows how many fail, the CPU of each, and how long the page takes.
"""

import asyncio
import random
import time

from tools.bench.harness import Visitor, cpu_s, page, peak_mb, within

ARRIVE_S = 6.0
PATIENCE_S = 60.0
VIEWS = ("Results", "Answers", "Test models", "Make a room")
MOST = 1.6  # times the CPU of a first visitor and of as many later ones, each alone


async def arrive(url: str, after_s: float, waits: list[float]) -> Visitor | None:
    """Open the page, noting the wait; None if it did not come."""
    await asyncio.sleep(after_s)
    began = time.monotonic()
    try:
        me = await asyncio.wait_for(Visitor(url).open(), PATIENCE_S)
    except (OSError, TimeoutError):
        return None
    waits.append(time.monotonic() - began)
    return me


async def click(me: Visitor, took: list[float]) -> None:
    """Click on six tabs, some two seconds apart."""
    for n in range(6):
        await asyncio.sleep(4 * random.random())
        took.append(await me.rerun(view=VIEWS[n % len(VIEWS)]))


async def one_by_one(url: str, n: int, pid: int) -> float:
    """Measure the CPU that a class would take if its visitors came alone, one after the other.

    The first meets a cold server. Five come after it, and the median of them stands for all the others.
    """
    took = []
    for _ in range(6):
        before = cpu_s(pid)
        me = await Visitor(url).open()
        await asyncio.sleep(1)
        took.append(cpu_s(pid) - before)
        await me.close()
    return took[0] + (n - 1) * sorted(took[1:])[2]


async def cold(url: str, n: int, pid: int, yardstick_s: float) -> None:
    """Let the class arrive. `yardstick_s`: the CPU that it would take one by one."""
    waits: list[float] = []
    before = cpu_s(pid)
    came = await asyncio.gather(*(arrive(url, ARRIVE_S * i / n, waits) for i in range(n)))
    await asyncio.sleep(1)
    took, here = cpu_s(pid) - before, [me for me in came if me]
    waits.sort()
    print(
        f"{n} visitors within {ARRIVE_S:.0f} s at a cold server: {n - len(here)} failed, {took / n:.2f} s of "
        f"CPU each, {took / yardstick_s:.2f} times that of the same one by one; the page after "
        f"{waits[len(waits) // 2]:.1f} s (longest {waits[-1]:.1f})",
        flush=True,
    )
    assert len(here) == n, "somebody was left standing"
    assert took < MOST * yardstick_s, "what all visitors share is not done once"
    await warm(here, pid, "the example")


async def with_runs(url: str, n: int, pid: int) -> None:
    """Let everybody make a run of their own first: 180 answers in rooms."""
    here = [await Visitor(url).open() for _ in range(n)]
    began = time.monotonic()
    await asyncio.gather(*(_run(me) for me in here))
    print(f"{n} visitors ran 180 answers each in {time.monotonic() - began:.0f} s", flush=True)
    await warm(here, pid, "180 answers")


async def _run(me: Visitor) -> None:
    await me.rerun(repeats=2.0)
    await me.press_run()
    await me.see_results()


async def warm(here: list[Visitor], pid: int, what: str) -> None:
    """Let all visitors click, and measure what a click on Results takes in CPU."""
    before = cpu_s(pid)
    for _ in range(20):
        await here[0].rerun(view="Results")
    results = (cpu_s(pid) - before) / 20
    took: list[float] = []
    await asyncio.gather(*(click(me, took) for me in here))
    print(
        f"  with {what}: {within(took)}; a click on Results {1000 * results:.0f} ms of CPU; "
        f"server {peak_mb(pid):.0f} MB",
        flush=True,
    )
    for me in here:
        await me.close()


def main(n: int = 30) -> None:
    with page() as (url, server):
        yardstick_s = asyncio.run(one_by_one(url, n, server.pid))
    with page() as (url, server):
        asyncio.run(cold(url, n, server.pid, yardstick_s))
    with page() as (url, server):
        asyncio.run(with_runs(url, n, server.pid))
