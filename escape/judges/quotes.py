"""Whether a quote stands in an answer: white space, case, quote marks and dashes folded."""

from __future__ import annotations

import re
from functools import lru_cache

_FOLD = str.maketrans(
    {"‘": "'", "’": "'", "“": '"', "”": '"', "«": '"', "»": '"', "–": "-", "—": "-", "‹": "<", "›": ">", "…": "."}
)
_SIGNS = re.compile(r"[\W_]+")
_SHORTEST = 3  # letters or digits: a shorter "quote" stands in any text


@lru_cache(maxsize=64)  # one answer is looked through once for each item of its checklist
def _folded(text: str) -> str:
    return " ".join(re.sub(r"[\"'`*_]", "", text.translate(_FOLD).casefold()).split())


def stands(quote: str, answer: str) -> bool:
    """True where the quote is words of the answer. A quote with an ellipsis is checked piece by piece, in order."""
    if len(_SIGNS.sub("", quote)) < _SHORTEST:
        return False
    text, position = _folded(answer), 0
    for piece in re.split(r"\.{3,}|…|\[\.*\]", quote):
        wanted = _folded(piece).strip(" .,;:")
        if not wanted:
            continue
        found = text.find(wanted, position)
        if found < 0:
            return False
        position = found + len(wanted)
    return position > 0
