"""What tests share: the bundled puzzles, a clean environment, and a local model server with faults."""

import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from escape.models.providers import PROVIDERS
from escape.puzzles import files
from escape.store import rows
from escape.store.database import Store
from escape.types import Puzzle
from tests.fake_server import FakeServer


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """With --dist loadgroup: whatever drives a browser one after another, other files whole beside it."""
    for item in items:
        group = "browser" if item.get_closest_marker("browser") else item.path.name
        item.add_marker(pytest.mark.xdist_group(group))


@pytest.fixture(autouse=True)
def no_keys_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for provider in PROVIDERS.values():
        for name in (provider.key_env, provider.base_url_env):
            if name:
                monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def the_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("store")


@pytest.fixture(autouse=True)
def a_store_of_its_own(the_store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of this machine's: neither its runs nor the model somebody may have fetched."""
    monkeypatch.setenv("ESCAPE_DATA", str(the_store))
    monkeypatch.setenv("ESCAPE_CACHE", str(the_store))
    monkeypatch.delenv("ESCAPE_DB_URL", raising=False)


PUBLISHED = ("CIPHER_001", "COLLAB_001", "FLUID_001", "UV_001", "VAC_001")


@pytest.fixture(scope="session")
def the_five(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the five published puzzles, in which tests live: a new puzzle turns none of them red."""
    folder = tmp_path_factory.mktemp("problems")
    for name in PUBLISHED:
        shutil.copy(files.BUNDLED / f"{name}.json", folder)
    return folder


@pytest.fixture(autouse=True)
def five_puzzles(the_five: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESCAPE_PUZZLES", str(the_five))


@pytest.fixture(scope="session")
def every() -> list[Puzzle]:
    return list(files.shared(files.BUNDLED))


@pytest.fixture(scope="session")
def by_id(every: list[Puzzle]) -> dict[str, Puzzle]:
    return {p.problem_id: p for p in every}


@pytest.fixture(scope="session")
def bundled(by_id: dict[str, Puzzle]) -> list[Puzzle]:
    """The five published ones."""
    return [by_id[i] for i in PUBLISHED]


@pytest.fixture
def the_same_chance(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store of its own, and ids and codes drawn from the test's name: alone it sees what it always sees."""
    monkeypatch.setenv("ESCAPE_DATA", str(tmp_path / "store"))
    dice = Random(request.node.nodeid)
    monkeypatch.setattr(secrets, "token_hex", lambda n=16: dice.randbytes(n).hex())
    monkeypatch.setattr(secrets, "token_urlsafe", lambda n=16: dice.randbytes(n).hex())
    monkeypatch.setattr(secrets, "choice", dice.choice)


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


POSTGRES = os.environ.get("ESCAPE_TEST_POSTGRES", "")  # set by `make postgres-test`, which starts a server


@pytest.fixture(params=["sqlite", *(["postgres"] if POSTGRES else [])])
def db(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store, on each kind of database that is at hand."""
    url = f"sqlite:///{tmp_path}/escape.sqlite3" if request.param == "sqlite" else POSTGRES
    opened = Store(url)
    if request.param == "postgres":
        with opened.writing() as connection:
            for table in rows.TABLES:
                connection.execute(table.delete())
    yield opened
    opened.close()
