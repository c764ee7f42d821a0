"""The chat models that a key gives access to, as the provider lists them.

Listing them is also the free way to test a key.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Any

from pydantic import model_validator

from escape.models.protocols.wire import Wire
from escape.types import scrub

MAX_LISTED = 5000  # real providers list a few hundred at most
MAX_NAME_LENGTH = 200
ENDS = ("shutdown_date", "deprecation_date", "deprecation", "retirement_date", "expires_at")


# What the names of models hold that no chat is held with, for the providers that do not say it of a model
# themselves.
NO_CHAT = re.compile(
    r"dall-e|image|sora|whisper|tts|audio|realtime|transcri|speech|voice|embed|moderation|babbage|davinci|lyria|veo-|aqa"
    r"|3\.5-turbo-instruct|rerank|guard|ocr|flux|diffusion|deep-research|computer-use|codex|^(o\d|gpt-[\d.]+)-pro"
    r"|robotics|bge-|e5-"
)


class Listed(Wire):
    """A model in a provider's list.

    `leaves`: shutdown date, "" if none. `created`: Unix seconds, 0 if unknown. `chats`: whether the provider
    says that it is for chat, None if it does not say.
    """

    id: str
    leaves: str = ""
    created: float = 0.0
    chats: bool | None = None

    @model_validator(mode="before")
    @classmethod
    def _announced(cls, listed: Any) -> Any:
        """Read fields for which servers use several names.

        Null or a number may take the place of a shutdown date; it counts as none.
        """
        if not isinstance(listed, dict):
            return listed
        dates = (listed.get(name) for name in ENDS)
        return {
            "id": listed.get("id"),
            "leaves": next((d for d in dates if d and isinstance(d, str)), ""),
            "created": _timestamp(listed.get("created") or listed.get("created_at")),
            "chats": _says_chat(listed),
        }

    @property
    def chat(self) -> bool:
        """True if it can be asked in a chat: as its provider says, else by its name."""
        return not NO_CHAT.search(self.id.casefold()) if self.chats is None else self.chats

    @property
    def label(self) -> str:
        return f"{self.id} (shuts down on {scrub(self.leaves[:10])})" if self.leaves else self.id


def _timestamp(date: Any) -> float:
    if isinstance(date, int | float) and 0 < date < 1e11:
        return float(date)
    try:
        when = datetime.fromisoformat(date) if isinstance(date, str) else None
    except ValueError:
        when = None
    return when.replace(tzinfo=when.tzinfo or UTC).timestamp() if when else 0.0


def _says_chat(listed: dict[str, Any]) -> bool | None:
    """Read whether Mistral, Together or OpenRouter offer a model for chat. None for other providers."""
    can, kind, shape = listed.get("capabilities"), listed.get("type"), listed.get("architecture")
    if isinstance(can, dict) and isinstance(can.get("completion_chat"), bool):
        return bool(can["completion_chat"])
    if isinstance(shape, dict) and isinstance(shape.get("output_modalities"), list):
        return bool(shape["output_modalities"] == ["text"])
    return kind in ("chat", "language", "code") if isinstance(kind, str) and kind != "model" else None


class Page(Wire):
    data: tuple[Listed, ...]


def near(names: Sequence[str], name: str) -> list[str]:
    by_beginning = [n for n in names if n.startswith(name) or name.startswith(n)]
    return list(dict.fromkeys([*by_beginning, *get_close_matches(name, names, 3, 0.5)]))[:3]
