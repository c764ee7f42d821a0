"""Instructions as another player: added, asked with, recorded, kept, and unseen by the judge."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from escape.results import card, csv
from escape.results.ranking import usual
from escape.runs import BACKGROUND, archive
from tests.fake_server import FakeServer
from tests.small_runs import dumps
from tests.ui.test_page import KEY, ROOT, finish, live, open_tab, opened, texts

WORDS = "Check each move twice before you write it."


@pytest.fixture
def page(both_apis: FakeServer) -> AppTest:
    at = open_tab(AppTest.from_file(str(ROOT / "app.py"), default_timeout=30).run(), "Test models")
    at.text_input(key="key_openai").set_value(KEY).run()
    return at.multiselect(key="players").set_value(["openai:gpt-4o-mini"]).run()


def added(at: AppTest, name: str = "careful", words: str = WORDS) -> AppTest:
    at.text_input(key="instructions_name").set_value(name).run()
    at.text_area(key="instructions_text").set_value(words).run()
    return at.button(key="add_instructions").click().run()


@pytest.mark.proof
def test_a_model_plays_once_more_with_instructions_that_its_record_holds(
    page: AppTest, both_apis: FakeServer
) -> None:
    added(page)
    assert page.multiselect(key="players").value == ["openai:gpt-4o-mini", "openai:gpt-4o-mini + careful"]
    page.button(key="run").click().run()
    finish(page, 60)
    run = live(page).run()
    assert [p.instructions for p in run.config.players] == ["", WORDS]
    sent = [json.dumps(body) for body in both_apis.requests]
    asked, marked = (
        [s for s in sent if ("THE ANSWER, between" in s) is is_mark] for is_mark in (False, True)
    )
    assert marked
    assert 0 < sum(WORDS in s for s in asked) < len(asked)
    assert not any(WORDS in s or "careful" in s for s in marked)
    assert WORDS in dumps(run)
    assert WORDS in card.page(run, usual(run))
    assert {row["instructions"] for row in csv.rows(run)} == {None, WORDS}
    open_tab(page, "Results")
    assert "gpt-4o-mini + careful" in texts(page)


def test_both_can_be_told_apart_and_stay_when_something_else_is_changed(page: AppTest) -> None:
    added(page)
    both = ["openai:gpt-4o-mini", "openai:gpt-4o-mini + careful"]
    field = page.multiselect(key="players")
    labels = [label for label in field.options if label.startswith("gpt-4o-mini ")]
    assert len(labels) == len({*labels}) == 2
    page.checkbox(key="marks").uncheck().run()
    page.number_input(key="repeats").set_value(2).run()
    assert page.multiselect(key="players").value == both


def test_instructions_are_kept_on_the_shelf_and_taken_up_again(page: AppTest) -> None:
    added(page)
    shelf = page.session_state["escape"].shelf
    archive.save_changes(shelf, now=True)
    BACKGROUND.__init__()  # type: ignore[misc]
    again = open_tab(opened(mine=shelf.code), "Test models")
    again.text_input(key="key_openai").set_value(KEY).run()
    again.multiselect(key="players").set_value(["openai:gpt-4o"]).run()
    again.selectbox(key="instructions_kept").set_value("careful").run()
    assert again.text_area(key="instructions_text").value == WORDS
    again.button(key="add_instructions").click().run()
    assert "openai:gpt-4o + careful" in again.multiselect(key="players").value


@pytest.mark.parametrize(("name", "words"), [("", WORDS), ("careful", ""), ("<b>", WORDS)])
def test_what_cannot_be_added_is_said_and_nothing_is_lost(page: AppTest, name: str, words: str) -> None:
    added(page, name, words)
    assert page.multiselect(key="players").value == ["openai:gpt-4o-mini"]
    assert "instructions" in texts(page)
    assert page.text_area(key="instructions_text").value == words
    assert not page.exception


def test_without_a_model_there_is_nothing_to_instruct() -> None:
    at = open_tab(AppTest.from_file(str(ROOT / "app.py"), default_timeout=30).run(), "Test models")
    assert "add_instructions" not in [b.key for b in at.button]
