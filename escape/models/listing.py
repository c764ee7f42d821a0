"""Which models a key may ask, read from the provider; also the free way to test a key. Nothing is remembered."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

from pydantic import AliasChoices, BaseModel, ConfigDict, Field

from escape.errors import ModelError
from escape.models.sdk import SdkModel


class Listed(BaseModel):
    """One model of a provider's list. `leaves` is the day it is shut down, where one is announced."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str
    leaves: str = Field(
        "",
        validation_alias=AliasChoices(
            "shutdown_date", "deprecation_date", "deprecation", "retirement_date", "expires_at"
        ),
    )

    @property
    def label(self) -> str:
        """For menus."""
        return f"{self.id} (leaves on {self.leaves[:10]})" if self.leaves else self.id


class _Page(BaseModel):
    model_config = ConfigDict(extra="ignore")

    data: list[Listed]


async def available(model: SdkModel[Any]) -> list[Listed]:
    """The provider's list, by name. One free call. Raises ModelError."""
    raw = await model.fetch(model.models_path)
    return sorted(_Page.model_validate_json(raw).data, key=lambda m: m.id)


async def nearest(model: SdkModel[Any]) -> str:
    """`; did you mean ...?` for a model that does not exist, empty where the list cannot be read."""
    try:
        listed = await available(model)
    except (ModelError, ValueError):
        return ""
    found = near([m.id for m in listed], model.spec.model)
    return f"; the nearest there are: {', '.join(found)}" if found else ""


def near(names: Sequence[str], wanted: str) -> list[str]:
    """Up to three names like the one that was asked for."""
    begun = [n for n in names if n.startswith(wanted) or wanted.startswith(n)]
    return list(dict.fromkeys([*begun, *get_close_matches(wanted, names, 3, 0.5)]))[:3]
