"""Ten seconds of outage on the wire, with the real SDK: five kinds, one and eight calls at once, beside the same run
without an outage: what is lost, how much later it ends, how many calls were refused.
"""

import argparse
import asyncio
import os
import time
from http.server import BaseHTTPRequestHandler
from typing import Any
from unittest import mock

from escape.cli.progress import key_from_environment
from escape.models import parse
from escape.puzzles import files
from escape.runs import Execution, make_plan, new_run
from escape.runs.file import GrowingRun
from escape.types import RunConfig
from tests.fake_server import FakeServer
from tools.bench.tools import KEYS

AFTER_S, LENGTH_S, LATENCY_S = 4.0, 10.0, 0.3
MOST_LATE, MOST_REFUSED = 1.5, 40


class Fails(FakeServer):
    """Away for a while, in one of five ways."""

    def __init__(self, kind: str, length: float) -> None:
        super().__init__(LATENCY_S)
        self.kind, self.length, self.began, self.refused = kind, length, 0.0, 0

    def _answer(self, h: BaseHTTPRequestHandler, body: dict[str, Any], *, anthropic: bool) -> None:
        self.began = self.began or time.monotonic()
        since = time.monotonic() - self.began
        if not AFTER_S <= since < AFTER_S + self.length:
            return super()._answer(h, body, anthropic=anthropic)
        self.refused += 1
        match self.kind:
            case "500 JSON":
                return self.reply(h, 500, {"error": {"message": "internal", "type": "server_error"}})
            case "502 HTML":
                return self.reply(h, 502, b"<html><body>nginx</body></html>")
            case "503, Retry-After":
                left = max(1, round(AFTER_S + self.length - since))
                return self.reply(h, 503, {"error": {"message": "away"}}, {"retry-after": str(left)})
            case "dropped":
                h.close_connection = True
                h.connection.close()
                return None
            case _:
                return self.reply(h, 200, {"error": {"message": "upstream has no capacity", "code": 503}})


def played(kind: str, at_once: int, n: int, length: float) -> tuple[float, int, int]:
    """Seconds, answers lost, calls refused."""
    rooms = files.load(files.BUNDLED)[:5]
    with Fails(kind, length) as server, mock.patch.dict(os.environ, KEYS | {"OPENAI_BASE_URL": f"{server.url}/v1"}):
        config = RunConfig(
            players=(parse("openai:gpt-4o"),), problem_ids=tuple(p.problem_id for p in rooms), repeats=n // 5,
            concurrency=at_once,
        )  # fmt: skip
        run = new_run(config, rooms)
        kept = GrowingRun.of(run)
        began = time.monotonic()
        asyncio.run(Execution(make_plan(run, key_from_environment)).run(kept))
        return time.monotonic() - began, sum(r.answer is None for r in kept.run.results), server.refused


def main(o: argparse.Namespace) -> None:
    for at_once, n in ((1, 30), (8, 240)):
        plain, *_ = played("", at_once, n, 0.0)
        for kind in ("500 JSON", "502 HTML", "503, Retry-After", "dropped", "an error in a 200"):
            took, lost, refused = played(kind, at_once, n, LENGTH_S)
            late = took / (plain + LENGTH_S)
            print(
                f"{kind}, {at_once} at once: {lost} of {n} lost, {late:.2f} times ideal, {refused} calls refused",
                flush=True,
            )
            assert (lost, late <= MOST_LATE, refused <= MOST_REFUSED) == (0, True, True)
