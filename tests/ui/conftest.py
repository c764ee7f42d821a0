"""Tests of the page have a store of their own, and the same chance and day every time."""

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime import context

from escape.ui.play import call_it


@pytest.fixture(autouse=True)
def the_same_day(the_same_chance: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(call_it, "today", lambda: "2026-11-30")


@pytest.fixture(autouse=True)
def a_light_app_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spare AppTest what takes most of its time: each reads the metadata of all installed packages for
    components, and asks a mock of the server for headers that no visitor sent.
    """
    monkeypatch.setattr(manifest_scanner, "scan_component_manifests", list)
    monkeypatch.setattr(context, "_get_client_context", lambda: None)
