"""Everything that a command prints in a test is kept, as `tests.approved` says."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.approved import Approved
from tests.cli.command import TOLD

_PROGRESS = re.compile(r"^\d+ of \d+ (?:done|judged).*\n", re.M)  # what is printed when is by chance


@pytest.fixture(autouse=True)
def output_seen(approved: Approved, the_same_chance: None) -> Iterator[None]:
    TOLD.clear()
    yield
    for text in TOLD:
        approved.add(_PROGRESS.sub("", text))
