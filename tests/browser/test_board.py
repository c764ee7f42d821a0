"""The published board in a browser: wide and on a phone, light and dark, without a barrier, wider than no screen."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from escape.environments.houses import houses
from escape.extras.publish import publish
from escape.puzzles import files
from tests.browser.browsing import expect, sync_api
from tests.small_runs import run_with

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Path:
    there = [p for p in files.load(files.BUNDLED) if p.world]
    with ThreadPoolExecutor() as aside:  # the browser has this thread's event loop
        rooms = aside.submit(run_with, there, ["demo:careful", "demo:hasty", "demo:hoarder"]).result()
        of_houses = aside.submit(run_with, houses("board", 6, 8), ["demo:careful", "control:greedy"]).result()
    out = tmp_path_factory.mktemp("board")
    publish([(rooms, "self-reported"), (of_houses, "re-run")], out, "2026-11-27T12:00:00+00:00")
    return out


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")])
def test_the_board_reads_well(browser: sync_api.Browser, board: Path, width: int, theme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda r: asked.append(r.url))
    for name in ("index.html", *(f"replays/{f.name}" for f in (board / "replays").iterdir())):
        page.goto((board / name).as_uri())
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert page.evaluate("document.scrollingElement.scrollWidth") <= width
        faults = [v for v in Axe().run(page).response["violations"] if v["impact"] in {"serious", "critical"}]
        assert [(name, v["id"], v["nodes"][0]["html"][:100]) for v in faults] == []
    page.goto((board / "index.html").as_uri())
    page.get_by_role("link", name="replays").first.click()
    page.locator("details").first.wait_for(state="attached")
    assert all(url.startswith("file:") for url in asked)
    context.close()
