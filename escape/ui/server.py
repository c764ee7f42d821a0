"""The server around the page, for `st.App`: headers, link previews, HttpOnly cookies, limits on uploads.

Uploads are refused before they are read; the server's metrics are for this machine only. A host that starts
the page as a plain script has none of this, and the page's own script sets the cookies.
"""

import base64
import hashlib
import re
import secrets
import threading
import time
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import streamlit
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

from escape.hosting import HOSTED_UPLOADS_MB, VISITORS_UPLOADS_MB, framed_by
from escape.models import is_loopback
from escape.types import escaped
from escape.ui.assets import asset

MB = 2**20
PROXY_HEADERS = ("X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded", "X-Real-Ip", "Via")
SCRIPT = asset("remember.js")  # always the same text, whose hash the policy names
PREVIEW = Path(__file__).with_name("assets") / "preview.png"
TITLE = "Escape: can a language model get out of the room?"
ABOUT = (
    "Language models get escape-room puzzles and write a plan; code carries it out. Watch where each "
    "plan ends."
)


@cache
def policy() -> str:
    """Compose the content security policy: own files, known inline scripts, and who may frame the page.

    Streamlit's own scripts make functions from text, hence 'unsafe-eval'. Raises SpecError if
    ESCAPE_FRAMED_BY is invalid.
    """
    index = Path(streamlit.__file__).with_name("static") / "index.html"
    inline = [SCRIPT, *re.findall(r"(?s)<script>(.*?)</script>", index.read_text("utf-8"))]
    hashes = [
        f"'sha256-{base64.b64encode(hashlib.sha256(one.encode()).digest()).decode()}'" for one in inline
    ]
    return "; ".join([
        "default-src 'self'",
        f"script-src 'self' {' '.join(hashes)} blob: 'unsafe-eval' 'wasm-unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self' ws: wss:",
        "worker-src 'self' blob:",
        "frame-src 'none'",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        f"frame-ancestors {framed_by()}",
    ])  # fmt: skip


class Gate:
    """ASGI middleware: refuses requests before Streamlit sees them, adds headers and link previews."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.coming: Counter[str] = Counter()  # bytes of uploads on their way, by visitor
        self.headers = [
            (b"content-security-policy", policy().encode()),
            (b"referrer-policy", b"no-referrer"),
            (b"x-content-type-options", b"nosniff"),
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                told = [pair for pair in message["headers"] if pair[0] not in dict(self.headers)]
                message = {**message, "headers": [*told, *self.headers]}
            await send(message)

        request = Request(scope)
        answer = self._refusal(request)
        if answer:
            await answer(scope, receive, send_with_headers)
        elif uploaded := _UPLOAD.search(request.url.path):
            session, n_bytes = uploaded[1], _length(request) or 0
            self.coming[session] += n_bytes
            try:
                await self.app(scope, receive, send_with_headers)
            finally:
                self.coming[session] -= n_bytes
                self.coming += Counter()  # which drops visitors whose count is 0
        elif request.method == "GET" and request.url.path.endswith("/"):
            await self.app(scope, receive, _Preview(request, send_with_headers))
        else:
            await self.app(scope, receive, send_with_headers)

    def _refusal(self, request: Request) -> Response | None:
        """Compose the response that refuses a request, its body unread. None to let it through."""
        if request.url.path.endswith("/_stcore/metrics") and not from_this_machine(request):
            return PlainTextResponse("Not found", 404)
        uploaded = _UPLOAD.search(request.url.path)
        if uploaded is None or request.method not in ("PUT", "POST"):
            return None
        length = _length(request)
        if length is None:
            return PlainTextResponse("say how long the file is", 411)
        here = uploads_bytes() + self.coming
        if (
            here[uploaded[1]] + length > VISITORS_UPLOADS_MB * MB
            or here.total() + length > HOSTED_UPLOADS_MB * MB
        ):
            return PlainTextResponse(
                "this server cannot take more uploads; remove a file, or come back later", 413
            )
        return None


_UPLOAD = re.compile(r"/_stcore/upload_file/([^/]+)/")


def _length(request: Request) -> int | None:
    length = request.headers.get("content-length", "")
    return int(length) if length.isdecimal() else None


def uploads_bytes() -> Counter[str]:
    """Count the bytes of uploads held, by session. Streamlit drops those of sessions that end."""
    manager = runtime.get_instance().uploaded_file_mgr if runtime.exists() else None
    if not isinstance(manager, MemoryUploadedFileManager):
        return Counter()
    of_visitors = list(manager.file_storage.items())
    return Counter(
        {name: sum(len(file.data) for file in list(files.values())) for name, files in of_visitors}
    )


def from_this_machine(request: Request) -> bool:
    """Tell whether a request comes from this machine, and not through a proxy on it."""
    client = request.client
    return (
        client is not None
        and is_loopback(client.host)
        and not any(h in request.headers for h in PROXY_HEADERS)
    )


class _Preview:
    """A `send` that writes the page's title and its link preview into the head of the HTML."""

    def __init__(self, request: Request, send: Send) -> None:
        self.request, self.send = request, send
        self.start: Message | None = None
        self.body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            kind = dict(message["headers"]).get(b"content-type", b"")
            if message["status"] == 200 and kind.startswith(b"text/html"):
                self.start = message
                return
        if self.start is None:
            await self.send(message)
            return
        self.body += message.get("body", b"")
        if message.get("more_body"):
            return
        html = self.body.replace(b"<title>Streamlit</title>", self._head(), 1)
        headers = [pair for pair in self.start["headers"] if pair[0] != b"content-length"]
        await self.send({**self.start, "headers": [*headers, (b"content-length", str(len(html)).encode())]})
        await self.send({"type": "http.response.body", "body": html})

    def _head(self) -> bytes:
        tags = {"og:type": "website", "og:site_name": "Escape", "og:title": TITLE, "og:description": ABOUT}
        if where := page_address(self.request):
            tags |= {"og:image": f"{where}/preview.png", "og:image:width": "1200", "og:image:height": "630"}
            tags["og:image:alt"] = "Two rows of doors: open where a plan got out, shut where it got stuck"
        meta = "".join(f'<meta property="{name}" content="{escaped(words)}">' for name, words in tags.items())
        meta += f'<meta name="description" content="{escaped(ABOUT)}">'
        meta += '<meta name="twitter:card" content="summary_large_image">'
        return f"<title>Escape</title>{meta}".encode()


def page_address(request: Request) -> str:
    """Compose the page's address as its visitors see it. "" if the headers do not tell."""
    host = request.headers.get("host", "")
    scheme = request.headers.get("x-forwarded-proto", request.url.scheme)
    if not re.fullmatch(r"[A-Za-z0-9.\[\]:-]{1,255}", host) or scheme not in ("http", "https"):
        return ""
    return f"{scheme}://{host}{request.url.path.rstrip('/')}"


# -- cookies
# ---------------------------------------------------------------------------------------------------------

WAIT_S = 600.0  # how long a browser may fetch a promised cookie
DAY_S = 86_400.0  # how long, where the cookie takes a secret from a link that is still to be opened
MOST_BYTES = 200  # of what a browser adds
MOST = 10_000  # promises at once
_VALUE = re.compile(r"[A-Za-z0-9._-]{0,120}")


class Promise(NamedTuple):
    """A cookie that a page has promised to its browser.

    `value`: the cookie's value. With `takes`, its beginning: the browser appends the secret that follows # in
    the address. `age`: in seconds; None: until the browser is closed. `until`: when the promise ends, on the
    monotonic clock.
    """

    name: str
    value: str
    age: int | None
    takes: bool
    until: float


class Promises:
    """Cookies that pages have promised, each by a random word.

    A word is valid for WAIT_S or DAY_S, and not only once, so that a browser may ask again.
    """

    def __init__(self) -> None:
        self._by_word: dict[str, Promise] = {}
        self._lock = threading.Lock()
        # whether this server has routes, which a page started as a plain script has not
        self.has_routes = False

    def give(self, name: str, value: str, age: int | None, *, takes: bool = False) -> str:
        """Promise a cookie; return the word with which the browser fetches it.

        Words that have expired are dropped, and the oldest where there would be more than MOST.
        """
        word, now = secrets.token_urlsafe(18), time.monotonic()
        with self._lock:
            for old in [w for w, p in self._by_word.items() if p.until < now]:
                del self._by_word[old]
            while len(self._by_word) >= MOST:
                self._by_word.pop(next(iter(self._by_word)))
            self._by_word[word] = Promise(name, value, age, takes, now + (DAY_S if takes else WAIT_S))
        return word

    def of(self, word: str) -> Promise | None:
        with self._lock:
            promise = self._by_word.get(word)
        return promise if promise and promise.until >= time.monotonic() else None


PROMISES = Promises()


def from_this_page(request: Request) -> bool:
    """Tell whether a request comes from a page of this server.

    Over HTTPS and on this machine browsers say so themselves (Sec-Fetch-Site), since a proxy may change the
    host. Otherwise the host of the origin decides; a request without an origin passes.
    """
    if site := request.headers.get("sec-fetch-site"):
        return site == "same-origin"
    origin = request.headers.get("origin", "")
    return not origin or origin.partition("://")[2] == request.headers.get("host")


async def set_promised_cookie(request: Request) -> Response:
    """Set the cookie that a page has promised, which no script can read.

    With `kept` in the query, only tell whether the browser sent it back: 204 or 410. In a frame, not every
    browser does.
    """
    if not from_this_page(request):
        return PlainTextResponse("from this page alone", 403)
    length = _length(request)
    if length is None or length > MOST_BYTES:
        return PlainTextResponse("too long", 413)
    promise = PROMISES.of(request.path_params["word"])
    added = (await request.body()).decode("ascii", "replace") if promise and promise.takes else ""
    if promise is None or not _VALUE.fullmatch(added):
        return PlainTextResponse("not promised", 404)
    name = f"escape_{promise.name}"
    # whether the browser sends it back, which in a frame not every one does
    if "kept" in request.query_params:
        return Response(status_code=204 if name in request.cookies or not promise.value else 410)
    is_safe = request.headers.get("x-forwarded-proto", request.url.scheme) == "https"
    rule = "SameSite=Strict"
    if is_safe:
        rule = (
            "SameSite=None; Secure; Partitioned"
            if "framed" in request.query_params
            else "SameSite=Strict; Secure"
        )
    age = "" if promise.age is None else f"Max-Age={promise.age}; "
    # written out: Starlette knows Partitioned from Python 3.14 on
    cookie = f"{name}={promise.value}{added}; {age}Path=/; HttpOnly; {rule}"
    return Response(status_code=204, headers={"set-cookie": cookie})


def app_arguments() -> dict[str, Any]:
    """Compose the arguments that `st.App` takes beside the page's script.

    From then on, pages promise cookies instead of setting them by script.
    """
    PROMISES.has_routes = True
    base = (streamlit.get_option("server.baseUrlPath") or "").strip("/")
    below = f"/{base}" if base else ""
    return {
        "middleware": [Middleware(Gate)],
        "routes": [
            Route(f"{below}/remember/{{word}}", set_promised_cookie, methods=["POST"]),
            Route(f"{below}/preview.png", lambda request: FileResponse(PREVIEW, media_type="image/png")),
        ],
    }
