"""A server that lets one call a second through, by every form of Retry-After, beside a free one."""

from __future__ import annotations

import argparse
import tempfile
from concurrent.futures import ThreadPoolExecutor

from escape.runs.file import reader
from tests.bench.tools import escape, measured, mock, stats

WISHES = ("seconds", "tenths", "date", "none")


def one(wish: str, trials: int) -> str:
    """One form, as a line."""
    with (
        mock("--rate", "1", "--wish", wish, "--latency", "0.1") as limited,
        mock("--latency", "0.1") as free,
        tempfile.TemporaryDirectory() as folder,
    ):
        file = f"{folder}/run.json"
        players = ["--model", "openai:gpt-4o-mini", "--model", "anthropic:claude-haiku-4-5"]
        flags = ["--trials", str(trials // 5), "--json", file, "--concurrency", "8", "--quiet"]
        done = measured(escape(*players, *flags), limited, ANTHROPIC_BASE_URL=free)
        seen = stats(limited)
        results = list(reader.load(file).results)
        slow = [r for r in results if r.trial.player.startswith("openai")]
        quick = sorted(r.ended_at for r in results if r.trial.player.startswith("anthropic"))
        judged = sum(r.verdict is not None for r in results)
        asked = seen["answers"] + seen["refused"]
        rate = (seen["answers"] - 1) / seen["span"]
        first = min(r.started_at for r in results)
        assert len(slow) == trials
        return (
            f"Retry-After {wish:8} {judged} of {len(results)} judged, {seen['refused'] / asked:.1%} of calls refused, "
            f"{rate:.1%} of the allowed rate; the free one was done from {first[14:19]} to {quick[-1][14:19]}, "
            f"all after {done.wall_s:.0f} s, exit {done.code}"
        )


def main(o: argparse.Namespace) -> None:
    with ThreadPoolExecutor(len(WISHES)) as pool:
        for line in pool.map(lambda wish: one(wish, o.trials or 200), WISHES):
            print(line, flush=True)
