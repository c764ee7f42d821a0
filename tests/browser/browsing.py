"""How the tests use the page in a real browser: what is clicked, and when it has settled."""

import os
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
CHROMIUM = os.environ.get("CHROMIUM") or "/usr/bin/chromium"
KEY = "sk-planted-in-a-browser-0123456789"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-sync",
]

if os.environ.get("ESCAPE_BROWSER") != "required":
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not Path(CHROMIUM).exists():
        pytest.skip("no chromium; install it or set CHROMIUM", allow_module_level=True)
else:
    from playwright import sync_api

Page, expect = sync_api.Page, sync_api.expect
expect.set_options(timeout=30_000)  # two busy cores draw a first page in a few seconds, at times in more


def run_button(page: Page) -> sync_api.Locator:
    """Run, under Test models; the demo players play unless somebody else was chosen."""
    if not page.get_by_role("tab", name="Test models", selected=True).count():
        tab(page, "Test models")
    found = page.get_by_role("button", name=re.compile("^Run( again)?$"))
    found.wait_for()
    settled(page)
    if not page.locator(".st-key-players [data-tag]").count():
        scripted_players(page, "careful", "hasty", "hoarder")
    return found


def scripted_players(page: Page, *names: str) -> None:
    """Let scripted players play, as Another way offers them."""
    page.get_by_role("button", name="Another way").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("Recorded or scripted", exact=True).click()
    settled(page)
    field = dialog.get_by_role("combobox", name="Players")
    for name in names:
        field.fill(name)
        page.get_by_role("option", name=re.compile(f"^{name}")).first.click()
    field.press("Tab")
    settled(page)
    dialog.get_by_role("button", name="Add players").click()
    expect(dialog).to_have_count(0)
    settled(page)


def run(page: Page) -> None:
    """Press Run, wait for its end, and see the results."""
    run_button(page).click()
    page.get_by_role("button", name="See results").click()
    expect(page.get_by_role("tab", name="Results", selected=True)).to_be_visible()
    settled(page)


def more_options(page: Page) -> None:
    """Repeats, the cap and the limits, under Test models."""
    tab(page, "Test models")
    unfold(page, "More: repeats, a cap on the cost, limits, instructions")


def saved_runs(page: Page) -> None:
    """Open the menu of saved runs."""
    page.get_by_role("button", name="Saved runs").click()
    expect(page.get_by_text("Your runs", exact=True)).to_be_visible()
    settled(page)


def more_formats(page: Page) -> None:
    """Open what a run can be taken away as."""
    page.get_by_role("button", name="More formats").click()
    expect(page.get_by_text("None of these files contains a key.")).to_be_visible()
    settled(page)


def judging(page: Page) -> None:
    """Open the section of the results that tests a judge."""
    tab(page, "Results")
    page.wait_for_timeout(500)
    settled(page)  # a run that has just ended draws the page anew
    if (
        not page.get_by_role("button", name="Examine this judge")
        .or_(page.get_by_role("textbox", name="Your name"))
        .count()
    ):
        if not page.get_by_role("radiogroup", name="Details").count():
            unfold(page, "Details")
        page.get_by_role("radio", name="The judge").click()
        settled(page)


def settled(page: Page) -> None:
    """Wait until the script has run."""
    page.wait_for_function(
        "document.querySelector('[data-testid=stApp]')?.dataset.testScriptState === 'notRunning'"
    )


def at_rest(page: Page) -> None:
    """Wait until the script has run and the page has stopped scrolling.

    A click on what moves is lost.
    """
    settled(page)
    page.wait_for_function(
        """() => {
            const at = document.querySelector('[data-testid=stMain]').scrollTop
            if (at !== window.restedAt) [window.restedAt, window.restedSince] = [at, Date.now()]
            return Date.now() - window.restedSince > 500
        }"""
    )


def unfold(page: Page, name: str) -> None:
    """Open a folded part and wait until nothing in it moves: a click on what moves may land beside it.

    A part that is drawn anew between the press and the release of the mouse does not take the click, so it is
    asked whether it is open.
    """
    title = page.get_by_text(name, exact=True).first
    title.wait_for()
    part = page.locator("details").filter(has=title).last
    for _ in range(5):
        settled(page)
        if part.count() and part.get_attribute("open") is not None:
            return
        title.click()
        page.wait_for_function(
            "document.getAnimations().every(a => a.playState !== 'running' || "
            "a.effect.getTiming().iterations === Infinity)"
        )
        settled(page)
        page.wait_for_timeout(200)
        if not part.count() or part.get_attribute("open") is not None:
            return
    raise AssertionError(f"{name} did not open")


def tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name).click()


def open_list(page: Page, field: sync_api.Locator) -> None:
    """Open a list of choices. Where a redraw shuts it again, the arrow key opens it."""
    settled(page)
    field.click()
    page.wait_for_timeout(300)
    settled(page)
    if not page.get_by_role("option").count():
        field.press("ArrowDown")


def only_player(page: Page, model: str) -> None:
    """Type the planted key and let one of its listed models play, marked by the room alone."""
    tab(page, "Test models")
    page.wait_for_timeout(300)
    settled(page)
    field = page.get_by_role("textbox", name="OpenAI key")
    field.fill(KEY)
    field.press("Enter")
    expect(page.locator(".st-key-players [data-tag]").first).to_be_visible()
    settled(page)
    page.locator(".st-key-players").get_by_role("button", name="Clear all").click()
    settled(page)
    models = page.get_by_role("combobox", name="Models")
    models.fill(model)
    page.get_by_role("option", name=re.compile(f"^{re.escape(model)}( |$)")).first.click()
    models.press("Tab")
    settled(page)
    page.get_by_text("Mark the explanations, by").click()
    settled(page)
    expect(run_button(page)).to_be_enabled()


def in_room(page: Page, name: str) -> None:
    tab(page, "Play")
    room = page.get_by_role("combobox", name="Room")
    room.click()
    page.get_by_role(
        "option", name=re.compile(f"^{re.escape(name)}( ·|$)")
    ).click()  # on some days it is the day's
    expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()


def leave_by(page: Page, *moves: str) -> None:
    """Write moves that lead out by the shortest way."""
    line = page.get_by_role("textbox", name="Or write a move and press Enter")
    for move in moves:
        line.fill(move)
        line.press("Enter")
        expect(page.get_by_text(move, exact=True).last).to_be_visible()
    expect(
        page.get_by_text(f"Out in {len(moves)} moves; the shortest way out takes {len(moves)}.")
    ).to_be_visible()


def choose(page: Page, question: str, answer: str) -> None:
    """Press one of a row of buttons, as often as it takes.

    A button that is being redrawn does not take the first click.
    """
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
