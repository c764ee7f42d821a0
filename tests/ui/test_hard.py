"""The page with a hard set beside its puzzles: chosen by itself, offered under Play and Puzzles, in no default."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from escape.puzzles import files
from tests.ui.test_page import choose, finish, live, open_tab, opened, texts

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


def test_the_page_opens_on_other_rooms_and_takes_hard_ones_if_chosen(page: AppTest) -> None:
    assert live(page).run().config.problem_ids == ROOMS
    choose(page, "demo:careful")
    assert [c.label for c in page.checkbox if (c.key or "").startswith("set_")] == ["rooms (2)", "hard (2)"]
    page.checkbox(key="set_hard").check().run()
    page.checkbox(key="set_rooms").uncheck().run()
    assert "demo:careful has no answer for The third of a second and 1 more" in texts(page)
    assert page.button(key="run").disabled
    choose(page, "control:reference").button(key="run").click().run()
    run = live(finish(page)).run()
    assert set(run.config.problem_ids) == set(HARD)
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
