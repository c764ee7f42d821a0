"""Codes and words by which people come into a class."""

import secrets

from escape.store import ClassRow

DAY_S = 86_400.0
# for class codes; without letters that look alike: I L O 0 1
LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # pragma: allowlist secret
CODE = 6


def joins_of(row: ClassRow) -> str:
    """Build the key under which joins with a class's present code are counted."""
    return f"join {row.joining}"


def new_passphrase() -> str:
    """Make a random word to come back with, one of 80 to the power of 7."""
    return "".join(secrets.choice("bdfghklmnprstvwz") + secrets.choice("aeiou") for _ in range(7))


def new_code() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(CODE))
