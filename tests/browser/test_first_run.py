"""From the first visit to two models of two providers, a judge and a CSV: how many clicks that takes."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from tests.browser.browsing import KEY, Page, expect, open_list, settled, sync_api
from tests.fake_server import FakeServer

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
