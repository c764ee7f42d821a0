"""What a million trials cost and need: money by the price list, and time, memory and disk from 10,000 in batches.

The rooms are the bundled thirty, the houses ten with sixteen doors; an answer is as long as the page's estimate takes
it to be, so the price of a model that thinks long is nearer to the upper figure or above.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from escape import models
from escape.environments.houses import houses
from escape.puzzles import files
from escape.runs import bills
from escape.types import Puzzle, RunConfig
from tests.bench.tools import FIVE, escape, measured
from tests.models.fake_batches import FakeBatches

MILLION = 1_000_000
ASKED = ("openai:gpt-5-nano", "openai:gpt-5", "anthropic:claude-haiku-4-5", "anthropic:claude-sonnet-4-5")


def cost(name: str, puzzles: list[Puzzle], *, batches: bool) -> tuple[float, float]:
    """USD for a million trials, from and to."""
    longest = 8_192 if puzzles[0].house else 4_096
    config = RunConfig(
        players=(models.parse(name, max_tokens=longest),),
        problem_ids=tuple(p.problem_id for p in puzzles),
        batches=batches,
    )
    bill, _ = bills(config, puzzles)
    each = MILLION / len(puzzles)
    return (bill.low or 0.0) * each, (bill.high or 0.0) * each


def main(o: argparse.Namespace) -> None:
    rooms, made = files.load(files.sets(files.BUNDLED)[files.ROOMS]), houses("million", 10, 16)
    for name in ASKED:
        for what, puzzles in (("rooms", rooms), ("houses", made)):
            low, high = cost(name, puzzles, batches=True)
            full = cost(name, puzzles, batches=False)[1]
            print(f"{name}, a million {what} in batches: {low:,.0f} to {high:,.0f} USD, one by one up to {full:,.0f}")
    for trials in (10_000, 50_000):
        _local(trials)


def _local(trials: int) -> None:
    """What so many trials take on this machine, with a provider that answers at once."""
    with FakeBatches(looks=1) as server, tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "run.json"
        many = ["--trials", str(trials // 5), *(part for puzzle in FIVE for part in ("--puzzle", puzzle))]
        done = measured(escape("--model", "openai:gpt-5", "--batch", *many, "--quiet", "--json", str(file)), server.url)
        assert done.code == 0, done.said[-500:]
        size = file.stat().st_size / 1e6
        print(f"{trials:,} trials in batches: {done.wall_s:.0f} s, {done.cpu_s:.1f} s of CPU, {done.peak_mb:.0f} MB, "
              f"a file of {size:.1f} MB")  # fmt: skip
