"""What the two SDK adapters share: late connection, one call a prompt, leaving out what a server refuses."""

from __future__ import annotations

import asyncio
import importlib
import time
from abc import ABC, abstractmethod
from types import ModuleType
from typing import ClassVar, Generic, Protocol, TypeVar

from pydantic import JsonValue, SecretStr

from escape.errors import Kind, ModelError
from escape.models.faults import model_error
from escape.schema import Answer, ModelSpec, Prompt

Request = dict[str, JsonValue]


class Client(Protocol):
    """What both SDKs' clients have."""

    async def close(self) -> None:
        """Give the connections back."""


C = TypeVar("C", bound=Client)


class SdkModel(ABC, Generic[C]):
    """One model behind an SDK. `left_out` remembers the fields that its server refused."""

    sdk_name: ClassVar[str]

    def __init__(self, spec: ModelSpec, key: SecretStr | None, base_url: str | None) -> None:
        self.spec = spec
        self.left_out: set[str] = set()
        self._key = key
        self._base_url = base_url
        self._client: C | None = None

    @abstractmethod
    def connect(self, sdk: ModuleType, key: str, base_url: str | None) -> C:
        """A client without retries of its own."""

    @abstractmethod
    def request(self, prompt: Prompt) -> Request:
        """The fields of one call, without those in `left_out`."""

    @abstractmethod
    def adapt(self, words: str, request: Request) -> bool:
        """Whether the same question may be taken with a field left out or renamed; the server's `words` say which."""

    @abstractmethod
    async def send(self, client: C, request: Request) -> Answer:
        """One call, its reply read."""

    async def complete(self, prompt: Prompt) -> Answer:
        """Ask once (again only where the server refused a field). Raises ModelError."""
        client = self._client or await self._connected()
        began = time.monotonic()
        while True:
            request = self.request(prompt)
            try:
                async with asyncio.timeout(self.spec.timeout_s):
                    answer = await self.send(client, request)
            except ModelError:
                raise
            except Exception as raised:
                error = model_error(raised, importlib.import_module(self.sdk_name), self._secret)
                if error.kind is not Kind.BAD_REQUEST or not self.adapt(error.message.casefold(), request):
                    raise error from None
            else:
                return answer.model_copy(update={"latency_s": time.monotonic() - began})

    async def _connected(self) -> C:
        # the import takes up to a second: in a thread, so that other visitors' runs go on
        sdk = await asyncio.to_thread(importlib.import_module, self.sdk_name)
        self._client = self._client or self.connect(sdk, self._secret or "none", self._base_url)
        return self._client

    @property
    def _secret(self) -> str:
        return self._key.get_secret_value() if self._key else ""

    def cut_off(self) -> ModelError:
        """All tokens went into thinking: nothing to judge, and not an empty answer either."""
        return ModelError(
            Kind.CUT_OFF,
            f"the limit of {self.spec.max_tokens} tokens was used up before an answer "
            "came; allow more with --max-tokens or under More in the set-up",
        )

    async def close(self) -> None:
        """Give the connections back."""
        if self._client is not None:
            await self._client.close()
