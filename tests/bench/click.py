"""From the click on Run to the full result of the free example, over the page's own protocol."""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time

from tests.bench.tools import page
from tests.bench.visitor import Visitor


async def clicks(url: str, times: int) -> list[float]:
    """Seconds until the results of the example are all there, for one new visitor after another."""
    took = []
    for _ in range(times):
        me = await Visitor(url).open()
        me.texts.clear()
        me.charts.clear()
        began = time.monotonic()
        await me.rerun(run=True)
        while not (me.charts and any(("scores" in t or "gets out of" in t) and "esc-lead" in t for t in me.texts)):
            await asyncio.sleep(0.005)
        took.append(time.monotonic() - began)
        await me.close()
    return took


def main(o: argparse.Namespace) -> None:
    with page() as (url, _):
        first, *others = asyncio.run(clicks(url, 12))
        middle = statistics.median(others)
        print(
            f"click to full result of the free example: {middle:.2f} s (median of 11), the first of all {first:.2f} s"
        )
        assert middle < 0.6
