"""The whole page by keyboard alone and as a screen reader meets it, and what axe says of every view."""

import csv
import io
import itertools
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from escape.ui.session import VIEWS
from tests.browser.browsing import Page, choose, expect, in_room, run, settled, sync_api, tab

pytestmark = pytest.mark.browser


def tab_to(page: Page, said: str, most: int = 60) -> None:
    """Press Tab until what has the focus is named so."""
    for _ in range(most):
        page.keyboard.press("Tab")
        named = page.evaluate(
            "(e => e.ariaLabel || e.labels?.[0]?.innerText || e.innerText || '')(document.activeElement)"
        )
        if re.search(said, named):
            return
    raise AssertionError(f"Tab never came to {said}")


def arrow_to(page: Page, view: str, most: int = 40) -> None:
    """Press the right arrow as a person does, looking after each press, until a tab is open.

    Streamlit 1.67 puts a tab back where its answer meets the next press, and takes no press while it redraws;
    whoever lost the focus by that comes back by Tab.
    """
    for _ in range(most):
        if page.get_by_role("tab", name=view, selected=True).count():
            return
        # a redraw took the focus away
        if page.evaluate("document.activeElement.getAttribute('role')") != "tab":
            tab_to(page, f"^({'|'.join(VIEWS)})$")
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(200)
        settled(page)
    raise AssertionError(f"the arrow never came to {view}")


def test_by_keyboard_alone_from_the_first_visit_to_the_csv(page: Page) -> None:
    expect(page.get_by_text("careful gets out of")).to_be_visible()
    tab_to(page, "^Test your model$")
    page.keyboard.press("Enter")
    expect(page.get_by_role("tab", name="Test models", selected=True)).to_be_visible()
    settled(page)
    tab_to(page, "^Another way$")
    page.keyboard.press("Enter")
    tab_to(page, "^Your own server$")
    for _ in range(3):  # server, window, machine, script
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Enter")
        page.wait_for_timeout(300)
        settled(page)
    tab_to(page, "^Players$")
    for name in ("careful", "hasty", "hoarder"):
        page.keyboard.type(name)
        page.keyboard.press("Enter")
        page.wait_for_timeout(300)
        settled(page)
    tab_to(page, "^Add players$")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    settled(page)
    tab_to(page, "^Run$")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="See results")).to_be_visible()
    tab_to(page, "^See results$")
    page.keyboard.press("Enter")
    expect(page.get_by_role("tab", name="Results", selected=True)).to_be_visible()
    expect(page.get_by_text("careful gets out of")).to_be_visible()
    tab_to(page, "^Results$")
    arrow_to(page, "Answers")
    arrow_to(page, "Results")
    tab_to(page, "^Download CSV$")
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    rows = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text("utf-8"))))
    assert len(rows) == 15


@pytest.mark.parametrize("menu", ["Class", "Saved runs"])
def test_a_menu_opened_by_keyboard_has_the_focus_and_gives_it_back(page: Page, menu: str) -> None:
    expect(page.get_by_text("careful gets out of")).to_be_visible()
    page.get_by_role("button", name=menu, exact=True).focus()
    page.keyboard.press("Enter")
    inside = "document.activeElement.closest('[data-testid=stPopoverBody]') !== null"
    page.wait_for_function(inside)
    settled(page)
    assert page.evaluate(inside)  # also after what the menu redrew
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name=menu, exact=True)).to_be_focused()


def test_a_room_is_left_by_tiles_and_keyboard_and_the_focus_stays(page: Page) -> None:
    in_room(page, "The tube")
    for thing, verb, second in (("bottle of water", "pour", "tube"), ("ping pong ball", "take", "")):
        for group, name in (("Choose a thing", thing), ("What do you do", verb), ("To, on or with", second)):
            if name:
                found = page.get_by_role("radiogroup", name=re.compile(f"^{group}"))
                found.get_by_role("radio", name=re.compile(f"^{name}")).focus()
                page.keyboard.press("Enter")
                page.wait_for_timeout(300)
                settled(page)
        page.get_by_role("button", name=re.compile("^Do it")).focus()
        page.keyboard.press("Enter")
        page.wait_for_timeout(300)
        settled(page)
        if second:  # there is more to do, and Do it is still where one is
            assert page.evaluate("document.activeElement.innerText").startswith("Do it")
    expect(page.get_by_text("Out in 2 moves; the shortest way out takes 2.")).to_be_visible()


def test_what_a_screen_reader_meets_from_the_first_visit_to_the_csv(page: Page) -> None:
    """By the accessibility tree: each view begins with its sentence, and every control has a name."""
    expect(page.get_by_text("careful gets out of")).to_be_visible()
    run(page)
    for view in ("Answers", "Play", "Make a room", "Test models", "Results"):
        tab(page, view)
        panel = page.get_by_role("tabpanel", name=view)
        title = panel.get_by_role("heading", name="1 Models")
        expect(title if view == "Test models" else panel.get_by_role("status").first).to_be_visible()
        settled(page)
        tree = panel.aria_snapshot().splitlines()
        first = '- heading "1 Models"' if view == "Test models" else "- status:"
        assert tree[1].strip().startswith(first), (view, tree[:4])
        nameless = [
            line
            for line in tree
            if re.fullmatch(r"\s*- (button|link|radio|checkbox|combobox|textbox|tab):?", line)
        ]
        assert nameless == [], view
    tree = page.locator("body").aria_snapshot()
    assert re.search(r'heading "Can a language model get out of the room\?" \[level=1\]', tree)
    assert 'button "Download CSV"' in tree


@pytest.mark.parametrize(
    ("width", "how"),
    [
        (1280, {"color_scheme": "light"}),
        (1280, {"color_scheme": "dark"}),
        (640, {"color_scheme": "light", "device_scale_factor": 2}),  # a screen of 1280 at 200 % zoom
        (390, {"color_scheme": "light"}),
        (390, {"color_scheme": "dark"}),
        (320, {"color_scheme": "light"}),
        (320, {"color_scheme": "dark"}),
        (1280, {"forced_colors": "active", "reduced_motion": "reduce"}),
    ],
    ids=[
        "wide-light",
        "wide-dark",
        "zoom",
        "phone-light",
        "phone-dark",
        "small-light",
        "small-dark",
        "forced-colours",
    ],
)
def test_no_view_has_a_serious_barrier(
    browser: sync_api.Browser, site: SimpleNamespace, width: int, how: dict[str, Any]
) -> None:
    """By axe, which checks contrast, names, roles, and the keyboard; nothing is wider than the page."""
    context = browser.new_context(viewport={"width": width, "height": 900}, **how)
    opened = context.new_page()
    opened.goto(site.url)
    expect(opened.get_by_text("careful gets out of")).to_be_visible()
    found = []
    tabs = (
        "Answers",
        "Play",
        "Would this plan work?",
        "Test models",
        "Make a room",
        "Saved runs",
        "Class",
        "A chat window",
    )
    for view in ("Results", "Answers", "Play", *tabs):
        if view == "Would this plan work?":
            choose(opened, "What to do", "Would this plan work?")
        elif view in ("Saved runs", "Class"):
            opened.keyboard.press("Escape")
            if width < 641 and not opened.get_by_role("button", name=view).is_visible():
                opened.get_by_text("Menu", exact=True).click()
            opened.get_by_role("button", name=view).click()
        elif view == "A chat window":
            opened.keyboard.press("Escape")
            tab(opened, "Test models")
            opened.get_by_role("button", name=re.compile("^Another way")).click()
            opened.get_by_role("dialog").get_by_text(view, exact=True).click()
        elif view == "Make a room" and width < 641:
            opened.get_by_text("Menu", exact=True).click()
            opened.get_by_role("button", name=view).click()
        else:
            tab(opened, view)
        opened.mouse.move(0, 0)  # what is pointed at changes its colours for a moment
        opened.wait_for_timeout(300)
        settled(opened)
        wide = opened.evaluate("document.scrollingElement.scrollWidth")
        if wide > width:
            found.append((view, "wider than the page", str(wide)))
        if "reduced_motion" in how:
            moving = opened.evaluate("document.getAnimations().filter(a => a.playState === 'running').length")
            found += [(view, "moves", str(moving))] * bool(moving)
        tags = opened.evaluate(
            "[...document.querySelectorAll('h1,h2,h3,h4')].map(h => h.checkVisibility() && h.tagName)"
        )
        levels = [int(tag[1]) for tag in tags if tag]
        if any(b > a + 1 for a, b in itertools.pairwise(levels)):
            found.append((view, "a level of headings is left out", str(levels)))
        found += barriers(opened, view)
    context.close()
    assert found == []


def barriers(page: Page, view: str) -> list[tuple[str, str, str]]:
    """What axe calls serious or critical, by view and rule."""
    from axe_playwright_python.sync_playwright import Axe

    return [
        (view, fault["id"], node["html"][:120])
        for fault in Axe().run(page).response["violations"] if fault["impact"] in {"serious", "critical"}
        for node in fault["nodes"]
    ]  # fmt: skip


@pytest.mark.parametrize(("width", "scheme"), [(1920, "light"), (390, "dark")])
def test_no_page_of_a_class_has_a_serious_barrier(
    browser: sync_api.Browser, site: SimpleNamespace, width: int, scheme: Any
) -> None:
    """The guide, the board in each scene up to the plan that is carried out, and a student's page."""
    context = browser.new_context(viewport={"width": width, "height": 1000}, color_scheme=scheme)
    guide, board = context.new_page(), context.new_page()
    guide.goto(f"{site.url}?lesson=5")
    guide.get_by_role("button", name="Start lesson 5").first.click()
    guide.get_by_role("link", name="Open the board").wait_for()
    settled(guide)
    found = barriers(guide, "guide")
    board.goto(guide.url.replace("guide=", "board="))
    code = board.locator(".esc-large .esc-code").inner_text()
    for scene in ("join", "task", "count", "closed", "result", "one disagreement", "plan"):
        board.locator(".esc-large").wait_for()
        board.mouse.move(0, 0)
        board.wait_for_timeout(500)
        settled(board)
        found += barriers(board, scene)
        if scene == "count":
            student = context.new_page()
            student.goto(f"{site.url}?class={code}")
            student.get_by_role("textbox", name="Nickname").fill("Ada")
            student.get_by_role("button", name="Join", exact=True).click()
            expect(student.get_by_text("0 of 5 plans called")).to_be_visible()
            settled(student)
            found += barriers(student, "student")
        seen = board.locator(".esc-large").inner_html()
        board.get_by_role("button", name="Next").click()
        board.wait_for_function("seen => document.querySelector('.esc-large')?.innerHTML !== seen", arg=seen)
    settled(guide)
    found += barriers(guide, "guide at the plan")
    context.close()
    assert found == []


def focused(page: Page) -> str:
    """What has the focus, by its own text."""
    page.wait_for_timeout(500)
    settled(page)
    found: str = page.evaluate(
        "(e => e === document.body ? 'nothing' : e.innerText || e.ariaLabel)(document.activeElement)"
    )
    return found


def focus_comes(page: Page, begins: str) -> bool:
    """Test whether the focus reaches what begins so within three seconds.

    A browser draws first and moves the focus then.
    """
    for _ in range(30):
        if focused(page).startswith(begins):
            return True
        page.wait_for_timeout(100)
    return False


def test_the_focus_is_where_a_press_leads(page: Page) -> None:
    expect(page.get_by_text("careful gets out of")).to_be_visible()
    settled(page)
    page.get_by_role("button", name="Play a room").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("radiogroup", name="Choose a thing")).to_be_visible()
    assert focus_comes(page, "The tube")  # the room's name and what is told of it
    page.get_by_text("Practice", exact=True).click()
    settled(page)
    for left in ("2 hints left", "1 hint left", "No hint left"):
        page.get_by_role("button", name=re.compile("Hint|hint")).focus()
        page.keyboard.press("Enter")
        assert left in focused(page)
    line = page.get_by_role("textbox", name="Or write a move and press Enter")
    for move in ("pour: bottle of water -> tube", "take: ping pong ball"):
        line.fill(move)
        line.press("Enter")
        expect(page.get_by_text(move, exact=True).last).to_be_visible()
    assert focus_comes(page, "Out in 2 moves")
    page.get_by_role("button", name=re.compile("^Next room")).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("radiogroup", name="Choose a thing")).to_be_visible()
    assert focused(page) not in ("nothing", "")


def test_doors_are_walked_by_arrows_and_their_answer_gets_the_focus(page: Page) -> None:
    expect(page.get_by_text("careful gets out of")).to_be_visible()
    settled(page)
    page.locator("[data-door='0.0.0']").focus()
    for key, at in (
        ("ArrowRight", "0.0.1"),
        ("ArrowDown", "0.1.1"),
        ("ArrowDown", "0.2.1"),
        ("ArrowUp", "0.1.1"),
    ):
        page.keyboard.press(key)
        assert page.locator("[data-door]:focus").get_attribute("data-door") == at
    page.keyboard.press("Enter")
    expect(page.get_by_role("tab", name="Answers", selected=True)).to_be_visible()
    assert "hoarder" in focused(page)  # whose row is the second


def test_the_focus_stays_on_a_download(page: Page) -> None:
    run(page)
    page.wait_for_timeout(800)  # the headline has the focus first
    page.get_by_role("button", name="Download CSV").focus()
    with page.expect_download():
        page.keyboard.press("Enter")
    assert focused(page) == "Download CSV"
