"""Many trials with faults: none lost, none twice, memory flat."""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from pathlib import Path

from escape.runs.file import reader
from tests.bench.tools import measured, mock, run_command, stats


def main(o: argparse.Namespace) -> None:
    """Many trials with faults: none lost, none twice, memory flat."""
    with (
        mock("--latency", "0.01", "--jitter", "0.005", "--faults", "0.2") as url,
        tempfile.TemporaryDirectory() as folder,
    ):
        file = Path(folder) / "run.json"
        for trials in (o.trials // 10, o.trials):
            before = stats(url)
            wall, cpu, peak, code, _ = measured(run_command(trials, 50, str(file)), url)
            asked = stats(url) - before
            run = reader.load(file)
            states = Counter(r.status for r in run.results)
            size = file.stat().st_size / 2**20
            lost = trials - len(run.results)
            twice = len(run.results) - len({r.trial for r in run.results})
            answered = sum(r.answer is not None for r in run.results)
            print(
                f"{trials} trials: {wall:.0f} s, CPU {cpu:.0f} s, peak {peak:.0f} MB, file {size:.1f} MB, exit {code}; "
                f"{dict(states)}; lost {lost}, twice {twice}; answers kept {answered}, answers sent by the server "
                f"{asked['answers']}; faults {asked['faults']}"
            )
            assert lost == twice == 0
            assert answered == asked["answers"], "a paid answer was lost, or asked for twice"
