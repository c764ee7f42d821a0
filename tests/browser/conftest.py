"""A page of one's own in a browser of one's own, against a model server on this machine."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from tests.fake_server import FakeServer

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def models() -> Iterator[FakeServer]:
    with FakeServer() as running:
        running.listed.append({"id": "image-m", "type": "chat"})
        yield running


@pytest.fixture(scope="module")
def site(
    models: FakeServer, the_five: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SimpleNamespace]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = tmp_path_factory.mktemp("site") / "log.txt"
    env = {k: v for k, v in os.environ.items() if not k.endswith("_API_KEY")}
    env |= {"OPENAI_BASE_URL": f"{models.url}/v1", "ANTHROPIC_BASE_URL": models.url}
    env |= {"ESCAPE_PUZZLES": str(the_five), "ESCAPE_DATA": str(tmp_path_factory.mktemp("data"))}
    command = [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        "app.py",
        "--server.port",
        str(port),
        "--server.address",
        "127.0.0.1",
        "--logger.level",
        "debug",
    ]
    with log.open("w") as out:
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=out, stderr=subprocess.STDOUT)
        try:
            url = f"http://127.0.0.1:{port}"
            for _ in range(300):
                try:
                    if urllib.request.urlopen(f"{url}/_stcore/health", timeout=1).status == 200:
                        break
                except OSError:
                    time.sleep(0.1)
            else:
                raise RuntimeError(log.read_text())
            yield SimpleNamespace(url=url, log=log.read_text)
        finally:
            process.terminate()
            process.wait(10)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # a test that asks for this has seen that it is there
    from tests.browser.browsing import CHROMIUM, FLAGS, sync_api

    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(params=[(1280, 900), (390, 844)], ids=["wide", "phone"])
def either(request: pytest.FixtureRequest, browser: Browser, site: SimpleNamespace) -> Iterator[Page]:
    yield from visit(browser, site, *request.param)


@pytest.fixture
def page(browser: Browser, site: SimpleNamespace) -> Iterator[Page]:
    yield from visit(browser, site, 1280, 900)


def visit(browser: Browser, site: SimpleNamespace, width: int, height: int) -> Iterator[Page]:
    from tests.browser.browsing import expect, settled

    context = browser.new_context(viewport={"width": width, "height": height}, accept_downloads=True)
    opened = context.new_page()
    opened.asked = []  # type: ignore[attr-defined]
    opened.on("request", lambda r: opened.asked.append(r.url))  # type: ignore[attr-defined]
    opened.goto(site.url)
    expect(opened.get_by_role("button", name="Test your model")).to_be_enabled()
    settled(opened)
    yield opened
    context.close()
