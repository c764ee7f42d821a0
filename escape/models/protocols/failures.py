"""Turn failed calls into ModelErrors. The only module that knows HTTP status codes."""

import contextlib
import email.utils
import math
import re
import time
from collections.abc import Mapping
from types import ModuleType

from escape.intake import NotJsonError, read_json
from escape.models.protocols.wire import announced_limits, until
from escape.types import FailureKind, ModelError, scrub

WORDS = {
    FailureKind.RATE_LIMIT: "too many calls; the provider allows fewer per minute",
    FailureKind.OVERLOADED: "the provider is overloaded or failed; try again later",
    FailureKind.TIMEOUT: "no answer in time; try again, or allow more time with --timeout or under More in "
    "the set-up",
    FailureKind.CONNECTION: "the connection broke; check the network and the address",
    FailureKind.MALFORMED: "the server's reply could not be read; try again",
    FailureKind.BAD_KEY: "the key was refused; check that it is complete, active and from the right project",
    FailureKind.NO_CREDIT: "no credit left; add some at the provider (a ChatGPT or Claude plan is not API "
    "credit)",
    FailureKind.UNKNOWN_MODEL: "no such model for this key; check the name in the provider's list",
    FailureKind.BAD_REQUEST: "the provider refused the request",
    FailureKind.WRONG_ADDRESS: "nothing at this address answers as a model does; check the address (most end "
    "in /v1)",
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
_NO_PATH = ("page not found", "file not found", "invalid url", "cannot post", "cannot get")
# a 403 that is about what was asked, or from where, and not about the key
_NOT_THE_KEY = (
    "moderation",
    "flagged",
    "policy",
    "policies",
    "unsupported_country",
    "country, region",
    "your region",
)


def kind_of(status: int, text: str) -> FailureKind:
    text = text.casefold()
    if (
        status == 404
        and "model" not in text
        and (text.startswith("not found") or any(w in text for w in _NO_PATH))
    ):
        return FailureKind.WRONG_ADDRESS
    if status == 404 or (status in {400, 403, 422} and "model" in text and any(w in text for w in _NO_MODEL)):
        return FailureKind.UNKNOWN_MODEL
    # a 429 that mentions quota and billing may be a limit per minute (Gemini); only these words are final
    if (
        status == 402
        or (status in {400, 403} and any(w in text for w in _CREDIT))
        or (
            status == 429
            and any(w in text for w in ("insufficient_quota", "credit balance", "insufficient balance"))
        )
    ):
        return FailureKind.NO_CREDIT
    if (
        status == 403
        and not re.search(r"(?<![a-z])(?:api)?keys?(?![a-z])", text)
        and any(w in text for w in _NOT_THE_KEY)
    ):
        return FailureKind.BAD_REQUEST
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
    """Read how many seconds a server asks us to wait. None if it does not say.

    By Retry-After, or by the reset of a limit that is used up.
    """
    # what cannot be read is as good as not said
    with contextlib.suppress(ValueError, TypeError, OverflowError):
        if "retry-after-ms" in headers:
            return _finite_seconds(float(headers["retry-after-ms"]) / 1000)
        wish = headers.get("retry-after", "")
        if wish.replace(".", "", 1).isdigit() or wish.casefold().strip("+-") in {"inf", "infinity", "nan"}:
            return _finite_seconds(float(wish))
        if wish and (date := email.utils.parsedate_to_datetime(wish)):
            return _finite_seconds(max(0.0, date.timestamp() - time.time()))
    reset_s = max((r.reset_s for r in announced_limits(headers) if r.left == 0), default=None)
    if reset_s is None and headers.get("x-ratelimit-remaining", "0") == "0":  # of OpenRouter's allowance
        return until(headers.get("x-ratelimit-reset", ""))
    return reset_s


LONG_S = 600.0  # a shorter wait does not end what was used up for a day
_A_DAY = re.compile(r"(?i)\bper[ -]day\b|\bdaily\b|\ba day\b")


def _wish(kind: FailureKind, words: str, headers: Mapping[str, str]) -> float | None:
    """Choose the wait after a failure, in seconds: until tomorrow if a day's allowance is spent."""
    wish = retry_after(headers)
    is_of_a_day = kind is FailureKind.RATE_LIMIT and _A_DAY.search(words[:2000])
    return until_tomorrow(time.time()) if is_of_a_day and (wish or 0.0) < LONG_S else wish


def until_tomorrow(now: float) -> float:
    """Count the seconds until the next day in UTC, when daily allowances start again."""
    return 86_400 - now % 86_400


def _finite_seconds(value: float) -> float | None:
    return max(0.0, value) if math.isfinite(value) else None


def error_text(kind: FailureKind, detail: str, *secrets: str) -> str:
    """Build one plain sentence, followed by the server's own words, scrubbed."""
    detail = scrub(detail, *secrets)
    return f"{WORDS[kind]} ({detail})" if detail else WORDS[kind]


def web_page(status: int) -> ModelError:
    """Build the ModelError for HTML instead of JSON.

    It means a wrong address, something in between such as a proxy, or a server that is down.
    """
    if status >= 500:
        return ModelError(FailureKind.OVERLOADED, error_text(FailureKind.OVERLOADED, f"{status}, a web page"))
    words = BLOCKED if status in {401, 403, 407, 451} else WORDS[FailureKind.WRONG_ADDRESS]
    return ModelError(FailureKind.WRONG_ADDRESS, f"{words} ({status}, a web page)")


def error_inside(content: bytes, secret: str, headers: Mapping[str, str] | None = None) -> ModelError | None:
    """Find the error inside a reply with status 200. None if there is none."""
    words, codes = told(content)
    if not words or content.lstrip()[:1] not in {b"{", b"["}:
        return None
    numbers = [int(c) for c in codes.split() if c.isdigit() and 400 <= int(c) < 600]
    status = 500
    if numbers:
        status = numbers[0]
    elif "rate_limit" in codes:
        status = 429
    kind = kind_of(status, f"{words} {codes}")
    return ModelError(kind, error_text(kind, f"{status}: {words}", secret), _wish(kind, words, headers or {}))


def filtered(content: bytes) -> bool:
    """Check whether a reply with status 200 says, instead of an answer, that a filter held it back."""
    words, codes = told(content)
    text = f"{words} {codes}".casefold()
    return any(
        w in text for w in ("content_filter", "content filter", "content management policy", "content_policy")
    )


def told(content: bytes) -> tuple[str, str]:
    """Extract a server's own words for an error, and its codes, from any form. "" if there are none."""
    try:
        document = read_json(content)
    except NotJsonError:
        text = content[:2000].decode("utf-8", "replace").strip()
        return ("" if text[:1] in {"<", "{", "["} else text), ""
    if isinstance(document, list):
        document = document[0] if document else None
    inner = document.get("error") or document if isinstance(document, dict) else document
    if not isinstance(inner, dict):
        return (inner if isinstance(inner, str) else ""), ""
    words = inner.get("message") or inner.get("detail")
    if isinstance(words, list):  # a list of faults, as FastAPI sends it
        words = "; ".join(str(x.get("msg")) for x in words if isinstance(x, dict))
    codes = f"{inner.get('code')} {inner.get('type')}"
    if not words and inner is not document:
        words = str(inner)
    return (words if isinstance(words, str) else ""), codes


def model_error(error: BaseException, sdk: ModuleType, secret: str) -> ModelError:
    """Build the ModelError for whatever a call raised.

    Re-raises anything that is not an external failure (a bug, a cancellation).
    """
    if isinstance(error, sdk.APIStatusError):
        return _status_error(error, secret)
    chain = [error]
    while len(chain) < 5 and (behind := chain[-1].__cause__ or chain[-1].__context__):
        chain.append(behind)
    causes = [[kind.__name__ for kind in type(e).__mro__] for e in chain]
    names = {name for cause in causes for name in cause}
    if (
        isinstance(error, (sdk.APITimeoutError, TimeoutError))
        and not (_BROKEN_CONNECTION | set(_MEANS)) & names
    ):
        return ModelError(FailureKind.TIMEOUT, error_text(FailureKind.TIMEOUT, ""))
    if isinstance(error, (sdk.APIConnectionError, TimeoutError)):
        words, never = _broken(causes)
        attempts = 0 if never else 1
        return ModelError(
            FailureKind.CONNECTION, error_text(FailureKind.CONNECTION, words, secret), attempts=attempts
        )
    if _NOT_HTTP & names:
        return ModelError(
            FailureKind.MALFORMED, error_text(FailureKind.MALFORMED, "it is no HTTP; check the address")
        )
    if isinstance(error, sdk.APIResponseValidationError):
        return ModelError(FailureKind.MALFORMED, error_text(FailureKind.MALFORMED, ""))
    raise error


# names for a broken connection, which the SDKs' transports report as timeouts, among others
_HUNG_UP = {
    "ServerDisconnectedError",
    "ClientOSError",
    "ClientPayloadError",
    "ConnectionResetError",
    "ReadError",
}
_BROKEN_CONNECTION = _HUNG_UP | {"ConnectError"}
_NOT_HTTP = {"ClientResponseError", "HttpProcessingError"}  # aiohttp's, raised as they are
# the class of a cause, and what it means to people; the first that is found counts
_MEANS = {
    "ProxyError": "the proxy that the environment names cannot be reached",
    "ClientProxyConnectionError": "the proxy that the environment names cannot be reached",
    "gaierror": "the address could not be found",
    "ClientConnectorDNSError": "the address could not be found",
    "ConnectionRefusedError": "the connection was refused: no server runs at this address",
    "SSLError": "the server does not speak TLS; try http:// instead of https://",
    "ClientConnectorSSLError": "the server does not speak TLS; try http:// instead of https://",
}


def _broken(causes: list[list[str]]) -> tuple[str, bool]:
    """Explain why a connection broke, and say whether it was never established.

    In plain words, or else by the transport's own name for it.
    """
    meaning = next((words for name, words in _MEANS.items() if any(name in cause for cause in causes)), "")
    if not meaning and any(_HUNG_UP & set(cause) for cause in causes):
        return "the server hung up", False
    return meaning or (causes[1][0] if len(causes) > 1 else ""), bool(meaning)


def _status_error(error: object, secret: str) -> ModelError:
    """Build the ModelError for an SDK's APIStatusError: status, headers and the server's words."""
    status: int = getattr(error, "status_code")  # noqa: B009 - the SDK is imported late, so its types are not here
    response = getattr(error, "response")  # noqa: B009
    content: bytes = response.content
    words, codes = told(content)
    page = "html" in response.headers.get("content-type", "") or content.lstrip()[:1] == b"<"
    if status != 429 and (page or (status in _REDIRECTS and not words)):
        return web_page(status)
    words = "a web page" if page else words or str(getattr(error, "message", ""))
    kind = kind_of(status, f"{words[:2000]} {codes}")
    wish = _wish(kind, words, response.headers)
    return ModelError(kind, error_text(kind, f"{status}: {words}", secret), wish)


_REDIRECTS = {301, 302, 303, 307, 308}
