"""Untrusted text made safe: decoded, limited in depth, repaired, parsed as JSON. Knows no file format."""

import json
import re
import unicodedata
from array import array
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal, TypeVar

from pydantic import BaseModel, JsonValue, ValidationError

from escape.types import FileError

T = TypeVar("T", bound=BaseModel)

MAX_DEPTH = 60
MAX_BAD = 3  # bytes that are no text, or one in a hundred characters
MAX_LINE_LENGTH = 16 * 2**20
MAX_VALUES = 1_000_000  # each takes about 100 bytes of memory, whatever its content
_BRACKETS = re.compile(rb'"(?:[^"\\]|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)
# an escaped backslash, a surrogate pair, or a lone surrogate, which is not a character
_SURROGATES = re.compile(r"\\\\|\\u[dD][89abAB]\w\w\\u[dD][c-fC-F]\w\w|(\\u[dD][89a-fA-F]\w\w)")


class NotJsonError(ValueError):
    """Text that is not acceptable JSON. `line`: from 1, 0 if unknown. `twice`: a repeated key, or ""."""

    def __init__(self, why: str, line: int = 0, twice: str = "") -> None:
        super().__init__(why)
        self.why, self.line, self.twice = why, line, twice


def exceeds_depth(data: bytes, levels: int) -> bool:
    """Check whether brackets are nested deeper than `levels`, in one pass, without parsing."""
    depth = 0
    for match in _BRACKETS.finditer(data):
        char = match[0]
        if char in b"[{":
            depth += 1
            if depth > levels:
                return True
        elif char in b"]}":
            depth -= 1
    return False


def too_many_values(data: bytes) -> bool:
    """Check whether a JSON text may hold more than MAX_VALUES values, without parsing."""
    return len(data) > MAX_VALUES and sum(data.count(char) for char in (b",", b"[", b"{")) > MAX_VALUES


def replace_lone_surrogates(text: str) -> str:
    """Replace lone surrogates in JSON text, so that one of them does not cost a whole reply."""
    if "\\ud" not in text and "\\uD" not in text:
        return text
    return _SURROGATES.sub(lambda m: r"\ufffd" if m[1] else m[0], text)


def decode_utf8(data: bytes, name: str) -> str:
    """Decode UTF-8. A few invalid bytes become U+FFFD. Raises FileError for text in another encoding."""
    text = data.decode("utf-8-sig", "replace")
    bad = text.count("\ufffd") - data.count(b"\xef\xbf\xbd")
    if "\0" in text or bad > max(MAX_BAD, len(text) // 100):
        raise FileError(f"{name}: this is not UTF-8 text; save it as UTF-8")
    return text


def read_json(data: bytes | str, levels: int = MAX_DEPTH) -> JsonValue:
    """Parse a JSON document, at most `levels` deep and without duplicate keys. Raises NotJsonError."""
    raw = data if isinstance(data, bytes) else data.encode("utf-8", "replace")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NotJsonError("is not UTF-8 text; save it as UTF-8") from None
    if too_many_values(raw):
        raise NotJsonError(f"contains more than {MAX_VALUES} values; split it")
    if exceeds_depth(raw, levels):
        raise NotJsonError("is nested too deeply")
    try:
        document: JsonValue = json.loads(replace_lone_surrogates(text), object_pairs_hook=_no_twice)
    except NotJsonError:
        raise
    except json.JSONDecodeError as error:
        raise NotJsonError(f"is not JSON ({error.msg}); check commas and quotes", error.lineno) from None
    except ValueError:  # such as a number with thousands of digits
        raise NotJsonError("contains a value that cannot be read; use plain text and lists") from None
    return document


def _no_twice(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    document = dict(pairs)
    if len(document) != len(pairs):
        twice = next(k for k, n in Counter(k for k, _ in pairs).items() if n > 1)
        raise NotJsonError("appears twice in one object; remove one of them", twice=twice)
    return document


def first_fault(error: ValidationError) -> str:
    first = error.errors(include_input=False, include_url=False)[0]
    where = ".".join(map(str, first["loc"]))
    message = first["msg"].removeprefix("Value error, ")
    return f"{where}: {message}" if where else message


def validated(kind: type[T], text: str | bytes, extra: Literal["ignore"] | None = None) -> T:
    """Validate one JSON record. Raises ValidationError or NotJsonError.

    `extra="ignore"` drops unknown fields. A byte order mark and lone surrogates are repaired.
    """
    if len(text) > MAX_VALUES and too_many_values(
        text if isinstance(text, bytes) else text.encode("utf-8", "replace")
    ):
        raise NotJsonError(f"contains more than {MAX_VALUES} values")
    try:
        return kind.model_validate_json(text, extra=extra)
    except ValidationError as error:
        if not error.errors(include_input=False, include_url=False)[0]["type"].startswith("json"):
            raise
    data = text if isinstance(text, str) else text.decode("utf-8", "replace")
    try:  # a byte order mark, a byte that is no text or half a character costs no reply
        return kind.model_validate_json(replace_lone_surrogates(data.removeprefix("\ufeff")), extra=extra)
    except ValidationError as error:
        if not error.errors(include_input=False, include_url=False)[0]["type"].startswith("json"):
            raise
        why = first_fault(error).removeprefix("Invalid JSON: ")
        raise NotJsonError(f"is not JSON ({why})") from None


def parse_jsonl(text: str, kind: type[T], name: str, needs: str) -> Iterator[T]:
    """Yield one record per line, skipping empty ones. Raises FileError with line and what it `needs`."""
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        where = f"{name}: line {number}"
        if len(line) > MAX_LINE_LENGTH:
            raise FileError(f"{where} is longer than {MAX_LINE_LENGTH // 2**20} MB; shorten it")
        try:
            yield validated(kind, line)
        except NotJsonError as error:
            raise FileError(f"{where} {error.why}; write one object per line") from None
        except ValidationError as error:
            raise FileError(f"{where}: {first_fault(error)}; {needs}") from None


# Letters of other scripts that look like Latin ones. Text is lowercased first.
_LOOKALIKES = str.maketrans(
    "авсԁеғнһіјкӏмпорԛѕтԝхуᴠzαβγεηικνορτυχωɑɡʟɩı",
    "abcdefhhijklmnopqstwxyvzabyenikvoptuxwaglii",  # pragma: allowlist secret
)


def folded(text: str) -> str:
    """Normalize text for comparison: no invisible characters or diacritics, Latin for look-alikes."""
    return normalized_with_origin(text)[0]


def normalized_with_origin(text: str) -> tuple[str, "array[int]"]:
    """Normalize like `folded`; also return the position in `text` that each character comes from.

    ASCII text is returned as it is, without positions.
    """
    if text.isascii():
        return text, array("l")
    pieces: list[str] = []
    origin = array("l")
    for place, char in enumerate(text):
        seen = char if char < "\x80" or char in _KEPT else _visible_form(char)
        pieces.append(seen)
        origin.extend([place] * len(seen))
    joined = "".join(pieces)
    return _WORD.sub(_latin, joined), origin


@lru_cache(maxsize=5000)
def _visible_form(char: str) -> str:
    apart = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", char))
    return "".join(c for c in apart if unicodedata.category(c) not in {"Cf", "Mn", "Me", "Co", "Cs"})


_KEPT = frozenset("‘’“”–—…→✓✔✅☑×·•½¼¾²³°")  # characters that our patterns match as they are
_WORD = re.compile(r"[^\W\d_]+")


def _latin(match: re.Match[str]) -> str:
    word = match[0]
    if word.isascii():
        return word
    swapped = word.lower().translate(_LOOKALIKES)
    return swapped if swapped.isascii() and len(swapped) == len(word) else word


LOCAL_NAMES = (".local", ".lan", ".internal", ".home.arpa", ".localhost")


def whole_address(typed: str) -> str:
    """Complete a typed address with a scheme and a path, /v1 by default.

    The scheme is http for an IP address, a name without a dot, or a name of a local network, and https
    otherwise: a key goes to a public name by HTTPS only, unless somebody writes http:// themselves.
    """
    bare = "".join(typed.split()).rstrip("/")
    if not bare:
        return ""
    if "://" not in bare:
        name = bare.partition("/")[0].partition(":")[0].casefold()
        near = "." not in name or name.replace(".", "").isdecimal() or name.endswith(LOCAL_NAMES)
        bare = f"{'http' if near else 'https'}://{bare}"
    return bare if "/" in bare.partition("://")[2] else f"{bare}/v1"
