"""The parts of a model: its spec, its key, its address. A key is a secret string and never part of a spec."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import SecretStr

from escape.types import ModelSpec

ApiKey = SecretStr | None
ApiKeys = Mapping[tuple[str, str], SecretStr]  # by (provider, address): a typed key belongs to one address


@dataclass(frozen=True)
class Parts:
    """A model's spec, key and address. `public_only`: refuse addresses that are not public."""

    spec: ModelSpec
    key: ApiKey
    address: str | None
    public_only: bool = False
