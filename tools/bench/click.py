"""From the click on Run to the full result of the free example, over the page's own protocol."""

import asyncio
import statistics
import time

from tools.bench.harness import Visitor, page

MOST = 25.0  # times a click that changes nothing, which has become cheap since no chart is drawn with it


async def clicks(url: str, times: int) -> list[float]:
    """Measure the seconds until the example's results are all there, for one new visitor after another."""
    took = []
    for _ in range(times):
        me = await Visitor(url).open()
        await me.set_up()
        me.texts.clear()
        began = time.monotonic()
        await me.press_run()
        await me.see_results()
        while not any("gets out of" in t and "esc-lead" in t for t in me.texts):
            await asyncio.sleep(0.005)
        took.append(time.monotonic() - began)
        await me.close()
    return took


async def plain_click(url: str) -> float:
    """Measure the yardstick: a click that changes nothing, on a page that is warm."""
    me = await Visitor(url).open()
    took = statistics.median([await me.rerun() for _ in range(11)])
    await me.close()
    return took


def main() -> None:
    with page() as (url, _):
        first, *others = asyncio.run(clicks(url, 12))
        middle, plain = statistics.median(others), asyncio.run(plain_click(url))
        print(
            f"click to full result of the free example: {middle:.2f} s (median of 11), the first of all "
            f"{first:.2f} s, {middle / plain:.1f} times a click that changes nothing ({plain:.2f} s)"
        )
        assert middle < MOST * plain, "a run of the example takes too many clicks' time"
