"""A server that holds conversations over all three protocols and counts what a client forgets.

Every answer carries a number that no other has, and reasoning that the provider wants back; a request whose
history is not what was answered before is counted as `broken`. It fails as told.
"""

import argparse
import asyncio
import json
import random
import re
import time
from collections import Counter
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

MARK = re.compile(r"turn-(\d+)")
MOVES = ("look: tube", "hold: ball", "take: nothing", "shake: tube")


class Talk:
    """The server's state; `seen` counts by name.

    `answered`: turns that were charged. `broken`: requests whose history was not the conversation so far.
    """

    def __init__(self, o: argparse.Namespace) -> None:
        self.o = o
        self.seen: Counter[str] = Counter()
        self._chance = random.Random(1)
        self._next = 0
        self._bucket, self._filled = 1.0, time.monotonic()

    async def answer(self, request: Request) -> Response:
        """Answer with one turn, a fault, or a refusal for asking too often."""
        raw = await request.body()
        body: dict[str, Any] = json.loads(raw)
        path = request.url.path
        if body["model"] in self.o.responses and path.endswith("/chat/completions"):
            words = "This model is only supported in v1/responses and not in v1/chat/completions."
            return JSONResponse({"error": {"message": words, "code": "model_not_found"}}, 404)
        now = time.monotonic()
        if self.o.rate:
            self._bucket = min(5.0, self._bucket + (now - self._filled) * self.o.rate)
            self._filled = now
            if self._bucket < 1:
                self.seen["refused"] += 1
                return JSONResponse(
                    {"error": {"message": "Rate limit reached"}}, 429, headers={"retry-after": "0.1"}
                )
            self._bucket -= 1
        await asyncio.sleep(self.o.latency)
        if self._chance.random() < self.o.faults:
            self.seen["faults"] += 1
            if self._chance.random() < 0.5:
                return Response(b'{"choices": [{"mess', media_type="application/json")
            return JSONResponse({"error": {"message": "on purpose"}}, 500)
        said = body.get("messages") or body["input"]
        before = [m for m in said if m.get("role") == "assistant" or m.get("type") == "message"]
        numbers = [MARK.findall(json.dumps(m))[:1] for m in before]
        kept = path.endswith("/chat/completions") or json.dumps(said).count('"sealed-') == len(before)
        self.seen["broken"] += (
            not kept or not all(numbers) or numbers != sorted(numbers, key=lambda n: int(n[0]))
        )
        self._next += 1
        self.seen["answered"] += 1
        text = f"turn-{self._next}: I think.\nMove: {MOVES[self._next % len(MOVES)]}"
        sent, came = len(raw) // 5, 30
        self.seen[f"in {body['model']}"] += sent
        self.seen[f"out {body['model']}"] += came
        return JSONResponse(_reply(path, body["model"], text, f"sealed-{self._next}", sent, came))

    async def stats(self, request: Request) -> Response:
        return JSONResponse(dict(self.seen))


def _reply(path: str, model: str, text: str, sealed: str, sent: int, came: int) -> dict[str, Any]:
    if path.endswith("/messages"):
        thought = {"type": "thinking", "thinking": "hm", "signature": sealed}
        usage = {"input_tokens": sent, "output_tokens": came}
        content = [thought, {"type": "text", "text": text}]
        return {"id": "m", "type": "message", "role": "assistant", "model": model, "stop_reason": "end_turn",
                "content": content, "usage": usage}  # fmt: skip
    if path.endswith("/responses"):
        thought = {"type": "reasoning", "id": "rs", "summary": [], "encrypted_content": sealed}
        message = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": text}]}
        usage = {"input_tokens": sent, "output_tokens": came, "total_tokens": sent + came}
        return {
            "id": "r",
            "object": "response",
            "model": model,
            "status": "completed",
            "output": [thought, message],
            "usage": usage,
        }
    usage = {"prompt_tokens": sent, "completion_tokens": came, "total_tokens": sent + came}
    message = {"role": "assistant", "content": text}
    choices = [{"index": 0, "message": message, "finish_reason": "stop"}]
    return {
        "id": "c",
        "object": "chat.completion",
        "created": 1,
        "model": model,
        "choices": choices,
        "usage": usage,
    }


def main() -> None:
    p = argparse.ArgumentParser()
    p.add_argument("--port", type=int, required=True)
    p.add_argument("--latency", type=float, default=0.02)
    p.add_argument("--faults", type=float, default=0.0)
    p.add_argument("--rate", type=float, default=0.0)
    p.add_argument("--responses", nargs="*", default=[])
    talk = Talk(p.parse_args())
    paths = ("/v1/chat/completions", "/v1/responses", "/v1/messages")
    routes = [Route("/stats", talk.stats), *(Route(path, talk.answer, methods=["POST"]) for path in paths)]
    uvicorn.run(Starlette(routes=routes), host="127.0.0.1", port=talk.o.port, log_level="error", backlog=4096)


if __name__ == "__main__":
    main()
