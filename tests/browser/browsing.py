"""How the tests use the page in a real browser: what is clicked, and when it has settled."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
CHROMIUM = os.environ.get("CHROMIUM") or "/usr/bin/chromium"
KEY = "sk-planted-in-a-browser-0123456789"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync"]

if os.environ.get("ESCAPE_BROWSER") != "required":
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not Path(CHROMIUM).exists():
        pytest.skip("no chromium; install it or set CHROMIUM", allow_module_level=True)
else:
    from playwright import sync_api

Page, expect = sync_api.Page, sync_api.expect
expect.set_options(timeout=30_000)  # two busy cores draw a first page in a few seconds, at times in more


def run_button(page: Page) -> sync_api.Locator:
    """Run, which stands there once something was set up."""
    found = page.get_by_role("button", name="Run", exact=True)
    found.or_(page.get_by_role("button", name="Test a model")).first.wait_for()
    settled(page)
    if not found.count() and page.get_by_role("button", name="Test a model").count():
        folded = page.get_by_test_id("stExpandSidebarButton")
        if was_folded := bool(folded.count()):
            folded.click()
        for _ in range(2):
            page.get_by_text("Also ask what will happen", exact=True).click()
            page.wait_for_timeout(200)
            settled(page)
        if was_folded:
            page.get_by_test_id("stSidebarCollapseButton").get_by_role("button").click()
    return found


def settled(page: Page) -> None:
    """Wait until the script has run."""
    page.wait_for_function("document.querySelector('[data-testid=stApp]').dataset.testScriptState === 'notRunning'")


def unfold(page: Page, name: str) -> None:
    """Open a folded part and wait until nothing in it moves: a click on what moves may land beside it."""
    page.get_by_text(name, exact=True).first.click()
    page.wait_for_function(
        "document.getAnimations().every(a => a.playState !== 'running' || a.effect.getTiming().iterations === Infinity)"
    )
    settled(page)


def tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name).click()


def only_player(page: Page, model: str) -> None:
    """Take the demo players away and add one model with the planted key."""
    page.get_by_label("1 Players").first.click()
    page.get_by_role("button", name="Clear all").first.click()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Add a player").click()
    field = page.get_by_role("textbox", name="OpenAI key")
    field.fill(KEY)
    field.press("Enter")
    page.get_by_label("Models", exact=True).fill(model)
    page.get_by_label("Models", exact=True).press("Enter")
    page.get_by_role("button", name="Add player").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(run_button(page)).to_be_enabled()


def in_room(page: Page, name: str) -> None:
    tab(page, "Play")
    room = page.get_by_role("combobox", name="Room")
    room.click()
    page.get_by_role("option", name=name).click()
    expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()


def leave_by(page: Page, *moves: str) -> None:
    """Write moves that lead out by the shortest way."""
    line = page.get_by_role("textbox", name="Or write a move and press Enter")
    for move in moves:
        line.fill(move)
        line.press("Enter")
        expect(page.get_by_text(move, exact=True).last).to_be_visible()
    expect(page.get_by_text(f"Out in {len(moves)} moves; the shortest way out takes {len(moves)}.")).to_be_visible()


def choose(page: Page, question: str, answer: str) -> None:
    """Press one of a row of buttons, as often as it takes: one that is drawn anew does not take the first click."""
    for _ in range(5):
        settled(page)
        button = (
            page.get_by_role("radiogroup", name=question)
            .get_by_role("radio", name=re.compile(f"^{re.escape(answer)}( ·|$)"))
            .last
        )
        button.click()
        page.wait_for_timeout(200)
        settled(page)
        if button.is_checked():
            return
    raise AssertionError(f"{answer} was not taken")
