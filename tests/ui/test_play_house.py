"""Playing a house on the page: who is in the day's house at midnight stays in it."""

from __future__ import annotations

import pytest

from escape.ui.setup import generated
from tests.ui.test_page import open_tab, opened, texts


@pytest.mark.usefixtures("the_five")
def test_who_is_in_the_house_of_the_day_at_midnight_stays_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generated, "today", lambda: "2026-01-01")
    page = open_tab(opened(), "Play")
    page.selectbox(key="play_room").set_value("H1-8-2026-01-01-1").run()
    assert "Room 1 of 8" in texts(page)
    monkeypatch.setattr(generated, "today", lambda: "2026-01-02")
    page.run()
    assert not page.exception
    assert page.selectbox(key="play_room").options[:2] == [
        "House of the day, 8 doors",
        "House of 2026-01-01, 8 doors",
    ]
    assert page.selectbox(key="play_room").value == "H1-8-2026-01-01-1"
    assert "Room 1 of 8" in texts(page)
