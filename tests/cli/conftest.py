"""Commands have a store of their own, and the same chance every time."""

import pytest


@pytest.fixture(autouse=True)
def same_chance(the_same_chance: None) -> None:
    """For every test of a command."""
