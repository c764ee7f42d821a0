"""A model server on this machine that waits and fails as told: both protocols, on Streamlit's own uvicorn."""

from __future__ import annotations

import argparse
import asyncio
import email.utils
import json
import math
import random
import time
from collections import Counter
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.fake_server import ANSWER, FakeServer, fill


class Mock:
    """Counts what it is asked. `faults`: the share of calls answered with 429, 500 or a torn body; `rate`: calls a
    second that a bucket of one lets through, refusing others with `wish`, the form of its Retry-After; `think`: tokens
    of thinking that are reported apart; `over`: how many times its limit a reply takes; `mute`: the share of judge's
    replies that cannot be read; `longer`: words added to an answer.
    """

    def __init__(self, o: argparse.Namespace) -> None:
        self.o = o
        self.asked: Counter[str] = Counter()
        self.tokens: Counter[str] = Counter()
        self.began = self.last = 0.0
        self._chance = random.Random(0)
        self._bucket, self._filled = 1.0, time.monotonic()

    def refused(self) -> Response | None:
        """A 429 where the bucket is empty."""
        now = time.monotonic()
        self._bucket = min(1.0, self._bucket + (now - self._filled) * self.o.rate)
        self._filled = now
        if self._bucket >= 1.0:
            self._bucket -= 1.0
            self.began, self.last = self.began or now, now
            return None
        self.asked["refused"] += 1
        wait = (1.0 - self._bucket) / self.o.rate
        wishes = {
            "seconds": str(math.ceil(wait)),
            "tenths": f"{math.ceil(10 * wait) / 10:.1f}",
            "date": email.utils.formatdate(math.ceil(time.time() + wait), usegmt=True),
        }
        headers = {"retry-after": wishes[self.o.wish]} if self.o.wish in wishes else {}
        return JSONResponse({"error": {"message": "Rate limit reached"}}, 429, headers=headers)

    async def answer(self, request: Request) -> Response:
        body: dict[str, Any] = json.loads(await request.body())
        if self.o.rate and (no := self.refused()):
            return no
        await asyncio.sleep(self.o.latency + self._chance.uniform(-self.o.jitter, self.o.jitter))
        self.asked["calls"] += 1
        if self._chance.random() < self.o.faults:
            self.asked["faults"] += 1
            kind = self._chance.choice(("429", "500", "torn"))
            if kind == "torn":
                return Response(b'{"choices": [{"mess', media_type="application/json")
            return JSONResponse({"error": {"message": "on purpose"}}, int(kind), headers={"retry-after": "0.05"})
        schema = (body.get("response_format") or {}).get("json_schema", {}).get("schema")
        self.asked["marks" if schema else "answers"] += 1
        text = json.dumps(fill(schema, "Pour the water into the tube")) if schema else ANSWER + self.o.longer * " word"
        if schema and self._chance.random() < self.o.mute:
            text = "I would rather not."
        if request.url.path.endswith("/messages"):
            return JSONResponse(FakeServer._anthropic(body["model"], text, "stop"))
        reply = FakeServer._openai(body["model"], text, "stop")
        limit = body.get("max_completion_tokens") or body.get("max_tokens") or 100
        out = int(self.o.over * limit) if self.o.over else 100
        sent = 200
        reply["usage"] = {
            "prompt_tokens": sent,
            "completion_tokens": out,
            "total_tokens": sent + out + self.o.think,
        }
        self.tokens[f"in {body['model']}"] += sent
        self.tokens[f"out {body['model']}"] += out + self.o.think
        return JSONResponse(reply)

    async def stats(self, request: Request) -> Response:
        return JSONResponse({**self.asked, **self.tokens, "span": self.last - self.began})


def main() -> None:
    p = argparse.ArgumentParser()
    p.add_argument("--port", type=int, required=True)
    p.add_argument("--latency", type=float, default=0.2)
    p.add_argument("--jitter", type=float, default=0.0)
    p.add_argument("--faults", type=float, default=0.0)
    p.add_argument("--rate", type=float, default=0.0)
    p.add_argument("--wish", default="none")
    p.add_argument("--think", type=int, default=0)
    p.add_argument("--over", type=float, default=0.0)
    p.add_argument("--mute", type=float, default=0.0)
    p.add_argument("--longer", type=int, default=0)
    o = p.parse_args()
    mock = Mock(o)
    routes = [
        Route("/stats", mock.stats),
        *(Route(path, mock.answer, methods=["POST"]) for path in ("/v1/chat/completions", "/v1/messages")),
    ]
    uvicorn.run(Starlette(routes=routes), host="127.0.0.1", port=o.port, log_level="error", backlog=4096)


if __name__ == "__main__":
    main()
