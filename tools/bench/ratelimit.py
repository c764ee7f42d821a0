"""Servers with a limit, at ordinary latencies: the part of the allowed rate in use, and of calls refused.

A bucket of one that fills at 1, 2, 5 or 20 calls a second, or 60 calls in each minute, with and without
Retry-After, at latencies of 0.1, 1 and 3 s; then the four forms of Retry-After beside a free provider; then
two models of one provider with limits of their own. `--told openai` or `anthropic`: the server says its limit
in headers. A scene is broken off after `--most-s` seconds and counted up to there.
"""

import contextlib
import math
import subprocess
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from escape.runs.file import jsonl
from tools.bench.harness import FIVE, ROOMS, begin, escape, mock, stats

WISHES = ("seconds", "tenths", "date", "none")
LATENCIES = (0.1, 1.0, 3.0)
CALLS = {1: 50, 2: 100, 5: 200, 20: 400}  # by calls a second: what takes less than a minute
WINDOW, WINDOW_CALLS = 60, 100  # calls in a minute
MINI, BIG, FREE = "openai:gpt-4o-mini", "openai:gpt-4o", "anthropic:claude-haiku-4-5"


class Scene(NamedTuple):
    """A server's limit, its latency, the form of its Retry-After, and whose headers tell its limit.

    Twice as many calls may be in flight as the limit needs, so that nothing but the limit holds them back.
    """

    limit: tuple[str, ...]
    latency: float
    wish: str
    told: str
    calls: int

    @property
    def at_once(self) -> int:
        """Calls that may be under way."""
        rate = float(self.limit[1]) if self.limit[0] == "--rate" else 1.0
        return max(8, math.ceil(2 * rate * self.latency))


def run(url: str, most_s: float, *flags: str, **more: str) -> bool:
    """Let `escape run` ask until it has ended or the time is up; whether it ended."""
    command = escape("--concurrency", "8", *flags, *ROOMS, "--quiet")
    running = begin(command, url, **more)
    with contextlib.suppress(subprocess.TimeoutExpired):
        running.wait(most_s)
        return True
    running.kill()
    running.wait()
    return False


def used(seen: Counter[str], *, ended: bool, of: str = "") -> float:
    """The share of the time which the calls that were let in needed at least."""
    took = seen[f"{'span' if ended else 'since'}{of}"]
    return seen[f"need{of}"] / took if took else 1.0


def one(scene: Scene, most_s: float) -> str:
    """One limit, as a line."""
    flags = ["--latency", str(scene.latency), "--wish", scene.wish, "--told", scene.told]
    with mock(*scene.limit, *flags) as url:
        trials, at_once = str(scene.calls // len(FIVE)), str(scene.at_once)
        ended = run(url, most_s, "--model", MINI, "--trials", trials, "--concurrency", at_once)
        seen = stats(url)
        refused = seen["refused"] / max(1, seen["let_in"] + seen["refused"])
        what = f"{scene.limit[1]}/s" if scene.limit[0] == "--rate" else f"{scene.limit[1]} a minute"
        done = "" if ended else f", broken off at {seen['let_in']:.0f} of {scene.calls}"
        return (
            f"{what:12} latency {scene.latency:<4} Retry-After {scene.wish:8} {used(seen, ended=ended):4.0%} "
            f"of the rate used, {refused:4.0%} of calls refused, {seen['since']:.0f} s{done}"
        )


def beside(wish: str, trials: int, most_s: float) -> str:
    """One form of Retry-After at one call a second, beside a free provider."""
    with (
        mock("--rate", "1", "--wish", wish, "--latency", "0.1") as limited,
        mock("--latency", "0.1") as free,
        tempfile.TemporaryDirectory() as folder,
    ):
        file = f"{folder}/run.json"
        flags = ["--model", MINI, "--model", FREE, "--trials", str(trials // len(FIVE)), "--json", file]
        ended = run(limited, most_s, *flags, ANTHROPIC_BASE_URL=free)
        seen = stats(limited)
        results = list(jsonl.load(file).results)
        quick = sorted(r.ended_at for r in results if r.trial.player == FREE)
        judged = sum(r.verdict is not None for r in results)
        refused = seen["refused"] / max(1, seen["let_in"] + seen["refused"])
        first = min(r.started_at for r in results)
        return (
            f"Retry-After {wish:8} {judged} of {2 * trials} judged, {refused:.1%} of calls refused, "
            f"{used(seen, ended=ended):.1%} of the allowed rate; the free one was done from {first[14:19]} "
            f"to {quick[-1][14:19]}"
        )


def two_models(latency: float, most_s: float) -> str:
    """Two models of one provider: one call a second for the first, ten for the second."""
    limits = ["--rates", "gpt-4o-mini=1", "gpt-4o=10", "--wish", "seconds", "--latency", str(latency)]
    with mock(*limits) as url:
        at_once = str(8 + math.ceil(2 * 10 * latency))  # enough for the quicker one
        ended = run(url, most_s, "--model", MINI, "--model", BIG, "--trials", "6", "--concurrency", at_once)
        seen = stats(url)
        slow, quick = (used(seen, ended=ended, of=f" {m}") for m in ("gpt-4o-mini", "gpt-4o"))
        return (
            f"two models, latency {latency}: {slow:.0%} of 1/s used, {quick:.0%} of 10/s, "
            f"{seen['refused']} refused"
        )


def main(trials: int = 0, at_once: int = 50, told: str = "none", most_s: float = 600.0) -> None:
    limits = [(("--rate", str(rate)), calls) for rate, calls in CALLS.items()]
    limits.append((("--window", str(WINDOW)), WINDOW_CALLS))
    scenes = [
        Scene(limit, latency, wish, told, trials or calls)
        for limit, calls in limits
        for latency in LATENCIES
        for wish in ("seconds", "none")
    ]
    with ThreadPoolExecutor(at_once) as pool:  # they wait more than they work
        lines = [pool.submit(one, scene, most_s) for scene in scenes]
        lines += [pool.submit(beside, wish, trials or 30, most_s) for wish in WISHES]
        lines += [pool.submit(two_models, latency, most_s) for latency in LATENCIES]
        for line in lines:
            print(line.result(), flush=True)
