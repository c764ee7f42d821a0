"""What the two SDK adapters share: late connection, one call a prompt, leaving out what a server refuses."""

from __future__ import annotations

import asyncio
import importlib
import os
import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from functools import partial
from types import ModuleType
from typing import TYPE_CHECKING, ClassVar, Generic, Protocol, TypeVar

from pydantic import JsonValue, SecretStr

from escape.errors import Kind, ModelError
from escape.models.faults import model_error
from escape.models.network import public_client
from escape.schema import Answer, ModelSpec, Prompt

if TYPE_CHECKING:
    import httpx2

Request = dict[str, JsonValue]
T = TypeVar("T")


class Client(Protocol):
    """What both SDKs' clients have."""

    async def close(self) -> None:
        """Give the connections back."""

    async def get(self, path: str, *, cast_to: type[httpx2.Response]) -> httpx2.Response:
        """Read a path."""


C = TypeVar("C", bound=Client)


class SdkModel(ABC, Generic[C]):
    """One model behind an SDK. `left_out` remembers the fields that its server refused."""

    sdk_name: ClassVar[str]
    models_path: ClassVar[str]

    def __init__(
        self, spec: ModelSpec, key: SecretStr | None, base_url: str | None, *, public_only: bool = False
    ) -> None:
        self.spec = spec
        self.public_only = public_only
        self.left_out: set[str] = set()
        self._key = key
        self._base_url = base_url
        self._client: C | None = None

    @abstractmethod
    def connect(self, sdk: ModuleType, key: str, base_url: str | None) -> C:
        """A client without retries of its own, and with `self.http()` where that is not None."""

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
        began = time.monotonic()
        while True:
            request = self.request(prompt)
            try:
                answer = await self._call(partial(self._sent, request))
            except ModelError as error:
                if error.kind is Kind.BAD_REQUEST and self.adapt(error.message.casefold(), request):
                    continue
                if error.kind is Kind.UNKNOWN_MODEL:
                    from escape.models.listing import nearest

                    raise ModelError(error.kind, error.message + await nearest(self)) from None
                raise
            told = {"latency_s": time.monotonic() - began}
            return answer.model_copy(update=told | self._unsaid(answer))

    def _unsaid(self, answer: Answer) -> dict[str, str]:
        """What of an answer must be changed because a server sent the key back in it."""
        secret = self._secret
        parts = {"text": answer.text, "reasoning": answer.reasoning, "model": answer.model}
        return {k: v.replace(secret, "[key]") for k, v in parts.items() if len(secret) >= 8 and secret in v}

    async def _sent(self, request: Request, client: C) -> Answer:
        return await self.send(client, request)

    async def fetch(self, path: str) -> bytes:
        """What the provider says at a path, as it came. Raises ModelError."""
        import httpx2

        async def get(client: C) -> bytes:
            reply: httpx2.Response = await client.get(path, cast_to=httpx2.Response)
            return reply.content

        return await self._call(get)

    async def _call(self, act: Callable[[C], Awaitable[T]]) -> T:
        client = self._client or await self._connected()
        try:
            async with asyncio.timeout(self.spec.timeout_s):
                return await act(client)
        except ModelError:
            raise
        except Exception as raised:
            if isinstance(raised.__cause__, ModelError):  # raised below the SDK, by network.py
                raise raised.__cause__ from None
            raise model_error(raised, importlib.import_module(self.sdk_name), self._secret) from None

    def without_owners_headers(self, sdk: ModuleType, *names: str) -> dict[str, object]:
        """The SDKs add headers from the environment to every call; to a visitor's address they must not go."""
        if self.spec.base_url is None:
            return {}
        custom = os.environ.get(f"{self.sdk_name.upper()}_CUSTOM_HEADERS", "")
        own = [line.partition(":")[0].strip() for line in custom.splitlines() if ":" in line]
        return dict.fromkeys([*names, *own], sdk.Omit())

    def http(self) -> httpx2.AsyncClient | None:
        """The HTTP client to use, None for the SDK's own."""
        return public_client(self.spec.timeout_s) if self.public_only else None

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
