"""The page with a hard set beside its puzzles: chosen by itself, offered under Play and Puzzles, in no default."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from escape.puzzles import files
from tests.ui.test_page import finish, live, open_tab, opened, texts

ROOMS, HARD = ("FLUID_001", "UV_001"), ("HARD_HEAT_001", "HARD_MAG_001")


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    (tmp_path / "hard").mkdir()
    for name in ROOMS:
        shutil.copy(files.BUNDLED / f"{name}.json", tmp_path)
    for name in HARD:
        shutil.copy(files.BUNDLED / "hard" / f"{name}.json", tmp_path / "hard")
    monkeypatch.setenv("ESCAPE_PUZZLES", str(tmp_path))
    return opened()


def choose(at: AppTest, name: str) -> AppTest:
    at.selectbox(key="puzzle_set").set_value(name).run()
    assert not at.exception
    return at


def test_the_page_opens_on_the_other_rooms_and_takes_the_hard_ones_only_if_chosen(page: AppTest) -> None:
    assert live(page).run().config.problem_ids == ROOMS
    offered = page.selectbox(key="puzzle_set").options
    assert offered[:2] == ["All (2)", "Hard, a set of their own (2)"]
    assert not [o for o in offered if o.startswith("Heat")]  # no family takes one in passing
    choose(page, "hard")
    assert not page.multiselect(key="players").value
    assert "The demo players have no answer for The tight pin and 1 more." in texts(page)
    page.multiselect(key="players").set_value(["control:reference"]).run()
    page.button(key="run").click().run()
    run = live(finish(page)).run()
    assert run.config.problem_ids == HARD
    assert [r.outcome.out for r in run.results if r.outcome] == [True, True]


def test_a_hard_room_is_played_and_read_under_a_name_that_says_so(page: AppTest) -> None:
    open_tab(page, "Play")
    assert page.selectbox(key="play_room").options[-2:] == ["Hard: The tight pin", "Hard: The third of a second"]
    page.selectbox(key="play_room").set_value("HARD_HEAT_001").run()
    page.text_input(key="play_line").set_value("pour: green flask -> basin")
    next(b for b in page.button if b.label == "Do this move").click().run()
    assert "37.5 °C" in texts(page)
    open_tab(page, "Make a room")
    assert "Hard: The tight pin" in page.selectbox(key="read_puzzle").options
    assert "2 are hard, and a set of their own." in texts(page)
