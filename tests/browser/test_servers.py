"""Two servers on one store: a run that was made on the one, which is killed, is the visitor's own on the other."""

import os
import re
import signal
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.browser.browsing import expect, run, saved_runs, sync_api, tab
from tools.bench.tools import page as server

pytestmark = pytest.mark.browser


def test_a_run_outlives_its_server_and_is_found_on_another(browser: sync_api.Browser, tmp_path: Path) -> None:
    with ExitStack() as held:
        where = {"ESCAPE_DATA": str(tmp_path)}
        if database := os.environ.get("ESCAPE_TEST_POSTGRES"):
            where["ESCAPE_DB_URL"] = database
        (first, process), (second, _) = (held.enter_context(server(**where)) for _ in range(2))
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
            page.get_by_role("textbox", name="Name of the run on show")
        ).to_be_visible()  # who may only read it has none
        expect(page.get_by_text(re.compile("^careful gets out of 5 of 5"))).to_be_visible()
        page.context.close()
