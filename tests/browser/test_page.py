"""The real page in a real browser, against a model server on this machine."""

from __future__ import annotations

import contextlib
import csv
import gzip
import io
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from escape.ui.session import VIEWS
from tests.fake_server import FakeServer

pytestmark = pytest.mark.browser
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
expect.set_options(timeout=15_000)


@pytest.fixture(scope="module")
def models() -> Iterator[FakeServer]:
    with FakeServer() as running:
        yield running


@pytest.fixture(scope="module")
def site(models: FakeServer, the_five: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
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
def browser() -> Iterator[sync_api.Browser]:
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(params=[(1280, 900), (390, 844)], ids=["wide", "phone"])
def either(request: pytest.FixtureRequest, browser: sync_api.Browser, site: SimpleNamespace) -> Iterator[Page]:
    yield from visit(browser, site, *request.param)


@pytest.fixture
def page(browser: sync_api.Browser, site: SimpleNamespace) -> Iterator[Page]:
    yield from visit(browser, site, 1280, 900)


def visit(browser: sync_api.Browser, site: SimpleNamespace, width: int, height: int) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": width, "height": height}, accept_downloads=True)
    opened = context.new_page()
    opened.asked = []  # type: ignore[attr-defined]
    opened.on("request", lambda r: opened.asked.append(r.url))  # type: ignore[attr-defined]
    opened.goto(site.url)
    expect(run_button(opened)).to_be_enabled()
    yield opened
    context.close()


def run_button(page: Page) -> sync_api.Locator:
    return page.get_by_role("button", name="Run", exact=True)


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
    page.get_by_label("Model", exact=True).fill(model)
    page.get_by_label("Model", exact=True).press("Enter")
    page.get_by_role("button", name="Add player").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(run_button(page)).to_be_enabled()


def test_one_click_gives_results_and_nothing_scrolls_sideways(either: Page) -> None:
    run_button(either).click()
    expect(either.get_by_text("careful gets out of")).to_be_visible()
    for name in ("Results", "Answers", "Puzzles", "Export"):
        tab(either, name)
        either.wait_for_timeout(400)
        main = either.get_by_test_id("stMain")
        assert main.evaluate("e => e.scrollWidth - e.clientWidth") <= 1, name


def test_the_page_asks_nobody_but_its_own_server(page: Page, site: SimpleNamespace) -> None:
    run_button(page).click()
    expect(page.get_by_text("careful gets out of")).to_be_visible()
    assert [u for u in page.asked if not u.startswith((site.url, "data:", "blob:"))] == []  # type: ignore[attr-defined]


def test_tab_alone_opens_nothing_and_a_mark_opens_its_answer_on_purpose(page: Page) -> None:
    run_button(page).click()
    expect(page.get_by_text("An example to look at")).to_have_count(0)
    mark = page.get_by_role("button", name=re.compile("stuck$")).first
    mark.focus()
    page.keyboard.press("Tab")
    page.wait_for_timeout(500)
    expect(page.get_by_role("tab", name="Results")).to_have_attribute("aria-selected", "true")
    mark.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("tab", name="Answers")).to_have_attribute("aria-selected", "true")
    expect(page.get_by_text(re.compile("^(hasty|hoarder) on The"))).to_be_visible()


def test_a_run_survives_clicks_and_a_reload_and_leaks_no_key(
    page: Page, site: SimpleNamespace, models: FakeServer
) -> None:
    only_player(page, "gpt-4o")
    page.get_by_role("spinbutton", name="4 Repeats").fill("8")
    page.get_by_role("spinbutton", name="4 Repeats").press("Enter")
    expect(page.get_by_text("8 times each")).to_be_visible()
    models.latency_s = 0.5
    run_button(page).click()
    progress = page.get_by_test_id("stProgress")
    expect(progress).to_contain_text("answers judged")
    tab(page, "Puzzles")
    expect(page.get_by_text("things that tempt")).to_be_visible()
    expect(progress).to_contain_text("answers judged")
    page.reload()
    expect(progress).to_contain_text("answers judged")
    expect(progress).to_have_count(0, timeout=30_000)
    models.latency_s = 0.0
    assert set(models.keys) == {KEY}
    expect(page.get_by_text("gpt-4o scores")).to_be_visible()

    tab(page, "Export")
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV", exact=True).click()
    text = Path(download.value.path()).read_text("utf-8")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 40
    assert {r["status"] for r in rows} == {"judged"}
    with page.expect_download() as download:
        page.get_by_role("button", name="Whole run (compressed)").click()
    document = gzip.decompress(Path(download.value.path()).read_bytes()).decode()
    storage = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")
    for place in (text, document, page.content(), page.url, site.log(), storage, *page.asked):  # type: ignore[attr-defined]
        assert KEY not in place


def test_stop_keeps_what_is_there_and_continue_asks_only_for_the_rest(page: Page, models: FakeServer) -> None:
    only_player(page, "gpt-4o-mini")
    page.get_by_role("spinbutton", name="4 Repeats").fill("10")
    page.get_by_role("spinbutton", name="4 Repeats").press("Enter")
    expect(page.get_by_text("10 times each")).to_be_visible()
    before = len(models.requests)
    models.latency_s = 0.4
    run_button(page).click()
    expect(page.get_by_test_id("stProgress")).to_contain_text(re.compile(r"[1-9]\d* of 50"))
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("the run was stopped early")).to_be_visible()
    models.latency_s = 0.0
    assert before < len(models.requests) < before + 50
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("the run was stopped early")).to_have_count(0)
    expect(page.get_by_text("gpt-4o-mini scores")).to_be_visible()
    assert len(models.requests) == before + 50


def test_a_remote_image_in_an_answer_is_shown_as_text_and_never_fetched(page: Page, site: SimpleNamespace) -> None:
    only_player(page, "image-m")
    run_button(page).click()
    expect(page.get_by_text("image-m scores")).to_be_visible()
    tab(page, "Answers")
    expect(page.get_by_text("![x](http://203.0.113.9/leak.png)")).to_be_visible()
    page.wait_for_timeout(500)
    assert not [u for u in page.asked if "203.0.113.9" in u]  # type: ignore[attr-defined]


def test_the_page_works_by_keyboard(page: Page) -> None:
    run_button(page).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("careful gets out of")).to_be_visible()
    page.get_by_role("tab", name="Results").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Next")).to_be_visible()


def test_marks_by_hand_and_by_another_judge_come_back_after_a_reload(page: Page, site: SimpleNamespace) -> None:
    run_button(page).click()
    expect(page.get_by_text("careful gets out of")).to_be_visible()
    tab(page, "Judge")
    page.get_by_role("textbox", name="Your name").fill("Ada")
    page.get_by_role("textbox", name="Your name").press("Enter")
    for n in range(1, 6):
        page.get_by_role("radiogroup", name="Would it work, just as described?").last.get_by_text("yes").click()
        page.get_by_role("button", name="Save and show").click()
        expect(page.get_by_text(f"{n} of 5 answers marked by Ada")).to_be_visible()
        settled(page)  # the form before is taken away
    expect(page.get_by_text("How far they agree")).to_be_visible()

    page.get_by_role("combobox", name="3 Judge").click()
    page.get_by_role("option", name="Checklist", exact=True).click()
    page.get_by_role("combobox", name="Provider").last.click()
    page.get_by_role("option", name="OpenAI", exact=True).click()
    page.get_by_role("textbox", name="Model", exact=True).last.fill("gpt-4o")
    page.get_by_role("textbox", name="Model", exact=True).last.press("Enter")
    page.get_by_role("textbox", name="OpenAI key").fill(KEY)
    page.get_by_role("textbox", name="OpenAI key").press("Enter")
    page.get_by_role("button", name="Judge these answers").click()
    expect(page.get_by_text("Overall mark by each judge")).to_be_visible()

    tab(page, "Export")
    with page.expect_download() as download:
        page.get_by_role("button", name="Whole run (compressed)").click()
    saved = Path(download.value.path()).read_bytes()
    page.goto(site.url)
    expect(run_button(page)).to_be_enabled()
    tab(page, "Export")
    upload = {"name": "run.json", "mimeType": "application/json", "buffer": saved}
    page.get_by_test_id("stFileUploader").first.locator("input[type=file]").set_input_files(upload)  # type: ignore[arg-type]
    expect(page.get_by_text("careful gets out of")).to_be_visible()
    tab(page, "Judge")
    expect(page.get_by_text("Overall mark by each judge")).to_be_visible()
    expect(page.get_by_text("How far they agree")).to_be_visible()
    page.get_by_role("textbox", name="Your name").fill("Ada")
    page.get_by_role("textbox", name="Your name").press("Enter")
    expect(page.get_by_text("5 of 5 answers marked by Ada")).to_be_visible()


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
        expect(page.get_by_text(move, exact=True)).to_be_visible()
    expect(page.get_by_text(f"Out in {len(moves)} moves; the shortest way takes {len(moves)}.")).to_be_visible()


def choose(page: Page, question: str, answer: str) -> None:
    """Press one of a row of buttons, as often as it takes: one that is drawn anew does not take the first click."""
    for _ in range(5):
        settled(page)
        button = page.get_by_role("radiogroup", name=question).get_by_role("radio", name=answer, exact=True).last
        button.click()
        page.wait_for_timeout(200)
        settled(page)
        if button.is_checked():
            return
    raise AssertionError(f"{answer} was not taken")


def test_a_person_leaves_a_room_by_mouse_or_thumb_and_stands_among_the_players(either: Page) -> None:
    in_room(either, "The tube")
    for verb, thing, second in (("pour", "bottle of water", "tube"), ("take", "ping pong ball", "")):
        choose(either, "What do you do?", verb)
        choose(either, "With what?", thing)
        if second:
            choose(either, "To, on or with what? (if it matters)", second)
        either.get_by_role("button", name=re.compile("^Do it: ")).click()
    expect(either.get_by_text("Out in 2 moves; the shortest way takes 2.")).to_be_visible()
    either.get_by_role("textbox", name="Your name").fill("Ada")
    either.get_by_role("textbox", name=re.compile("^Why does it work")).fill(
        "The water displaces the air. The ball floats because it is less dense than water: buoyancy carries it up."
    )
    either.get_by_role("button", name="Add my play to the results").click()
    expect(either.get_by_text("Ada gets out of 1 of 1 rooms")).to_be_visible()


def test_a_person_leaves_a_room_by_keyboard_alone(page: Page) -> None:
    in_room(page, "The tube")
    line = page.get_by_role("textbox", name="Or write a move and press Enter")
    for move in ("pour: bottle of water -> tube", "take: ping pong ball"):
        line.focus()
        page.keyboard.type(move)
        page.keyboard.press("Enter")
        expect(page.get_by_text(move, exact=True)).to_be_visible()
    expect(page.get_by_text("Out in 2 moves; the shortest way takes 2.")).to_be_visible()


def test_a_puzzle_is_changed_in_the_form_proved_and_left_by_hand(page: Page) -> None:
    tab(page, "Puzzles")
    page.get_by_text("Write or change a puzzle").click()
    page.get_by_role("combobox", name="Start from").click()
    page.get_by_role("option", name="The tube", exact=True).click()
    page.get_by_role("button", name="Fill in the form").click()
    expect(page.get_by_role("textbox", name="Family")).to_have_value("fluids")
    title = page.get_by_role("textbox", name="Title")
    title.fill("My tube")
    title.press("Tab")
    page.wait_for_timeout(300)
    settled(page)
    expect(page.get_by_text("Proved: the shortest way takes 2 moves")).to_be_visible()
    page.get_by_role("button", name="Try it by hand").click()
    expect(page.get_by_role("heading", name="My tube", exact=True)).to_be_visible()
    leave_by(page, "pour: bottle of water -> tube", "take: ping pong ball")
    tab(page, "Puzzles")
    expect(page.get_by_role("button", name=re.compile("^Save yours"))).to_be_visible()


FROM_NOTHING = {
    "Title": "The tap",
    "Id: letters": "TAP_1",
    "Family": "fluids",
    "What the player is told": "A cork lies at the foot of a narrow glass. You have a tap and a short spoon.",
    "Items, one per line": "tap\nspoon",
    "Limits, one per line": "The glass is fixed and 30 cm deep; the spoon is 10 cm long.",
    "Principles, one per line": "buoyancy",
    "Steps of the solution": "Fill the glass with water from the tap.\nTake the cork that floats up.",
    "Why it works": "Cork is less dense than water.",
    "What else can be acted on": "glass\ncork",
    "The solution as moves": "pour: tap -> glass\ntake: cork",
}
TABLES_FROM_NOTHING = (
    [["spoon", "It is 10 cm long and the glass 30 cm deep."]],
    [["cork", "at the bottom", ""], ["out", "no", "yes"]],
    [
        ["pour", "tap", "glass", "", "cork = at the rim", "The water lifts the cork to the rim."],
        ["take", "cork", "", "cork = at the rim", "out = yes", "You hold the cork."],
        ["take", "cork", "", "", "", "It lies out of reach."],
        ["put, push", "spoon", "", "", "", "The spoon does not reach the cork."],
    ],
)


def fill_table(page: Page, number: int, rows: list[list[str]]) -> None:
    """Type into a table cell by cell, as one does by keyboard."""
    table = page.get_by_test_id("stDataFrame").nth(number)
    table.scroll_into_view_if_needed()
    editor = page.locator("#portal").get_by_role("textbox")
    for _ in range(10):  # a table that is being drawn anew does not take the first click
        table.click(position={"x": 90, "y": 52}, delay=60)
        page.keyboard.press("Enter")
        with contextlib.suppress(sync_api.TimeoutError):
            editor.wait_for(timeout=1000)
            break
    for row in rows:
        for cell in row:
            if cell:
                if not editor.count():
                    page.keyboard.press("Enter")
                editor.fill(cell)
                page.keyboard.press("Tab")
                expect(editor).to_have_count(0)
            else:
                page.keyboard.press("ArrowRight")
        for _ in row:
            page.keyboard.press("ArrowLeft")
        page.keyboard.press("ArrowDown")


def test_a_puzzle_is_written_from_nothing_proved_played_saved_loaded_again_and_run(
    page: Page, browser: sync_api.Browser, site: SimpleNamespace, tmp_path: Path
) -> None:
    tab(page, "Puzzles")
    page.get_by_text("Write or change a puzzle").click()
    for label, words in FROM_NOTHING.items():
        box = page.get_by_role("textbox", name=re.compile(f"^{re.escape(label)}"))
        box.fill(words)
        box.press("Tab")
    for number, rows in enumerate(TABLES_FROM_NOTHING):
        fill_table(page, number, rows)
    expect(page.get_by_text("Proved: the shortest way takes 2 moves")).to_be_visible()
    page.get_by_role("button", name="Try it by hand").click()
    expect(page.get_by_role("heading", name="The tap", exact=True)).to_be_visible()
    leave_by(page, "pour: tap -> glass", "take: cork")
    tab(page, "Puzzles")
    with page.expect_download() as saving:
        page.get_by_role("button", name=re.compile("^Save yours")).click()
    saving.value.save_as(tmp_path / "mine.json")
    for other in visit(browser, site, 1280, 900):
        tab(other, "Puzzles")
        other.get_by_test_id("stFileUploader").locator("input").first.set_input_files(tmp_path / "mine.json")
        expect(other.get_by_text("1 puzzle added and chosen for the next run.")).to_be_visible()
        run_button(other).click()
        expect(other.get_by_text(re.compile("1 of 1 rooms|of 1 room")).first).to_be_visible()


def tab_to(page: Page, said: str, most: int = 60) -> None:
    """Press Tab until what has the focus is named so."""
    for _ in range(most):
        page.keyboard.press("Tab")
        named = page.evaluate("(e => e.getAttribute('aria-label') || e.innerText || '')(document.activeElement)")
        if re.search(said, named):
            return
    raise AssertionError(f"Tab never came to {said}")


def arrow_to(page: Page, view: str, most: int = 40) -> None:
    """Press the right arrow as a person does, looking after each press, until a tab is open.

    Streamlit 1.67 puts a tab back where its answer meets the next press, and takes no press while it redraws; whoever
    lost the focus by that comes back by Tab.
    """
    for _ in range(most):
        if page.get_by_role("tab", name=view, selected=True).count():
            return
        if page.evaluate("document.activeElement.getAttribute('role')") != "tab":  # a redraw took the focus away
            tab_to(page, f"^({'|'.join(VIEWS)})$")
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(200)
        settled(page)
    raise AssertionError(f"the arrow never came to {view}")


def test_by_keyboard_alone_from_the_first_visit_to_the_csv(page: Page) -> None:
    expect(page.get_by_text("careful gets out of")).to_be_visible()
    tab_to(page, "^Run$")
    page.keyboard.press("Enter")
    expect(page.get_by_text("An example to look at")).to_have_count(0)
    expect(page.get_by_text("careful gets out of")).to_be_visible()
    tab_to(page, "^Results$")
    arrow_to(page, "Export")
    expect(page.get_by_text("3 players to take home")).to_be_visible()
    tab_to(page, "^CSV$")
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    rows = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text("utf-8"))))
    assert len(rows) == 15


def test_what_a_screen_reader_meets_from_the_first_visit_to_the_csv(page: Page) -> None:
    """By the accessibility tree: each view begins with its sentence, and whatever can be pressed has a name."""
    expect(page.get_by_text("careful gets out of")).to_be_visible()
    run_button(page).click()
    expect(page.get_by_text("An example to look at")).to_have_count(0)
    for view in ("Results", "Answers", "Play", "Judge", "Puzzles", "Export"):
        tab(page, view)
        panel = page.get_by_role("tabpanel", name=view)
        expect(panel.get_by_role("status").first).to_be_visible()
        settled(page)
        tree = panel.aria_snapshot().splitlines()
        assert tree[1].strip().startswith("- status:"), (view, tree[:4])
        nameless = [
            line for line in tree if re.fullmatch(r"\s*- (button|link|radio|checkbox|combobox|textbox|tab):?", line)
        ]
        assert nameless == [], view
    tree = page.locator("body").aria_snapshot()
    assert re.search(r'heading "Can a language model get out of the room\?" \[level=1\]', tree)
    assert 'button "CSV"' in tree


def test_ten_answers_are_pasted_from_a_chat_window_in_thirty_actions(page: Page, models: FakeServer) -> None:
    seen = len(models.requests)
    page.get_by_role("button", name="Try your own").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("A chat window", exact=True).click()
    pasted = 0
    for window in ("one", "two"):
        name = dialog.get_by_role("textbox", name=re.compile("Which chat|Another chat window"))
        name.fill(window)
        name.press("Enter")
        for n in range(1, 6):
            field = dialog.get_by_role("textbox", name=re.compile("^Paste its answer to"))
            expect(field).to_have_value("")
            field.fill(f"{window} {n}: I would look around and wait for somebody to come.")
            dialog.get_by_role("button", name="Keep it, next puzzle").click()
            pasted += 1
            expect(dialog.get_by_role("button", name=f"Have {pasted} answer")).to_be_visible()
    dialog.get_by_role("button", name="Have 10 answers judged").click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("cell", name="one", exact=True)).to_be_visible()
    expect(page.get_by_role("cell", name="two", exact=True)).to_be_visible()
    assert len(models.requests) == seen


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (320, "dark")])
def test_no_view_has_a_serious_barrier(
    browser: sync_api.Browser, site: SimpleNamespace, width: int, theme: str
) -> None:
    """By axe, which sees contrast, names, roles and what the keyboard can reach."""
    from axe_playwright_python.sync_playwright import Axe

    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)
    opened = context.new_page()
    opened.goto(site.url)
    expect(opened.get_by_text("careful gets out of")).to_be_visible()
    found = []
    for view in ("Results", "Answers", "Play", "Judge", "Puzzles", "Export", "Paste answers"):
        if view == "Paste answers":
            opened.get_by_role("button", name=view).click()
            expect(opened.get_by_role("dialog")).to_be_visible()
        else:
            tab(opened, view)
        settled(opened)
        for fault in Axe().run(opened).response["violations"]:
            if fault["impact"] in {"serious", "critical"}:
                found += [(view, fault["id"], node["html"][:120]) for node in fault["nodes"]]
    context.close()
    assert found == []
