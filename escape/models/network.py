"""HTTP clients: a fast one for the owner's addresses, one for public addresses that visitors typed.

Addresses are checked after the name has been resolved, and redirects are never followed.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
import ssl
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypedDict

from escape.types import FailureKind, ModelError, SpecError

if TYPE_CHECKING:
    import httpx2

# Networks that lead to other networks, or are retired, but still count as global.
_NOT_PUBLIC = [
    ipaddress.ip_network(n) for n in ("64:ff9b::/96", "64:ff9b:1::/48", "fec0::/10", "::/96", "2001::/23")
]
MAX_CONNECTIONS = 600
MAX_REPLY = 10_000_000  # bytes of a reply, unpacked
PIECE = 65_536  # bytes unpacked at a time


def parse_ip(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Parse an address without its zone, an IPv4-mapped IPv6 address as IPv4. Raises ValueError."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    return getattr(ip, "ipv4_mapped", None) or ip


def is_loopback(address: str) -> bool:
    """Check whether an address is this machine's own. Text that is not an address is not."""
    try:
        return parse_ip(address).is_loopback
    except ValueError:
        return False


def is_public(address: str) -> bool:
    """Check whether an address is public. Raises ValueError for text that is not an address.

    Loopback, private, link-local, multicast, reserved and carrier-grade NAT addresses are not.
    """
    ip = parse_ip(address)
    inside = getattr(ip, "sixtofour", None)
    if any(ip.version == net.version and ip in net for net in _NOT_PUBLIC):
        return False
    return ip.is_global and not ip.is_multicast and (inside is None or is_public(str(inside)))


async def resolve(host: str, port: int) -> str:
    """Resolve a host to one public address.

    Raises ModelError if it is not found or any of its addresses is not public.
    """
    try:
        entries = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        why = "the address could not be found; check its spelling"
        raise ModelError(FailureKind.CONNECTION, why, attempts=0) from None
    addresses = [str(entry[4][0]) for entry in entries]
    if not addresses or not all(map(is_public, addresses)):
        raise ModelError(
            FailureKind.WRONG_ADDRESS,
            "this hosted page calls public addresses only; run Escape on your own machine for a private one",
        )
    return addresses[0]


def _bounds() -> _Bounds:
    """Build client options that bound the size of every reply.

    Replies are asked for uncompressed and counted as they arrive.
    """
    return {"headers": {"accept-encoding": "identity"}, "event_hooks": {"response": [_bound_body]}}


_PACKED = (b"\x1f", b"x")  # what gzip and zlib begin with


class _Bounds(TypedDict):
    headers: dict[str, str]
    event_hooks: dict[str, list[Callable[[httpx2.Response], Awaitable[None]]]]


async def _bound_body(response: httpx2.Response) -> None:
    """Bound a reply's body to MAX_REPLY bytes, unpacking it if the server packed it anyway.

    Raises ModelError for a packing that was not asked for.
    """
    packed = response.headers.pop("content-encoding", "identity").strip().casefold()
    if packed not in {"identity", "gzip", "x-gzip", "deflate"}:
        raise ModelError(
            FailureKind.MALFORMED,
            f"the server packs its replies in a way that was not asked for ({packed[:20]})",
        )
    response.stream = _counting_stream()(response.stream, packed != "identity", MAX_REPLY)


@cache
def _counting_stream() -> Callable[[Any, bool, int], httpx2.AsyncByteStream]:
    import httpx2

    class Counted(httpx2.AsyncByteStream):
        def __init__(self, stream: httpx2.AsyncByteStream, packed: bool, most: int) -> None:  # noqa: FBT001
            self._whole, self._packed, self._most = stream, packed, most

        async def __aiter__(self) -> AsyncIterator[bytes]:
            # gzip or zlib, whichever it is
            unpacking, total, packed, at_first = zlib.decompressobj(47), 0, self._packed, True
            async for part in self._whole:
                if packed and at_first and part and part[:1] not in _PACKED:
                    packed = False  # the header says so, and the body is plain
                at_first = at_first and not part
                remaining = part
                while remaining:
                    if unpacking.eof:  # one packed piece behind another
                        unpacking = zlib.decompressobj(47)
                    try:
                        piece = unpacking.decompress(remaining, PIECE) if packed else remaining
                    except zlib.error:
                        raise ModelError(
                            FailureKind.MALFORMED, "the server's reply is packed wrongly"
                        ) from None
                    remaining = (unpacking.unconsumed_tail or unpacking.unused_data) if packed else b""
                    total += len(piece)
                    if total > self._most:
                        raise ModelError(
                            FailureKind.MALFORMED,
                            f"the reply has more than {self._most // 10**6} MB, which no answer needs",
                        )
                    yield piece

        async def aclose(self) -> None:
            await self._whole.aclose()

    return Counted


@cache
def certificates() -> ssl.SSLContext:
    """Load the trusted certificates, once: it takes 5 ms and 0.8 MB, and each model has a client."""
    import httpx2

    return httpx2.create_ssl_context()


def public_client(timeout_s: float) -> httpx2.AsyncClient:
    """Build a client that connects to the very address it checked, so that DNS cannot change between."""
    import httpx2

    class PublicOnly(httpx2.AsyncHTTPTransport):
        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            host = request.url.host
            port = request.url.port or (443 if request.url.scheme == "https" else 80)
            address = await resolve(host, port)
            request.extensions = {**request.extensions, "sni_hostname": host}
            request.url = request.url.copy_with(host=address)
            return await super().handle_async_request(request)

    return httpx2.AsyncClient(
        transport=PublicOnly(verify=certificates()), timeout=timeout_s, follow_redirects=False, **_bounds()
    )


def fast_client(sdk: ModuleType, timeout_s: float) -> httpx2.AsyncClient:
    """Build the SDK's own client on aiohttp, which takes about half the CPU time of httpx per call."""
    import httpx2

    limits = httpx2.Limits(max_connections=MAX_CONNECTIONS, max_keepalive_connections=MAX_CONNECTIONS)
    client: httpx2.AsyncClient = sdk.DefaultAioHttpClient(
        timeout=timeout_s, limits=limits, follow_redirects=False, verify=certificates(), **_bounds()
    )
    return client


def free_port(host: str, ports: Sequence[int]) -> int:
    """Find the first of these ports that is free on `host`. Raises SpecError if none is."""
    for port in ports:
        with contextlib.suppress(OSError), socket.socket() as place:
            place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            place.bind((host, port))
            return port
    raise SpecError(f"port {ports[0]} is taken; name another with --port")
