"""Money goes to rooms first.

Players are paid for in all rooms; marks come for as many as a further quarter pays for.
"""

import pytest
from streamlit.testing.v1 import AppTest

from escape.ui.setup import marks
from tests.fake_server import FakeServer
from tests.ui.test_page import KEY, ROOT, finish, live, open_tab, texts

# the one is cheap enough, and a judge of the other marks 23 rooms
LISTED = ("gpt-5-nano", "claude-haiku-4-5")


@pytest.fixture
def priced(both_apis: FakeServer, monkeypatch: pytest.MonkeyPatch) -> FakeServer:
    monkeypatch.delenv("ESCAPE_PUZZLES")
    both_apis.listed = [{"id": name} for name in LISTED]
    return both_apis


def with_keys(judge: str = "anthropic:claude-haiku-4-5") -> AppTest:
    at = open_tab(AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run(), "Test models")
    for provider in ("openai", "anthropic"):
        at.text_input(key=f"key_{provider}").set_value(KEY).run()
    return at.selectbox(key="judge_model").set_value(judge).run()


@pytest.mark.proof
def test_with_two_keys_all_rooms_are_asked_and_some_explanations_marked(priced: FakeServer) -> None:
    at = with_keys()
    at.button(key="run").click().run()
    execution = live(at).execution
    assert execution is not None
    config, plan = execution.plan.run.config, execution.plan
    rooms = len(config.problem_ids)
    assert rooms == 54
    assert len(plan.to_ask) == 2 * rooms
    assert config.marked_ids is not None
    assert marks.FEWEST <= len(config.marked_ids) < rooms
    assert len(plan.to_mark) == 2 * len(config.marked_ids)  # the same rooms for both
    finish(at, 60)
    assert sum(r.answer is not None for r in live(at).run().results) == 2 * rooms
    open_tab(at, "Results")
    assert at.button(key="mark_all_now").label == f"Mark all {rooms} rooms"
    at.button(key="mark_all_now").click().run()
    finish(at, 60)
    assert sum(r.verdict is not None for r in live(at).run().results) == 2 * rooms


def test_what_marks_cost_is_said_and_all_can_be_chosen(priced: FakeServer) -> None:
    at = with_keys()
    assert "AI marks the explanations in " in texts(at)
    at.button(key="mark_all_rooms").click().run()
    assert "AI marks the explanations in all 54 rooms" in texts(at)
    at.button(key="mark_fewer_rooms").click().run()
    assert "in all 54 rooms" not in texts(at)
