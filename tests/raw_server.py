"""A real server on this machine that sends whatever a test wants, byte by byte if need be."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple


class Sent(NamedTuple):
    """A reply: `body` in one piece with its length, or as an iterable of pieces that may never end."""

    status: int = 200
    body: bytes | Iterable[bytes] = b"{}"
    headers: dict[str, str] = {}  # noqa: RUF012 - never changed


class RawServer:
    """Sends `reply(n)` to the n-th call. `taken`: bytes of endless bodies that the other side let through."""

    def __init__(self, reply: Callable[[int], Sent]) -> None:
        self.calls = self.taken = 0
        self.stopped = threading.Event()
        self._lock = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *args: object) -> None:
                pass

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("content-length") or 0))
                with outer._lock:
                    outer.calls += 1
                    sent = reply(outer.calls)
                self.send_response(sent.status)
                whole = sent.body if isinstance(sent.body, bytes) else None
                headers = {"content-type": "application/json", **sent.headers}
                headers |= {"connection": "close"} if whole is None else {"content-length": str(len(whole))}
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                with contextlib.suppress(OSError):
                    for piece in (whole,) if isinstance(sent.body, bytes) else sent.body:
                        if outer.stopped.is_set():
                            break
                        self.wfile.write(piece or b"")
                        outer.taken += len(piece or b"")
                self.close_connection = whole is None

            def do_GET(self) -> None:
                self.do_POST()

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 256

            def handle_error(self, request: object, client_address: object) -> None:
                """The other side hung up, as some tests want it to."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> RawServer:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.stopped.set()
        self._server.shutdown()
        self._server.server_close()
