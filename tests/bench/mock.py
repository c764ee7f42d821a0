"""A model server on this machine that waits and fails as told: both protocols, on Streamlit's own uvicorn."""

from __future__ import annotations

import argparse
import asyncio
import json
import random
from collections import Counter
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.fake_server import ANSWER, FakeServer, fill


class Mock:
    """Counts what it is asked. `faults`: the share of calls answered with 429, 500 or a torn body."""

    def __init__(self, latency_s: float, jitter_s: float, faults: float, seed: int = 0) -> None:
        self.latency_s, self.jitter_s, self.faults = latency_s, jitter_s, faults
        self.asked: Counter[str] = Counter()
        self._chance = random.Random(seed)

    async def answer(self, request: Request) -> Response:
        body: dict[str, Any] = json.loads(await request.body())
        await asyncio.sleep(self.latency_s + self._chance.uniform(-self.jitter_s, self.jitter_s))
        self.asked["calls"] += 1
        if self._chance.random() < self.faults:
            self.asked["faults"] += 1
            kind = self._chance.choice(("429", "500", "torn"))
            if kind == "torn":
                return Response(b'{"choices": [{"mess', media_type="application/json")
            return JSONResponse({"error": {"message": "on purpose"}}, int(kind), headers={"retry-after": "0.05"})
        schema = (body.get("response_format") or {}).get("json_schema", {}).get("schema")
        self.asked["marks" if schema else "answers"] += 1
        text = json.dumps(fill(schema, "Pour the water into the tube")) if schema else ANSWER
        if request.url.path.endswith("/messages"):
            return JSONResponse(FakeServer._anthropic(body["model"], text, "stop"))
        return JSONResponse(FakeServer._openai(body["model"], text, "stop"))

    async def stats(self, request: Request) -> Response:
        return JSONResponse(dict(self.asked))


def main() -> None:
    p = argparse.ArgumentParser()
    p.add_argument("--port", type=int, required=True)
    p.add_argument("--latency", type=float, default=0.2)
    p.add_argument("--jitter", type=float, default=0.0)
    p.add_argument("--faults", type=float, default=0.0)
    o = p.parse_args()
    mock = Mock(o.latency, o.jitter, o.faults)
    routes = [
        Route("/stats", mock.stats),
        *(Route(path, mock.answer, methods=["POST"]) for path in ("/v1/chat/completions", "/v1/messages")),
    ]
    uvicorn.run(Starlette(routes=routes), host="127.0.0.1", port=o.port, log_level="error", backlog=4096)


if __name__ == "__main__":
    main()
