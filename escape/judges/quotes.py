"""Quotes looked up in an answer: the same words in the same order, ignoring punctuation, markup and numbering."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

SHORTEST = 3  # words: "the" is no evidence, nor is "the water"; a whole line or sentence of the answer may be shorter
_LISTED = re.compile(r"(?m)^[ \t>#*_+•-]{0,20}(?:\(?(?:\d{1,3}|[a-zA-Z])[.)][ \t]+)?")
_NAMES = "alpha beta gamma delta epsilon eta theta kappa lambda mu nu pi rho sigma tau phi omega Delta Sigma Phi"
_GREEK = dict(zip(_NAMES.split(), "αβγδεηθκλμνπρστφωΔΣΦ", strict=True))
_COMMAND = re.compile(r"\\([A-Za-z]{1,20})")
# letters of scripts that put no spaces between words: each counts as a word
_UNSPACED = re.compile(r"([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff])")
_WORD = re.compile(r"[^\W_]+|[<>=≤≥±]")
_APOSTROPHE = re.compile(r"(?<=\w)['’`](?=\w)")


def _spoken(text: str) -> str:
    """Return its words and relations, single-spaced. Compatibility forms, case, Markdown, LaTeX and list markers
    folded.
    """
    plain = _LISTED.sub("", unicodedata.normalize("NFKC", text))
    plain = _COMMAND.sub(lambda m: _GREEK.get(m[1], " "), plain)
    plain = _UNSPACED.sub(r" \1 ", plain)
    return " ".join(_WORD.findall(_APOSTROPHE.sub("", plain).replace("‹", "<").replace("›", ">").casefold()))


@lru_cache(maxsize=64)  # one answer is searched once for each item of its checklist
def _read(answer: str) -> tuple[str, frozenset[str]]:
    pieces = re.split(r"[\n.!?;:,]+", answer)
    return f" {_spoken(answer)} ", frozenset(map(_spoken, pieces))


def is_quoted_from(quote: str, answer: str) -> bool:
    """Return True if the quote consists of words of the answer. A quote with an ellipsis is checked piece by piece."""
    spoken, full = _read(answer)
    pieces = [p for piece in re.split(r"\.{3,}|…|\[\.*\]", quote) if (p := _spoken(piece))]
    if sum(len(p.split()) for p in pieces) < SHORTEST and not (pieces and pieces[0] in full and len(pieces[0]) >= 3):
        return False
    position = 0
    for piece in pieces:
        start = spoken.find(f" {piece} ", position)
        if start < 0:
            return False
        position = start + len(piece) + 1
    return True
