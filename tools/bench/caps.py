"""A spending cap against servers that make it hard, and against people who kill what runs.

By the server's own count the cap is never passed by more than a twentieth, and it is not left unused.
"""

import random
import signal
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from escape.models import prices
from escape.models.specs import parse
from escape.runs.file import jsonl
from tools.bench.harness import begin, escape, measured, mock, stats

MINI, BIG = "gpt-4o-mini", "gpt-4o"
SLOW_S = 3.0
MOST = 1.05  # of the cap


def paid(seen: Counter[str], *models: str) -> float:
    """Work out USD by the server's own count of tokens."""
    usd = 0.0
    for model in models:
        in_, out = prices.per_token(parse(f"openai:{model}")) or (0.0, 0.0)
        usd += seen[f"in {model}"] * in_ + seen[f"out {model}"] * out
    return usd


def scene(name: str, server: Sequence[str], flags: Sequence[str], cap: float, times: int = 1) -> None:
    """Run under a cap, continue it, and compare with what the server counted."""
    with mock("--latency", "0.02", *server) as url, tempfile.TemporaryDirectory() as folder:
        file = f"{folder}/run.json"
        began = escape("--max-cost", str(cap), "--trials", "40", "--json", file, "--quiet", *flags)
        for command in [began, *[escape("--resume", file, "--quiet")] * (times - 1)]:
            measured(command, url)
        seen = stats(url)
        usd = paid(seen, MINI, BIG)
        results = list(jsonl.load(file).results)
        whole = sum(r.verdict is not None for r in results)
        bare = sum(r.answer is not None and r.verdict is None for r in results)
        print(
            f"{name:42} {usd:.5f} of {cap:g} USD by the server's count ({usd / cap:.0%}); {whole} trials "
            f"complete, {bare} answers without a mark, {seen['calls']} calls"
        )
        assert usd <= MOST * cap, "the cap was passed"


def broken_off(command: list[str], url: str, after_s: float, *signals: int) -> bool:
    """Start a run and send it these signals, half a second apart; False where it was over before."""
    running = begin(command, url)
    try:
        running.wait(after_s)
    except subprocess.TimeoutExpired:
        for one in signals:
            running.send_signal(one)
            time.sleep(0.5)
        running.wait(60)
        return True
    return False


def killed(name: str, times: int, cap: float, *signals: int) -> None:
    """Break off a hundred calls of three seconds each at random moments, then continue to the end."""
    chance = random.Random(5)
    with mock("--latency", str(SLOW_S)) as url, tempfile.TemporaryDirectory() as folder:
        file = f"{folder}/run.json"
        flags = ["--model", f"openai:{MINI}", "--max-tokens", "300", "--concurrency", "100", "--trials", "40"]
        command = escape("--max-cost", str(cap), "--json", file, "--quiet", *flags)
        cut = 0
        for _ in range(times):
            cut += broken_off(command, url, chance.uniform(4.0, 12.0), *signals)
            if Path(file).exists():  # a loaded machine may need seconds to begin it
                command = escape("--resume", file, "--quiet")
        measured(command, url)
        time.sleep(SLOW_S + 1)  # what was on its way when it was killed is counted as well
        seen = stats(url)
        usd, file_usd = paid(seen, MINI), jsonl.load(file).charged_usd
        print(
            f"{name}, {cut} times: {usd:.4f} of {cap:g} USD by the server's count ({usd / cap:.0%}), at most "
            f"{file_usd:.4f} by the file; {seen['calls']} calls"
        )
        assert usd <= MOST * cap
        assert usd <= MOST * file_usd, "the file knows of less than was spent"


def main() -> None:
    killed("kill -9", 5, 0.25, signal.SIGKILL)
    killed("Ctrl-C twice", 3, 0.25, signal.SIGINT, signal.SIGINT)
    player, short = ["--model", f"openai:{MINI}"], ["--max-tokens", "300"]
    scene("usual", [], [*player, *short], 0.01)
    scene("reasoning reported apart", ["--think", "500"], [*player, "--max-tokens", "1000"], 0.01)
    scene("a server that takes three times its limit", ["--over", "3"], [*player, *short], 0.01)
    scene("a judge dearer than the player", [], [*player, *short, "--judge", f"openai:{BIG}"], 0.30)
    scene(
        "unreadable replies, eight continuations",
        ["--mute", "1"],
        [*player, *short, "--judge", f"openai:{MINI}"],
        0.01,
        8,
    )
    slow = ["--latency", str(SLOW_S), "--jitter", "1"]
    scene(
        "three times its limit, slow", [*slow, "--over", "3"], [*player, *short, "--concurrency", "100"], 0.05
    )
    scene("thinking in the total alone, slow", [*slow, "--think", "900"],
          [*player, *short, "--concurrency", "100"], 0.05)  # fmt: skip
    scene("faults", ["--faults", "0.2"], [*player, *short, "--judge", f"openai:{MINI}"], 0.05, 3)
