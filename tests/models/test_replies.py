"""What real servers send beside good replies: too much, too slowly, damaged, or errors of their own form."""

import asyncio
import contextlib
import gzip
import itertools
import json
import socket
import struct
import threading
import time
import tracemalloc
from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from escape import models
from escape.models.specs import parse
from escape.types import Answer, FailureKind, ModelError, SpecError
from tests.fake_server import PROBE
from tests.raw_server import RawServer, Sent

MB = 10**6
MOST = 10 * MB  # of a reply's text
LOADING = "the weights are still being loaded"


def reply(text: str) -> bytes:
    message = {"message": {"content": text}, "finish_reason": "stop"}
    usage = {"prompt_tokens": 200, "completion_tokens": 100}
    return json.dumps({"model": "m", "choices": [message], "usage": usage}, ensure_ascii=False).encode()


def ask(address: str, timeout_s: float = 20.0) -> Answer:
    async def once() -> Answer:
        model = models.build(parse(f"compatible:m@{address}", timeout_s=timeout_s), SecretStr("sk-x"))
        try:
            return await model.complete(PROBE)
        finally:
            await model.close()

    return asyncio.run(once())


def failure(sent: Sent, timeout_s: float = 20.0) -> ModelError:
    with RawServer(lambda n: sent) as server, pytest.raises(ModelError) as caught:
        ask(f"{server.url}/v1", timeout_s)
    return caught.value


def unanswered(address: str) -> ModelError:
    with pytest.raises(ModelError) as caught:
        ask(address)
    return caught.value


def nobody() -> int:
    """A port at which nobody listens."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
    return port


@pytest.mark.parametrize(
    "body",
    [
        {"error": {"code": "content_filter", "message": "The response was filtered"}},
        {
            "error": {
                "code": 400,
                "type": "x",
                "message": "blocked by Azure OpenAI's content management policy",
            }
        },
        {
            "choices": [
                {
                    "finish_reason": "content_filter",
                    "content_filter_results": {"violence": {"filtered": True}},
                }
            ]
        },
        {"choices": [{"finish_reason": "content_filter", "message": None}]},
    ],
)
def test_a_filter_inside_a_good_reply_is_an_answer_that_was_held_back(body: dict[str, object]) -> None:
    with RawServer(lambda n: Sent(body=json.dumps(body).encode())) as server:
        answer = ask(f"{server.url}/v1")
    assert (answer.text, answer.finish_reason) == ("", "filter")


def dropping(sends: bytes, *, reads: bool, resets: bool) -> str:
    """The address of a server that hangs up on its first caller after so much."""
    listening = socket.create_server(("127.0.0.1", 0))

    def once() -> None:
        with listening:
            caller, _ = listening.accept()
            if reads:
                caller.recv(65_536)
            if resets:
                caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            caller.sendall(sends)
            caller.close()

    threading.Thread(target=once, daemon=True).start()
    return f"http://127.0.0.1:{listening.getsockname()[1]}/v1"


BEGUN = b'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{"choi'


@pytest.mark.parametrize("resets", [False, True])
@pytest.mark.parametrize(("sends", "reads"), [(b"", False), (b"", True), (BEGUN, True)])
def test_a_server_that_hangs_up_is_no_timeout(sends: bytes, reads: bool, resets: bool) -> None:
    error = unanswered(dropping(sends, reads=reads, resets=resets))
    assert error.kind is FailureKind.CONNECTION
    assert "the server hung up" in error.message


def test_what_is_no_http_is_said_to_be_none() -> None:
    error = unanswered(dropping(b"SSH-2.0-OpenSSH_9.6\r\n", reads=True, resets=False))
    assert error.kind is FailureKind.MALFORMED
    assert "no HTTP" in error.message


def test_a_long_reply_is_read() -> None:
    with RawServer(lambda n: Sent(body=reply("a" * 9 * MB))) as server:
        assert ask(f"{server.url}/v1").text.startswith("aaa")


def test_a_packed_reply_whose_header_comes_alone_is_unpacked() -> None:
    body = gzip.compress(reply("aaa"))

    def pieces() -> Iterator[bytes]:
        yield body[:10]
        time.sleep(0.1)  # else both arrive as one
        yield body[10:]

    with RawServer(lambda n: Sent(body=pieces(), headers={"content-encoding": "gzip"})) as server:
        assert ask(f"{server.url}/v1").text == "aaa"


@pytest.mark.parametrize("packed", [False, True])
def test_a_reply_of_more_than_ten_million_characters_is_refused(packed: bool) -> None:
    body = reply("a" * (MOST + MB))
    sent = Sent(body=gzip.compress(body), headers={"content-encoding": "gzip"}) if packed else Sent(body=body)
    found = failure(sent)
    assert found.kind is FailureKind.MALFORMED
    assert "10 MB" in found.message


@pytest.mark.proof
def test_a_packed_reply_takes_no_more_memory_than_an_unpacked_one_may() -> None:
    sent = Sent(body=gzip.compress(reply("a" * 100 * MB), 9), headers={"content-encoding": "gzip"})
    assert isinstance(sent.body, bytes)
    assert len(sent.body) < MB
    tracemalloc.start()
    try:
        with RawServer(lambda n: sent) as server, contextlib.suppress(ModelError):
            ask(f"{server.url}/v1")
        assert tracemalloc.get_traced_memory()[1] < 6 * MOST
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("status", [200, 500])
def test_of_an_endless_reply_no_more_is_read_than_a_reply_may_have(status: int) -> None:
    endless = itertools.chain([b'{"x": "'], itertools.repeat(b"a" * 65_536))
    with RawServer(lambda n: Sent(status, endless)) as server:
        with pytest.raises(ModelError):
            ask(f"{server.url}/v1", timeout_s=2.0)
        assert server.taken < 4 * MOST  # what is under way in buffers counts too


def test_an_endless_reply_ends_with_the_time_for_the_call() -> None:
    def trickle() -> Iterator[bytes]:
        while True:
            time.sleep(0.02)
            yield b" "

    assert failure(Sent(body=trickle()), timeout_s=1.0).kind is FailureKind.TIMEOUT


def test_the_time_is_for_the_whole_call_in_however_many_forms_it_is_asked() -> None:
    def picky(n: int) -> Sent:
        time.sleep(0.7)
        words = b'{"error": {"message": "unknown field max_tokens"}}'
        return Sent(400, words) if n == 1 else Sent(body=reply("late"))

    with RawServer(picky) as server, pytest.raises(ModelError) as caught:
        ask(f"{server.url}/v1", timeout_s=1.0)
    assert caught.value.kind is FailureKind.TIMEOUT


@pytest.mark.parametrize(("damage", "text"), [("mark", "it's"), ("byte", "it\ufffds")])
def test_damage_that_a_reader_would_pass_over_costs_no_answer(damage: str, text: str) -> None:
    body = b"\xef\xbb\xbf" + reply("it's") if damage == "mark" else reply("it's").replace(b"'", b"\x92")
    with RawServer(lambda n: Sent(body=body)) as server:
        assert ask(f"{server.url}/v1").text == text


def test_a_limit_told_by_a_web_page_is_a_limit() -> None:
    page = b"<html><body>Too many requests</body></html>"
    found = failure(Sent(429, page, {"content-type": "text/html", "retry-after": "7"}))
    assert (found.kind, found.retry_after_s) == (FailureKind.RATE_LIMIT, 7.0)


@pytest.mark.parametrize(
    ("address", "words"),
    [("http://127.0.0.1:{}/v1", "refused"), ("http://nowhere.invalid/v1", "could not be found")],
)
def test_nobody_there_is_told_in_words_that_are_true(address: str, words: str) -> None:
    found = unanswered(address.format(nobody()))
    assert found.kind is FailureKind.CONNECTION
    assert "timeout" not in found.message.casefold()
    assert words in found.message
    assert found.attempts == 0  # it never reached a server, so nobody charges it


def test_a_server_without_tls_is_said_to_have_none() -> None:
    with RawServer(lambda n: Sent(body=b"{}")) as server:
        found = unanswered(f"{server.url.replace('http:', 'https:')}/v1")
    assert "does not speak TLS" in found.message


def test_a_redirect_is_followed_nowhere() -> None:
    with RawServer(lambda n: Sent(body=reply("x"))) as other:
        to = {"location": f"{other.url}/v1/chat/completions"}
        failure(Sent(307, b"{}", to))
        assert other.calls == 0


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_dead_proxy_is_no_timeout(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (f"{scheme}_proxy", f"{scheme}_proxy".upper()):
        monkeypatch.setenv(name, f"http://127.0.0.1:{nobody()}")
    found = unanswered(f"{scheme}://example.invalid/v1")
    assert found.kind is FailureKind.CONNECTION
    assert "proxy" in found.message
    assert found.attempts == 0


@pytest.mark.parametrize(
    "address", ["http://[::1/v1", "http://127.0.0.1:abc/v1", f"http://{'a' * 70}.org/v1"]
)
def test_an_address_that_is_none_is_said_to_be_none(address: str) -> None:
    with pytest.raises((SpecError, ModelError), match="address"):
        ask(address)


@pytest.mark.parametrize(
    "body",
    [
        {"error": LOADING},
        {"detail": LOADING},
        {"detail": [{"loc": ["body", "model"], "msg": LOADING}]},
        [{"error": {"message": LOADING, "code": 400}}],
        LOADING,
        {"message": LOADING},
        {"error": {"message": LOADING}},
    ],
)
@pytest.mark.parametrize("status", [400, 503])
def test_an_errors_words_are_passed_on_in_whatever_form_they_come(status: int, body: object) -> None:
    sent = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    found = failure(Sent(status, sent, {"content-type": "text/plain"} if isinstance(body, str) else {}))
    assert LOADING in found.message


@pytest.mark.parametrize("body", [{"error": LOADING}, {"detail": LOADING}, {"message": LOADING}])
def test_an_error_in_place_of_an_answer_is_told_in_its_words(body: object) -> None:
    assert LOADING in failure(Sent(body=json.dumps(body).encode())).message


@pytest.mark.parametrize(
    ("error", "wish"),
    [
        ({"code": 429}, 7.0),
        ({"code": "429"}, 7.0),
        ({"type": "rate_limit_error"}, 7.0),
        ({"code": "rate_limit_exceeded"}, 7.0),
    ],
)
def test_a_limit_inside_a_good_reply_is_a_limit_with_its_wish(error: dict[str, object], wish: float) -> None:
    body = json.dumps({"error": {"message": "slow down", **error}}).encode()
    found = failure(Sent(body=body, headers={"retry-after": "7"}))
    assert (found.kind, found.retry_after_s) == (FailureKind.RATE_LIMIT, wish)


def test_a_spent_allowance_of_a_day_lasts_until_tomorrow_wherever_it_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("escape.models.protocols.failures.until_tomorrow", lambda now: 4000.0)
    body = json.dumps(
        {"error": {"message": "Rate limit exceeded: free-models-per-day", "code": 429}}
    ).encode()
    for status in (200, 429):
        found = failure(Sent(status, body, {"retry-after": "7"}))
        assert (found.kind, found.retry_after_s) == (FailureKind.RATE_LIMIT, 4000.0)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("retry-after", "nan"),
        ("retry-after", "inf"),
        ("retry-after-ms", "nan"),
        ("retry-after-ms", "inf"),
        ("retry-after", "9" * 400),
    ],
)
def test_a_wish_that_is_no_number_is_none(name: str, value: str) -> None:
    found = failure(Sent(429, b'{"error": {"message": "slow down"}}', {name: value}))
    assert (found.kind, found.retry_after_s) == (FailureKind.RATE_LIMIT, None)
