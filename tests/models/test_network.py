"""Which addresses are public, and that a checked address is the one that is called."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest

from escape.models import network
from escape.types import FailureKind, ModelError


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("127.0.0.1", False),
        ("10.0.0.1", False),
        ("100.64.0.1", False),
        ("169.254.169.254", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fec0::1", False),
        ("64:ff9b::808:808", False),
        ("64:ff9b:1::1", False),
        ("2001:1::1", False),
        ("::8.8.8.8", False),
        ("::ffff:10.0.0.1", False),
        ("::ffff:8.8.8.8", True),
        ("2002:0a00:0001::1", False),  # 6to4 around 10.0.0.1
        ("ff02::1", False),
        ("ff0e::1", False),
    ],
)
def test_an_address_is_public_or_not(address: str, public: bool) -> None:
    assert network.is_public(address) == public


def test_this_machine_is_known_by_its_addresses() -> None:
    assert all(map(network.is_loopback, ("127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1")))
    assert not any(map(network.is_loopback, ("8.8.8.8", "localhost", "", "10.0.0.1")))


def resolved(monkeypatch: pytest.MonkeyPatch, *addresses: str, host: str = "example.org") -> str:
    async def answer(self: object, name: str, port: int, **more: object) -> list[tuple[object, ...]]:
        if not addresses:
            raise OSError("no such name")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, port)) for a in addresses if a != "none"]

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", answer)
    return asyncio.run(network.resolve(host, 443))


def test_a_name_is_called_at_its_first_address_if_all_are_public(monkeypatch: pytest.MonkeyPatch) -> None:
    assert resolved(monkeypatch, "8.8.8.8", "1.1.1.1") == "8.8.8.8"
    for private in (("8.8.8.8", "10.0.0.1"), ("none",)):
        with pytest.raises(ModelError, match="calls public addresses only") as caught:
            resolved(monkeypatch, *private)
        assert caught.value.kind is FailureKind.WRONG_ADDRESS
    with pytest.raises(ModelError, match="could not be found; check its spelling") as caught:
        resolved(monkeypatch)
    assert caught.value.kind is FailureKind.CONNECTION


@pytest.mark.parametrize(
    ("url", "port"), [("https://x.org/v1", 443), ("http://x.org/v1", 80), ("https://x.org:8443/v1", 8443)]
)
def test_the_checked_address_is_called_under_the_hosts_name(
    url: str, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    import httpx2

    asked: list[tuple[str, int]] = []
    sent: list[httpx2.Request] = []

    async def resolve(host: str, to: int) -> str:
        asked.append((host, to))
        return "8.8.8.8"

    async def send(self: object, request: httpx2.Request) -> httpx2.Response:
        sent.append(request)
        return httpx2.Response(302, headers={"location": "http://10.0.0.1/"}, request=request)

    monkeypatch.setattr(network, "resolve", resolve)
    monkeypatch.setattr(httpx2.AsyncHTTPTransport, "handle_async_request", send)

    async def call() -> int:
        async with network.public_client(5) as client:
            return (await client.get(url)).status_code

    assert asyncio.run(call()) == 302  # and nobody follows it
    assert asked == [("x.org", port)]
    (request,) = sent
    assert (request.url.host, request.extensions["sni_hostname"]) == ("8.8.8.8", "x.org")
    assert request.headers["host"].startswith("x.org")


def test_a_hosted_page_reads_no_more_of_a_reply_than_a_reply_may_have(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import httpx2

    sent: list[httpx2.Request] = []

    class Endless(httpx2.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            for _ in range(100):
                yield b"x" * 100

    async def resolve(host: str, to: int) -> str:
        return "8.8.8.8"

    async def send(self: object, request: httpx2.Request) -> httpx2.Response:
        sent.append(request)
        return httpx2.Response(200, stream=Endless(), request=request)

    monkeypatch.setattr(network, "resolve", resolve)
    monkeypatch.setattr(network, "MAX_REPLY", 1000)
    monkeypatch.setattr(httpx2.AsyncHTTPTransport, "handle_async_request", send)

    async def call() -> None:
        async with network.public_client(5) as client:
            await client.get("https://x.org/v1")

    with pytest.raises(ModelError) as caught:
        asyncio.run(call())
    assert caught.value.kind is FailureKind.MALFORMED
    assert sent[0].headers["accept-encoding"] == "identity"
