"""From an SDK's exception to a ModelError: the only place that knows HTTP statuses. Waits for nothing."""

from __future__ import annotations

import email.utils
import time
from collections.abc import Mapping
from types import ModuleType

from pydantic import ValidationError

from escape.errors import Kind, ModelError, scrub

WORDS = {
    Kind.RATE_LIMIT: "asked too often; the provider wants fewer calls a minute",
    Kind.OVERLOADED: "the provider is overloaded or failed; ask again later",
    Kind.TIMEOUT: "no answer in time; ask again, or allow more time",
    Kind.CONNECTION: "the connection broke; check the network and the address",
    Kind.MALFORMED: "the server's reply could not be read; ask again",
    Kind.BAD_KEY: "the key was refused; check that it is complete, active and of the right project",
    Kind.NO_CREDIT: "no credit left; add credit at the provider (a ChatGPT or Claude subscription is not API credit)",
    Kind.UNKNOWN_MODEL: "no such model for this key; check the name in the provider's list",
    Kind.BAD_REQUEST: "the provider refused the request",
}

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


def kind_of(status: int, text: str) -> Kind:
    """The kind behind an HTTP status and the server's words."""
    text = text.casefold()
    if status == 404 or (status in {400, 403, 422} and "model" in text and any(w in text for w in _NO_MODEL)):
        return Kind.UNKNOWN_MODEL
    # a 429 that speaks of quota and billing may be a limit by the minute (Gemini); only these words are final
    if (
        status == 402
        or (status in {400, 403} and any(w in text for w in _CREDIT))
        or (status == 429 and any(w in text for w in ("insufficient_quota", "credit balance", "insufficient balance")))
    ):
        return Kind.NO_CREDIT
    if status in {401, 403} or (status == 400 and "api key" in text):
        return Kind.BAD_KEY
    if status == 429:
        return Kind.RATE_LIMIT
    if status in {408, 504}:
        return Kind.TIMEOUT
    if status >= 500 or status == 409:
        return Kind.OVERLOADED
    return Kind.BAD_REQUEST


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds the server wants us to wait: retry-after-ms, Retry-After in seconds or as a date."""
    try:
        if "retry-after-ms" in headers:
            return max(0.0, float(headers["retry-after-ms"]) / 1000)
        wish = headers.get("retry-after", "")
        if wish.replace(".", "", 1).isdigit():
            return float(wish)
        if wish and (date := email.utils.parsedate_to_datetime(wish)):
            return max(0.0, date.timestamp() - time.time())
    except (ValueError, TypeError):
        return None
    return None


def said(kind: Kind, detail: str, *secrets: str) -> str:
    """One plain sentence, with the server's own words behind it, scrubbed."""
    detail = scrub(detail, *secrets)
    return f"{WORDS[kind]} ({detail})" if detail else WORDS[kind]


def model_error(error: BaseException, sdk: ModuleType, secret: str) -> ModelError:
    """The ModelError for whatever a call raised; re-raises what is not an outside fault (a bug, a cancel)."""
    if isinstance(error, sdk.APIStatusError):
        body = error.body if isinstance(error.body, Mapping) else {}
        inner = body.get("error")
        body = inner if isinstance(inner, Mapping) else body
        words = str(body.get("message") or error.message)
        kind = kind_of(error.status_code, f"{words} {body.get('code')} {body.get('type')}")
        wish = retry_after(error.response.headers)
        return ModelError(kind, said(kind, f"{error.status_code}: {words}", secret), wish)
    if isinstance(error, (sdk.APITimeoutError, TimeoutError)):
        return ModelError(Kind.TIMEOUT, said(Kind.TIMEOUT, ""))
    if isinstance(error, sdk.APIConnectionError):
        cause = type(error.__cause__).__name__ if error.__cause__ else ""
        return ModelError(Kind.CONNECTION, said(Kind.CONNECTION, cause, secret))
    if isinstance(error, (sdk.APIResponseValidationError, ValidationError)):
        return ModelError(Kind.MALFORMED, said(Kind.MALFORMED, ""))
    raise error
