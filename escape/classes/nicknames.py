"""Nicknames: as shown and as compared; none passes for the teacher."""

import re
import unicodedata

from escape.intake import folded
from escape.types import ClassError, without_surrogates

# signs and letters of another alphabet that look like letters
_LOOKS = str.maketrans(
    {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i", "|": "i"}
    | dict(zip("аеорсухіѕ", "aeopcyxis", strict=True))
)
_TEACHER = re.compile(r"teacher|professor|lehrer|instructor|^(?:the)?board$")  # a Boardman may join
_TITLES = {"prof", "dr", "mr", "mrs", "ms", "miss", "mx", "sir", "herr", "frau", "tutor", "admin"}
_LABEL = re.compile(r"[s5$][0-9oil]{1,3}")  # `S01` is what somebody is called on the board
_ADDRESS = re.compile(r"://|www\.|\.(?:com|net|org|de|fr|io)\b|@\w+\.|(?:\d[ -]?){7}")
_APART = re.compile(r"[\W_]+")
_SPELT = re.compile(r"(?<=\b[^\W_])[\W_]+(?=[^\W_]\b)")  # between letters that stand alone: P r o f


def unfit(nickname: str) -> bool:
    """Check whether a folded nickname is an address, or could pass for the teacher or a board label.

    There is no list of rude words: the teacher sees every name, and can rename or remove anybody.
    """
    words = _APART.split(_SPELT.sub("", nickname.translate(_LOOKS)))
    passes = _TEACHER.search("".join(words)) or _TITLES & {*words, "".join(words)}
    return bool(passes or _LABEL.fullmatch(_APART.sub("", nickname)) or _ADDRESS.search(nickname))


def checked_nickname(nickname: str, *, by_teacher: bool = False) -> tuple[str, str]:
    """Check a nickname; return it as shown and as compared (letters and digits). Raises ClassError.

    `by_teacher`: the teacher chose it, so it may resemble any name.
    """
    # invisible characters do not count
    visible = (c for c in without_surrogates(nickname) if unicodedata.category(c) != "Cf")
    name = " ".join("".join(c if c.isprintable() else " " for c in visible).split())
    if not 1 <= len(name) <= 24:
        raise ClassError("write a nickname of 1 to 24 characters")
    plain = folded(name).casefold()
    if not by_teacher and unfit(plain):
        raise ClassError(
            "choose another nickname: this one could be taken for somebody else's, or is an address"
        )
    return name, (_APART.sub("", plain) or plain)[:64]  # A d a is Ada; a name of signs alone stays
