"""Pictures of every view and state, wide and narrow, light and dark: `python -m tools.screenshots FOLDER`.

Not a test: somebody has to look at them. The README's pictures are made with `--readme`, and what a link to
the page shows elsewhere with `--preview`.
"""

import argparse
import re
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser import browsing
from tests.browser.browsing import CHROMIUM, FLAGS
from tools.bench.harness import page as served

SIZES = {"readme": (1280, 720), "wide": (1280, 900), "phone": (390, 844), "small": (320, 640)}
Show = Callable[[Page], None]


def ready(page: Page) -> None:
    """Wait until the script has run and the pictures are drawn."""
    page.wait_for_function(
        "document.querySelector('[data-testid=stApp]')?.dataset.testScriptState === 'notRunning'",
        timeout=60_000,
    )
    page.wait_for_timeout(900)


def tab(page: Page, name: str) -> None:
    """Open a tab, which on a phone may stand in the menu."""
    if not page.get_by_role("tab", name=name).is_visible():
        page.get_by_text("Menu", exact=True).click()
        page.get_by_role("button", name=name, exact=True).click()
    else:
        page.get_by_role("tab", name=name).click()
    ready(page)


def run(page: Page) -> None:
    browsing.run(page)
    ready(page)


def two(page: Page) -> None:
    """Two players of one's own, above the reference line."""
    tab(page, "Test models")
    browsing.scripted_players(page, "careful", "hasty")
    run(page)


def beside(page: Page) -> None:
    """An answer beside its reference."""
    two(page)
    tab(page, "Answers")
    page.get_by_text("Reference").first.scroll_into_view_if_needed()


def bet(page: Page) -> None:
    page.get_by_role("button", name="Would this plan work?").click()
    ready(page)


def view(name: str) -> Show:
    def show(page: Page) -> None:
        run(page)
        tab(page, name)

    return show


def choose(page: Page, field: str, room: str = "The tube") -> None:
    """Choose a room that stands too far down a list to be drawn before one types."""
    box = page.get_by_role("combobox", name=field)
    box.click()
    box.fill(room)
    page.get_by_role("option", name=re.compile(f"^{room}( ·|$)")).click()


def workshop(page: Page) -> None:
    """The last of its four steps, on a copy."""
    tab(page, "Make a room")
    page.get_by_text("Write or change a puzzle").click()
    ready(page)
    choose(page, "Start from")
    ready(page)
    page.get_by_role("button", name="Start with a copy").click()
    ready(page)
    page.get_by_text("4 Rules", exact=True).click()
    ready(page)


def exam(page: Page) -> None:
    browsing.judging(page)
    ready(page)


def played(page: Page) -> None:
    """In the middle of a room: a thing touched, a verb chosen, a hint asked for."""
    tab(page, "Play")
    page.get_by_role("button", name="Look around").click()
    ready(page)
    page.get_by_text("Practice", exact=True).click()
    page.get_by_role("button", name=re.compile("^Hint")).click()
    ready(page)
    page.get_by_role("radiogroup", name="Touch a thing").get_by_role("radio").first.click()
    ready(page)
    page.get_by_role("radiogroup", name=re.compile("^What do you do")).get_by_role(
        "radio", name="put"
    ).click()
    ready(page)


def amount(page: Page) -> None:
    """A move that says how far."""
    tab(page, "Play")
    choose(page, "Room", "The sixty grams of glass")
    ready(page)
    for group, name in (
        ("Touch a thing", "wooden ruler"),
        ("What do you do", "put"),
        ("To, on or with", "glass strip"),
    ):
        row = page.get_by_role("radiogroup", name=re.compile(f"^{group}"))
        row.get_by_role("radio", name=re.compile(f"^{name}")).first.click()
        ready(page)
    page.get_by_role("textbox", name=re.compile("^How much")).fill("20")


def ended(page: Page) -> None:
    """The end of a room that was left."""
    tab(page, "Play")
    choose(page, "Room")
    ready(page)
    line = page.get_by_role("textbox", name=re.compile("^Or write a move"))
    for move in ("pour: bottle of water -> tube", "take: ping pong ball"):
        line.fill(move)
        line.press("Enter")
        ready(page)


def door(which: str) -> Show:
    def show(page: Page) -> None:
        tab(page, "Test models")
        page.get_by_role("button", name="Another way").click()
        page.get_by_role("dialog").get_by_text(which, exact=True).click()
        ready(page)

    return show


def guide(page: Page) -> None:
    page.goto(f"{page.url.partition('?')[0]}?lesson=2")
    page.get_by_role("button", name="Start lesson 2").first.click()
    page.get_by_role("link", name="Open the board").wait_for()
    ready(page)


def board(page: Page) -> None:
    """The projector's page; on a phone as a student sees it who joins."""
    guide(page)
    page.goto(page.url.replace("guide=", "board="))
    page.get_by_role("img", name=re.compile("^QR code")).wait_for()
    ready(page)


def student(page: Page) -> None:
    board(page)
    code = page.locator(".esc-large .esc-code").inner_text()
    page.goto(page.url.replace("board=", "guide="))
    page.get_by_role("button", name="Next: the task").click()
    page.get_by_role("button", name="Next: open the round").click()
    page.get_by_role("button", name="Reveal now").wait_for()
    page.goto(f"{page.url.partition('?')[0]}?class={code}")
    page.get_by_role("textbox", name="Nickname").fill("Ada")
    page.get_by_role("button", name="Join", exact=True).click()
    page.get_by_role("button", name="Save").wait_for()
    ready(page)


def menu(name: str) -> Show:
    def show(page: Page) -> None:
        if not page.get_by_role("button", name=name, exact=True).is_visible():
            page.get_by_text("Menu", exact=True).click()
        page.get_by_role("button", name=name, exact=True).click()
        ready(page)

    return show


def call(page: Page) -> None:
    """A bet, and what came of it."""
    page.get_by_role("button", name="Would this plan work?").click()
    ready(page)
    page.get_by_role("button", name="It gets stuck").click()
    ready(page)


STATES: dict[str, Show] = {
    "first": lambda page: None,
    "results": run,
    **{name.lower().replace(" ", "-"): view(name) for name in ("Answers", "Test models", "Make a room")},
    "class": menu("Class"),
    "saved": menu("Saved runs"),
    "call": call,
    "play": played,
    "amount": amount,
    "ended": ended,
    "workshop": workshop,
    "exam": exam,
    "own-server": door("Your own server"),
    "chat-window": door("A chat window"),
    "guide": guide,
    "board": board,
    "student": student,
}


README = (
    ("results-light", "readme", "light", two),
    ("results-dark", "readme", "dark", two),
    ("answer", "readme", "light", beside),
    ("bet", "phone", "light", bet),
)


def shoot(
    browser: Browser, url: str, size: str, theme: str, show: Show, file: Path, *, whole: bool = True
) -> None:
    width, height = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=theme)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(url)
    page.get_by_role("tab", name="Test models").wait_for(timeout=30_000)
    ready(page)
    show(page)
    # the page scrolls inside its frame: it is made as high as what it holds
    inside = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
    if whole:
        page.set_viewport_size({"width": width, "height": min(max(height, inside), 6000)})
    page.wait_for_timeout(400)
    page.screenshot(path=file)
    context.close()


def preview(browser: Browser, file: Path) -> None:
    """Draw the example's doors as a picture of the size that previews of links have."""
    from escape.metrics import METRICS
    from escape.results import doors
    from escape.ui.run import example

    run = example.of_rooms()
    assert run
    picture = doors.doors_svg(doors.doors(run, METRICS["verified"])[-1:], ())
    # without the figures behind the doors, which nobody reads at that size
    picture = picture.replace('viewBox="0 0 1180', 'viewBox="0 0 785').replace(
        'width="1180" height', "data-height"
    )
    page = browser.new_page(viewport={"width": 1200, "height": 630})
    page.set_content(
        "<body "
        "style='margin:0;background:#fbf8f1;color:#2b2620;display:flex;flex-direction:column;overflow:hidden;"
        "justify-content:center;height:630px;gap:3rem;padding:0 4rem;box-sizing:border-box'>"
        "<div style='font:600 76px/1.1 Georgia,serif'>Can a language model get out of the room?</div>"
        f"<div>{picture}</div></body>"
    )
    page.screenshot(path=file)
    page.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--state", choices=STATES, action="append")
    parser.add_argument("--size", choices=SIZES, action="append")
    parser.add_argument("--theme", choices=("light", "dark"), action="append")
    parser.add_argument("--readme", action="store_true", help="only the README's pictures")
    parser.add_argument(
        "--preview", action="store_true", help="only the picture that links to the page show elsewhere"
    )
    o = parser.parse_args()
    states, sizes, themes = (
        o.state or list(STATES),
        o.size or [n for n in SIZES if n != "readme"],
        o.theme or ["light", "dark"],
    )
    o.folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as data,
        served(ESCAPE_DATA=data) as (url, _),
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        if o.preview:
            preview(browser, o.folder / "preview.png")
            return
        if o.readme:
            for name, size, theme, show in README:
                shoot(browser, url, size, theme, show, o.folder / f"{name}.png", whole=False)
            return
        for state in states:
            for size in sizes:
                for theme in themes:
                    shoot(browser, url, size, theme, STATES[state], o.folder / f"{state}-{size}-{theme}.png")


if __name__ == "__main__":
    main()
