"""A class at once: everybody's bar moves, clicks are answered, all runs are complete."""

import argparse
import asyncio
import itertools
import re
import statistics
import time
from collections import Counter
from typing import NamedTuple

from tools.bench.tools import mock, page, peak_mb, stats
from tools.bench.visitor import Visitor

MODELS = ["gpt-4o-a", "gpt-4o-b", "gpt-4o-c"]
TRIALS = 3 * 30 * 2  # players, rooms, repeats


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
    clicks.append(await me.rerun(view="Test models"))
    clicks.append(await me.rerun(key_openai=f"sk-visitor-{number:02d}-000000000"))  # which brings the list of models
    me.choose("players", MODELS)
    clicks.append(await me.rerun())
    clicks.append(await me.rerun(repeats=2.0))
    began = time.monotonic()
    me.progress.clear()
    clicks.append(await me.press_run())
    views = ["Make a room", "Results", "Answers", "Play"]
    while me.running and time.monotonic() - began < 120:
        await asyncio.sleep(1.7)
        clicks.append(await me.rerun(view=views[len(clicks) % len(views)]))
    took = me.progress[-1][0] - began if me.progress else 0.0
    await me.rerun(view="Results")
    lead = next((t for t in reversed(me.texts) if ("scores" in t or "gets out of" in t) and "esc-lead" in t), "")
    changes = [began]
    last = ""
    for when, text in me.progress:
        if text != last:
            changes.append(when)
            last = text
    gaps = [b - a for a, b in itertools.pairwise(changes)]
    await me.close()
    return Seen(took, max(gaps, default=0.0), clicks, re.sub("<[^>]+>", "", lead))


def main(o: argparse.Namespace) -> None:
    """A class at once: everybody's bar moves, clicks are answered, all runs are complete."""
    with mock("--latency", "0.2") as url, page(OPENAI_BASE_URL=f"{url}/v1") as (address, server):

        async def everybody() -> list[Seen]:
            return await asyncio.gather(*(one_visitor(address, i, o) for i in range(o.n)))

        began = time.monotonic()
        found = asyncio.run(everybody())
        clicks = sorted(c for f in found for c in f.clicks)
        peak = peak_mb(server.pid)
        took = sorted(f.took for f in found)
        gaps = sorted(f.gap for f in found)
        print(
            f"{o.n} visitors, {TRIALS} trials each: {time.monotonic() - began:.0f} s in all; a run took "
            f"{statistics.median(took):.1f} s (longest {took[-1]:.1f}); longest stillness of a bar: median "
            f"{statistics.median(gaps):.1f} s, worst {gaps[-1]:.1f} s; {len(clicks)} clicks, 95 % within "
            f"{clicks[int(0.95 * len(clicks))]:.2f} s, median {statistics.median(clicks):.2f} s; server {peak:.0f} MB"
        )
        print(f"calls answered {stats(url)['answers']} of {TRIALS * o.n}; leads: {Counter(f.lead[:60] for f in found)}")
