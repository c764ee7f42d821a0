"""Nicknames that a projector should not show. A small net: the teacher, who can rename, is the large one."""

from __future__ import annotations

import re

_LOOKS = str.maketrans(
    {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i", "|": "i"}
)
# whole words, as they are compared: in small letters, figures and signs read as letters
_UNFIT = re.compile(
    r"\b(?:\w*fu+ck\w*|(?:bull|dip)?shi+t(?:ty|s|head)?|bitch(?:es)?|cunts?|ni+gg(?:er|a)s?|fag(?:got)?s?|whores?|sluts?|"
    r"dickheads?|cocks?|pussy|penis|vagina|wank(?:er)?s?|rap(?:e|ist)s?|nazis?|hitler|retard(?:ed|s)?|bastards?|"
    r"assholes?|arschl(?:o|oe)cher|arschloch|fotzen?|hure|schlampen?|wichser|puta|mierda|merde|salope)\b"
)
_ALIKE = str.maketrans("аеорсухіѕ", "aeopcyxis")  # letters of another alphabet that look the same
_TEACHER = re.compile(r"teacher|professor|lehrer|instructor|^(?:the)?board$")  # a Boardman may join
_LABEL = re.compile(r"[s5$]\W*[0-9oil]{1,3}")  # `S01` is what somebody is called on the board
_ADDRESS = re.compile(r"://|www\.|\.(?:com|net|org|de|fr|io)\b|@\w+\.|(?:\d[ -]?){7}")


def unfit(folded: str) -> bool:
    """Return whether a folded nickname has a word that nobody wants on the wall, an address or a number to call, or
    passes for the teacher or for somebody's label.
    """
    folded = folded.translate(_ALIKE)
    plain = re.sub(r"(.)\1{2,}", r"\1", folded.translate(_LOOKS))
    spelt = re.split(r"[\W_]+", plain)
    if all(len(letter) == 1 for letter in spelt):  # f u c k
        plain = "".join(spelt)
    passes = _TEACHER.search("".join(spelt)) or _LABEL.fullmatch(folded)
    return bool(passes or _ADDRESS.search(folded) or _UNFIT.search(plain))
