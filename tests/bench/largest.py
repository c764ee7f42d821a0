"""Visitors who ask for the largest houses and leave: others' clicks meanwhile, and when the CPU stands still."""

from __future__ import annotations

import argparse
import asyncio
import time

from streamlit.proto.WidgetStates_pb2 import WidgetState

from tests.bench.arrivals import cpu_s
from tests.bench.tools import page
from tests.bench.visitor import Visitor

MOST_CLICK_S, STILL_AFTER_S = 0.3, 2.0
VIEWS = ("Results", "Answers", "Play", "Make a room")


async def comes(url: str, number: int) -> Visitor:
    """Somebody who is about to ask for houses of a seed of their own."""
    me = await Visitor(url).open()
    me.choose("kind", ["Houses"])  # by its label, as the front end sends it
    await me.rerun()
    await me.rerun(houses_seed=f"large-{number}")
    return me


async def asks(me: Visitor) -> None:
    """Asks for twenty houses of twenty doors, and leaves some seconds later."""
    me.values["n"] = WidgetState(id=me.ids["houses_n"], double_value=20)
    asked = asyncio.create_task(me.rerun(houses_doors=20.0))
    await asyncio.sleep(5)
    asked.cancel()
    await me.close()


async def clicks(me: Visitor, until: asyncio.Event) -> list[float]:
    took = []
    while not until.is_set():
        took.append(await me.rerun(view=VIEWS[len(took) % len(VIEWS)]))
        await asyncio.sleep(0.05)
    return sorted(took)


async def everybody(url: str, pid: int, n: int) -> None:
    other = await Visitor(url).open()
    here = [await comes(url, number) for number in range(n)]
    for view in (*VIEWS, *VIEWS):
        await other.rerun(view=view)
    over = asyncio.Event()
    clicking = asyncio.create_task(clicks(other, over))
    await asyncio.gather(*map(asks, here))
    left = time.monotonic()
    await asyncio.sleep(1)
    over.set()
    took = await clicking
    await asyncio.sleep(max(0.0, STILL_AFTER_S - (time.monotonic() - left)))
    before = cpu_s(pid)
    await asyncio.sleep(2)
    busy = (cpu_s(pid) - before) / 2
    print(
        f"{n} visitors asked for 20 houses of 20 doors and left: {len(took)} clicks of somebody else, 95 % within "
        f"{took[int(0.95 * len(took))]:.2f} s, longest {took[-1]:.2f}; {STILL_AFTER_S:.0f} s later {busy:.0%} of a core"
    )
    assert took[int(0.95 * len(took))] <= MOST_CLICK_S, "one visitor's houses stop another's page"
    assert busy < 0.1, "what nobody looks at is still computed"


def main(o: argparse.Namespace) -> None:
    with page() as (url, server):
        asyncio.run(everybody(url, server.pid, min(o.n, 12)))
