"""From a failed call to a ModelError: the only module that knows HTTP status codes. Never waits."""

from __future__ import annotations

import email.utils
import time
from collections.abc import Iterator, Mapping
from types import ModuleType

from pydantic import JsonValue

from escape.errors import FailureKind, ModelError, scrub
from escape.intake import NotJsonError, read_json

WORDS = {
    FailureKind.RATE_LIMIT: "too many calls; the provider allows fewer per minute",
    FailureKind.OVERLOADED: "the provider is overloaded or failed; try again later",
    FailureKind.TIMEOUT: "no answer in time; try again, or allow more time with --timeout or under More in the set-up",
    FailureKind.CONNECTION: "the connection broke; check the network and the address",
    FailureKind.MALFORMED: "the server's reply could not be read; try again",
    FailureKind.BAD_KEY: "the key was refused; check that it is complete, active and from the right project",
    FailureKind.NO_CREDIT: "no credit left; add some at the provider (a ChatGPT or Claude plan is not API credit)",
    FailureKind.UNKNOWN_MODEL: "no such model for this key; check the name in the provider's list",
    FailureKind.BAD_REQUEST: "the provider refused the request",
    FailureKind.WRONG_ADDRESS: "the address returned a web page, not a reply; check the address (most end in /v1)",
}
BLOCKED = "the call was blocked by a proxy or firewall, not by the provider; check the network or the address"

_CREDIT = (
    "insufficient_quota",
    "credit balance",
    "billing",
    "exceeded your current quota",
    "insufficient balance",
    "payment required",
)
_NO_MODEL = (
    "model_not_found",
    "does not exist",
    "model not found",
    "not a valid model",
    "unknown model",
    "no such model",
)


def kind_of(status: int, text: str) -> FailureKind:
    """The kind of failure, from an HTTP status and the server's words."""
    text = text.casefold()
    if status == 404 or (status in {400, 403, 422} and "model" in text and any(w in text for w in _NO_MODEL)):
        return FailureKind.UNKNOWN_MODEL
    # a 429 that mentions quota and billing may be a limit per minute (Gemini); only these words are final
    if (
        status == 402
        or (status in {400, 403} and any(w in text for w in _CREDIT))
        or (status == 429 and any(w in text for w in ("insufficient_quota", "credit balance", "insufficient balance")))
    ):
        return FailureKind.NO_CREDIT
    if status in {401, 403} or (status == 400 and "api key" in text):
        return FailureKind.BAD_KEY
    if status == 429:
        return FailureKind.RATE_LIMIT
    if status in {408, 504}:
        return FailureKind.TIMEOUT
    if status >= 500 or status == 409:
        return FailureKind.OVERLOADED
    return FailureKind.BAD_REQUEST


def retry_after(headers: Mapping[str, str]) -> float | None:
    """How many seconds the server asks us to wait: retry-after-ms, or Retry-After in seconds or as a date."""
    try:
        if "retry-after-ms" in headers:
            return max(0.0, float(headers["retry-after-ms"]) / 1000)
        wish = headers.get("retry-after", "")
        if wish.replace(".", "", 1).isdigit():
            return float(wish)
        if wish and (date := email.utils.parsedate_to_datetime(wish)):
            return max(0.0, date.timestamp() - time.time())
    except (ValueError, TypeError, OverflowError):
        return None
    return None


def said(kind: FailureKind, detail: str, *secrets: str) -> str:
    """One plain sentence, followed by the server's own words, scrubbed."""
    detail = scrub(detail, *secrets)
    return f"{WORDS[kind]} ({detail})" if detail else WORDS[kind]


def web_page(status: int) -> ModelError:
    """The ModelError for HTML instead of JSON: a wrong address, something in between, or a server that is down."""
    if status >= 500:
        return ModelError(FailureKind.OVERLOADED, said(FailureKind.OVERLOADED, f"{status}, a web page"))
    words = BLOCKED if status in {401, 403, 407, 451} else WORDS[FailureKind.WRONG_ADDRESS]
    return ModelError(FailureKind.WRONG_ADDRESS, f"{words} ({status}, a web page)")


def error_inside(content: bytes, secret: str) -> ModelError | None:
    """The ModelError inside a reply with status 200; None if there is none."""
    try:
        document = read_json(content)
    except NotJsonError:
        return None
    inner = document.get("error") if isinstance(document, dict) else None
    if not inner:
        return None
    words, code = (str(inner.get("message") or inner), inner.get("code")) if isinstance(inner, dict) else (inner, None)
    status = code if isinstance(code, int) and 400 <= code < 600 else 500
    kind = kind_of(status, f"{words} {_told(inner)}")
    return ModelError(kind, said(kind, f"{status}: {words}", secret))


def _told(error: JsonValue) -> str:
    return f"{error.get('code')} {error.get('type')}" if isinstance(error, dict) else ""


def model_error(error: BaseException, sdk: ModuleType, secret: str) -> ModelError:
    """The ModelError for whatever a call raised. Re-raises what is not an external failure (a bug, a cancel)."""
    if isinstance(error, sdk.APIStatusError):
        return _status_error(error, secret)
    causes = [type(e).__name__ for e in _causes(error)]
    if isinstance(error, (sdk.APITimeoutError, TimeoutError)) and not _BROKEN_CONNECTION & set(causes):
        return ModelError(FailureKind.TIMEOUT, said(FailureKind.TIMEOUT, ""))
    if isinstance(error, sdk.APIConnectionError):
        return ModelError(
            FailureKind.CONNECTION, said(FailureKind.CONNECTION, causes[1] if len(causes) > 1 else "", secret)
        )
    if isinstance(error, sdk.APIResponseValidationError):
        return ModelError(FailureKind.MALFORMED, said(FailureKind.MALFORMED, ""))
    raise error


# aiohttp's names for a broken connection, which the SDK's transport reports as timeouts.
_BROKEN_CONNECTION = {"ServerDisconnectedError", "ClientOSError", "ClientConnectionResetError", "ClientConnectorError",
           "ClientConnectorDNSError", "ClientConnectorCertificateError"}  # fmt: skip


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    for _ in range(5):
        if error is not None:
            yield error
            error = error.__cause__ or error.__context__


def _status_error(error: object, secret: str) -> ModelError:
    """`error` is an SDK's APIStatusError: a status, the headers, and possibly the server's words."""
    status: int = getattr(error, "status_code")  # noqa: B009 - the SDK is imported late, so its types are not here
    response = getattr(error, "response")  # noqa: B009
    raw = getattr(error, "body", None)
    page = "html" in response.headers.get("content-type", "") or (isinstance(raw, str) and raw.lstrip()[:1] == "<")
    if page or (status in _REDIRECTS and not isinstance(raw, Mapping)):
        return web_page(status)
    body = raw if isinstance(raw, Mapping) else {}
    inner = body.get("error")
    body = inner if isinstance(inner, Mapping) else body
    words = str(body.get("message") or getattr(error, "message", ""))
    kind = kind_of(status, f"{words[:2000]} {body.get('code')} {body.get('type')}")
    return ModelError(kind, said(kind, f"{status}: {words}", secret), retry_after(response.headers))


_REDIRECTS = {301, 302, 303, 307, 308}
