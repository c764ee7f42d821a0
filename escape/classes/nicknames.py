"""Nicknames that a projector should not show. A small net: the teacher, who can rename, is the large one."""

from __future__ import annotations

import re

_LOOKS = str.maketrans(
    {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i", "|": "i"}
)
# beginnings of words, as they are compared: in small letters, figures and signs read as letters
_UNFIT = re.compile(
    r"\b(?:fu+ck|shi+t|bitch|cunt|ni+gg(?:er|a)|fag+ot|whore|slut|dickhead|cock\b|pussy|penis|vagina|wank|rap(?:e|ist)\b|"
    r"nazi\b|hitler|retard|bastard|asshole|arschloch|fotze|hure|schlampe|wichs|puta\b|mierda|merde|salope)"
)
_ADDRESS = re.compile(r"://|www\.|\.(?:com|net|org|de|fr|io)\b|@\w+\.|(?:\d[ -]?){7}")


def unfit(folded: str) -> bool:
    """Whether a folded nickname has a word that nobody wants on the wall, or an address or a number to call."""
    plain = re.sub(r"(.)\1{2,}", r"\1", folded.translate(_LOOKS))
    return bool(_ADDRESS.search(folded) or _UNFIT.search(plain) or _UNFIT.search(re.sub(r"[\W_]", "", plain)))
