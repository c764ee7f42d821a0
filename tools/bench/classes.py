"""Classes one after the other, each of a lesson of its own with a dozen who join and see its first round: memory.

`--n 40` classes with `--joins 450` pupils in all. The server holds below MOST_MB while they come and after they left.
"""

import argparse
import asyncio
import tempfile
import time

from tools.bench.leaving import resident_mb
from tools.bench.tools import page, peak_mb
from tools.bench.visitor import Visitor

MOST_MB = 420
LESSONS = ("1", "2", "3", "4a", "5", "6")


async def pupil(url: str, code: str, number: int) -> Visitor:
    me = await Visitor(url, f"class={code}").open()
    await me.press("Join", code=me.typed("Code", code), name=me.typed("Nickname", f"pupil {number}"))
    return me


async def _offered(teacher: Visitor, label: str) -> str:
    """Wait until the guide has a button that begins so, and return its label."""
    while "guide=" not in teacher.query or not (found := [one for one in teacher.labels if one.startswith(label)]):
        await asyncio.sleep(0.05)
    return found[0]


async def lesson(url: str, number: str, joins: int) -> None:
    """Start a lesson, let so many join, open its first round, and leave once everybody has seen it."""
    teacher = await Visitor(url, f"lesson={number}").open()
    await teacher.press(next(label for label in teacher.labels if label.startswith(f"Start lesson {number}")))
    await teacher.press(await _offered(teacher, "Next: the task"))
    code = teacher.query.partition("guide=")[2]
    pupils = await asyncio.gather(*(pupil(url, code, n) for n in range(joins)))
    await teacher.press(await _offered(teacher, "Next: open the round"))
    await asyncio.gather(*(me.rerun() for me in pupils))
    for me in (*pupils, teacher):
        await me.close()


def main(o: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as folder, page(ESCAPE_DATA=folder) as (url, server):
        began, joined = time.monotonic(), 0
        for n in range(o.n):
            joins = o.joins * (n + 1) // o.n - joined
            joined += joins
            asyncio.run(lesson(url, LESSONS[n % len(LESSONS)], joins))
            if (n + 1) % 10 == 0:
                print(f"{n + 1} classes, {joined} joins: {resident_mb(server.pid):.0f} MB", flush=True)
        print(f"{time.monotonic() - began:.0f} s; at most {peak_mb(server.pid):.0f} MB")
        assert peak_mb(server.pid) < MOST_MB, "classes that are over are still paid for"
