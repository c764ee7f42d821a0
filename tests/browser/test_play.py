"""Rooms, puzzles and pasted answers in a real browser, by mouse, thumb and keyboard."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.browser.browsing import (
    Page,
    choose,
    expect,
    in_room,
    leave_by,
    run_button,
    settled,
    sync_api,
    tab,
)
from tests.browser.conftest import visit
from tests.fake_server import FakeServer

pytestmark = pytest.mark.browser


def test_a_person_leaves_a_room_by_mouse_or_thumb_and_stands_among_the_players(either: Page) -> None:
    in_room(either, "The tube")
    moves = (("pour", "bottle of water", "tube"), ("take", "ping pong ball", ""))
    for number, (verb, thing, second) in enumerate(moves, 1):
        choose(either, "What do you do?", verb)
        choose(either, "Which thing?", thing)
        if second:
            choose(either, "To, on or with what? (if it matters)", second)
        ready = re.compile(f"^Do it: {verb}: {thing}.*{second}$")  # the arrow is drawn as one sign
        either.get_by_role("button", name=ready).click()
        expect(either.locator(".esc-steps li")).to_have_count(number)  # the buttons are free for the next
        settled(either)
    expect(either.get_by_text("Out in 2 moves; the shortest way out takes 2.")).to_be_visible()
    either.get_by_role("textbox", name="Your name").fill("Ada")
    either.get_by_role("textbox", name=re.compile("^Why does it work")).fill(
        "The water displaces the air. The ball floats because it is less dense than water: buoyancy carries it up."
    )
    either.get_by_role("button", name="Add my play to the results").click()
    expect(either.get_by_text("Ada gets out of 1 of 1 rooms")).to_be_visible()


def test_a_person_leaves_a_room_by_keyboard_alone(page: Page) -> None:
    in_room(page, "The tube")
    line = page.get_by_role("textbox", name="Or write a move and press Enter")
    line.focus()
    for move in ("pour: bottle of water -> tube", "take: ping pong ball"):  # the focus stays in the line
        page.keyboard.type(move)
        page.keyboard.press("Enter")
        expect(page.get_by_text(move, exact=True)).to_be_visible()
    expect(page.get_by_text("Out in 2 moves; the shortest way out takes 2.")).to_be_visible()


def test_a_puzzle_is_changed_in_the_form_proved_and_left_by_hand(page: Page) -> None:
    tab(page, "Puzzles")
    page.get_by_text("Write or change a puzzle").click()
    page.get_by_role("combobox", name="Start from").click()
    page.get_by_role("option", name="The tube", exact=True).click()
    page.get_by_role("button", name="Fill in the form").click()
    expect(page.get_by_role("textbox", name="Kind of puzzle")).to_have_value("fluids")
    title = page.get_by_role("textbox", name="Title")
    title.fill("My tube")
    title.press("Tab")
    page.wait_for_timeout(300)
    settled(page)
    expect(page.get_by_text("the shortest way out takes 2 moves")).to_be_visible()
    page.get_by_role("button", name="Try it by hand").click()
    expect(page.get_by_role("heading", name="My tube", exact=True)).to_be_visible()
    leave_by(page, "pour: bottle of water -> tube", "take: ping pong ball")
    tab(page, "Puzzles")
    expect(page.get_by_role("button", name=re.compile("^Save yours"))).to_be_visible()


FROM_NOTHING = {
    "Title": "The tap",
    "Id: a short name": "TAP_1",
    "Kind of puzzle": "fluids",
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
    expect(page.get_by_text("the shortest way out takes 2 moves")).to_be_visible()
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


def test_ten_answers_are_pasted_from_a_chat_window_in_thirty_actions(page: Page, models: FakeServer) -> None:
    seen = len(models.requests)
    page.get_by_role("button", name="Test a model").click()
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
            dialog.get_by_role("button", name="Save and go to the next puzzle").click()
            pasted += 1
            expect(dialog.get_by_role("button", name=f"Judge {pasted} answer")).to_be_visible()
    dialog.get_by_role("button", name="Judge 10 answers").click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("cell", name="one", exact=True)).to_be_visible()
    expect(page.get_by_role("cell", name="two", exact=True)).to_be_visible()
    assert len(models.requests) == seen
