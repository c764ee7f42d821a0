"""A run in a real browser, from the first click to what is left after a reload."""

import csv
import gzip
import io
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.browser.browsing import (
    KEY,
    Page,
    expect,
    judging,
    more_formats,
    more_options,
    only_player,
    run,
    run_button,
    saved_runs,
    settled,
    tab,
    unfold,
)
from tests.fake_server import FakeServer

pytestmark = pytest.mark.browser


def test_one_click_gives_results_without_sideways_scroll_or_other_servers(
    either: Page, site: SimpleNamespace
) -> None:
    run(either)
    expect(either.get_by_text("careful gets out of")).to_be_visible()
    for name in ("Results", "Answers", "Test models", "Make a room"):
        if name == "Make a room" and either.viewport_size["width"] < 640:  # type: ignore[index]
            either.get_by_text("Menu", exact=True).click()  # a phone has four tabs, and this one in its menu
            either.get_by_role("button", name=name).click()
        else:
            tab(either, name)
        either.wait_for_timeout(400)
        main = either.get_by_test_id("stMain")
        assert main.evaluate("e => e.scrollWidth - e.clientWidth") <= 1, name
    assert [u for u in either.asked if not u.startswith((site.url, "data:", "blob:"))] == []  # type: ignore[attr-defined]


def test_tab_alone_opens_nothing_and_a_door_opens_its_answer_on_purpose(page: Page) -> None:
    run(page)
    door = page.get_by_role("button", name=re.compile(", hasty: ")).first
    door.focus()
    page.keyboard.press("Tab")
    page.wait_for_timeout(500)
    expect(page.get_by_role("tab", name="Results")).to_have_attribute("aria-selected", "true")
    door.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.get_by_role("tab", name="Answers")).to_have_attribute("aria-selected", "true")
    expect(page.get_by_text(re.compile("^hasty on The"))).to_be_visible()


def test_a_run_survives_clicks_and_a_reload_and_leaks_no_key(
    page: Page, site: SimpleNamespace, models: FakeServer
) -> None:
    only_player(page, "gpt-4o")
    more_options(page)
    page.get_by_role("spinbutton", name="Repeats").fill("8")
    page.get_by_role("spinbutton", name="Repeats").press("Enter")
    expect(page.get_by_text("8 times each")).to_be_visible()
    models.latency_s = 0.5
    run_button(page).click()
    progress = page.locator(".st-key-progress")
    expect(progress).to_contain_text(re.compile(r"answers \d+ of 40"))
    tab(page, "Make a room")
    expect(page.get_by_text("Read a room, change it")).to_be_visible()
    page.wait_for_timeout(1500)
    expect(
        page.get_by_role("tab", name="Make a room", selected=True)
    ).to_be_visible()  # no page moves by itself
    page.reload()
    expect(progress).to_contain_text(re.compile(r"answers \d+ of 40"))
    expect(progress).to_have_count(0, timeout=30_000)
    models.latency_s = 0.0
    assert set(models.keys) == {KEY}
    expect(page.get_by_text("gpt-4o gets out of")).to_be_visible()

    with page.expect_download() as download:
        page.get_by_role("button", name="Download CSV").click()
    text = Path(download.value.path()).read_text("utf-8")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 40
    assert {r["result"] for r in rows} <= {"unread", "stuck"}
    more_formats(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Whole run (compressed)").click()
    document = gzip.decompress(Path(download.value.path()).read_bytes()).decode()
    storage = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")
    for place in (text, document, page.content(), page.url, site.log(), storage, *page.asked):  # type: ignore[attr-defined]
        assert KEY not in place


def test_a_picture_is_taken_away_as_png_and_as_svg(page: Page) -> None:
    run(page)
    more_formats(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Figure for a paper (PNG)").click()
    data = Path(download.value.path()).read_bytes()
    assert data.startswith(b"\x89PNG")
    assert len(data) > 5000  # more than an empty sheet
    with page.expect_download() as download:
        page.get_by_role("button", name="Figure for a paper (SVG)").click()
    assert Path(download.value.path()).read_text("utf-8").startswith("<svg")


def test_stop_keeps_what_is_there_and_continue_asks_only_for_the_rest(page: Page, models: FakeServer) -> None:
    only_player(page, "gpt-4o-mini")
    more_options(page)
    page.get_by_role("spinbutton", name="Repeats").fill("10")
    page.get_by_role("spinbutton", name="Repeats").press("Enter")
    expect(page.get_by_text("10 times each")).to_be_visible()
    before = len(models.requests)
    models.latency_s = 0.4
    run_button(page).click()
    expect(page.locator(".st-key-progress")).to_contain_text(re.compile(r"answers [1-9]\d* of 50"))
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("the run was stopped early")).to_be_visible()
    models.latency_s = 0.0
    assert before < len(models.requests) < before + 50
    page.get_by_role("button", name="Go on", exact=True).click()
    expect(page.get_by_text("the run was stopped early")).to_have_count(0)
    page.get_by_role("button", name="See results").click()
    expect(page.get_by_text("gpt-4o-mini gets out of")).to_be_visible()
    assert len(models.requests) == before + 50


def test_a_remote_image_in_an_answer_is_shown_as_text_and_never_fetched(
    page: Page, site: SimpleNamespace
) -> None:
    only_player(page, "image-m")
    run(page)
    expect(page.get_by_text("image-m gets out of")).to_be_visible()
    tab(page, "Answers")
    expect(page.get_by_text("![x](http://203.0.113.9/leak.png)").last).to_be_visible()
    page.wait_for_timeout(500)
    assert not [u for u in page.asked if "203.0.113.9" in u]  # type: ignore[attr-defined]


def test_marks_by_hand_and_by_another_judge_come_back_after_a_reload(
    page: Page, site: SimpleNamespace
) -> None:
    run(page)
    expect(page.get_by_text("careful gets out of")).to_be_visible()
    judging(page)
    page.get_by_role("textbox", name="Your name").fill("Ada")
    page.get_by_role("textbox", name="Your name").press("Enter")
    for n in range(1, 6):
        page.get_by_role("radiogroup", name="Would it work, just as described?").last.get_by_text(
            "yes"
        ).click()
        page.get_by_role("button", name="Save and show").click()
        expect(page.get_by_text(f"{n} of 5 answers marked by Ada")).to_be_visible()
        settled(page)  # the form before is taken away
    expect(page.get_by_text("How far they agree")).to_be_visible()

    tab(page, "Test models")
    page.get_by_role("textbox", name="OpenAI key").fill(KEY)
    page.get_by_role("textbox", name="OpenAI key").press("Enter")
    expect(page.get_by_text("Mark the explanations, by")).to_be_visible()
    judging(page)
    page.get_by_role("button", name="Judge these answers").click()
    expect(page.get_by_role("status").filter(has_text="15 of 15 marks")).to_have_count(1)
    judging(page)
    expect(page.get_by_text("Overall mark by each judge")).to_be_visible()

    more_formats(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Whole run (compressed)").click()
    saved = Path(download.value.path()).read_bytes()
    page.goto(site.url)
    expect(page.get_by_text("careful gets out of")).to_be_visible()
    saved_runs(page)
    unfold(page, "Load a run")
    upload = {"name": "run.json", "mimeType": "application/json", "buffer": saved}
    page.get_by_test_id("stFileUploader").first.locator("input[type=file]").set_input_files(upload)  # type: ignore[arg-type]
    expect(page.get_by_text("careful gets out of")).to_be_visible()
    judging(page)
    expect(page.get_by_text("Overall mark by each judge")).to_be_visible()
    expect(page.get_by_text("How far they agree")).to_be_visible()
    page.get_by_role("textbox", name="Your name").fill("Ada")
    page.get_by_role("textbox", name="Your name").press("Enter")
    expect(page.get_by_text("5 of 5 answers marked by Ada")).to_be_visible()
