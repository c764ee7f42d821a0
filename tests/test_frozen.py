"""Runs, prompts, tables, what seeds make and published sites stay as they are, byte by byte, unless that is meant."""

from __future__ import annotations

import json

import pytest

from tests.frozen import HASHES, hashes

pytestmark = pytest.mark.proof


def test_nothing_that_is_kept_has_changed() -> None:
    """If a change is meant, `python -m tests.frozen` writes the hashes anew, in a commit of its own."""
    kept, now = json.loads(HASHES.read_text("utf-8")), hashes()
    assert {name for name in {*kept, *now} if kept.get(name) != now.get(name)} == set()
