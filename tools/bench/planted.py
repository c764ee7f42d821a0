"""Planted faults: each is put into a copy of the project, and the tests of its own package must notice.

The faults stand in faults.jsonl, one a line: file, old, new, tests, why. They were planted in nine rounds by readers
who had not seen the tests. Exits with 1 where a fault no longer matches its file, or where too few are caught.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from tools.bench.tools import ROOT

ENOUGH = 0.9


class Fault(NamedTuple):
    """`old`, which stands once in `file`, becomes `new`; `tests` are those of its package."""

    file: str
    old: str
    new: str
    tests: list[str]
    why: str


FAULTS = [Fault(**json.loads(x)) for x in Path(__file__).with_name("faults.jsonl").read_text("utf-8").splitlines()]


def caught(fault: Fault) -> str:
    """The first test that failed; "" where none did."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy"
        shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".venv", ".git", "*cache*"))
        path = copy / "escape" / fault.file
        path.write_text(path.read_text("utf-8").replace(fault.old, fault.new), "utf-8")
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-x",
            "-q",
            "-p",
            "no:cacheprovider",
            "-m",
            "not browser",
            *fault.tests,
        ]
        env = {**os.environ, "PYTHONPATH": str(copy)}
        done = subprocess.run(command, cwd=copy, capture_output=True, text=True, timeout=600, env=env)
        lines = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
        return lines[0][:110] if lines else "" if done.returncode == 0 else f"exit {done.returncode}"


def main(o: argparse.Namespace) -> None:
    texts = {f.file: (ROOT / "escape" / f.file).read_text("utf-8") for f in FAULTS}
    if lost := [f for f in FAULTS if texts[f.file].count(f.old) != 1]:
        sys.exit("\n".join(f"{f.file}: no longer stands there once: {f.old!r}" for f in lost))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = list(pool.map(caught, FAULTS))
    for fault, how in zip(FAULTS, found, strict=True):
        if not how:
            print(f"SURVIVED {fault.file}: {fault.old!r} -> {fault.new!r}: {fault.why}")
    share = sum(map(bool, found)) / len(FAULTS)
    print(f"{sum(map(bool, found))} of {len(FAULTS)} planted faults were caught ({share:.0%})")
    sys.exit(share < ENOUGH)
