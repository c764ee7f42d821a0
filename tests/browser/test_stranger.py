"""A run belongs to the browser that made it.

A stranger with its link reads it, and changes nothing by any press.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg

from tests.browser.browsing import (
    KEY,
    expect,
    judging,
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

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
RIGHTS = re.compile(
    r"Stop|Run again|Go on|Ask these again|Judge these answers|Save and (show|go on)|Yes, remove it"
)


@pytest.fixture
def owner(page: Page) -> Page:
    """Whose messages to the server are kept, so that somebody else can send them too."""
    page.sent = []  # type: ignore[attr-defined]
    page.on("websocket", lambda socket: socket.on("framesent", lambda data: page.sent.append(data)))  # type: ignore[attr-defined]
    page.reload()
    settled(page)
    return page


@pytest.fixture
def come(browser: Browser) -> Iterator[Callable[[str], Page]]:
    """Somebody in a browser of their own opens an address."""
    contexts = []

    def open_page(url: str) -> Page:
        contexts.append(browser.new_context(viewport={"width": 1280, "height": 900}))
        opened = contexts[-1].new_page()
        opened.add_init_script(KEEP_SOCKET)
        opened.goto(url)
        settled(opened)
        return opened

    yield open_page
    for context in contexts:
        context.close()


KEEP_SOCKET = """
const Native = WebSocket;
window.WebSocket = class extends Native { constructor(...a) { super(...a); window.theSocket = this; } };
"""


def send_as(stranger: Page, frames: list[bytes]) -> None:
    """Send what the owner's page sent, press by press, over the stranger's own connection."""
    for frame in frames:
        message = BackMsg.FromString(frame)
        if message.WhichOneof("type") == "rerun_script":
            stranger.evaluate("bytes => window.theSocket.send(new Uint8Array(bytes))", list(frame))
            stranger.wait_for_timeout(120)
    settled(stranger)


def presses_everything(stranger: Page) -> None:
    """Open every tab and fold of a run; none of them offers a right over it."""
    for name in ("Results", "Answers", "Test models"):
        tab(stranger, name)
        settled(stranger)
        assert not stranger.get_by_role("button", name=RIGHTS).count(), name


def code_of(url: str) -> str:
    return parse_qs(urlsplit(url).query)["run"][0]


def test_a_stranger_reads_a_run_and_neither_presses_nor_messages_change_it(
    owner: Page, site: SimpleNamespace, models: FakeServer, come: Callable[[str], Page]
) -> None:
    only_player(owner, "gpt-4o-mini")
    more_options(owner)
    owner.get_by_role("spinbutton", name="Repeats").fill("10")
    owner.get_by_role("spinbutton", name="Repeats").press("Enter")
    expect(owner.get_by_text("10 times each")).to_be_visible()
    models.latency_s = 4.0  # long enough that it still runs when Stop is pressed
    run_button(owner).click()
    expect(owner.locator(".st-key-progress")).to_contain_text(re.compile(r"answers [1-9]\d* of 50"))
    link = owner.url
    assert code_of(link)

    stranger = come(link)  # while it runs
    expect(stranger.get_by_text("You are reading someone else's run")).to_be_visible()
    expect(stranger.get_by_test_id("stProgress")).to_be_visible()
    presses_everything(stranger)
    owner.get_by_role("button", name="Stop").click()
    stop = owner.sent[-1]  # type: ignore[attr-defined]
    tab(owner, "Results")
    expect(owner.get_by_text("the run was stopped early")).to_be_visible()
    models.latency_s = 1.0
    owner.get_by_role("button", name="Go on", exact=True).click()
    expect(owner.get_by_test_id("stProgress")).to_be_visible()
    send_as(stranger, [stop] * 2)
    send_as(stranger, [_with_text(frame, KEY, "") for frame in owner.sent])  # type: ignore[attr-defined]
    stranger.close()  # nor does a reader who leaves stop it
    models.latency_s = 0.0
    expect(owner.get_by_text("the run was stopped early")).to_have_count(0, timeout=60_000)
    expect(owner.get_by_text("gpt-4o-mini gets out of")).to_be_visible()
    assert models.keys.count(KEY) == 50  # whatever the stranger ran was theirs

    saved_runs(owner)  # after it: what its owner can do with it
    name = owner.get_by_role("textbox", name="Name of this run", exact=True)
    name.fill("The owner's name")
    name.press("Enter")
    settled(owner)
    owner.keyboard.press("Escape")
    judging(owner)
    owner.get_by_role("textbox", name="Your name").fill("Ada")
    owner.get_by_role("textbox", name="Your name").press("Enter")
    owner.get_by_role("radiogroup", name="Would it work, just as described?").last.get_by_text("yes").click()
    owner.get_by_role("button", name="Save and show").click()
    expect(owner.get_by_text("1 of 5 answers marked by Ada")).to_be_visible()
    tab(owner, "Answers")
    settled(owner)
    unfold(owner, "What went wrong?")
    owner.get_by_role("textbox", name="What went wrong? One line").fill("It forgot the tube.")
    owner.get_by_role("button", name="Save and go on").click()
    expect(owner.get_by_text("1 answer read so far")).to_be_visible()
    saved_runs(owner)
    owner.get_by_text("Remove this run", exact=True).click()
    expect(owner.get_by_role("button", name="Yes, remove it")).to_be_visible()
    pressed = list(owner.sent)  # type: ignore[attr-defined]
    owner.keyboard.press("Escape")

    stranger = come(owner.url)
    saved_runs(stranger)
    expect(stranger.get_by_text("None yet.")).to_be_visible()
    expect(stranger.get_by_role("textbox", name="Name of this run")).to_have_count(0)
    stranger.keyboard.press("Escape")
    presses_everything(stranger)
    pressed = [_with_text(_with_text(f, KEY, ""), "The owner's name", "A stranger's name") for f in pressed]
    send_as(stranger, [_pressing_remove(f) for f in pressed])
    assert models.keys.count(KEY) == 50
    owner.reload()
    settled(owner)
    expect(owner.get_by_text("gpt-4o-mini gets out of")).to_be_visible()
    saved_runs(owner)
    expect(owner.get_by_role("textbox", name="Name of this run")).to_have_value("The owner's name")
    owner.keyboard.press("Escape")
    judging(owner)
    expect(owner.get_by_text("room and human:Ada have marked 1 answer in common")).to_be_visible()


def test_a_stranger_reads_a_class_s_run_only_after_reveal(
    owner: Page, site: SimpleNamespace, models: FakeServer, come: Callable[[str], Page]
) -> None:
    run(owner)
    expect(owner.get_by_text("careful gets out of")).to_be_visible()
    link = owner.url
    owner.get_by_role("button", name="Class", exact=True).click()
    owner.get_by_role("button", name="Open a class", exact=True).click()
    unfold(owner, "Another round, or other settings")
    owner.get_by_role("button", name="Open the round").click()
    settled(owner)
    early = come(link)
    expect(early.get_by_text("it can be read once its teacher has revealed the result")).to_be_visible()
    early.close()
    owner.get_by_role("button", name="Reveal").click()
    expect(owner.get_by_role("button", name="Reveal")).to_have_count(0)
    late = come(link)
    expect(late.get_by_text("You are reading someone else's run")).to_be_visible()
    presses_everything(late)

    keys = {c["name"]: c for c in owner.context.cookies()}
    token = next(c for name, c in keys.items() if name.startswith("escape_teach_"))
    late.context.add_cookies([{"name": token["name"], "value": token["value"], "url": site.url}])
    late.goto(link)  # the teacher's other device
    settled(late)
    expect(late.get_by_text("You are reading someone else's run")).to_have_count(0)


def _with_text(frame: bytes, old: str, new: str) -> bytes:
    message = BackMsg.FromString(frame)
    for widget in message.rerun_script.widget_states.widgets:
        if widget.string_value == old:
            widget.string_value = new
    return message.SerializeToString()


def _pressing_remove(frame: bytes) -> bytes:
    """The same message, in which every button it knows of is pressed."""
    message = BackMsg.FromString(frame)
    for widget in message.rerun_script.widget_states.widgets:
        if widget.WhichOneof("value") == "trigger_value":
            widget.trigger_value = True
    return message.SerializeToString()
