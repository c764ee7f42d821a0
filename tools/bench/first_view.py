"""How soon a visitor can read the headline, beside a page of two lines; then the same on a slow phone."""

import statistics
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Browser, sync_playwright

from tests.browser.browsing import CHROMIUM, FLAGS
from tools.bench.harness import free_port, page, process

MOST = 1.6  # times a page of two lines
TWO_LINES = "import streamlit as st\nst.title('Hello')\n"
SLOW = {"latency": 40, "downloadThroughput": 9e6 / 8, "uploadThroughput": 1.5e6 / 8, "offline": False}
WHEN = """() => new Promise(done => {
  const look = () => TEST ? done(performance.now()) : requestAnimationFrame(look);
  look();
})"""
HEADLINE = (
    "[...document.querySelectorAll('[role=status] .esc-lead')].some(e => /gets out of/.test(e.textContent))"
)
DOOR = "[...document.querySelectorAll('*')].some(e => e.shadowRoot?.querySelector('[data-door]'))"
HELLO = "[...document.querySelectorAll('h1')].some(e => /Hello/.test(e.textContent))"


class Times(NamedTuple):
    """Seconds, medians."""

    headline: float
    door: float


def seen(browser: Browser, url: str, what: str, rounds: int, *, slow: bool) -> float:
    """Measure the median seconds from asking for the page until `what` stands there.

    The first visit is not counted.
    """
    took = []
    for _ in range(rounds + 1):
        context = browser.new_context(
            viewport={"width": 390, "height": 844} if slow else {"width": 1280, "height": 900}
        )
        opened = context.new_page()
        if slow:
            tools = context.new_cdp_session(opened)
            tools.send("Network.emulateNetworkConditions", SLOW)
            tools.send("Emulation.setCPUThrottlingRate", {"rate": 4})
        opened.goto(url, wait_until="commit")
        took.append(opened.evaluate(WHEN.replace("TEST", what)) / 1000)
        context.close()
    return statistics.median(took[1:])


def main(rounds: int = 3) -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        Path(folder, "two.py").write_text(TWO_LINES, "utf-8")
        port = free_port()
        command = [sys.executable, "-m", "streamlit", "run", f"{folder}/two.py", "--server.port", str(port),
                   "--server.address", "127.0.0.1"]  # fmt: skip
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        with process(command, f"http://127.0.0.1:{port}/_stcore/health"), page() as (url, _):
            for name, slow in (("desktop", False), ("slow phone (9 Mbit/s, 4 times slower CPU)", True)):
                bare = seen(browser, f"http://127.0.0.1:{port}", HELLO, rounds, slow=slow)
                ours = Times(*(seen(browser, url, what, rounds, slow=slow) for what in (HEADLINE, DOOR)))
                print(
                    f"{name}: headline {ours.headline:.2f} s, {ours.headline / bare:.2f} times a page of two "
                    f"lines ({bare:.2f} s); first door {ours.door:.2f} s, {ours.door / bare:.2f} times"
                )
                assert slow or ours.headline < MOST * bare, "the headline comes too late"
