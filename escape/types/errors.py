"""The exception tree. Every message says what happened and then what to do. None contains a key.

EscapeError
+-- PuzzleError     a puzzle file that cannot be used: file, field, remedy
+-- FileError       a run, answer or label file that cannot be read
+-- SpecError       a player, judge or option that cannot be used as written
+-- ModelError      one call to a model failed. `kind` says how, see FailureKind
+-- StoreError      the database cannot be used, or rejected a write
+-- ClassError      something a class does not allow: why, and what to do
|   +-- WrongCodeError   a code, word or link that opens no class
+-- NotJudged       a judge could not mark an answer, which is never a mark of 0
"""

import re
from enum import StrEnum


class FailureKind(StrEnum):
    """The reason why a trial has no mark. `calls` retries some kinds and stops asking after others."""

    RATE_LIMIT = "rate_limit"
    OVERLOADED = "overloaded"
    TIMEOUT = "timeout"
    CONNECTION = "connection"
    MALFORMED = "malformed"
    BAD_KEY = "bad_key"
    NO_CREDIT = "no_credit"
    UNKNOWN_MODEL = "unknown_model"
    BAD_REQUEST = "bad_request"
    WRONG_ADDRESS = "wrong_address"
    NO_SCRIPT = "no_script"
    BUDGET = "budget"
    NOT_JUDGED = "not_judged"
    BAD_FORMAT = "out_of_form"
    CANCELLED = "cancelled"
    INTERNAL = "internal"

    @property
    def is_transient(self) -> bool:
        """True if the same call may succeed when repeated.

        Rate limits are excluded: the caller waits for those.
        """
        return self in {
            FailureKind.OVERLOADED,
            FailureKind.TIMEOUT,
            FailureKind.CONNECTION,
            FailureKind.MALFORMED,
        }

    @property
    def closes_provider(self) -> bool:
        """True if every other call with the same key would fail the same way."""
        return self in {FailureKind.BAD_KEY, FailureKind.NO_CREDIT, FailureKind.WRONG_ADDRESS}

    @property
    def closes_model(self) -> bool:
        """True if every other call to the same model would fail the same way."""
        return self is FailureKind.UNKNOWN_MODEL

    @property
    def is_permanent(self) -> bool:
        """True if no repetition helps, provided the failure is what it says. A stray reply may be wrong."""
        return self.closes_provider or self.closes_model

    @property
    def may_close_model(self) -> bool:
        """True if the model is at fault when all its first calls fail this way; otherwise the prompt is."""
        return self is FailureKind.BAD_REQUEST

    @property
    def may_cost(self) -> bool:
        """True if the provider may have done, and charged for, work that never arrived."""
        return self in {FailureKind.TIMEOUT, FailureKind.CONNECTION, FailureKind.MALFORMED}


class EscapeError(Exception):
    """Base of all errors raised on purpose."""


class PuzzleError(EscapeError):
    """A puzzle file that cannot be used."""

    def __init__(self, file: str, field: str, remedy: str) -> None:
        super().__init__(f"{file}: {field}: {remedy}")
        self.file, self.field, self.remedy = file, field, remedy


class FileError(EscapeError):
    """A run, answer or label file that cannot be read."""


class BusyError(FileError):
    """A file that cannot be read now because others are reading too much at once."""


class StoreError(EscapeError):
    """The database cannot be used, or rejected a write."""


class ClassError(EscapeError):
    """Something a class does not allow."""


class WrongCodeError(ClassError):
    """A code, word or link that opens no class, which may have been guessed."""


class SpecError(EscapeError):
    """A player, judge or option that cannot be used as written."""


class ModelError(EscapeError):
    """A failed call. `retry_after_s`: the wait that the provider asked for.

    `doubtful_usd`: what may have been charged for replies that never arrived.
    """

    def __init__(
        self,
        kind: FailureKind,
        message: str,
        retry_after_s: float | None = None,
        attempts: int = 1,
        doubtful_usd: float = 0.0,
    ) -> None:
        super().__init__(message)
        self.kind, self.message, self.retry_after_s, self.attempts = kind, message, retry_after_s, attempts
        self.doubtful_usd = doubtful_usd


class NotJudged(EscapeError):  # noqa: N818 - a state, shown to people under this name
    """A judge could not mark an answer: its reply was malformed, say, or there were no moves.

    `cost_usd`: what the attempt cost. `doubtful_usd`: what it may have cost on top of that.
    """

    def __init__(
        self,
        message: str,
        cost_usd: float | None = 0.0,
        *,
        malformed: bool = False,
        doubtful_usd: float = 0.0,
    ) -> None:
        super().__init__(message)
        self.cost_usd, self.malformed, self.doubtful_usd = cost_usd, malformed, doubtful_usd


MAX_MESSAGE_LENGTH = 300
_KEYLIKE = re.compile(
    r"(?i)\b(?:sk|pk|rk|gsk|xai|ak|tok|key)[-_][\w\-*.]{6,}|\bAIza[\w\-]{10,}|bearer\s+\S+|\b[A-Za-z0-9_\-]{40,}\b"
)
RUN = 8  # characters of a key that are enough to tell it by


def redact(text: str, secret: str) -> str:
    """Remove a secret from a text: every run of RUN of its characters, in any case and direction.

    A secret shorter than RUN is removed as a whole, and one of fewer than four characters not at all.
    """
    if len(secret) < 4:
        return text
    hidden, plain = secret.casefold(), text.casefold()
    n = min(RUN, len(hidden))
    if len(plain) != len(text):  # letters that fold to several
        plain = text.lower() if len(text.lower()) == len(text) else text
    runs = {word[i : i + n] for word in (hidden, hidden[::-1]) for i in range(len(hidden) - n + 1)}
    places, at = list[str](), 0
    for i in range(len(text) - n + 1):
        if plain[i : i + n] in runs:
            if i > at or not places:
                places.append(text[at:i])
            at = max(at, i + n)
    return "[key]".join([*places, text[at:]]) if places else text


def scrub(text: str, *secrets: str) -> str:
    """Put `text` on one line of at most MAX_MESSAGE_LENGTH, without secrets or anything like a key."""
    text = text[: 10 * MAX_MESSAGE_LENGTH]  # text from outside may be megabytes long
    for secret in secrets:
        text = redact(text, secret)
    text = " ".join(_KEYLIKE.sub("[key]", text).split())
    return text if len(text) <= MAX_MESSAGE_LENGTH else text[: MAX_MESSAGE_LENGTH - 1] + "…"
