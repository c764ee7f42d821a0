"""Rooms, puzzles and pasted answers in a real browser, by mouse, thumb and keyboard."""

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
    only_player,
    run,
    settled,
    sync_api,
    tab,
)
from tests.browser.conftest import visit
from tests.fake_server import FakeServer

pytestmark = pytest.mark.browser


def test_a_person_leaves_a_room_by_mouse_or_thumb_and_joins_the_players(either: Page) -> None:
    in_room(either, "The tube")
    moves = (("pour", "bottle of water", "tube"), ("take", "ping pong ball", ""))
    for number, (verb, thing, second) in enumerate(moves, 1):
        choose(either, "Choose a thing", thing)
        choose(either, f"What do you do with the {thing}?", verb)
        if second:
            choose(either, "To, on or with what? (if it matters)", second)
        ready = re.compile(f"^Do it: {verb}: {thing}.*{second}$")  # the arrow is drawn as one sign
        either.get_by_role("button", name=ready).click()
        expect(either.locator(".esc-steps li")).to_have_count(number)  # the buttons are free for the next
        settled(either)
    expect(either.get_by_text("Out in 2 moves; the shortest way out takes 2.")).to_be_visible()
    either.get_by_role("textbox", name="Your name").fill("Ada")
    either.get_by_role("textbox", name=re.compile("^Why does it work")).fill(
        "The water displaces the air. The ball floats because it is less dense than water: buoyancy carries "
        "it up."
    )
    either.get_by_role("button", name="Add my play of The tube to the results").click()
    expect(either.get_by_text("Ada gets out of 1 of 1 room")).to_be_visible()


def test_a_person_leaves_a_room_by_keyboard_alone(page: Page) -> None:
    in_room(page, "The tube")
    line = page.get_by_role("textbox", name="Or write a move and press Enter")
    line.focus()
    for move in ("pour: bottle of water -> tube", "take: ping pong ball"):  # the focus stays in the line
        page.keyboard.type(move)
        page.keyboard.press("Enter")
        expect(page.get_by_text(move, exact=True).last).to_be_visible()
    expect(page.get_by_text("Out in 2 moves; the shortest way out takes 2.")).to_be_visible()


def test_a_puzzle_is_changed_in_the_form_proved_and_left_by_hand(page: Page) -> None:
    tab(page, "Make a room")
    page.get_by_text("Write or change a puzzle").click()
    page.get_by_role("combobox", name="Start from").click()
    page.get_by_role("option", name=re.compile("^The tube( ·|$)")).click()
    page.get_by_role("button", name="Start with a copy").click()
    title = page.get_by_role("textbox", name="Title")
    expect(title).to_have_value("The tube")
    title.fill("My tube")
    step(page, "4 Rules")  # what was typed last is kept, though its field is gone
    expect(page.get_by_text(re.compile("^When someone pours")).first).to_be_visible()
    expect(page.get_by_text("the shortest way out takes 2 moves")).to_be_visible()
    page.get_by_role("textbox", name="Try a move in it").fill("hit: tube")
    page.get_by_role("textbox", name="Try a move in it").press("Enter")
    expect(page.get_by_text("hit: tube", exact=True).last).to_be_visible()
    page.get_by_role("button", name="Try it by hand").click()
    expect(page.get_by_role("heading", name="My tube", exact=True)).to_be_visible()
    leave_by(page, "pour: bottle of water -> tube", "take: ping pong ball")
    tab(page, "Make a room")
    # the workshop is as it was left
    expect(page.get_by_role("textbox", name="Title")).to_have_value("My tube")
    expect(page.get_by_role("button", name=re.compile("^Save yours"))).to_be_visible()


STORY = {
    "Title": "The tap",
    "What the player is told": "A cork lies at the foot of a narrow glass. You have a tap and a short spoon.",
    "Items, one per line": "tap\nspoon",
    "What else can be acted on": "glass\ncork",
    "Limits, one per line": "The glass is fixed and 30 cm deep; the spoon is 10 cm long.",
}
WAY_OUT = {
    "Principles, one per line": "buoyancy",
    "Steps of the solution": "Fill the glass with water from the tap.\nTake the cork that floats up.",
    "Why it works": "Cork is less dense than water.",
    "What can change": "cork = at the bottom\nout = no",
    "The player is out when": "out = yes",
    "The solution as moves": "pour: tap -> glass\ntake: cork",
}


def step(page: Page, name: str) -> None:
    page.get_by_role("radiogroup", name="Step").get_by_text(name).click()
    page.wait_for_timeout(300)
    settled(page)


def fill(page: Page, words: dict[str, str]) -> None:
    for label, said in words.items():
        box = page.get_by_role("textbox", name=re.compile(f"^{re.escape(label)}"))
        box.fill(said)
        box.press("Tab")


def pick(page: Page, label: str, *words: str) -> None:
    """Type into a picker; each word is taken with Enter."""
    box = page.get_by_role("combobox", name=label)
    for word in words:
        box.click()
        page.keyboard.type(word)
        page.keyboard.press("Enter")
        page.wait_for_timeout(300)
        settled(page)
    page.keyboard.press("Escape")


def rule(page: Page, begin: str, *, when: str = "", then: str = "", say: str) -> None:
    """Write a rule that begins from what is lacking, or as a new one for the cork."""
    page.get_by_role("button", name=begin).first.click()
    page.wait_for_timeout(300)
    settled(page)
    if begin == "Add a rule":
        pick(page, "When someone does this", "take")
        pick(page, "with this thing", "cork")
    if when:
        pick(page, "and if (fact = value)", when)
    if then:
        pick(page, "then (fact = value)", then)
    words = page.get_by_role("textbox", name="What the room says")
    words.fill(say)
    words.press("Tab")
    page.wait_for_timeout(300)
    settled(page)


def test_a_puzzle_is_written_proved_played_saved_loaded_and_run(
    page: Page, browser: sync_api.Browser, site: SimpleNamespace, tmp_path: Path
) -> None:
    tab(page, "Make a room")
    page.get_by_text("Write or change a puzzle").click()
    fill(page, STORY)
    page.get_by_role("button", name="Next: Way out").click()
    fill(page, WAY_OUT)
    page.get_by_role("button", name="Next: Temptations").click()
    pick(page, "Which items are red herrings?", "spoon")
    fill(page, {"Why the spoon": "It is 10 cm long and the glass 30 cm deep."})
    page.get_by_role("button", name="Next: Rules").click()
    rule(page, "pour the tap", then="cork = at the rim", say="The water lifts the cork to the rim.")
    rule(page, "take the cork", when="cork = at the rim", then="out = yes", say="You hold the cork.")
    rule(page, "put the spoon", say="The spoon does not reach the cork.")
    rule(page, "Add a rule", say="It lies out of reach.")
    expect(page.get_by_text("the shortest way out takes 2 moves")).to_be_visible()
    page.get_by_role("button", name="Try it by hand").click()
    expect(page.get_by_role("heading", name="The tap", exact=True)).to_be_visible()
    leave_by(page, "pour: tap -> glass", "take: cork")
    tab(page, "Make a room")
    with page.expect_download() as saving:
        page.get_by_role("button", name=re.compile("^Save yours")).click()
    saving.value.save_as(tmp_path / "mine.json")
    for other in visit(browser, site, 1280, 900):
        tab(other, "Make a room")
        other.get_by_role("button", name="Bring your own").click()
        other.get_by_test_id("stFileUploader").locator("input").first.set_input_files(tmp_path / "mine.json")
        expect(other.get_by_text("1 puzzle added and chosen for the next run.")).to_be_visible()
        other.keyboard.press("Escape")
        only_player(other, "gpt-4o")
        run(other)
        expect(other.get_by_text(re.compile("of 1 room")).first).to_be_visible()


def test_ten_answers_are_pasted_from_a_chat_window_in_thirty_actions(page: Page, models: FakeServer) -> None:
    seen = len(models.requests)
    tab(page, "Test models")
    page.get_by_role("button", name=re.compile("^Another way")).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("A chat window", exact=True).click()
    pasted = 0
    for window in ("one", "two"):
        name = dialog.get_by_role("combobox", name="Which chat are you asking?")
        name.fill(window)
        name.press("Enter")
        for n in range(1, 6):
            field = dialog.get_by_role("textbox", name=re.compile("^Paste its answer to"))
            expect(field).to_have_value("")
            field.fill(f"{window} {n}: I would look around and wait for somebody to come.\n\nMoves:\nlook")
            dialog.get_by_role("button", name="Save and go to the next puzzle").click()
            pasted += 1
            expect(dialog.get_by_role("button", name=f"Judge {pasted} answer")).to_be_visible()
    dialog.get_by_role("button", name="Judge 10 answers").click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("group", name="Doors of one, standard")).to_be_visible()
    expect(page.get_by_role("group", name="Doors of two, standard")).to_be_visible()
    assert len(models.requests) == seen
