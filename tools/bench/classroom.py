"""A class at once, while the board is open: join, mark 6 answers each, play 2 rooms.

Nothing is lost, nothing is seen too early; shows how long clicks take. `--n 100` students, who think
`--think 4` seconds before a click, on average; `--replicas 2` servers on one Postgres (ESCAPE_TEST_POSTGRES)
behind one address, where nginx deals the students out as `docs/nginx.conf` says.
"""

import asyncio
import contextlib
import os
import random
import tempfile
import time

from escape.classes import ClassAccess, ClassData
from escape.classes.rounds import RoundSettings
from escape.classes.teacher import Teacher
from escape.puzzles import files
from escape.runs import examples
from escape.store.database import Store
from escape.types import Puzzle, Trial
from tools.bench.harness import Visitor, one_address, page, peak_mb, seat, within

ANSWERS, ROOMS = 6, 2


class Student(Visitor):
    """One student's page, which counts its clicks in seconds."""

    clicks: list[float]
    think_s = 0.0  # before each click, on average

    async def there(self, label: str) -> None:
        """Wait until a widget has come, and whatever comes with it."""
        while label not in self.labels:
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.2)


async def one(url: str, code: str, number: int, began: asyncio.Event, think_s: float) -> Student:
    await asyncio.sleep(number * 0.1)
    me = Student(url, f"class={code}", await asyncio.to_thread(seat, url))
    me.clicks, me.think_s = [], think_s
    await me.open()
    form = {"code": me.typed("Code", code), "name": me.typed("Nickname", f"student {number}")}
    me.clicks.append(await me.press("Join", **form))
    await began.wait()
    return me


async def until(me: Student, words: str) -> None:
    """Wait, as the page does, until it says so."""
    for _ in range(300):
        if any(words in t for t in me.texts[-60:]):
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"{words} never came; last {me.texts[-3:]}")


async def mark(me: Student) -> None:
    for n in range(ANSWERS):
        await until(me, f"{n} of {ANSWERS} answers done")
        await me.there("Save")
        await asyncio.sleep(random.uniform(0, 2 * me.think_s))
        score = {"a": me.picked("Physical Understanding", "1"), "b": me.picked("Solution Path", "1.5")}
        if any(label.startswith("Red Herring") for label in me.labels):
            score["c"] = me.picked("Red Herring", "1")
        me.clicks.append(await me.press("Save", **score))


async def play(me: Student, rooms: list[Puzzle]) -> None:
    for n, room in enumerate(rooms):
        await until(me, f"{n} of {len(rooms)} rooms handed in")
        await me.there("Or write a move and press Enter")
        for move in room.world.moves if room.world else ():
            await asyncio.sleep(random.uniform(0, 2 * me.think_s))
            line = me.typed("Or write a move and press Enter", move)
            me.clicks.append(await me.press("Do this move", line=line))
        me.clicks.append(
            await me.press("Hand it in", why=me.typed("Why does it work, or why not?", "It floats."))
        )


def main(n: int = 30, think: float = 4.0, replicas: int = 2) -> None:
    """Run the class; print what was kept, how long clicks took, and memory."""
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        database = os.environ.get("ESCAPE_TEST_POSTGRES", "")
        env = {"ESCAPE_DB_URL": database} if database else {"ESCAPE_DATA": folder}
        servers = [stack.enter_context(page(**env)) for _ in range(replicas if database else 1)]
        store = Store(database or f"sqlite:///{folder}/escape.sqlite3")
        run = examples.make_run("metric", files.load(files.BUNDLED))
        opened = ClassAccess(ClassData(store)).open("bench", run, "bench")
        teacher = ClassAccess(ClassData(store)).teach(opened.code, opened.secret)
        urls = [url for url, _ in servers]
        url = stack.enter_context(one_address(urls)) if len(urls) > 1 else urls[0]
        print(f"{len(urls)} server(s): ", end="")
        asyncio.run(_everybody(n, think, url, opened.code, opened.secret, teacher))
        print(f"server {', '.join(f'{peak_mb(server.pid):.0f} MB' for _, server in servers)}")


async def _everybody(n: int, think_s: float, url: str, code: str, secret: str, teacher: Teacher) -> None:
    board = await Visitor(url, f"board={code}", f"escape_teach_{code}={secret}").open()
    began = asyncio.Event()
    start = time.monotonic()
    joining = [asyncio.create_task(one(url, code, i, began, think_s)) for i in range(n)]
    while len(teacher.members()) < n:
        await asyncio.sleep(0.5)
        assert time.monotonic() - start < 180, "not everybody could join"
    joined = time.monotonic() - start
    answers = tuple(
        Trial(problem_id=r.trial.problem_id, player=r.trial.player) for r in teacher.run().results
    )
    round_ = teacher.start(RoundSettings(kind="mark", answers=answers[:ANSWERS]))
    began.set()
    students = await asyncio.gather(*joining)
    await asyncio.gather(*(mark(me) for me in students))
    people, entries = teacher.counts(round_)
    teacher.close(round_)
    rooms = sorted((p for p in teacher.run().puzzles if p.world), key=lambda p: len(p.world.moves))[:ROOMS]
    for me in students:
        me.texts.clear()
    later = teacher.start(RoundSettings(kind="play", puzzles=tuple(p.problem_id for p in rooms)))
    await asyncio.gather(*(play(me, rooms) for me in students))
    ways = teacher.counts(later)[1]
    seen = sum("The judge is" in t for me in students for t in me.texts)
    teacher.reveal(round_)
    print(
        f"{n} students: all joined after {joined:.0f} s; {people} marked, {entries} of {n * ANSWERS} marks "
        f"and {ways} of {n * ROOMS} ways kept; {seen} saw a result before it was revealed; "
        f"{within(c for me in students for c in me.clicks)}; {time.monotonic() - start:.0f} s in all"
    )
    assert (entries, ways, seen) == (n * ANSWERS, n * ROOMS, 0)
    await board.close()
    for me in students:
        await me.close()
