"""A cap of money on the command line, against servers that report more, less or nothing of what they charge."""

from __future__ import annotations

import json

import pytest

from escape.models import prices
from escape.models.specs import parse
from tests.cli.command import escape
from tests.fake_server import ANSWER, FakeServer
from tests.raw_server import RawServer, Sent

pytestmark = pytest.mark.proof

CAP = 0.01
MINI = "openai:gpt-4o-mini"
LIMIT = 300  # tokens of an answer
SENT = 1000  # tokens of a prompt, as the server counts
RUN = ["run", "--model", MINI, "--trials", "40", "--max-cost", str(CAP), "--max-tokens", str(LIMIT), "--quiet"]


def metered(usage: dict[str, int]) -> Sent:
    choice = {"message": {"content": ANSWER}, "finish_reason": "stop"}
    return Sent(body=json.dumps({"model": "m", "choices": [choice], "usage": usage}).encode())


def charged(usage: dict[str, int], out: int, monkeypatch: pytest.MonkeyPatch, at_once: int = 50) -> float:
    """What a run costs by the server's own count: so many tokens out a call, whatever it reports."""
    price = prices.per_token(parse(MINI))
    assert price is not None
    with RawServer(lambda n: metered(usage)) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", f"{server.url}/v1")
        monkeypatch.setenv("OPENAI_API_KEY", "sk-test-openai-000000000000")
        escape(*RUN, "--concurrency", str(at_once))
        assert server.calls > 1
        return server.calls * (SENT * price[0] + out * price[1])


def test_a_server_that_keeps_its_limit_keeps_the_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    usage = {"prompt_tokens": SENT, "completion_tokens": LIMIT, "total_tokens": SENT + LIMIT}
    assert 0.8 * CAP <= charged(usage, LIMIT, monkeypatch) <= CAP


@pytest.mark.parametrize("at_once", [8, 50])  # few wait for a turn while those that have one need more money
def test_a_server_that_takes_three_times_its_limit_passes_no_cap(monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    usage = {"prompt_tokens": SENT, "completion_tokens": 3 * LIMIT, "total_tokens": SENT + 3 * LIMIT}
    assert charged(usage, 3 * LIMIT, monkeypatch, at_once) <= CAP


def test_thinking_that_shows_in_the_total_alone_passes_no_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    usage = {"prompt_tokens": SENT, "completion_tokens": 100, "total_tokens": SENT + 3 * LIMIT}
    assert charged(usage, 3 * LIMIT, monkeypatch) <= CAP


def test_a_report_of_no_tokens_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    usage = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
    assert charged(usage, LIMIT, monkeypatch) <= CAP


def test_a_judge_that_fits_under_no_cap_is_named_with_its_usual_cost(both_apis: FakeServer) -> None:
    done = escape(*RUN, "--judge", "openai:gpt-4o")
    assert both_apis.requests == []
    assert done.returncode == 1
    assert "judge" in done.stderr
    assert "usually" in done.stderr
