"""A cap of money against servers that make it hard: never passed by the server's own count, and not left unused."""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from collections.abc import Sequence

from escape.models import prices
from escape.models.specs import parse
from escape.runs.file import reader
from tests.bench.tools import escape, measured, mock, stats

MINI, BIG = "gpt-4o-mini", "gpt-4o"


def paid(seen: Counter[str], *models: str) -> float:
    """USD by the server's own count of tokens."""
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
        results = list(reader.load(file).results)
        whole = sum(r.verdict is not None for r in results)
        bare = sum(r.answer is not None and r.verdict is None for r in results)
        print(
            f"{name:42} {usd:.5f} of {cap:g} USD by the server's count ({usd / cap:.0%}); {whole} trials complete, "
            f"{bare} answers without a mark, {seen['calls']} calls"
        )
        assert usd <= cap, "the cap was passed"


def main(o: argparse.Namespace) -> None:
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
    scene("faults", ["--faults", "0.2"], [*player, *short, "--judge", f"openai:{MINI}"], 0.05, 3)
