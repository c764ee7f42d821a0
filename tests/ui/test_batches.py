"""A run in batches from the page: offered where there are any, left with the provider, collected later."""

from __future__ import annotations

import time

import pytest
from streamlit.testing.v1 import AppTest

from escape.calls import batcher as batching
from escape.runs import BACKGROUND, archive
from tests.models.fake_batches import FakeBatches
from tests.ui.test_page import KEY, add_model, finish, live, open_tab, opened, page, texts

__all__ = ["page"]


def test_batches_are_offered_only_where_a_provider_has_them(page: AppTest) -> None:
    assert "batches" not in {c.key for c in page.checkbox}
    add_model(page, "deepseek", "deepseek-chat")
    assert "batches" not in {c.key for c in page.checkbox}
    add_model(page, "openai", "gpt-5")
    page.checkbox(key="batches").check().run()
    assert "gpt-5: 50% of the usual price" in texts(page)
    assert "deepseek-chat: has no batches, asked one by one" in texts(page)


@pytest.mark.proof
def test_a_batch_outlives_page_and_server_and_is_collected_with_the_key_typed_again(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batching, "GATHER_S", 0.05)
    monkeypatch.setattr(batching, "LOOK_S", 0.05)
    with FakeBatches(looks=10**6) as provider:
        monkeypatch.setenv("OPENAI_BASE_URL", f"{provider.url}/v1")
        add_model(page, "openai", "gpt-5")
        page.checkbox(key="batches").check().run()
        page.button(key="run").click().run()
        shown = live(page)
        for _ in range(200):
            if any(b.batch_id for b in shown.run().batches):
                break
            time.sleep(0.05)
        (batch,) = shown.run().batches
        assert len(batch.requests) == 5
        time.sleep(0.3)
        page.run()
        assert "A batch with the provider: 0 of 5 requests done" in texts(page)
        page.button(key="stop").click().run()
        finish(page)
        assert not [r for r in shown.run().results if r.trial.player == "openai:gpt-5"]
        assert "stays there" in texts(page)
        archive.save_run(shown)
        BACKGROUND.forget(shown)  # as if the server had been started anew

        again = opened(run=shown.code)
        assert live(again) is not shown
        assert live(again).run().batches == (batch,)
        open_tab(again, "Results")
        again.button(key="continue").click().run()
        finish(again)
        assert "needs a key" in texts(again)  # it died with its page
        provider.looks = 1
        again.button(key="to_key_openai").click().run()  # where its key is missing, the way to its field stands there
        assert again.session_state["view"] == "Test models"
        again.text_input(key="key_openai").set_value(KEY).run()
        open_tab(again, "Results")
        again.button(key="continue").click().run()
        finish(again)
        assert len([r for r in live(again).run().results if r.trial.player == "openai:gpt-5"]) == 5
        assert len(provider.batches) == 1
        assert set(provider.answered.values()) == {1}


def test_a_batch_is_called_off_on_the_page(page: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batching, "GATHER_S", 0.05)
    monkeypatch.setattr(batching, "LOOK_S", 0.05)
    with FakeBatches(looks=10**6) as provider:
        monkeypatch.setenv("OPENAI_BASE_URL", f"{provider.url}/v1")
        add_model(page, "openai", "gpt-5")
        page.checkbox(key="batches").check().run()
        page.button(key="run").click().run()
        while not any(b.batch_id for b in live(page).run().batches):
            time.sleep(0.05)
        page.run().button(key="stop").click().run()
        finish(page)
        page.button(key="call_off").click().run()
        assert "openai:gpt-5: called off" in texts(page)
        assert [c for c in provider.calls if c.endswith("/cancel")] == ["POST /v1/batches/batch_0/cancel"]
        assert not provider.answered
