"""Batches of both protocols on a real HTTP server: states, partial, expired, out of order, errors, 429, lost replies.

What is asked for stands in the model's name: `expire-half` answers half and lets the rest expire, `errors` refuses the
first request of each batch, `lose-create` takes a batch in and drops the connection, `429` refuses each first call,
`full` refuses batches of more than ten requests as a whole. A batch is over after `looks` looks at it.
"""

from __future__ import annotations

import contextlib
import json
import random
import re
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.fake_server import ANSWER

CHAT = {
    "object": "chat.completion",
    "model": "m",
    "usage": {"prompt_tokens": 1000, "completion_tokens": 100},
    "choices": [{"message": {"content": ANSWER}, "finish_reason": "stop"}],
}
REFUSED = {"type": "invalid_request_error", "message": "temperature is not supported"}


class FakeBatches:
    """Keeps every request it was ever handed, so that a test can count what was asked twice."""

    def __init__(self, looks: int = 2) -> None:
        self.looks = looks
        self.files: dict[str, bytes] = {}
        self.batches: dict[str, dict[str, Any]] = {}
        self.asked: Counter[str] = Counter()  # by custom id: how often it was handed in
        self.answered: Counter[str] = Counter()  # and answered, which is what costs
        self.calls: Counter[str] = Counter()
        self.single: list[str] = []  # what was asked outside of a batch
        self.why = "Enqueued token limit reached"
        self.refusals: dict[str, tuple[int, int]] = {}  # the end of a call -> status, and how often from now on
        self.delay_s: dict[str, float] = {}  # before the reply to a path that ends so
        self.keys: set[str] = set()
        self._lock = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *args: object) -> None:
                pass

            def do_POST(self) -> None:
                outer.handle(self, self.rfile.read(int(self.headers.get("content-length") or 0)))

            def do_GET(self) -> None:
                outer.handle(self, b"")

        class Server(ThreadingHTTPServer):
            daemon_threads = True

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> FakeBatches:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def reply(self, h: BaseHTTPRequestHandler, status: int, body: Any, **headers: str) -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        h.send_response(status)
        for name, value in {"content-type": "application/json", "content-length": str(len(data)), **headers}.items():
            h.send_header(name.replace("_", "-"), value)
        h.end_headers()
        h.wfile.write(data)

    def handle(self, h: BaseHTTPRequestHandler, body: bytes) -> None:
        path = h.path.partition("?")[0]
        with self._lock:
            self.keys.add(h.headers.get("authorization") or h.headers.get("x-api-key") or "")
            self.calls[f"{h.command} {path}"] += 1
            told = f"{h.command} {path}"
            for end, (status, times) in self.refusals.items():
                if times and told.endswith(end):
                    self.refusals[end] = status, times - 1
                    self.reply(h, status, {"error": {"message": "not now", "type": "api_error"}})
                    return
            mine = self._anthropic if "/messages/batches" in path else self._openai
            answer = mine(h.command, path, body)
        time.sleep(next((s for end, s in self.delay_s.items() if f"{h.command} {path}".endswith(end)), 0.0))
        if answer is None:
            h.close_connection = True
            h.connection.close()
            return
        with contextlib.suppress(OSError):  # whoever asked was killed
            self.reply(h, *answer)

    def _openai(self, method: str, path: str, body: bytes) -> tuple[int, Any] | None:
        if path == "/v1/files":
            found = re.search(rb"\r\n\r\n(\{.*?\})\r\n--", body, re.DOTALL)
            file_id = f"file-{len(self.files)}"
            self.files[file_id] = found[1] if found else b""
            return 200, {"id": file_id, "object": "file", "bytes": 1, "created_at": 1, "filename": "x",
                         "purpose": "batch", "status": "processed"}  # fmt: skip
        if path == "/v1/batches" and method == "POST":
            asked = json.loads(body)
            lines = [json.loads(x) for x in self.files[asked["input_file_id"]].splitlines()]
            requests = [(x["custom_id"], x["body"]) for x in lines]
            assert {x["url"] for x in lines} == {asked["endpoint"]}
            return self._take(requests, {"object": "batch", "metadata": asked["metadata"]})
        if path == "/v1/batches":
            return 200, {"data": [self._as_openai(b) for b in reversed(self.batches.values())], "has_more": False}
        if found := re.fullmatch(r"/v1/batches/([\w-]+)(/cancel)?", path):
            batch = self.batches.get(found[1])
            if batch is None:
                return 404, {"error": {"message": "no such batch", "code": "not_found"}}
            self._look(batch, cancel=bool(found[2]))
            return 200, self._as_openai(batch)
        if found := re.fullmatch(r"/v1/files/([\w-]+)/content", path):
            return 200, self.files[found[1]]
        self.single.append(path)
        return 200, {
            "model": "m",
            "choices": [{"message": {"content": ANSWER}, "finish_reason": "stop"}],
            "usage": CHAT,
        }

    def _anthropic(self, method: str, path: str, body: bytes) -> tuple[int, Any] | None:
        if path == "/v1/messages/batches" and method == "POST":
            return self._take([(r["custom_id"], r["params"]) for r in json.loads(body)["requests"]], {})
        if path == "/v1/messages/batches":
            return 200, {"data": [self._as_anthropic(b) for b in reversed(self.batches.values())], "has_more": False}
        batch_id, _, what = path.removeprefix("/v1/messages/batches/").partition("/")
        batch = self.batches.get(batch_id)
        if batch is None:
            return 404, {"error": {"type": "not_found_error", "message": "no such batch"}}
        if what == "results":
            return 200, "\n".join(json.dumps(x) for x in batch["anthropic"]).encode()
        self._look(batch, cancel=what == "cancel")
        return 200, self._as_anthropic(batch)

    def _take(self, requests: list[tuple[str, Any]], more: dict[str, Any]) -> tuple[int, Any] | None:
        model = requests[0][1]["model"]
        if "429" in model and self.calls["refused"] < 1:
            self.calls["refused"] += 1
            return 429, {"error": {"message": "slow down", "type": "rate_limit_error"}}
        batch_id = f"batch_{len(self.batches)}"
        for custom_id, _ in requests:
            self.asked[custom_id] += 1
        batch = {"id": batch_id, "requests": requests, "looks": 0, "status": "in_progress", "model": model, **more}
        batch["n"] = len(self.batches)
        self.batches[batch_id] = batch
        if "lose-create" in model and not batch["n"]:
            return None
        return 200, self._as_openai(batch) if more else self._as_anthropic(batch)

    def _look(self, batch: dict[str, Any], *, cancel: bool) -> None:
        batch["looks"] += 1
        if batch["status"] not in {"in_progress", "cancelling"}:
            return
        if cancel:
            batch["cancelled"] = True
        if "full" in batch["model"] and len(batch["requests"]) > 10:
            batch["status"] = "failed"
            batch["errors"] = {"data": [{"code": "token_limit_exceeded", "message": self.why}]}
        elif batch["looks"] >= self.looks or cancel:
            self._end(batch)

    def _end(self, batch: dict[str, Any]) -> None:
        """Answer what is answered, in any order."""
        ends, partly = [], "expire-half" in batch["model"] and not batch["n"]
        for place, (custom_id, body) in enumerate(batch["requests"]):
            left_out = "refuse" in batch["model"] and "temperature" in body
            if (partly and place % 2) or batch.get("cancelled"):
                ends.append((custom_id, "canceled" if batch.get("cancelled") else "expired"))
            elif left_out or ("errors" in batch["model"] and not place):
                ends.append((custom_id, "errored"))
            elif "silent" in batch["model"] and not batch["n"] and not place:
                continue  # neither in the one file nor in the other
            else:
                self.answered[custom_id] += 1
                ends.append((custom_id, "succeeded"))
        random.Random(batch["n"]).shuffle(ends)
        batch["ends"] = ends
        batch["status"] = "cancelled" if batch.get("cancelled") else "expired" if partly else "completed"
        good = [self._line(c, 200, CHAT) for c, e in ends if e == "succeeded"]
        bad = [
            self._line(c, 400, {"error": REFUSED})
            if e == "errored"
            else json.dumps({"custom_id": c, "response": None, "error": {"code": f"batch_{e}", "message": e}})
            for c, e in ends
            if e != "succeeded"
        ]
        for name, lines in (("output_file_id", good), ("error_file_id", bad)):
            if lines:
                batch[name] = f"file-{len(self.files)}"
                self.files[batch[name]] = "\n".join(lines).encode()
        message = {"content": [{"type": "text", "text": ANSWER}], "model": "m", "stop_reason": "end_turn"}
        whole: dict[str, Any] = {
            "succeeded": {
                "type": "succeeded",
                "message": message | {"usage": {"input_tokens": 1000, "output_tokens": 100}},
            },
            "errored": {"type": "errored", "error": {"type": "error", "error": REFUSED}},
            "expired": {"type": "expired"},
            "canceled": {"type": "canceled"},
        }
        batch["anthropic"] = [{"custom_id": c, "result": whole[e]} for c, e in ends]

    def _line(self, custom_id: str, status: int, body: Any) -> str:
        return json.dumps({"custom_id": custom_id, "response": {"status_code": status, "body": body}, "error": None})

    def _counts(self, batch: dict[str, Any]) -> Counter[str]:
        return Counter(e for _, e in batch.get("ends", ()))

    def _as_openai(self, batch: dict[str, Any]) -> dict[str, Any]:
        counts = self._counts(batch)
        shown = {k: batch.get(k) for k in ("id", "status", "output_file_id", "error_file_id", "errors", "metadata")}
        tally = {"total": len(batch["requests"]), "completed": counts["succeeded"], "failed": counts["errored"]}
        return shown | {"created_at": 2_000_000_000, "request_counts": tally, "object": "batch"}

    def _as_anthropic(self, batch: dict[str, Any]) -> dict[str, Any]:
        over, counts = "ends" in batch, self._counts(batch)
        tally = {k: counts[k] for k in ("succeeded", "errored", "canceled", "expired")}
        tally["processing"] = 0 if over else len(batch["requests"])
        status = "ended" if over else "in_progress"
        return {"id": batch["id"], "processing_status": status, "request_counts": tally, "type": "message_batch",
                "created_at": "2033-05-18T03:33:20Z"}  # fmt: skip
