"""A model server on this machine that waits and fails as told: both protocols, on Streamlit's own uvicorn."""

import argparse
import asyncio
import email.utils
import json
import math
import random
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.fake_server import ANSWER, FakeServer, fill, refused, words_of

WINDOW_S = 60.0


class Limit:
    """A bucket of one that fills at a rate, or so many calls in each minute."""

    def __init__(self, rate: float, window: int) -> None:
        self.rate, self.window = rate, window
        self.let_in = 0
        self.first = self.began = self.last = 0.0
        self._bucket, self._filled = 1.0, time.monotonic()
        self._open, self._used = 0.0, 0

    def take(self, now: float) -> float:
        """Return the seconds until a call would be let in; 0 if this one is."""
        self.first = self.first or now
        if wait := self._wait(now):
            return wait
        self._bucket -= 1.0
        self._used += 1
        self.let_in += 1
        self.began, self.last = self.began or now, now
        return 0.0

    def _wait(self, now: float) -> float:
        if self.window:
            if now >= self._open + WINDOW_S:
                whole = (now - self.first) // WINDOW_S
                self._open, self._used = self.first + whole * WINDOW_S, 0
            return self._open + WINDOW_S - now if self._used >= self.window else 0.0
        self._bucket = min(1.0, self._bucket + (now - self._filled) * self.rate)
        self._filled = now
        return 0.0 if self._bucket >= 1.0 - 1e-9 else (1.0 - self._bucket) / self.rate

    def headers(self, whose: str, now: float) -> dict[str, str]:
        """Tell the limit in this provider's headers: calls in all, calls left, and when all are back."""
        left = self.window - self._used if self.window else int(self._bucket)
        reset = self._open + WINDOW_S - now if self.window else (1.0 - self._bucket) / self.rate
        most = self.window or 1  # what the bucket holds
        if whose == "openai":
            prefix, when = (
                "x-ratelimit-{}-requests",
                f"{1000 * reset:.0f}ms" if reset < 1 else f"{reset:.3f}s",
            )
        elif whose == "anthropic":
            prefix = "anthropic-ratelimit-requests-{}"
            when = (
                (datetime.now(UTC) + timedelta(seconds=reset))
                .isoformat(timespec="seconds")
                .replace("+00:00", "Z")
            )
        else:
            return {}
        return {prefix.format(k): str(v) for k, v in (("limit", most), ("remaining", left), ("reset", when))}

    def seen(self) -> dict[str, float]:
        """Report the calls let in, and seconds.

        `span` and `since`: from the first of them to the last, and to now. `need`: the least that they take.
        """
        need = (self.let_in - 1) // self.window * WINDOW_S if self.window else (self.let_in - 1) / self.rate
        now = time.monotonic()
        return {
            "let_in": self.let_in,
            "span": self.last - self.began,
            "since": now - self.began,
            "need": need,
        }


class Mock:
    """The server's faults, and its count of what it is asked.

    `faults`: the share of calls answered with 429, 500, or a torn body. `rate`: calls a second that a bucket
    of one lets through, refusing others with `wish`, the form of its Retry-After. `rates`: the same for
    single models, as `MODEL=RATE`. `window`: calls that each minute after the first call lets through, all
    at once. `told`: whose headers say what limit there is. `think`: tokens of thinking that are reported
    apart. `over`: how many times its limit a reply takes. `mute`: the share of a judge's replies that cannot
    be read. `longer`: words added to an answer.
    """

    def __init__(self, o: argparse.Namespace) -> None:
        self.o = o
        self.asked: Counter[str] = Counter()
        self.tokens: Counter[str] = Counter()
        self._chance = random.Random(0)
        rates = {name: float(rate) for name, _, rate in (x.partition("=") for x in o.rates)}
        self._limits = {name: Limit(rate, 0) for name, rate in rates.items()}
        self._limit = Limit(o.rate, o.window) if o.rate or o.window else None

    def refused(self, limit: Limit) -> Response | None:
        """A 429 where the limit is reached."""
        wait = limit.take(time.monotonic())
        if not wait:
            return None
        self.asked["refused"] += 1
        wishes = {
            "seconds": str(math.ceil(wait)),
            "tenths": f"{math.ceil(10 * wait) / 10:.1f}",
            "date": email.utils.formatdate(math.ceil(time.time() + wait), usegmt=True),
        }
        headers = {"retry-after": wishes[self.o.wish]} if self.o.wish in wishes else {}
        return JSONResponse({"error": {"message": "Rate limit reached"}}, 429, headers=headers)

    async def limited(self, request: Request) -> Response:
        """The answer, or a 429; with the headers that tell the limit."""
        body: dict[str, Any] = json.loads(await request.body())
        limit = self._limits.get(body["model"], self._limit)
        if limit is None:
            return await self.answer(request, body)
        no = self.refused(limit)
        told = limit.headers(self.o.told, time.monotonic())
        reply = no or await self.answer(request, body)
        reply.headers.update(told)
        return reply

    @staticmethod
    def _verdict(schema: dict[str, Any], body: dict[str, Any]) -> str:
        """Grant everything but mere key words, on which a judge is proven."""
        prompt, quote = json.dumps(body.get("messages")), "Pour the water into the tube"
        said = quote if quote in prompt else words_of(prompt)
        return json.dumps(refused(schema) if "\\nKey words: " in prompt else fill(schema, said))

    async def answer(self, request: Request, body: dict[str, Any]) -> Response:
        await asyncio.sleep(self.o.latency + self._chance.uniform(-self.o.jitter, self.o.jitter))
        self.asked["calls"] += 1
        if self._chance.random() < self.o.faults:
            self.asked["faults"] += 1
            kind = self._chance.choice(("429", "500", "torn"))
            if kind == "torn":
                return Response(b'{"choices": [{"mess', media_type="application/json")
            return JSONResponse(
                {"error": {"message": "on purpose"}}, int(kind), headers={"retry-after": "0.05"}
            )
        schema = (body.get("response_format") or {}).get("json_schema", {}).get("schema")
        self.asked["marks" if schema else "answers"] += 1
        text = self._verdict(schema, body) if schema else ANSWER + self.o.longer * " word"
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

    async def models(self, request: Request) -> Response:
        """Three models, and one that is cheap enough to judge."""
        names = ("gpt-4o-a", "gpt-4o-b", "gpt-4o-c", "gpt-4o-mini")
        return JSONResponse({"object": "list", "data": [{"id": name, "created": 1} for name in names]})

    async def stats(self, request: Request) -> Response:
        every = {"": self._limit, **self._limits}
        limits = {
            f"{key}{' ' * bool(name)}{name}": v
            for name, x in every.items()
            if x
            for key, v in x.seen().items()
        }
        return JSONResponse({**self.asked, **self.tokens, **limits})


def main() -> None:
    p = argparse.ArgumentParser()
    p.add_argument("--port", type=int, required=True)
    p.add_argument("--latency", type=float, default=0.2)
    p.add_argument("--jitter", type=float, default=0.0)
    p.add_argument("--faults", type=float, default=0.0)
    p.add_argument("--rate", type=float, default=0.0)
    p.add_argument("--rates", nargs="*", default=[])
    p.add_argument("--window", type=int, default=0)
    p.add_argument("--wish", default="none")
    p.add_argument("--told", choices=("none", "openai", "anthropic"), default="none")
    p.add_argument("--think", type=int, default=0)
    p.add_argument("--over", type=float, default=0.0)
    p.add_argument("--mute", type=float, default=0.0)
    p.add_argument("--longer", type=int, default=0)
    o = p.parse_args()
    mock = Mock(o)
    routes = [
        Route("/stats", mock.stats),
        Route("/v1/models", mock.models),
        *(Route(path, mock.limited, methods=["POST"]) for path in ("/v1/chat/completions", "/v1/messages")),
    ]
    uvicorn.run(Starlette(routes=routes), host="127.0.0.1", port=o.port, log_level="error", backlog=4096)


if __name__ == "__main__":
    main()
