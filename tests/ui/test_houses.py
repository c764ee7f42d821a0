"""The page with a run of houses on show: every tab draws and speaks of houses; a house is played to its end card."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from escape.environments import as_answer, attempt
from escape.environments import plans as attempts
from escape.ui.session import VIEWS
from escape.ui.setup import generated
from tests.ui.test_page import finish, live, open_saved, open_tab, opened, texts


@pytest.fixture
def page() -> AppTest:
    return opened()


def run_houses(at: AppTest) -> AppTest:
    at.segmented_control(key="kind").set_value("houses").run()
    at.number_input(key="houses_n").set_value(3).run()
    at.number_input(key="houses_doors").set_value(4).run()
    at.button(key="run").click().run()
    return finish(at)


@pytest.mark.proof
def test_every_tab_speaks_of_houses_when_a_run_of_houses_is_on_show(page: AppTest) -> None:
    run_houses(page)
    assert len(live(page).run().results) == 9
    said = {
        "Results": "doors in the median",
        "Answers": "of 4 doors opened",
        "Play": "Get out of a room yourself.",
        "Test models": "Run",
        "Make a room": "Houses are made by code",
    }
    assert set(said) == set(VIEWS)
    for view, words in said.items():
        open_tab(page, view)
        assert not page.exception
        assert words in texts(page), view


def test_the_example_of_houses_leads_with_its_sentence_and_its_curve(page: AppTest) -> None:
    open_saved(page).segmented_control(key="example").set_value("Houses").run()
    assert page.segmented_control(key="kind").value == "houses"  # so that Run goes on with what is on show
    assert not page.exception
    shown = texts(page)
    assert "careful opens" in shown
    assert shown.count("data:image/svg+xml;base64,") == 2  # for wide screens and for phones
    assert "a judge marks" not in shown


def test_people_are_offered_rooms_and_the_days_laboratory_and_no_houses(page: AppTest) -> None:
    open_tab(page, "Play")
    offered = page.selectbox(key="play_room").options
    assert offered[0].endswith(" · room of the day")
    assert offered[1].startswith("Laboratory of the day")
    assert not [name for name in offered if "House" in name]


def test_a_played_house_becomes_an_answer_that_is_read_the_same_way_again() -> None:
    puzzle = generated.of_the_day("houses")
    assert puzzle.house
    played = attempt(puzzle)
    for move in puzzle.house.way[:3]:
        played.do(move)
    again = attempts.outcome(puzzle, as_answer(puzzle, played.outcome, "It floats."))
    assert again is not None
    assert again.doors == played.outcome.doors
