"""From the first visit to two models of two providers, a judge and a CSV: how many clicks that takes."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from escape.puzzles import files
from tests.browser.browsing import KEY, Page, expect, open_list, settled, sync_api
from tests.fake_server import FakeServer
from tools.bench.tools import page as bundled_page

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser
MOST_CLICKS, FIELDS = 10, 2


class Counted:
    """Clicks on a page and fields typed into, counted."""

    def __init__(self, page: Page) -> None:
        self.page, self.clicks, self.typed = page, 0, 0

    def click(self, found: sync_api.Locator) -> None:
        found.click()
        self.clicks += 1
        self.page.wait_for_timeout(300)
        settled(self.page)

    def open(self, label: str) -> None:
        """A click on a list; where a redraw shut it again, the arrow key opens it, which is no click."""
        open_list(self.page, self.page.get_by_label(label, exact=True).first)
        self.clicks += 1

    def type(self, label: str, text: str) -> None:
        self.page.get_by_role("textbox", name=label).fill(text)
        self.page.keyboard.press("Tab")
        self.typed += 1
        settled(self.page)


def test_two_models_with_two_keys_and_a_judge_run_in_ten_clicks_and_two_fields(page: Page, models: FakeServer) -> None:
    me = Counted(page)
    me.click(page.get_by_role("button", name="Test models"))
    expect(page.get_by_role("tab", name="Test models", selected=True)).to_be_visible()
    me.type("OpenAI key", KEY)
    me.type("Anthropic key", f"{KEY}-a")
    me.click(page.get_by_role("button", name="Find their models"))
    expect(page.get_by_text("found. Choose which ones play.")).to_be_visible()
    me.open("Models")
    me.click(page.get_by_role("option").filter(has_text="OpenAI").first)
    me.click(page.get_by_role("option").filter(has_text="Anthropic").first)
    page.keyboard.press("Escape")  # the list is shut
    expect(page.get_by_role("option")).to_have_count(0)
    page.wait_for_timeout(500)
    me.open("Judge")
    me.click(page.get_by_role("option", name="Checklist", exact=True))
    me.open("Model")
    me.click(page.get_by_role("option").first)
    me.click(page.get_by_role("button", name="Run", exact=True))
    expect(page.get_by_text("The run has ended")).to_be_visible()
    assert (me.clicks <= MOST_CLICKS, me.typed) == (True, FIELDS)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download CSV").click()
    rows = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text("utf-8"))))
    assert {row["provider"] for row in rows} == {"openai", "anthropic", "recorded"}  # who stands beside, free
    assert {row["status"] for row in rows} == {"judged"}


IN_SIGHT = """() => {
  const main = document.querySelector('[data-testid=stMain]'), found = [];
  const walker = document.createTreeWalker(main, NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode()); ) {
    const range = document.createRange();
    range.selectNodeContents(node);
    const box = range.getBoundingClientRect(), style = getComputedStyle(node.parentElement);
    const shown = box.width > 3 && box.height > 3 && box.top < innerHeight && box.bottom > 0;
    const folded = node.parentElement.closest('style,script,details:not([open]) > :not(summary)');
    if (shown && style.visibility !== 'hidden' && !folded)
      found.push([node.textContent.trim(), !!node.parentElement.closest('.esc-quiet')]);
  }
  return found;
}"""
# of the first screen: words without the quiet lines, words with them, controls
MOST_WORDS, MOST_IN_ALL, MOST_CONTROLS = 110, 130, 8


def test_the_first_screen_says_one_thing(browser: Browser) -> None:
    """On the recorded players, as whoever comes first sees it."""
    with bundled_page(ESCAPE_PUZZLES=str(files.BUNDLED)) as (url, _):
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(url)
        below = page.get_by_role("heading", name="Details")
        expect(below).to_be_visible()
        settled(page)
        page.wait_for_timeout(500)
        box = below.bounding_box()
        assert box is not None
        assert box["y"] > 900
        seen = page.evaluate(IN_SIGHT)
        assert sum(len(text.split()) for text, is_quiet in seen if not is_quiet) <= MOST_WORDS, seen
        assert sum(len(text.split()) for text, _ in seen) <= MOST_IN_ALL, seen
        main = page.get_by_test_id("stMain")
        buttons = main.locator("button:visible:not([role=tab]):not([data-door])").all()
        boxes = [button.bounding_box() for button in buttons]
        assert sum(b is not None and b["y"] < 900 for b in boxes) <= MOST_CONTROLS
        assert main.locator("[data-testid=stBaseButton-primary]:visible").count() == 1
        page.close()
