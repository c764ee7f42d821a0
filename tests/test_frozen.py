"""Prompts, requests, the CSV and outcomes stay as they are unless a change is meant: see `tests.frozen`."""

from __future__ import annotations

import pytest

from tests.frozen import FOLDER, KEPT


@pytest.mark.parametrize("name", KEPT)
def test_nothing_frozen_has_changed(name: str) -> None:
    before = (FOLDER / f"{name}.txt").read_text("utf-8").splitlines()
    now = "\n".join(KEPT[name]()).splitlines()
    assert [*now] == before, "if this is meant: python -m tests.frozen, then look at the difference"
