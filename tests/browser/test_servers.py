"""Two servers on one store.

A run made on one server, which is then killed, is the visitor's own on the other.
"""

import os
import re
import signal
from contextlib import ExitStack
from pathlib import Path
from subprocess import Popen

import pytest

from escape.store import LEASE_S
from tests.browser.browsing import (
    expect,
    only_player,
    run,
    run_button,
    saved_runs,
    settled,
    sync_api,
    tab,
    unfold,
)
from tools.bench.harness import KEYS, mock, stats
from tools.bench.harness import page as server

pytestmark = pytest.mark.browser


def two_servers(held: ExitStack, folder: Path, **env: str) -> tuple[str, Popen[bytes], str]:
    """The address and the process of one server, and the address of another on the same store."""
    env["ESCAPE_DATA"] = str(folder)
    if database := os.environ.get("ESCAPE_TEST_POSTGRES"):
        env["ESCAPE_DB_URL"] = database
    (first, process), (second, _) = (held.enter_context(server(**env)) for _ in range(2))
    return first, process, second


def test_a_run_outlives_its_server_and_is_found_on_another(browser: sync_api.Browser, tmp_path: Path) -> None:
    with ExitStack() as held:
        first, process, second = two_servers(held, tmp_path)
        page = browser.new_context(viewport={"width": 1280, "height": 1000}).new_page()
        page.goto(first)
        tab(page, "Test models")
        run(page)
        page.wait_for_url("**run=*")
        page.wait_for_timeout(2000)  # it is written to the store behind the page's back
        code = page.url.partition("run=")[2].partition("&")[0]
        process.send_signal(signal.SIGKILL)

        page.goto(f"{second}?run={code}")
        saved_runs(page)
        expect(
            page.get_by_role("textbox", name="Name of this run")
        ).to_be_visible()  # who may only read it has none
        expect(page.get_by_text(re.compile("^careful gets out of 5 of 5"))).to_be_visible()
        page.context.close()


ROOMS = 5


def test_a_killed_server_loses_no_answer_and_the_run_goes_on_at_another(
    browser: sync_api.Browser, tmp_path: Path, the_five: Path
) -> None:
    with ExitStack() as held:
        url = held.enter_context(mock("--latency", "1.5"))
        where = {"ESCAPE_PUZZLES": str(the_five), "OPENAI_BASE_URL": f"{url}/v1"}
        first, process, second = two_servers(held, tmp_path, **where, **KEYS)
        page = browser.new_context(viewport={"width": 1280, "height": 1000}).new_page()
        page.goto(first)
        tab(page, "Test models")
        only_player(page, "gpt-4o-mini")
        unfold(page, "More: repeats, a cap on the cost, limits, instructions")
        page.get_by_role("spinbutton", name="Repeats").fill("4")
        page.get_by_role("spinbutton", name="Repeats").press("Enter")
        settled(page)
        run_button(page).click()
        total = 4 * ROOMS
        expect(page.get_by_text(re.compile(rf"answers [3-9] of {total}"))).to_be_visible()
        page.wait_for_timeout(1000)
        process.send_signal(signal.SIGKILL)
        process.wait(10)

        page.goto(second)  # without the run in the address: its visitor comes back for it
        expect(page.get_by_text("This run goes on elsewhere")).to_be_visible()
        for wrong in ("stopped early", "unconfirmed", "Go on"):
            expect(page.get_by_text(wrong)).to_have_count(0)
        page.wait_for_timeout(1000 * LEASE_S)
        page.reload()
        said = page.get_by_text(re.compile(rf"^Interrupted\. \d+ of {total} answers are saved\.$"))
        expect(said.first).to_be_visible()  # on Results
        expect(page.get_by_text("stopped early")).to_have_count(0)
        tab(page, "Test models")
        said = page.get_by_text(re.compile(rf"^Interrupted\. \d+ of {total} answers are saved\.$")).locator(
            "visible=true"
        )
        expect(said).to_have_count(1)
        saved = int(re.findall(r"\d+", said.inner_text())[0])
        assert saved >= 3
        before = stats(url)["calls"]
        page.get_by_role("button", name="Go on", exact=True).click()
        expect(page.get_by_role("heading", name=f"Done: {total} of {total} answers")).to_be_visible()
        asked = stats(url)["calls"] - before
        assert asked <= 2 * (total - saved)  # an answer and at most a mark each: nothing is asked twice
        page.context.close()
