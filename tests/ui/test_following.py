"""Told rooms on the page: offered where nobody knows whether a model follows the form, and what is said after them."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from escape.puzzles import files
from escape.types import Puzzle
from tests.fake_server import FakeServer
from tests.ui.test_page import ROOT, add_model, finish, open_tab, press_run, texts


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setenv("ESCAPE_PUZZLES", str(files.BUNDLED))
    return AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()


def test_who_gets_out_of_nothing_is_offered_told_rooms_and_judged_by_them(page: AppTest, both_apis: FakeServer) -> None:
    add_model(page, "openai", "gpt-4o-mini")
    page.checkbox(key="set_rooms").uncheck().run()
    press_run(page)
    asked_before = len(both_apis.requests)
    assert "Six short rooms that say what to do" in texts(page)
    page.button(key="follow_form_ask").click().run()
    open_tab(finish(page), "Results")
    assert len(both_apis.requests) - asked_before <= 12  # six rooms, and lines of them written anew
    run = page.session_state["escape"].run
    assert {i for i in run.config.problem_ids if i.startswith("T")} == {p.problem_id for p in told()}
    assert "follows 0 of 6 told rooms" in texts(page)
    assert "does not follow the form" in texts(page)
    assert "follow_form_ask" not in {b.key for b in page.button}


def told() -> tuple[Puzzle, ...]:
    return files.shared(files.sets(files.BUNDLED)[files.TOLD])
