"""Which models a key gives access to, as the provider lists them; also the free way to test a key."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

from pydantic import model_validator

from escape.models.protocols.wire import Wire
from escape.types import scrub

MAX_LISTED = 5000  # real providers list a few hundred at most
MAX_NAME_LENGTH = 200
ENDS = ("shutdown_date", "deprecation_date", "deprecation", "retirement_date", "expires_at")


class Listed(Wire):
    """One model in a provider's list. `leaves` is its shutdown date, if one is announced."""

    id: str
    leaves: str = ""

    @model_validator(mode="before")
    @classmethod
    def _announced(cls, told: Any) -> Any:
        """The first date under any of these names: some servers write null or a number where none is announced."""
        if not isinstance(told, dict):
            return told
        dates = (told.get(name) for name in ENDS)
        return {"id": told.get("id"), "leaves": next((d for d in dates if d and isinstance(d, str)), "")}

    @property
    def label(self) -> str:
        return f"{self.id} (shuts down on {scrub(self.leaves[:10])})" if self.leaves else self.id


class Page(Wire):
    data: tuple[Listed, ...]


def near(names: Sequence[str], name: str) -> list[str]:
    by_beginning = [n for n in names if n.startswith(name) or name.startswith(n)]
    return list(dict.fromkeys([*by_beginning, *get_close_matches(name, names, 3, 0.5)]))[:3]
