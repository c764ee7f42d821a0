"""How often, how many and how far: what a line of a plan says of its move in passing."""

from __future__ import annotations

import re

from escape.rooms.names import Names

MAX_TIMES = 12
_WORDS = "one two three four five six seven eight nine ten eleven twelve"
_TIMES = {word: n for n, word in enumerate(_WORDS.split(), 1)} | dict.fromkeys(
    "twenty thirty forty fifty hundred several many".split(), MAX_TIMES
)
_COUNTS = {*_TIMES, "half", "quarter", "full", "once", "twice"}
_HOW_OFTEN = re.compile(r"(?i)\btwice\b|\b(\d{1,3}|[a-z]{3,8}) (?:more )?times\b")
_REMARK = re.compile(r"\(([^()\n]{1,60})\)")


def number(line: str, names: Names) -> str:
    """The thing that says how many or how far, in brackets or behind a comma: `turn: nut -> spanner, eight turns`."""
    for remark in (*_REMARK.findall(line), line.rpartition(",")[2]):
        found = names.find(remark.strip(" .()"), loose=False)
        if found and (re.search(r"\d", found) or _COUNTS & set(found.casefold().split())):
            return found
    return ""


def times(line: str) -> int:
    """How often a line says that its move is made; at most MAX_TIMES."""
    found = _HOW_OFTEN.search(line)
    if not found:
        return 1
    word = (found[1] or "two").casefold()
    often = int(word) if word.isdecimal() else _TIMES.get(word, 1)
    return max(1, min(often, MAX_TIMES))
