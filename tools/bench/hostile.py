"""Hundreds of mutated inputs for every loader, and files made to fill the memory: no traceback, 2 s, 200 MB."""

import argparse
import json
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from functools import cache

from escape.judges.examined import exam
from escape.judges.replies import find_json
from escape.puzzles import files
from escape.runs import new_run
from escape.runs.file import jsonl
from escape.runs.file.pasted import answers_from
from escape.types import Answer, EscapeError, ModelSpec, Result, RunConfig, Trial
from tests.small_runs import dumps, verdict
from tools.bench.tools import ROOT

ROOMS = files.load(files.BUNDLED)
SPICE = [
    s.encode()
    for s in ("\n", "\r", '"', "{", "}", "[", "]", "\\ud800", "-1", "NaN", "null", "1e999", "true", "\\", ",")
]
SPICE += [b"\x00", b"\xff", b"9" * 400, b"[" * 5000, b'{"a":' * 5000, b":", b'{"header":', b'{"result":', b"," * 3000]


def a_run() -> bytes:
    spec = ModelSpec(provider="demo", model="careful")
    run = new_run(RunConfig(players=(spec,), problem_ids=tuple(p.problem_id for p in ROOMS)), ROOMS)
    done = []
    for room in ROOMS:
        text = "Pour the water into the tube and take the ball. ü"
        trial = Trial(problem_id=room.problem_id, player=spec.name)
        done.append(Result(trial=trial, answer=Answer(text=text), verdict=verdict(1, 1)))
    return dumps(run.model_copy(update={"results": tuple(done)})).encode()


def lines_of(records: list[dict[str, object]]) -> bytes:
    return "\n".join(map(json.dumps, records)).encode()


def loaders() -> dict[str, tuple[bytes, Callable[[bytes], object]]]:
    """Name -> (a good input, what reads it and looks at all of it)."""
    room = (files.BUNDLED / "UV_001.json").read_bytes()
    rooms = [room.replace(b"UV_001", b"UV_%d" % i) for i in range(5)]
    run = a_run()
    answer = {"problem_id": "UV_001", "answer": "I shine the lamp on the wall.", "player": "me", "case_id": 3}
    label = {"annotator": "A", "pus": 1, "sps": 1.5, "rhh": 1, "principles": {"x": True}}
    labelled = lines_of([answer | {"labels": [label, label]}] * 5)
    reply = json.dumps({"attempted": {"reason": "r", "value": True}, "principles": {"P1": {"met": True, "quote": "q"}}})

    def looked_through(data: bytes) -> object:
        return [r.status for r in jsonl.loads(data, "x.json").results]

    return {
        "run": (run, looked_through),
        "puzzle": (room, lambda d: files.parse(d, "x.json")),
        "puzzles": (b"[" + b",".join(rooms) + b"]", lambda d: files.parse(d, "x.json")),
        "answers jsonl": (lines_of([answer] * 20), lambda d: answers_from(d, "x.jsonl")),
        "answers csv": (b"problem_id,player,answer\nUV_001,me,\"a, b\nc\"\n" * 10, lambda d: answers_from(d, "x.csv")),
        "labelled answers": (labelled, lambda d: exam.labelled_answers(d.decode("utf-8", "replace"))),
        "judge's reply": (b"Well: " + reply.encode() + b" done", lambda d: find_json(d.decode("utf-8", "replace"))),
    }  # fmt: skip


def mutated(good: bytes, chance: random.Random) -> bytes:
    """One to four changes: spice put in, a piece taken away, doubled, moved or turned."""
    data = bytearray(good)
    for _ in range(chance.randint(1, 4)):
        a, b = sorted(chance.randrange(len(data) + 1) for _ in range(2))
        b = min(b, a + 3000)
        act = chance.randrange(6)
        if act == 0:
            data[a:a] = chance.choice(SPICE)
        elif act == 1:
            del data[a:b]
        elif act == 2:
            data[a:a] = bytes(data[a:b]) * chance.randint(1, 30)
        elif act == 3:
            data[a:b] = bytes(reversed(data[a:b]))
        elif act == 4 and data:
            data[a % len(data)] = chance.randrange(256)
        else:
            piece = bytes(data[a:b])
            del data[a:b]
            at = chance.randrange(len(data) + 1)
            data[at:at] = piece
    return bytes(data)


SLOW = 8.0  # times as long as counting to ten million
MUCH = 14.0  # times as much memory as the file has


@cache
def counting() -> float:
    """The yardstick for time: how long this machine takes to count to ten million."""
    began = time.monotonic()
    sum(1 for _ in range(10_000_000))
    return time.monotonic() - began


def mutations(name: str, times: int) -> None:
    """All mutations of one loader's input."""
    good, read = loaders()[name]
    read(good)
    chance, refused, worst = random.Random(7), 0, 0.0
    for n in range(times):
        given, began = mutated(good, chance), time.monotonic()
        try:
            read(given)
        except EscapeError as error:
            refused += 1
            if "\n" in str(error):
                raise AssertionError(f"{n}: {error}") from None
        worst = max(worst, time.monotonic() - began)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{name:18} {times} mutations: {refused} refused in a line, others read; worst {worst:.2f} s, {peak:.0f} MB")
    assert worst < SLOW * counting(), "too slow"


FILLERS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "a list of bad results": ("run", lambda: b'{"results":[' + b"{}," * 5_000_000 + b"{}]}"),
    "bad results behind a header": ("run", lambda: a_run() + b'{"result":{}}\n' * 1_000_000),
    "good results, millions": ("run", lambda: a_run() + a_run().splitlines(keepends=True)[-1] * 50_000),
    "one line without an end": ("run", lambda: a_run() + b'{"result":' + b"9" * 15_000_000),
    "deep nesting": ("run", lambda: b"[" * 15_000_000),
    "nesting in a line": ("run", lambda: a_run() + b'{"result":' + b"[" * 15_000_000),
    "numbers": ("puzzle", lambda: b"[" + b"1," * 7_000_000 + b"1]"),
    "empty objects": ("puzzle", lambda: b"[" + b"{}," * 5_000_000 + b"{}]"),
    "keys": ("puzzle", lambda: b"{" + b",".join(b'"%d":0' % i for i in range(1_000_000)) + b"}"),
    "answers": ("answers jsonl", lambda: b'{"problem_id":"X","answer":"y"}\n' * 480_000),
    "columns": ("answers csv", lambda: b"problem_id,answer" + b",a" * 7_000_000),
    "rows": ("answers csv", lambda: b"problem_id,answer\n" + b"X,y\n" * 3_700_000),
    "one cell": ("answers csv", lambda: b'problem_id,answer\nX,"' + b"y\n" * 7_500_000),
    "headers in headers": ("run", lambda: b'{"header":' * 1_500_000),
    "braces in a reply": ("judge's reply", lambda: b"{" * 1_000_000),
}


def filler(name: str) -> None:
    """One file made to fill the memory. Time and growth of this process alone."""
    kind, make = FILLERS[name]
    read = loaders()[kind][1]
    given = make()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    began, said = time.monotonic(), "read"
    try:
        read(given)
    except EscapeError as error:
        said = str(error)
    took = time.monotonic() - began
    grew = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - before
    print(f"{name:28} {len(given) / 2**20:3.0f} MB: {took:.2f} s, {grew:.0f} MB more: {said[:100]}")
    assert took < SLOW * counting(), "too slow"
    assert grew < MUCH * max(len(given) / 2**20, 1.0), "too much memory"


def main(o: argparse.Namespace) -> None:
    for what, names in (("mutations", loaders()), ("filler", FILLERS)):
        for name in names:
            command = [sys.executable, "-m", "tools.bench.hostile", what, name, str(o.trials or 700)]
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600)
            print(done.stdout.strip() or done.stderr.strip()[-2000:], flush=True)
            if done.returncode:
                print("  FAILED", done.stderr.strip().splitlines()[-1], flush=True)


def one(what: str, name: str, times: int) -> None:
    mutations(name, times) if what == "mutations" else filler(name)


if __name__ == "__main__":
    one(sys.argv[1], sys.argv[2], int(sys.argv[3]))
