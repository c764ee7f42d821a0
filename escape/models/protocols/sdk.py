"""Shared by the SDK adapters: late import, one call per prompt, replies, fields that a server refuses."""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Coroutine, Mapping
from operator import attrgetter
from types import ModuleType
from typing import TYPE_CHECKING, ClassVar, Protocol, TypeVar

from pydantic import ValidationError

from escape.intake import NotJsonError, validated
from escape.models.network import fast_client, public_client
from escape.models.parts import Parts
from escape.models.protocols.failures import error_inside, error_text, model_error, web_page
from escape.models.protocols.listing import MAX_LISTED, MAX_NAME_LENGTH, Listed, Page, near
from escape.models.protocols.wire import AnnouncedLimit, Request, Wire, announced_limits, spacing_s
from escape.types import Answer, FailureKind, ModelError, Prompt, redact, scrub

if TYPE_CHECKING:
    import httpx2

T = TypeVar("T")
W = TypeVar("W", bound=Wire)


class Client(Protocol):
    async def close(self) -> None:
        """Release the connections."""

    async def get(
        self, path: str, *, cast_to: type[httpx2.Response], options: Mapping[str, object] = ...
    ) -> httpx2.Response:
        """Send a GET request."""

    async def post(
        self, path: str, *, cast_to: type[httpx2.Response], body: Request, options: Mapping[str, object] = ...
    ) -> httpx2.Response:
        """Post a finished body through the SDK's low-level method, which does not traverse it again."""


class SdkModel(ABC):
    """One model behind an SDK. `left_out` remembers the fields that its server refused."""

    sdk_name: ClassVar[str]
    client_name: ClassVar[str]
    models_path: ClassVar[str]
    owners_headers: ClassVar[tuple[str, ...]] = ()  # which the SDK adds from the environment

    def __init__(self, parts: Parts) -> None:
        self.spec = parts.spec
        self.left_out: set[str] = set()
        self._public_only = parts.public_only
        self._address = parts.address
        self._secret = parts.key.get_secret_value() if parts.key else ""
        self._client: Client | None = None
        self._announced: list[AnnouncedLimit] = []  # by the newest reply

    @abstractmethod
    def request(self, prompt: Prompt) -> Request:
        """Build the fields of one call, without those in `left_out`."""

    @abstractmethod
    def adapt(self, words: str, request: Request) -> bool:
        """Adapt the next request to the server's `words`; return False if nothing is left to change."""

    @abstractmethod
    def path(self, request: Request) -> str:
        """Choose the path of a request, below the address."""

    @abstractmethod
    def answer(self, request: Request, content: bytes, headers: Mapping[str, str]) -> Answer:
        """Read a reply. Raises ModelError for a web page, an error inside, or nonsense."""

    async def send(self, request: Request) -> Answer:
        """Make one call and read its reply. Raises ModelError, or the SDK's own errors unconverted."""
        import httpx2

        client = await self.client()
        reply = await client.post(self.path(request), cast_to=httpx2.Response, body=request)
        self._announced = list(announced_limits(reply.headers))
        return self.answer(request, reply.content, reply.headers)

    async def complete(self, prompt: Prompt) -> Answer:
        """Ask once (again only if the server refused a field), within the time for one call.

        Raises ModelError.
        """
        await self.client()  # the import takes a second, which must not count as the provider's latency
        prompt = prompt.model_copy(update={"system": self.spec.system(prompt)})
        began = time.monotonic()
        answer = await self._call(self._asked(prompt))
        return self.told(answer, time.monotonic() - began)

    async def _asked(self, prompt: Prompt) -> Answer:
        while True:
            request = self.request(prompt)
            try:
                return await self.converted(self.send(request))
            except ModelError as error:
                asked_wrongly = error.kind in {FailureKind.BAD_REQUEST, FailureKind.UNKNOWN_MODEL}
                if asked_wrongly and self.adapt(error.message.casefold(), request):
                    continue
                if error.kind is FailureKind.UNKNOWN_MODEL:
                    raise ModelError(error.kind, error.message + await self._nearest()) from None
                raise

    def told(self, answer: Answer, latency_s: float = 0.0) -> Answer:
        """Add latency and spacing to an answer, and remove the key in case the server sent it back."""
        changed: dict[str, object] = {"latency_s": latency_s, "spacing_s": spacing_s(self._announced, answer)}
        if len(self._secret) >= 8:
            parts = {"text": answer.text, "reasoning": answer.reasoning, "model": answer.model}
            changed |= {k: clean for k, v in parts.items() if (clean := redact(v, self._secret)) != v}
            if answer.carried and self._secret in json.dumps(answer.carried, ensure_ascii=False):
                changed["carried"] = {}
        return answer.model_copy(update=changed)

    def read(self, kind: type[W], content: bytes, headers: Mapping[str, str]) -> W:
        """Parse the parts of a reply that we read. Raises ModelError."""
        try:
            return validated(kind, content)
        except (ValidationError, NotJsonError):
            if content.lstrip()[:1] == b"<":
                raise web_page(200) from None
            raise self.inside(content, headers, FailureKind.MALFORMED) from None

    def inside(
        self, content: bytes, headers: Mapping[str, str], otherwise: FailureKind = FailureKind.OVERLOADED
    ) -> ModelError:
        """Build the error inside a reply with status 200. `otherwise`: the kind if words are unknown."""
        return error_inside(content, self._secret, headers) or ModelError(
            otherwise, error_text(otherwise, "")
        )

    async def available(self) -> list[Listed]:
        """List the provider's models by name, without entries that are not plain names.

        One free call. Raises ModelError.
        """
        import httpx2

        client = await self.client()
        reply = await self._call(client.get(self.models_path, cast_to=httpx2.Response))
        # a server may send anything, even the key that was sent to it: skip whatever is not a plain name
        listed = [
            m
            for m in self.read(Page, reply.content, reply.headers).data[:MAX_LISTED]
            if len(m.id) <= MAX_NAME_LENGTH and scrub(redact(m.id, self._secret)) == m.id.strip()
        ]
        return sorted(listed, key=attrgetter("id"))

    async def _nearest(self) -> str:
        """Suggest names for a model that does not exist: `; the closest names are: ...`.

        Empty if the list cannot be read or nothing is close.
        """
        try:
            names = near([m.id for m in await self.available()], self.spec.model)
        except ModelError:
            return ""
        return f"; the closest names are: {', '.join(names)}" if names else ""

    async def _call(self, work: Coroutine[None, None, T]) -> T:
        """Run work within the time limit of one call. Raises ModelError."""
        try:
            async with asyncio.timeout(self.spec.timeout_s):
                return await self.converted(work)
        except TimeoutError:
            raise ModelError(FailureKind.TIMEOUT, error_text(FailureKind.TIMEOUT, "")) from None

    async def converted(self, work: Awaitable[T]) -> T:
        """Await work with the SDK and convert its errors to ModelErrors."""
        try:
            return await work
        except ModelError:
            raise
        except Exception as raised:
            if isinstance(raised.__cause__, ModelError):  # raised below the SDK, by network.py
                raise raised.__cause__ from None
            raise model_error(raised, importlib.import_module(self.sdk_name), self._secret) from None

    def _headers(self, sdk: ModuleType) -> dict[str, object]:
        """Suppress the headers that the SDK adds from the environment.

        They are meant for the SDK's own provider, with the environment's own key, and go nowhere else.
        """
        owners = self._secret == os.environ.get(f"{self.sdk_name.upper()}_API_KEY", "")
        if owners and self.spec.provider == self.sdk_name and self.spec.base_url is None:
            return {}
        custom = os.environ.get(f"{self.sdk_name.upper()}_CUSTOM_HEADERS", "")
        names = [line.partition(":")[0].strip() for line in custom.splitlines() if ":" in line]
        return dict.fromkeys([*self.owners_headers, *names], sdk.Omit())

    async def client(self) -> Client:
        if self._client is None:
            # in a thread, so that other visitors' runs continue meanwhile
            sdk = await asyncio.to_thread(importlib.import_module, self.sdk_name)
            if self._client is None:
                limit = self.spec.timeout_s
                self._client = getattr(sdk, self.client_name)(
                    api_key=self._secret or "none",
                    base_url=self._address,
                    timeout=limit,
                    max_retries=0,
                    http_client=public_client(limit) if self._public_only else fast_client(sdk, limit),
                    default_headers=self._headers(sdk),
                )
        return self._client

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()
