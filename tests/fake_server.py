"""A real HTTP server on this machine: both protocols, with the fault that the model's name asks for.

`MODEL` answers well; `429-MODEL` fails once per prompt and then answers, `always-429-MODEL` never answers,
and so on.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections import Counter
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from escape.types import Prompt

PROBE = Prompt(name="probe", version=1, system="", user="Reply with the word yes.")
ANSWER = (
    "Physical Principles:\nBuoyancy lifts the ball.\n\nSolution Steps:\n1. Pour the water into the tube.\n"
    "2. Take the ball.\n\nRequired Items:\n- bottle of water\n\nMoves:\nlook"
)
FAULTS = ("429", "500", "529", "drop", "malformed", "html", "slow")


def fill(schema: dict[str, Any], quote: str) -> Any:
    """The most approving value of a schema."""
    if "enum" in schema:
        return schema["enum"][-1] if schema["enum"][-1] in (1, 2) else schema["enum"][0]
    kind = schema["type"]
    if kind == "object":
        return {k: quote if k == "quote" else fill(v, quote) for k, v in schema["properties"].items()}
    return {"boolean": True, "string": "because", "array": [], "number": 1, "integer": 1}[kind]


def refused(schema: dict[str, Any]) -> Any:
    if "enum" in schema:
        return 0 if 0 in schema["enum"] else "no" if "no" in schema["enum"] else schema["enum"][-1]
    if schema["type"] == "object":
        return {k: refused(v) for k, v in schema["properties"].items()}
    return {"boolean": False, "string": "because", "array": [], "number": 0, "integer": 0}[schema["type"]]


def words_of(prompt: str) -> str:
    """Quote the first line of three words or more from the answer in a judge's prompt."""
    answer = re.search(r"\\n(==\w+==)\\n(.*?)\\n\1", prompt, re.DOTALL)  # line ends as JSON has them
    lines = json.loads(f'"{answer[2]}"').splitlines() if answer else []
    return next((line for line in lines if len(line.split()) >= 3), "")


class FakeServer:
    """Counts what it is asked, and keeps the bodies and the keys it saw."""

    def __init__(self, latency_s: float = 0.0, judge_quote: str | None = None) -> None:
        self.latency_s = latency_s
        self.judge_quote = judge_quote
        self.requests: list[dict[str, Any]] = []
        self.paths: list[str] = []
        self.keys: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.list_status = 200
        self.answers: Callable[[str, str], str] | None = None  # by a model to a prompt
        self.listed: list[dict[str, Any]] = [
            {"id": "gpt-4o"},
            {"id": "gpt-4o-mini", "shutdown_date": "2027-01-14"},
        ]
        self.in_flight = self.peak = 0
        self._seen: Counter[str] = Counter()
        self._lock = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *args: object) -> None:
                pass

            def do_POST(self) -> None:
                outer.handle(self)

            def do_GET(self) -> None:
                outer.paths.append(self.path)
                good = outer.list_status == 200
                body = (
                    {"data": outer.listed}
                    if good
                    else {"error": {"message": "Incorrect API key", "code": "invalid_api_key"}}
                )
                outer.reply(self, outer.list_status, body)

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 256

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> FakeServer:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def reply(
        self, h: BaseHTTPRequestHandler, status: int, body: Any, headers: dict[str, str] | None = None
    ) -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        h.send_response(status)
        kind = "text/html" if data.startswith(b"<") else "application/json"
        for name, value in {
            "content-type": kind,
            "content-length": str(len(data)),
            **(headers or {}),
        }.items():
            h.send_header(name, value)
        h.end_headers()
        h.wfile.write(data)

    def handle(self, h: BaseHTTPRequestHandler) -> None:
        body = json.loads(h.rfile.read(int(h.headers["content-length"])))
        key = (
            (h.headers.get("authorization") or "").removeprefix("Bearer ") or h.headers.get("x-api-key") or ""
        )
        with self._lock:
            self.requests.append(body)
            self.paths.append(h.path)
            self.keys.append(key)
            self.headers.append({k.casefold(): v for k, v in h.headers.items()})
            self.in_flight += 1
            self.peak = max(self.peak, self.in_flight)
        try:
            time.sleep(self.latency_s)
            self._answer(h, body, anthropic=h.path.endswith("/messages"))
        finally:
            with self._lock:
                self.in_flight -= 1

    def _answer(self, h: BaseHTTPRequestHandler, body: dict[str, Any], *, anthropic: bool) -> None:
        model: str = body["model"]
        always = model.startswith("always-")
        fault = model.removeprefix("always-").partition("-")[0]
        prompt = json.dumps(body.get("messages") or body.get("input"))
        with self._lock:
            self._seen[model + prompt] += 1
            first = self._seen[model + prompt] == 1
        if fault in FAULTS and (always or first):
            return self._fail(h, fault)
        pages = {"proxy403": 403, "nginx404": 404, "nginx502": 502}
        if fault in pages:
            return self.reply(h, pages[fault], b"<html><body>nginx</body></html>")
        if fault == "inside":  # as some gateways put it
            return self.reply(h, 200, {"error": {"message": "upstream has no capacity", "code": 503}})
        if fault == "insidelimit":
            return self.reply(h, 200, {"error": {"message": "slow down", "code": 429}})
        if fault == "elsewhere" and h.path.endswith("/chat/completions"):
            words = "This model is only supported in v1/responses and not in v1/chat/completions."
            return self.reply(h, 404, {"error": {"message": words, "code": "model_not_found", "type": "x"}})
        if h.path.endswith("/responses"):
            return self.reply(h, 200, self._responses(model))
        if fault == "redirect":
            return self.reply(h, 307, {}, {"location": "http://127.0.0.1:1/v1/chat/completions"})
        errors = {
            "badkey": (401, "invalid_api_key", "Incorrect API key provided: sk-test-openai-000000000000"),
            "nocredit": (
                429,
                "insufficient_quota",
                "You exceeded your current quota, please check your plan",
            ),
            "poor": (400, "invalid_request_error", "Your credit balance is too low to access the API"),
            "unknown": (404, "model_not_found", "The model does not exist"),
            "badrequest": (400, "invalid_request_error", "messages are wrong"),
        }
        if fault in errors:
            status, code, words = errors[fault]
            return self.reply(h, status, {"error": {"message": words, "code": code, "type": code}})
        if "noeffort" in model and (
            "reasoning_effort" in body or "effort" in (body.get("output_config") or {})
        ):
            return self.reply(
                h,
                400,
                {
                    "error": {
                        "message": "Unrecognized request argument: "
                        f"{'effort' if anthropic else 'reasoning_effort'}",
                        "type": "x",
                    }
                },
            )
        if "newer" in model and "temperature" in body:
            return self.reply(
                h, 400, {"error": {"message": "Unsupported parameter: 'temperature'", "type": "x"}}
            )
        if "newer" in model and "max_tokens" in body and not anthropic:
            words = "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."
            return self.reply(h, 400, {"error": {"message": words, "type": "x"}})
        if "older" in model and "max_completion_tokens" in body:
            return self.reply(
                h, 400, {"error": {"message": "unknown field max_completion_tokens", "type": "x"}}
            )
        if "older" in model and ("response_format" in body or "output_config" in body):
            words = (
                "response_format: json_schema is not supported" if not anthropic else "output_config: unknown"
            )
            return self.reply(h, 400, {"error": {"message": words, "type": "x"}})
        text, finish = self.answers(model, prompt) if self.answers else ANSWER, "stop"
        schema = (body.get("response_format") or {}).get("json_schema", {}).get("schema") or (
            (body.get("output_config") or {}).get("format", {}).get("schema")
        )
        if schema:
            said = words_of(prompt)  # mere key words, on which a judge is proven, are no answer
            good = not said.startswith("Key words:")
            text = json.dumps(fill(schema, self.judge_quote or said) if good else refused(schema))
        if "THE ANSWER, between" in prompt and not schema:
            text = "I think this is fine."
        special = {
            "empty": ("", "stop"),
            "refusal": ("I can't help with that.", "refusal"),
            "cutoff": (ANSWER[:60], "length"),
            "allthinking": ("", "length"),
            "garbage": ("no JSON here", "stop"),
            "image": (
                ANSWER + "\n![x](http://203.0.113.9/leak.png) <img src='http://203.0.113.9/b.png'>",
                "stop",
            ),
            "thinks": (f"<think>so many thoughts</think>\n{ANSWER}", "stop"),
        }
        text, finish = special.get(fault, (text, finish))
        made = self._anthropic(model, text, finish) if anthropic else self._openai(model, text, finish)
        usages = {
            "apart": {"prompt_tokens": 200, "completion_tokens": 100, "total_tokens": 1100},
            "details": {
                "prompt_tokens": 200,
                "completion_tokens": 100,
                "completion_tokens_details": {"reasoning_tokens": 800},
            },
            "within": {
                "prompt_tokens": 200,
                "completion_tokens": 900,
                "total_tokens": 1100,
                "completion_tokens_details": {"reasoning_tokens": 800},
            },
            "oddusage": {"prompt_tokens": -5, "completion_tokens": "many", "total_tokens": None},
        }
        if fault in usages:
            made["usage"] = usages[fault]
        self.reply(h, 200, made)
        return None

    @staticmethod
    def _responses(model: str) -> dict[str, Any]:
        return {
            "id": "r1",
            "object": "response",
            "model": f"{model}-2026-01-01",
            "status": "completed",
            "output": [
                {"type": "reasoning", "summary": [{"type": "summary_text", "text": "thought about it"}]},
                {
                    "type": "message",
                    "role": "assistant",
                    "content": [{"type": "output_text", "text": ANSWER}],
                },
            ],
            "usage": {"input_tokens": 200, "output_tokens": 100, "total_tokens": 300},
        }

    @staticmethod
    def _openai(model: str, text: str, finish: str) -> dict[str, Any]:
        refused = finish == "refusal"
        message = {
            "role": "assistant",
            "content": None if refused else text,
            "refusal": text if refused else None,
        }
        return {
            "id": "c1",
            "object": "chat.completion",
            "created": 1,
            "model": f"{model}-2026-01-01",
            "choices": [{"index": 0, "message": message, "finish_reason": "stop" if refused else finish}],
            "usage": {"prompt_tokens": 200, "completion_tokens": 100, "total_tokens": 300},
        }

    @staticmethod
    def _anthropic(model: str, text: str, finish: str) -> dict[str, Any]:
        stop = {"stop": "end_turn", "length": "max_tokens", "refusal": "refusal"}[finish]
        return {
            "id": "m1",
            "type": "message",
            "role": "assistant",
            "model": f"{model}-2026-01-01",
            "stop_reason": stop,
            "stop_sequence": None,
            "content": [{"type": "text", "text": text}] if text else [],
            "usage": {"input_tokens": 200, "output_tokens": 100},
        }

    def _fail(self, h: BaseHTTPRequestHandler, fault: str) -> None:
        if fault == "drop":
            h.close_connection = True
            h.connection.close()
        elif fault == "malformed":
            self.reply(h, 200, b'{"id": "c1", "choices": [{"ind')
        elif fault == "html":
            self.reply(h, 200, b"<html>gateway</html>")
        elif fault == "slow":
            time.sleep(1.5)
            self.reply(h, 200, self._openai("slow", ANSWER, "stop"))
        else:
            headers = {"retry-after": "0.05"} if fault == "429" else {}
            self.reply(h, int(fault), {"error": {"message": f"fault {fault}", "type": "fault"}}, headers)
