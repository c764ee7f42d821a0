"""Prompts, requests, the CSV and outcomes stay as they are unless a change is meant: see `tests.frozen`. What is new,
such as the prompts of a new room, turns nothing red.
"""

from __future__ import annotations

import pytest

from tests.frozen import FOLDER, KEPT


@pytest.mark.parametrize("name", KEPT)
def test_nothing_frozen_has_changed(name: str) -> None:
    before = (FOLDER / f"{name}.txt").read_text("utf-8").splitlines()
    now = set("\n".join(KEPT[name]()).splitlines())
    gone = [line for line in before if line not in now]
    assert gone == [], "if this is meant: python -m tests.frozen, then look at the difference"
