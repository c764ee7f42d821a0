"""The page that is played without a server: a room left and five bets made, with nothing asked of anybody."""

from __future__ import annotations

import functools
import http.server
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from escape.environments.rooms import room_of
from escape.extras.publish import write_game
from escape.extras.publish.site import PUBLISHED
from escape.puzzles import files
from tests.browser.browsing import expect, sync_api

pytestmark = pytest.mark.browser


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    write_game(tmp_path, "https://escape.example")
    serve = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), serve) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/play/"
        server.shutdown()


def test_a_room_is_left_and_five_bets_are_made_without_a_call_to_a_server(
    browser: sync_api.Browser, address: str
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(address)
    asked: list[str] = []
    faults: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: faults.append(str(error)))
    five = [p for p in files.load(files.BUNDLED) if p.problem_id in PUBLISHED]
    assert len(five) == len(PUBLISHED)
    for puzzle in five:
        page.get_by_role("group", name="Rooms").get_by_role("button", name=puzzle.name, exact=True).click()
        room = room_of(puzzle)
        for edge in room.way(room.start):
            verb, thing, second = edge.acts[0]
            page.get_by_role("group", name="Touch a thing").get_by_role("button", name=thing, exact=True).click()
            page.get_by_role("group", name="What do you do").get_by_role("button", name=verb, exact=True).click()
            target = f"→ {second}" if second else "do it"
            page.get_by_role("group", name="To, on or with").get_by_role("button", name=target, exact=True).click()
        least = room.graph.moves_left[room.start]
        expect(page.get_by_text(f"Out in {least} moves; the shortest way out takes {least}.")).to_be_visible()
    for _ in range(5):
        page.get_by_role("button", name="It gets out").click()
        expect(page.get_by_text(re.compile("^(Right|Not so): it gets"))).to_be_visible()
        page.get_by_role("button", name=re.compile("Next plan|How did I do")).click()
    expect(page.get_by_text(re.compile(r"I called [1-4] of 5"))).to_be_visible()
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 390
    violations = Axe().run(page).response["violations"]
    assert [v["id"] for v in violations if v["impact"] in {"serious", "critical"}] == []
    assert (asked, faults) == ([], [])
    context.close()
