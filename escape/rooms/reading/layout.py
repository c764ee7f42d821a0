"""The layout around the words of a line: list marks, quotation marks, emphasis, arrows, a speaker. No names."""

from __future__ import annotations

import re
import unicodedata

from escape.types import normalized_name

ARROW = "→"  # how every arrow is written once a line has been cleaned
_MARK = re.compile(
    r"^\s*(?:[-*+•·–—>▪#)]+|[(\[]?\d{1,3}\s*(?:[.):\]]|[-–—](?=\s))|\(?[a-z]\s*[.)]|(?:step|move)\s*\d{1,3}\s*[.:)]?)\s*",
    re.I,
)
_QUOTES = dict.fromkeys(map(ord, '`*"“”„‟«»‹›「」『』[]{}<>'), None) | {ord("_"): " "}
_ARROWS = re.compile(
    r"\s*(?:[-–—=~]{1,4}>|\$?\\(?:long)?(?:right|Right)arrow\b\s?\$?|\$?\\to\b\s?\$?|(?<=\s)>(?=\s)|"
    "[→↝↠↣↦↪⇀⇁⇉⇒⇛⇝⇢⇥⇨⇰⇴-⇶⇸⇻⇾➔➘-➯➱-➾⟶⟹⟼⟾⟿⤏⤐⤑⤖⤳⬎⮕⭢⭬►▶▸]\ufe0f?)\\s*"
)


def without_mark(line: str) -> str:
    """Return a line without its number, bullet or quotation mark."""
    for _ in range(3):
        line, cut = _MARK.subn("", line, count=1)
        if not cut:
            break
    return line


def cleaned(line: str) -> str:
    """Return a line in small letters without marks of its layout, every arrow written as ARROW."""
    plain = _ARROWS.sub(f" {ARROW} ", unicodedata.normalize("NFKC", without_mark(line)))
    return normalized_name(plain.translate(_QUOTES)).strip(" .!;,'").removeprefix(ARROW).strip()
