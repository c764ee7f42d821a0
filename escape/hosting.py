"""What a visitor may do on this server: whose keys, which addresses, how much.

The owner's settings come from the environment; the rest is decided from facts that are passed in.
"""

import math
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from escape.models import PROVIDERS, is_loopback
from escape.types import MAX_TRIALS, ModelSpec, SpecError

HOSTED_TRIALS = 5_000  # per run on a hosted page: each answer takes about 12 kB of the server's memory
HOSTED_UPLOADS_MB = 300  # all visitors together
VISITORS_UPLOADS_MB = 96


@dataclass(frozen=True)
class Hosting:
    """A visitor's rights.

    `local`: on this machine. `share_keys`: visitors may use the owner's keys. `session_cap_usd`,
    `day_cap_usd`: None for no limit. `allowed_hosts`: HOST or HOST:PORT that visitors may name. `hosted`:
    nobody counts as local. `forgets`: data are lost when the server sleeps.
    """

    local: bool = False
    share_keys: bool = False
    session_cap_usd: float | None = None
    day_cap_usd: float | None = None
    allowed_hosts: frozenset[str] = frozenset()
    hosted: bool = False
    forgets: bool = False
    classes_an_hour: int = 200  # that all visitors together may open

    def env_for_visitor(self, env: Mapping[str, str]) -> Mapping[str, str]:
        """Choose the environment whose keys this visitor may use: the owner's, or an empty one."""
        return env if self.local or self.share_keys else {}

    @property
    def custom_addresses(self) -> bool:
        return self.local or bool(self.allowed_hosts)

    def check_address(self, spec: ModelSpec) -> None:
        try:
            parts = urlsplit(spec.base_url or "")
            good = (
                parts.scheme in {"http", "https"}
                and bool(parts.hostname)
                and not parts.username
                and parts.port != 0
            )
        except ValueError:  # such as an unclosed bracket
            good = False
        if spec.base_url and not good:
            raise SpecError(
                "write the address as http://HOST/v1 or https://HOST/v1, without a name or password in it"
            )
        if self.local:
            return
        provider = PROVIDERS.get(spec.provider)
        if (
            provider
            and provider.any_address
            and not provider.here
            and spec.base_url is None
            and not self.share_keys
        ):
            raise SpecError(
                "visitors may not use the address configured on this server; run Escape on your own machine"
            )
        if (provider and provider.here) or (
            spec.base_url and parts.netloc.casefold() not in self.allowed_hosts
        ):
            raise SpecError(
                "this hosted page cannot call your own address; run Escape on your own machine for that"
            )

    @property
    def most_answers(self) -> int:
        return MAX_TRIALS if self.local else HOSTED_TRIALS

    def check_size(self, trials: int) -> None:
        if not self.local and trials > HOSTED_TRIALS:
            raise SpecError(
                f"{trials} trials; this hosted page runs up to {HOSTED_TRIALS} at once: take fewer puzzles, "
                "players or repeats, or run Escape on your own machine"
            )


def owner(env: Mapping[str, str] = os.environ) -> Hosting:
    """Read what the owner grants to visitors from elsewhere. Raises SpecError for an invalid value.

    ESCAPE_SHARE_KEYS=1 with ESCAPE_SESSION_CAP_USD lets each visitor use the server's keys up to that cap.
    ESCAPE_DAY_CAP_USD adds a cap per day (UTC) for all visitors together. ESCAPE_ALLOWED_HOSTS lists the
    hosts (host:port) that visitors may name. ESCAPE_HOSTED=1 treats nobody as local. ESCAPE_FORGETS=1 tells
    visitors that runs and classes are lost when the server sleeps; Streamlit's Community Cloud and Spaces are
    detected, and ESCAPE_DB_URL rules it out. ESCAPE_CLASSES_PER_HOUR limits how many classes are opened.
    """
    session = _read_usd(env, "ESCAPE_SESSION_CAP_USD")
    day = _read_usd(env, "ESCAPE_DAY_CAP_USD")
    share = _switch(env, "ESCAPE_SHARE_KEYS")
    if share and session is None:
        raise SpecError(
            "ESCAPE_SHARE_KEYS needs a cap per visitor; set ESCAPE_SESSION_CAP_USD, for example to 0.50"
        )
    an_hour = env.get("ESCAPE_CLASSES_PER_HOUR", "").strip()
    if an_hour and not (an_hour.isascii() and an_hour.isdecimal() and len(an_hour) < 10):
        raise SpecError(
            f"ESCAPE_CLASSES_PER_HOUR={an_hour[:40]!r} is not a number; write a whole one, such as 20"
        )
    return Hosting(
        hosted=_switch(env, "ESCAPE_HOSTED"),
        # what is kept here is lost when such a server sleeps: nothing outlives it but a database elsewhere
        forgets=not env.get("ESCAPE_DB_URL", "").strip()
        and (_switch(env, "ESCAPE_FORGETS") or "SPACE_ID" in env or os.getcwd().startswith(COMMUNITY_CLOUD)),
        classes_an_hour=int(an_hour or Hosting.classes_an_hour),
        share_keys=share,
        session_cap_usd=session,
        day_cap_usd=day,
        allowed_hosts=frozenset(
            h.strip().casefold() for h in env.get("ESCAPE_ALLOWED_HOSTS", "").split(",") if h.strip()
        ),
    )


def framed_by(env: Mapping[str, str] = os.environ) -> str:
    """List the sites that may show the page in a frame, in the syntax of CSP `frame-ancestors`.

    They are the page's own, those in ESCAPE_FRAMED_BY and, in a Space, Hugging Face. Raises SpecError for
    anything that is not a site's address, since a policy that a browser cannot read protects nobody.
    """
    sites = env.get("ESCAPE_FRAMED_BY", "").replace(",", " ").split()
    for site in sites:
        if not re.fullmatch(r"https?://[A-Za-z0-9.*-]+(:(\d{1,5}|\*))?", site):
            raise SpecError(f"ESCAPE_FRAMED_BY: {site[:60]!r} is not a site; write https://school.example")
    of_space = ["https://huggingface.co", "https://*.hf.space"] if "SPACE_ID" in env else []
    return " ".join(["'self'", *sites, *of_space])


COMMUNITY_CLOUD = "/mount/src"  # where it puts the program


def _read_usd(env: Mapping[str, str], name: str) -> float | None:
    text = env.get(name, "").strip()
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or value < 0:
        raise SpecError(
            f"{name}={text[:40]!r} is not an amount; write USD with a decimal point, such as 0.50"
        )
    return value


def _switch(env: Mapping[str, str], name: str) -> bool:
    text = env.get(name, "").strip().casefold()
    if text in {"", "0", "false", "no"}:
        return False
    if text in {"1", "true", "yes"}:
        return True
    raise SpecError(f"{name}={text[:40]!r} is neither 1 nor 0; write one of them")


@dataclass(frozen=True)
class Visit:
    """The way a visitor's page reached this server, according to the websocket's opening request."""

    host: str
    origin: str = ""
    remote_ip: str | None = None
    forwarded: bool = False

    @property
    def from_this_machine(self) -> bool:
        """True if the visitor is on this machine and on this server's own page, not one at another port."""
        if self.forwarded or not (self.remote_ip is None or is_loopback(self.remote_ip)):
            return False
        try:
            name = urlsplit(f"//{self.host}").hostname or ""
            origin = urlsplit(self.origin).netloc if self.origin else self.host
        except ValueError:
            return False
        return (name == "localhost" or is_loopback(name)) and origin.casefold() == self.host.casefold()


def hosting(visit: Visit, chosen: Hosting) -> Hosting:
    """Decide one visitor's rights. A forwarded request is never local: behind a proxy all look local."""
    if chosen.hosted or not visit.from_this_machine:
        return chosen
    return replace(chosen, local=True, session_cap_usd=None, day_cap_usd=None)
