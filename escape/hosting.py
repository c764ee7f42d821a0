"""What this server may do for a visitor: whose keys, which addresses. Facts come in, a decision goes out."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from escape.errors import SpecError
from escape.schema import ModelSpec

LOCAL_SERVERS = frozenset({"ollama", "lmstudio", "vllm", "llamacpp", "local"})
_LOOPBACK = {"localhost", "127.0.0.1", "[::1]"}


@dataclass(frozen=True)
class Hosting:
    """`local`: the visitor sits at this machine. The rest is the owner's choice, made in environment variables."""

    local: bool
    share_keys: bool
    session_cap_usd: float | None
    allowed_hosts: frozenset[str]

    def env_for_visitor(self, env: Mapping[str, str]) -> Mapping[str, str]:
        """The environment whose keys serve this visitor: the owner's, or none of it."""
        return env if self.local or self.share_keys else {}

    @property
    def custom_addresses(self) -> bool:
        """Whether this visitor may name a server of their own."""
        return self.local or bool(self.allowed_hosts)

    def check_address(self, spec: ModelSpec) -> None:
        """Raises SpecError for an address that this page does not call."""
        parts = urlsplit(spec.base_url or "")
        if spec.base_url and (parts.scheme not in {"http", "https"} or not parts.hostname or parts.username):
            raise SpecError("write the address as http://HOST/v1 or https://HOST/v1, without a name or password in it")
        if self.local:
            return
        if spec.provider == "compatible" and spec.base_url is None and not self.share_keys:
            raise SpecError("this hosted page lends its own address to nobody; run Escape on your own machine")
        if spec.provider in LOCAL_SERVERS or (spec.base_url and parts.netloc.casefold() not in self.allowed_hosts):
            raise SpecError("this hosted page calls no addresses of visitors; run Escape on your own machine for that")


def hosting(
    host_header: str, remote_ip: str | None, *, forwarded: bool, env: Mapping[str, str] = os.environ
) -> Hosting:
    """The decision for one visitor. Behind a proxy everybody seems local, so a forwarded call never is.

    ESCAPE_SHARE_KEYS=1 with ESCAPE_SESSION_CAP_USD lets visitors use the server's keys up to a cap each;
    ESCAPE_ALLOWED_HOSTS lists hosts (host:port) that visitors may name; ESCAPE_HOSTED=1 treats nobody as local.
    """
    name = host_header.rpartition(":")[0] or host_header
    local = (
        remote_ip in {None, "127.0.0.1", "::1"}
        and name in _LOOPBACK
        and not forwarded
        and env.get("ESCAPE_HOSTED", "").strip().casefold() in {"", "0", "false", "no"}
    )
    cap = float(env["ESCAPE_SESSION_CAP_USD"]) if env.get("ESCAPE_SESSION_CAP_USD") else None
    return Hosting(
        local=local,
        share_keys=env.get("ESCAPE_SHARE_KEYS") == "1" and cap is not None,
        session_cap_usd=None if local else cap,
        allowed_hosts=frozenset(
            h.strip().casefold() for h in env.get("ESCAPE_ALLOWED_HOSTS", "").split(",") if h.strip()
        ),
    )
