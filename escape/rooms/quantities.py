"""How often, how many and how far: what a line of a plan says of its move in passing."""

from __future__ import annotations

import re

from escape.fields import normalized_name
from escape.rooms.names import Names

MAX_TIMES = 12
_WORDS = "one two three four five six seven eight nine ten eleven twelve"
_TIMES = {word: n for n, word in enumerate(_WORDS.split(), 1)} | dict.fromkeys(
    "twenty thirty forty fifty hundred several many".split(), MAX_TIMES
)
_COUNTS = {*_TIMES, "half", "quarter", "full", "once", "twice"}
_HOW_OFTEN = re.compile(r"(?i)\btwice\b|\b(\d{1,3}|[a-z]{3,8}) (?:more )?times\b")


def number(line: str, names: Names) -> str:
    """The thing that says how many or how far, wherever it stands: `turn: nut -> spanner, eight turns`, `at 18 cm` for
    the "18 cm mark". "" if none is named, or more than one.
    """
    said = _words(line)
    found = {
        name: own
        for name in names.listed
        if (own := _words(normalized_name(name)) - {"mark"}) <= said and any(w.isdecimal() or w in _COUNTS for w in own)
    }
    longest = [name for name, own in found.items() if not any(own < other for other in found.values())]
    return longest[0] if len(longest) == 1 else ""


def _words(text: str) -> set[str]:
    return {w.removesuffix("s") if len(w) > 3 else w for w in re.findall(r"[^\W_]+", text.casefold())}


def times(line: str) -> int:
    """How often a line says that its move is made; at most MAX_TIMES."""
    found = _HOW_OFTEN.search(line)
    if not found:
        return 1
    word = (found[1] or "two").casefold()
    often = int(word) if word.isdecimal() else _TIMES.get(word, 1)
    return max(1, min(often, MAX_TIMES))
