"""Watch on the page: opened beside an answer, frame by frame, played by a clock, and taken away."""

import pytest
from streamlit.testing.v1 import AppTest

from tests.ui.test_page import choose, open_tab, opened, press_run, texts


def watched() -> tuple[AppTest, str]:
    at = open_tab(press_run(choose(opened(), "demo:hasty")), "Answers")
    key = next(b.key for b in at.button if b.key and b.key.startswith("watch_")).removeprefix("watch_")
    return at.button(key=f"watch_{key}").click().run(), key


def test_it_opens_at_the_frame_that_was_lost_and_goes_back_and_on() -> None:
    at, key = watched()
    number = at.session_state[f"watched_{key}"]
    assert "esc-frame" in texts(at)
    if number == 1:
        assert at.button(key=f"back_{key}").disabled
        at.button(key=f"next_{key}").click().run()
        assert at.session_state[f"watched_{key}"] == 2
        at.button(key=f"back_{key}").click().run()
    else:
        at.button(key=f"back_{key}").click().run()
        assert at.session_state[f"watched_{key}"] == number - 1
    assert not at.exception


@pytest.mark.proof
def test_playing_goes_on_by_the_clock_to_the_last_frame_and_stops() -> None:
    at, key = watched()
    at.session_state[f"watched_{key}"] = 1
    at.button(key=f"play_{key}").click().run()
    for _ in range(20):  # ticks of the clock
        at.run()
    assert at.session_state[f"watched_{key}"] > 1
    assert at.button(key=f"next_{key}").disabled
    assert at.button(key=f"play_{key}").label == "Play"
    assert not at.exception


def test_a_second_press_closes_it() -> None:
    at, key = watched()
    at.button(key=f"watch_{key}").click().run()
    assert '<div class="esc-frame">' not in texts(at)
