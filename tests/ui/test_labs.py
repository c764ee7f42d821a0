"""Laboratories on the page: run without a key, played by hand."""

from __future__ import annotations

import pytest

from tests.ui.test_page import open_tab, opened, press_run, texts


@pytest.mark.proof
def test_a_run_of_laboratories_leads_with_how_far_the_best_experimenter_gets() -> None:
    at = opened()
    next(g for g in at.button_group if g.key == "kind").set_value("laboratories").run()
    at.number_input(key="laboratories_n").set_value(2).run()
    at.number_input(key="laboratories_doors").set_value(2).run()
    press_run(at)
    assert "experimenter opens 2 or more doors in the median" in texts(at)
    open_tab(at, "Answers")
    assert "on Laboratory 1 of" in texts(at)
    assert not at.exception


def test_a_laboratory_is_played_by_hand_to_its_end() -> None:
    at = open_tab(opened(), "Play")
    room = at.selectbox(key="play_room")
    room.set_value(next(o for o in room.proto.options if str(o).startswith("Laboratory"))).run()
    next(b for b in at.button if b.label.startswith("Measure (")).click().run()
    assert "8 measurements left" in texts(at)
    assert "Readings" in texts(at)
    at.button(key="play_give_up").click().run()
    assert "At work: door 1" in texts(at)
    assert not at.exception


def test_another_laboratory_begins_with_settings_of_its_own() -> None:
    at = open_tab(opened(), "Play")
    room = at.selectbox(key="play_room")
    room.set_value(next(o for o in room.proto.options if str(o).startswith("Laboratory"))).run()
    for _ in range(4):  # whatever apparatus comes first
        for slider in at.slider:
            slider.set_value(slider.max)
        next(b for b in at.button if b.label.startswith("Measure (")).click().run()
        assert not at.exception
        at.button(key="play_give_up").click().run()
        at.button(key="play_next").click().run()
        assert not at.exception
