"""Tests of the page have a store of their own, and the same chance and day every time."""

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime import context
from streamlit.testing.v1 import local_script_runner
from streamlit.testing.v1.local_script_runner import LocalScriptRunner

from escape.ui.play import call_it


@pytest.fixture(autouse=True)
def the_same_day(the_same_chance: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(call_it, "today", lambda: "2026-11-30")


@pytest.fixture(autouse=True)
def a_light_app_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spare AppTest what takes most of its time.

    For each page it reads the metadata of all installed packages, asks a mock of the server for headers that
    no visitor sent, and looks a thousand times a second for the end.
    """
    monkeypatch.setattr(manifest_scanner, "scan_component_manifests", list)
    monkeypatch.setattr(context, "_get_client_context", lambda: None)
    monkeypatch.setattr(local_script_runner, "require_widgets_deltas", wait)


def wait(runner: LocalScriptRunner, timeout: float) -> None:
    assert runner._script_thread
    runner._script_thread.join(timeout)
    if not runner.script_stopped():
        runner.request_stop()
        raise RuntimeError(f"the page took longer than {timeout} s")
