"""Places that fail: the same command twice, two at once, no such folder, a full disk, a folder gone, kill -9.

Nothing paid is lost. A full disk is a small tmpfs, which needs root; without, that scene is left out.
"""

import contextlib
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from escape.runs.file import jsonl
from escape.types import RunConfig
from tools.bench.harness import ROOMS, begin, escape, measured, mock, stats

MODEL = ["--model", "openai:gpt-4o-mini", "--quiet", *ROOMS]


def said(text: str) -> str:
    """Return the last line of what was said; no traceback, and at most three lines."""
    assert "Traceback" not in text
    lines = text.strip().splitlines()
    assert len(lines) <= 3, lines
    return lines[-1] if lines else "(nothing)"


def answers(file: str) -> int:
    return sum(r.answer is not None for r in jsonl.load(file).results)


def replies(file: str) -> int:
    """Count every reply that was paid for: answers, and lines of them written anew."""
    return answers(file) + sum(r.repair is not None for r in jsonl.load(file).results)


def twice(url: str, folder: str) -> None:
    file = f"{folder}/run.json"
    measured(escape(*MODEL, "--json", file), url)
    before = Path(file).read_bytes()
    again = measured(escape(*MODEL, "--json", file), url)
    assert Path(file).read_bytes() == before
    print(f"the same command twice: exit {again.code}: {said(again.said)}")


def two_at_once(url: str, folder: str) -> None:
    file = f"{folder}/both.json"
    measured(escape("--model", "demo:careful", "--quiet", "--json", file))
    command = escape("--resume", file, "--trials", "20", *MODEL)
    both = [begin(command, url, stderr=subprocess.PIPE) for _ in range(2)]
    ends = [(p.communicate(timeout=120)[1], p.returncode) for p in both]
    refused = next(said(words) for words, code in ends if code == 2)
    asked = sum(
        r.answer is not None and r.trial.player.startswith("openai") for r in jsonl.load(file).results
    )
    print(
        f"two processes on one file: exits {sorted(c for _, c in ends)}, {asked} of 100 answers kept: "
        f"{refused}"
    )
    assert asked == 100


def no_such_folder(url: str, folder: str) -> None:
    before = stats(url)["calls"]
    for flag in ("--csv", "--json"):
        done = measured(escape(*MODEL, flag, f"{folder}/nowhere/out"), url)
        print(
            f"{flag} into no folder: exit {done.code}, {stats(url)['calls'] - before} calls: "
            f"{said(done.said)}"
        )
        assert (done.code, stats(url)["calls"]) == (2, before)


@contextlib.contextmanager
def small_disk(folder: str, kb: int) -> Iterator[str]:
    disk = f"{folder}/disk"
    Path(disk).mkdir()
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={kb}k", "none", disk], check=True, capture_output=True
    )
    try:
        yield disk
    finally:
        subprocess.run(["umount", disk], check=True)


def kept_in(text: str) -> str:
    found = re.search(r"is in (\S+?)[;,]?(?:\s|$)", text)
    assert found, text
    return found[1]


def full_disk(url: str, folder: str) -> None:
    try:
        with small_disk(folder, 300) as disk:
            before = stats(url)["answers"]
            done = measured(escape(*MODEL, "--trials", "100", "--json", f"{disk}/run.json"), url)
            asked = stats(url)["answers"] - before
            place = kept_in(done.said)
            print(
                f"a full disk: exit {done.code}, {asked} replies paid, {replies(place)} kept: "
                f"{said(done.said)}"
            )
            assert replies(place) == asked
            os.unlink(place)
    except (subprocess.CalledProcessError, FileNotFoundError):
        print("a full disk: left out, no small disk can be made here")


def folder_gone(url: str, folder: str) -> None:
    gone = Path(folder) / "gone"
    gone.mkdir()
    before = stats(url)["answers"]
    command = escape(*MODEL, "--trials", "100", "--json", str(gone / "run.json"))
    running = begin(command, url, stderr=subprocess.PIPE)
    while stats(url)["answers"] < before + 50:
        time.sleep(0.02)
    shutil.rmtree(gone)
    words = running.communicate(timeout=60)[1]
    asked = stats(url)["answers"] - before
    place = kept_in(words)
    print(
        f"a folder removed midway: exit {running.returncode}, {asked} paid, {replies(place)} kept: "
        f"{said(words)}"
    )
    assert replies(place) == asked
    os.unlink(place)


def killed(url: str, folder: str, times: int = 20) -> None:
    """kill -9 at twenty moments of a run of 200: what was in the file stays, and nothing is asked twice."""
    file = f"{folder}/killed.json"
    before, had = stats(url)["answers"], 0
    command = escape(*MODEL, "--trials", "40", "--json", file)
    for n in range(times):
        running = begin(command, url)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and running.poll() is None:
            if Path(file).exists() and Path(file).read_bytes().count(b'"answer"') > had + 3 + n % 5:
                break
            time.sleep(0.002)
        running.kill()
        running.wait()
        now = answers(file)
        assert now >= had, "a saved answer was lost"
        had, command = now, escape("--resume", file, "--quiet")
    done = measured(command, url)
    asked = stats(url)["answers"] - before
    under_way = times * RunConfig().concurrency
    print(
        f"kill -9, {times} times: {answers(file)} of 200 answers, exit {done.code}; {asked - replies(file)} "
        f"replies came too late to be written, of at most {under_way} calls under way"
    )
    assert answers(file) == 200
    assert asked - replies(file) <= under_way, "an answer that was written was paid again"


def main() -> None:
    with mock("--latency", "0.05", "--longer", "300") as url, tempfile.TemporaryDirectory() as folder:
        for scene in (twice, two_at_once, no_such_folder, full_disk, folder_gone, killed):
            scene(url, folder)
