"""Messages that may be shown: on one line, short, and without a key."""

from __future__ import annotations

import pytest

from escape.types import MAX_MESSAGE_LENGTH, redact, scrub

KEY = "acme-Ab12Cd34"


@pytest.mark.parametrize("said", [KEY, KEY.upper(), "Ab12Cd34", "ab12cd34"])
def test_a_secret_is_taken_out_however_it_is_written(said: str) -> None:
    assert redact(f"key {said}!", KEY) == "key [key]!"


def test_a_short_secret_goes_but_not_the_rest_without_its_prefix() -> None:
    assert redact("my pw-tree in a tree", "pw-tree") == "my [key] in a tree"
    assert redact("a tree", "tre") == "a tree"  # under four characters it could be anything
    assert redact("a tree", "tree") == "a [key]"


def test_a_message_is_one_line_of_bounded_length_without_keys() -> None:
    assert scrub("a\n  b\tc") == "a b c"
    assert scrub("x" * 39) == "x" * 39
    full = " ".join(["word"] * 60)  # 299 characters
    assert (scrub(full), len(scrub(full + " wo"))) == (full, MAX_MESSAGE_LENGTH)
    assert scrub(full + "y") == full + "y"
    assert scrub(full + "yz").endswith("…")
    assert scrub(f"not {KEY} but", KEY) == "not [key] but"
    for shaped in (
        "sk-abcdef123",
        "sk-ant-api03-abcdefgh",
        "sk-proj-****1234",  # what is left of one
        "gsk_abcdefghijk",
        "AIzaSyA-1234567",
        "Bearer abc",
        "a" * 40,
    ):
        assert scrub(f"it was {shaped}") == "it was [key]", shaped
    assert scrub("one " * 10 * MAX_MESSAGE_LENGTH + KEY, KEY).count("[key]") == 0  # what lies beyond is not shown
