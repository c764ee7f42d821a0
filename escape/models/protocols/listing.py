"""Which models a key gives access to, read from the provider; also the free way to test a key. Caches nothing."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import ClassVar, Protocol, TypeVar

from pydantic import AliasChoices, Field

from escape.errors import ModelError, scrub
from escape.models.protocols.wire import Wire
from escape.schema import ModelSpec

MAX_LISTED = 5000  # real providers list a few hundred at most
MAX_NAME_LENGTH = 200


class Listed(Wire):
    """One model in a provider's list. `leaves` is its shutdown date, if one is announced."""

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
        return f"{self.id} (shuts down on {scrub(self.leaves[:10])})" if self.leaves else self.id


class _Page(Wire):
    data: tuple[Listed, ...]


W = TypeVar("W", bound=Wire)


class Lists(Protocol):
    """A model whose provider can list its models, such as SdkModel."""

    spec: ModelSpec
    models_path: ClassVar[str]

    async def fetch(self, path: str) -> bytes: ...  # noqa: D102
    def read(self, content: bytes, kind: type[W]) -> W: ...  # noqa: D102
    def redact(self, text: str) -> str: ...  # noqa: D102


async def available(model: Lists) -> list[Listed]:
    """The provider's list, sorted by name, without entries that cannot be names. One free call. Raises ModelError."""
    page = model.read(await model.fetch(model.models_path), _Page)
    # a server may send anything, even the key that was sent to it: skip whatever is not a plain name
    named = [
        m for m in page.data[:MAX_LISTED] if len(m.id) <= MAX_NAME_LENGTH and scrub(model.redact(m.id)) == m.id.strip()
    ]
    return sorted(named, key=lambda m: m.id)


async def nearest(model: Lists) -> str:
    """`; the closest names are: ...`, for a model that does not exist; empty if the list cannot be read."""
    try:
        listed = await available(model)
    except ModelError:
        return ""
    found = near([m.id for m in listed], model.spec.model)
    return f"; the closest names are: {', '.join(found)}" if found else ""


def near(names: Sequence[str], wanted: str) -> list[str]:
    """Up to three names similar to `wanted`."""
    begun = [n for n in names if n.startswith(wanted) or wanted.startswith(n)]
    return list(dict.fromkeys([*begun, *get_close_matches(wanted, names, 3, 0.5)]))[:3]
