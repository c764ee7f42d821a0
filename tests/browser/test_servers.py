"""Two servers on one store: a batch of houses handed in on the one, which is killed, is collected on the other."""

from __future__ import annotations

import os
import re
import signal
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.bench.tools import page as server
from tests.browser.browsing import KEY, add_model, expect, settled, sync_api, tab, unfold
from tests.models.fake_batches import FakeBatches

pytestmark = pytest.mark.browser


def test_a_batch_outlives_its_server_and_is_collected_by_another(browser: sync_api.Browser, tmp_path: Path) -> None:
    with ExitStack() as held:
        provider = held.enter_context(FakeBatches(looks=10**6))
        where = {"ESCAPE_DATA": str(tmp_path), "OPENAI_BASE_URL": f"{provider.url}/v1"}
        if database := os.environ.get("ESCAPE_TEST_POSTGRES"):
            where["ESCAPE_DB_URL"] = database
        (first, process), (second, _) = (held.enter_context(server(**where)) for _ in range(2))
        page = browser.new_context(viewport={"width": 1280, "height": 1000}).new_page()
        page.goto(first)
        expect(page.get_by_text("careful gets out of")).to_be_visible()
        tab(page, "Test models")
        add_model(page, "gpt-5")
        page.get_by_text("Houses", exact=True).first.click()
        expect(page.get_by_role("textbox", name="Seed")).to_be_visible()
        page.wait_for_timeout(500)  # the example of houses is drawn too
        settled(page)
        unfold(page, "More: repeats, a cap on the cost, predictions, limits")
        page.get_by_text("In batches, answered within a day", exact=True).click()
        expect(page.get_by_text("gpt-5: 50% of the usual price")).to_be_visible()
        page.get_by_role("button", name="Run", exact=True).click()
        expect(page.get_by_text(re.compile(r"A batch with the provider: 0 of \d+ requests done"))).to_be_visible()
        page.wait_for_url("**run=*")
        code = page.url.partition("run=")[2].partition("&")[0]
        process.send_signal(signal.SIGKILL)

        page.goto(f"{second}?run={code}")
        expect(page.get_by_text("What is with a provider as a batch stays there")).to_be_visible()
        provider.looks = 1

        tab(page, "Test models")
        again = page.get_by_role("textbox", name="OpenAI key")
        again.fill(KEY)
        again.press("Enter")
        settled(page)
        tab(page, "Results")
        page.get_by_role("button", name="Continue").click()
        expect(page.get_by_text("opens 0", exact=False).first).to_be_visible()
        assert len(provider.batches) == 1
        assert set(provider.answered.values()) == {1}
        page.context.close()
    assert KEY not in "".join(f.read_bytes().decode("latin-1") for f in tmp_path.rglob("*") if f.is_file())
