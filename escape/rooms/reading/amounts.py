"""How much, how far and how often a line says: `20 cm`, `half a turn`, `three times`.

A room's rules may ask for an amount. In older worlds amounts are things, such as `20 cm mark`; see `marks`.
"""

import re
from collections.abc import Sequence

from escape.types import Amount, normalized_name, unit_named

MAX_TIMES = 12
_NUMBERS = {
    w: n for n, w in enumerate("one two three four five six seven eight nine ten eleven twelve".split(), 1)
}
_PARTS = {"half": 1 / 2, "quarter": 1 / 4, "third": 1 / 3, "fifth": 1 / 5}
TIMES = _NUMBERS | dict.fromkeys(
    (
        *"twenty thirty forty fifty hundred several many dozens repeatedly".split(),
        "again and again",
        "over and over",
    ),
    MAX_TIMES,
)
HOW_OFTEN = re.compile(
    r"(?i)\btwice\b|\b(\d{1,3}|[a-z]{3,8}) (?:more )?times\b|\b(again and again|over and over|repeatedly)\b|"
    r"\b(several|many|dozens) (?:of )?(?:[a-z]{3,10} )?(?:times|stabs|strokes|blows|pushes|pulls|taps)\b"
)
COUNTS = frozenset({*TIMES, "half", "quarter", "full", "once", "twice"})
WINDING = frozenset({"turn", "tie", "bend"})  # verbs of which `twice` may say how far
FIGURE = rf"(?P<amount>\d+(?:[.,]\d+)?|{'|'.join(_NUMBERS)}|half|quarter)[ -]?(?P<unit>[a-z°]{{1,12}})"
_ASIDE = re.compile(  # what changes nothing where no rule asks how much, how often or how long
    rf"(?i)(?:about |exactly |at least )?(?:{HOW_OFTEN.pattern[4:]}|once\b|all of (?:it|them)\b|"
    r"(?:second|third|fourth|fifth) time\b|(?:an?|some|several|[a-z]+ty) "
    r"(?:second|minute|hour|moment|while)s?\b|"
    rf"{FIGURE}(?: (?:mark|long|wide|deep|each))?)(?=$|[ ,.)])"
)
_NUMBER = re.compile(r"(\d+)[/⁄](\d+)|(\d+(?:\.\d+)?)-?([a-zµ°%\"'²³]\S*)?")
_NEAR = frozenset("about around exactly roughly approximately".split())
_WHOLE = frozenset("full whole complete more".split())
_OF_IT = re.compile(
    r"(?:mark|point|of (?:its|the) (?:length|way|string)|in all|in total|long|wide|deep|each)\b"
)


def read_amount(words: Sequence[str], mark: str = "") -> tuple[int, Amount | None]:
    """Read an amount at the start of a text: its length in words, and the amount. (0, None) if none.

    A number needs a unit, a fraction does not. `mark`: the unit of `30 mark` and `mark 30`.
    """
    at = 0
    while at < len(words) and words[at] in _NEAR:
        at += 1
    called_mark = words[at : at + 1] == ["mark"] and bool(mark)
    if called_mark:
        at += 1
    number, unit, n, is_part = _read_number(words[at:])
    at += n
    if n and not unit:
        at, unit = _unit(words, at)
    if n and not unit and mark and (called_mark or words[at : at + 1] == ["mark"]):
        unit = mark
    if n and not unit and is_part:
        unit = "of it"
    if not n or not unit:
        return 0, None
    if of_it := _OF_IT.match(" ".join(words[at : at + 4])):
        at += len(of_it[0].split())
    return at, Amount(number, unit)


def exact_amount(text: str) -> Amount | None:
    """Parse a text that is an amount and nothing else. None if it is not."""
    words = normalized_name(text).split()
    size, amount = read_amount(words)
    return amount if amount and size == len(words) else None


def _read_number(words: Sequence[str]) -> tuple[float, str, int, bool]:
    """Read a number: (value, unit attached to it, length in words, whether it is a fraction).

    The length is 0 if there is none.
    """
    first, *rest = [*words[:4], "", "", ""][:4]
    article = first in {"a", "an", "one"}
    if article and rest[0] in _PARTS:
        return _PARTS[rest[0]], "", 2, True
    if first in _PARTS:
        return _PARTS[first], "", 1, True
    if first in _WHOLE:
        return (1.0, "", 1, False) if unit_named(rest[0]) else (0.0, "", 0, False)
    if first in {"a", "an"}:
        return (1.0, "", 1, False) if unit_named(rest[0]) or rest[0] in _WHOLE else (0.0, "", 0, False)
    figure = _NUMBER.fullmatch(first)
    if figure and figure[1]:
        return int(figure[1]) / max(1, int(figure[2])), "", 1, True
    if not figure and first not in _NUMBERS:
        return 0.0, "", 0, False
    number = float(figure[3]) if figure else float(_NUMBERS[first])
    if figure and figure[4]:
        unit = unit_named(figure[4])
        return (number, unit, 1, False) if unit else (0.0, "", 0, False)
    if rest == ["and", "a", "half"]:
        return number + 1 / 2, "", 4, False
    if rest[0].removesuffix("s") in _PARTS or rest[0] == "halves":
        return number * _PARTS[{"halves": "half"}.get(rest[0], rest[0].removesuffix("s"))], "", 2, True
    if (part := _NUMBER.fullmatch(rest[0])) and part[1]:
        return number + int(part[1]) / max(1, int(part[2])), "", 2, False
    return number, "", 1, False


def _unit(words: Sequence[str], at: int) -> tuple[int, str]:
    """Read a unit at a position: `cm`, `of a turn`, `full turns`. Return where it ends, and the unit.

    (at, "") if there is none.
    """
    ahead = at
    while ahead < len(words) and words[ahead] in _WHOLE | {"of", "a", "an"} and ahead < at + 2:
        ahead += 1
    if ahead < len(words) and (unit := unit_named(words[ahead])):
        return ahead + 1, unit
    return at, ""


def aside(text: str) -> int:
    """Count the words at the start of a text that say only how much, how long or how often."""
    match = _ASIDE.match(text)
    return len(match[0].split()) if match else 0


def times(line: str) -> int:
    """Read how often a line repeats its move, from 1 to MAX_TIMES."""
    match = HOW_OFTEN.search(line)
    if not match:
        return 1
    word = (match[1] or match[2] or match[3] or "two").casefold()
    often = int(word) if word.isdecimal() else TIMES.get(word, 1)
    return max(1, min(often, MAX_TIMES))


def is_amount(name: str) -> bool:
    """Check whether a thing's name says how many or how far: `two turns`, `18 cm mark`."""
    return any(word.isdecimal() or word in COUNTS for word in words_of(normalized_name(name)))


def words_of(text: str) -> set[str]:
    return {w.removesuffix("s") if len(w) > 3 else w for w in re.findall(r"[^\W_]+", text.casefold())}
