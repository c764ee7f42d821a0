"""What tests share: the bundled puzzles, a clean environment, a local server that speaks both protocols with faults."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from escape import puzzles
from escape.models import PROVIDERS
from escape.schema import Puzzle
from tests.fake_server import FakeServer


@pytest.fixture(autouse=True)
def no_keys_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for provider in PROVIDERS.values():
        for name in (provider.key_env, provider.base_url_env):
            if name:
                monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def bundled() -> list[Puzzle]:
    return puzzles.load(puzzles.BUNDLED)


@pytest.fixture(scope="session")
def by_id(bundled: list[Puzzle]) -> dict[str, Puzzle]:
    return {p.problem_id: p for p in bundled}


@pytest.fixture
def server() -> Iterator[FakeServer]:
    with FakeServer() as running:
        yield running


@pytest.fixture
def both_apis(server: FakeServer, monkeypatch: pytest.MonkeyPatch) -> FakeServer:
    monkeypatch.setenv("OPENAI_BASE_URL", f"{server.url}/v1")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test-openai-000000000000")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-test-0000000000000000")
    return server
