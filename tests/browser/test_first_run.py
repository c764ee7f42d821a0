"""From the first visit to one's own models, a judge, a CSV, and a link."""

from __future__ import annotations

import csv
import io
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from escape.puzzles import controls, files
from tests.browser.browsing import KEY, Page, expect, only_player, run, settled, tab
from tests.fake_server import FakeServer
from tools.bench.harness import page as bundled_page

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser
CSV = (
    "run,player,judge,room,set,title,repeat,result,out,physical_understanding,solution_path,red_herring_handling,total,"
    "total_max,cost_usd,answer,reference"
)


def answers(model: str, prompt: str) -> str:
    """One model of two knows every reference, the other none."""
    puzzle = next((p for p in files.load(files.BUNDLED) if p.setup.scenario[:40] in prompt), None)
    if puzzle is None:
        return "?"
    if model == "gpt-4.1-nano":
        return controls.reference(puzzle)
    idle = "Waiting costs nothing and somebody may come by"  # each line long enough to be quoted
    return (
        f"Physical Principles:\n{idle}\n\nSolution Steps:\n1. {idle}\n\nRequired "
        f"Items:\n{idle}\n\nMoves:\nwait\nlook"
    )


@pytest.fixture
def two_apis(models: FakeServer) -> Iterator[FakeServer]:
    before, models.answers = models.listed, answers
    models.listed = [
        {"id": name} for name in ("gpt-4.1-nano", "gpt-4o-mini", "gpt-4.1-mini", "claude-haiku-4-5")
    ]
    models.listed.append({"id": "whisper-1"})
    models.requests.clear()
    models.keys.clear()
    yield models
    models.listed, models.answers, models.list_status = before, None, 200


class Counted:
    """Presses on a page and fields typed into, counted."""

    def __init__(self, page: Page) -> None:
        self.page, self.presses, self.fields = page, 0, 0

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()
        self.presses += 1
        self.page.wait_for_timeout(300)
        settled(self.page)

    def key(self, label: str, text: str) -> None:
        """Type a key and leave its field, which brings its models."""
        self.page.get_by_role("textbox", name=label).fill(text)
        self.page.keyboard.press("Tab")
        self.fields += 1
        self.page.wait_for_timeout(300)
        settled(self.page)


@pytest.mark.parametrize("keys", [1, 2])
def test_a_first_visit_reaches_a_run_in_few_presses_and_asks_nothing_else(
    page: Page, two_apis: FakeServer, keys: int
) -> None:
    me = Counted(page)
    me.press("Test your model")
    me.key("OpenAI key", KEY)
    if keys == 2:
        me.key("Anthropic key", f"{KEY}-a")
    chosen = page.locator(".st-key-players [data-tag]")
    expect(chosen).to_have_count(2)
    names = ["gpt-4.1-nano", "claude-haiku-4-5" if keys == 2 else "gpt-4o-mini"]
    assert [text.partition(" ")[0] for text in chosen.all_inner_texts()] == names
    said = page.get_by_text(
        re.compile(r"2 models, 5 rooms, 10 answers and 10 marks, about [\d.]+ USD, stops at 1")
    )
    expect(said).to_be_visible()
    me.press("Run")
    assert (me.fields, me.presses) == (keys, 2)
    expect(
        page.get_by_role("tab", name="Test models", selected=True)
    ).to_be_visible()  # no page moves by itself
    page.get_by_role("button", name="See results").click()
    expect(
        page.get_by_role("heading", name=re.compile("^gpt-4.1-nano gets out of 5 of 5 rooms"))
    ).to_be_visible()
    asked = [r["model"] for r in two_apis.requests]
    judge = next(m for m in set(asked) if m not in names)
    assert asked.count(judge) == 2 + 10  # it is proven on two controls before it marks
    first_mark = min(n for n, body in enumerate(two_apis.requests) if body.get("response_format"))
    assert first_mark >= 5  # a player's rooms are all asked before its answers are marked
    assert {m: asked.count(m) for m in names} == dict.fromkeys(names, 5)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download CSV").click()
    text = Path(download.value.path()).read_text("utf-8")
    assert text.splitlines()[0] == CSV
    rows = list(csv.DictReader(io.StringIO(text)))
    assert {row["player"].partition(":")[2] for row in rows} == set(names)
    assert sum(row["out"] == "1" for row in rows) == 5


def test_a_wrong_key_is_said_where_it_is_typed_and_the_next_one_works(
    page: Page, two_apis: FakeServer
) -> None:
    me = Counted(page)
    me.press("Test your model")
    two_apis.list_status = 401
    me.key("OpenAI key", f"{KEY}-wrong")
    expect(page.locator(".st-key-card_models").get_by_text("the key was refused")).to_be_visible()
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_disabled()
    two_apis.list_status = 200
    me.key("OpenAI key", KEY)
    expect(page.get_by_text("the key was refused")).to_have_count(0)
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_enabled()


def test_doors_open_while_a_judge_is_slow_and_marks_change_none(page: Page, two_apis: FakeServer) -> None:
    two_apis.latency_s = 0.0
    slow = two_apis._answer

    def judge_is_slow(handler: object, body: dict[str, object], *, anthropic: bool) -> None:
        if body["model"] == "gpt-4.1-mini" or body.get("response_format"):
            time.sleep(1.5)
        slow(handler, body, anthropic=anthropic)  # type: ignore[arg-type]

    two_apis._answer = judge_is_slow  # type: ignore[method-assign,assignment]
    me = Counted(page)
    me.press("Test your model")
    me.key("OpenAI key", KEY)
    me.press("Run")
    line = page.locator(".st-key-progress")
    expect(line).to_contain_text("answers 10 of 10")
    expect(line).not_to_contain_text("marks 10 of 10")
    first = page.get_by_role("group", name="Doors of gpt-4.1-nano, standard").locator(".door")
    expect(first).to_have_count(5)
    expect(page.get_by_role("group", name="Doors of gpt-4.1-nano, standard").locator(".open")).to_have_count(
        5
    )
    # no headline before the end
    expect(page.get_by_role("heading", name=re.compile("gets out of"))).to_have_count(0)
    expect(page.get_by_role("button", name="See results")).to_be_visible(timeout=60_000)
    two_apis._answer = slow  # type: ignore[method-assign]
    page.get_by_role("button", name="See results").click()
    expect(page.get_by_role("group", name="Doors of gpt-4.1-nano, standard").locator(".open")).to_have_count(
        5
    )


def test_the_headline_leads_to_a_lost_answer_whose_link_opens_anywhere(
    page: Page, two_apis: FakeServer, browser: Browser
) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    only_player(page, "gpt-4o-mini")
    run(page)
    page.locator(".st-key-read_lost button").click()
    expect(page.get_by_role("tab", name="Answers", selected=True)).to_be_visible()
    heading = page.get_by_role("heading", name=re.compile("^gpt-4o-mini on The"))
    expect(heading).to_be_visible()
    said = heading.inner_text()
    page.wait_for_timeout(500)
    settled(page)
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_text("Copied")).to_be_visible()
    link = page.evaluate("navigator.clipboard.readText()")
    assert "answer=" in link
    for size in ({"width": 1280, "height": 900}, {"width": 390, "height": 844}):
        other = browser.new_context(viewport=size).new_page()  # type: ignore[arg-type]
        began = time.monotonic()
        other.goto(link)
        expect(other.get_by_role("heading", name=said)).to_be_visible()
        assert time.monotonic() - began < 6  # three on a quiet machine
        expect(other.get_by_role("heading", name="The reference")).to_be_visible()
        expect(other.get_by_role("heading", name="In the room")).to_be_visible()
        other.context.close()


WORDS = """() => {
  const main = document.querySelector('[data-testid=stMain]'), found = [];
  const walker = document.createTreeWalker(main, NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode()); ) {
    const range = document.createRange();
    range.selectNodeContents(node);
    const box = range.getBoundingClientRect(), parent = node.parentElement, style = getComputedStyle(parent);
    const shown = box.width > 3 && box.height > 3 && box.top < innerHeight && box.bottom > 0;
    const folded = 'details:not([open]) > :not(summary)', icon = '[data-testid=stIconMaterial]';
    const aside = parent.closest(`style,script,kbd,${icon},${folded},.esc-legend,.esc-answer`);
    if (shown && style.visibility !== 'hidden' && !aside) found.push(node.textContent.trim());
  }
  return found.join(' ').split(/\\s+/).filter(word => /\\w/.test(word));
}"""  # fmt: skip
MOST_CONTROLS = 8  # of the first screen
# the rows of doors stand in a component's own tree, which is not walked: they are no words of the page's
MOST_WORDS = {"Results": 110, "Answers": 150, "Test models": 150, "Play": 150, "Make a room": 150}


@pytest.fixture
def thirty(browser: Browser) -> Iterator[Callable[[], Page]]:
    """Pages of a server with all bundled rooms."""
    with bundled_page(ESCAPE_PUZZLES=str(files.BUNDLED)) as (url, _):

        def open_page() -> Page:
            opened = browser.new_page(viewport={"width": 1440, "height": 900})
            opened.goto(url)
            expect(opened.get_by_text("Details", exact=True)).to_be_visible()
            settled(opened)
            return opened

        yield open_page


def test_every_view_keeps_within_its_words(thirty: Callable[[], Page]) -> None:
    page = thirty()
    main = page.get_by_test_id("stMain")
    buttons = [
        b.bounding_box() for b in main.locator("button:visible:not([role=tab]):not([data-door])").all()
    ]
    assert sum(b is not None and b["y"] < 900 for b in buttons) <= MOST_CONTROLS
    for view, most in MOST_WORDS.items():
        tab(page, view)
        page.wait_for_timeout(600)
        settled(page)
        words = page.evaluate(WORDS)
        assert len(words) <= most, (view, len(words), " ".join(words))
        assert main.locator("[data-testid=stBaseButton-primary]:visible").count() <= 1, view


def test_a_bet_fits_a_phone_with_both_its_buttons(site: SimpleNamespace, browser: Browser) -> None:
    with bundled_page(ESCAPE_PUZZLES=str(files.BUNDLED)) as (url, _):
        page = browser.new_context(viewport={"width": 390, "height": 844}).new_page()
        page.goto(url)
        page.get_by_role("button", name="Would this plan work?").click()
        for _ in range(5):
            for name in ("It gets out", "It gets stuck"):
                found = page.get_by_role("button", name=name).first
                expect(found).to_be_visible()
                box = found.bounding_box()
                assert box is not None
                assert box["y"] + box["height"] <= 844
            page.get_by_role("button", name="It gets out").first.click()
            expect(page.locator(".esc-drawn li").first).to_be_visible()
            settled(page)
            page.get_by_role("button", name=re.compile("Next plan|How did I do")).click()
            settled(page)
        expect(page.get_by_text(re.compile(r"Escape \d{4}-\d\d-\d\d [▮▯]{5} \d of 5"))).to_be_visible()
        page.context.close()


def test_a_page_that_is_opened_without_a_key_runs_nothing(page: Page) -> None:
    tab(page, "Test models")
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_disabled()
    expect(page.get_by_text("Paste a key first").first).to_be_visible()
