"""Tests of the page have a store of their own, and the same chance and day every time."""

import pytest

from escape.ui.play import call_it


@pytest.fixture(autouse=True)
def the_same_day(the_same_chance: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(call_it, "today", lambda: "2026-11-30")
