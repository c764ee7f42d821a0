"""Whose keys and which addresses: the owner decides, and a proxy makes nobody local."""

from __future__ import annotations

import pytest

from escape.errors import SpecError
from escape.hosting import LOCAL_SERVERS, hosting
from escape.models import PROVIDERS
from escape.schema import ModelSpec

ENV = {"OPENAI_API_KEY": "k"}
MINE = ModelSpec(provider="compatible", model="m", base_url="http://localhost:8080/v1")


@pytest.mark.parametrize(
    ("host", "ip", "forwarded", "env", "local"),
    [
        ("localhost:8501", None, False, {}, True),
        ("127.0.0.1:8501", "127.0.0.1", False, {}, True),
        ("[::1]:8501", "::1", False, {}, True),
        ("localhost:8501", None, True, {}, False),
        ("escape.example.org", None, False, {}, False),
        ("localhost:8501", "10.0.0.7", False, {}, False),
        ("localhost:8501", None, False, {"ESCAPE_HOSTED": "1"}, False),
        ("localhost:8501", None, False, {"ESCAPE_HOSTED": "true"}, False),
        ("localhost:8501", None, False, {"ESCAPE_HOSTED": "0"}, True),
    ],
)
def test_only_a_direct_visitor_of_this_machine_is_local(
    host: str, ip: str | None, forwarded: bool, env: dict[str, str], local: bool
) -> None:
    assert hosting(host, ip, forwarded=forwarded, env=env).local is local


def test_the_servers_keys_serve_visitors_only_with_a_cap() -> None:
    def visitor(**env: str) -> object:
        return hosting("x.org", "9.9.9.9", forwarded=True, env=env).env_for_visitor(ENV)

    assert visitor() == {}
    assert visitor(ESCAPE_SHARE_KEYS="1") == {}
    assert visitor(ESCAPE_SHARE_KEYS="1", ESCAPE_SESSION_CAP_USD="0.5") == ENV
    assert hosting("localhost", None, forwarded=False, env={}).env_for_visitor(ENV) == ENV


def test_a_visitors_address_is_called_only_where_the_owner_lists_it() -> None:
    hosting("localhost", None, forwarded=False, env={}).check_address(MINE)
    with pytest.raises(SpecError, match="your own machine"):
        hosting("x.org", "9.9.9.9", forwarded=True, env={}).check_address(MINE)
    listed = hosting(
        "x.org", "9.9.9.9", forwarded=True, env={"ESCAPE_ALLOWED_HOSTS": "llm.example.org:443, localhost:8080"}
    )
    listed.check_address(MINE)
    with pytest.raises(SpecError):
        listed.check_address(MINE.model_copy(update={"base_url": "http://localhost:8080@evil.example/v1"}))


def test_servers_on_the_visitors_machine_are_known_as_such() -> None:
    assert {p.name for p in PROVIDERS.values() if p.here} == LOCAL_SERVERS


def test_a_hosted_page_lends_its_own_address_to_nobody() -> None:
    lent = ModelSpec(provider="compatible", model="m")
    with pytest.raises(SpecError, match="lends its own address to nobody"):
        hosting("x.org", "9.9.9.9", forwarded=True, env={}).check_address(lent)
