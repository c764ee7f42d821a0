"""Where a hosted page may call: public addresses only, checked after the name is resolved and at every redirect."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from typing import TYPE_CHECKING

from escape.errors import Kind, ModelError

if TYPE_CHECKING:
    import httpx2


def is_public(address: str) -> bool:
    """False for loopback, private, link-local, multicast, reserved and carrier-shared addresses, also mapped ones."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(ip, "ipv4_mapped", None) or getattr(ip, "sixtofour", None)
    return ip.is_global and not ip.is_multicast and (mapped is None or is_public(str(mapped)))


async def resolve(host: str, port: int) -> str:
    """One public address of a host. Raises ModelError where any of its addresses is not public."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        raise ModelError(Kind.CONNECTION, "the address could not be found; check how it is written") from None
    addresses = [str(entry[4][0]) for entry in found]
    if not addresses or not all(map(is_public, addresses)):
        raise ModelError(
            Kind.BAD_REQUEST,
            "this hosted page calls public addresses only; run Escape on your own machine for a private one",
        )
    return addresses[0]


def public_client(timeout_s: float) -> httpx2.AsyncClient:
    """An HTTP client that connects to the address that was checked, so that a name cannot change its mind between."""
    import httpx2

    class PublicOnly(httpx2.AsyncHTTPTransport):
        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            host = request.url.host
            port = request.url.port or (443 if request.url.scheme == "https" else 80)
            address = await resolve(host, port)
            request.extensions = {**request.extensions, "sni_hostname": host}
            request.url = request.url.copy_with(host=address)
            return await super().handle_async_request(request)

    return httpx2.AsyncClient(transport=PublicOnly(), timeout=timeout_s, follow_redirects=False)
