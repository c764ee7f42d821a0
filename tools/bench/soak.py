"""Many trials with faults: none lost, none twice, memory flat."""

import argparse
import tempfile
from collections import Counter
from pathlib import Path

from escape.runs.file import jsonl
from tools.bench.tools import FIVE, escape, measured, mock, stats

ROOMS = [part for puzzle in FIVE for part in ("--puzzle", puzzle)]


def main(o: argparse.Namespace) -> None:
    with (
        mock("--latency", "0.01", "--jitter", "0.005", "--faults", "0.2") as url,
        tempfile.TemporaryDirectory() as folder,
    ):
        file = Path(folder) / "run.json"
        most = o.trials or 5_000
        for trials in (most // 10, most):
            before = stats(url)
            each = [
                "--trials",
                str(trials // len(FIVE)),
                "--concurrency",
                "50",
                "--json",
                str(file),
                "--force",
                "--quiet",
            ]
            wall, cpu, peak, code, _ = measured(escape("--model", "openai:gpt-4o-mini", *ROOMS, *each), url)
            asked = stats(url) - before
            run = jsonl.load(file)
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
