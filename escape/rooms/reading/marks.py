"""Amounts in older worlds, where they are things such as `20 cm mark` or `two turns`.

All worlds were like this before rules could ask for amounts; files of that time are still read.
"""

import re

from escape.rooms.reading.amounts import COUNTS, FIGURE, HOW_OFTEN, words_of
from escape.rooms.reading.names import Names
from escape.types import normalized_name

_WORDS = "one two three four five six seven eight nine ten eleven twelve".split()
_PLACE = re.compile(rf"(?i)(?:^|\bat |\bto )(?:the |about |exactly )*{FIGURE}(?: mark)?\s*(?:$|[,;.)→])")
_TURNS = re.compile(rf"(?i)\b{FIGURE}\b")
# rooms name turns in words
_IN_FIGURES = re.compile(
    r"(?i)(?<![\w.,])([1-9]|1[0-2])(?:[.,]0)?(?=[ -](?:(?!half|quarter)[a-z]{2,12} )?turns?\b)"
)


def _in_words(figure: re.Match[str]) -> str:
    return _WORDS[int(figure[1]) - 1]


def number(move: str, names: Names) -> str:
    """Find the thing that says how much or how far. "" if none, or several could be meant.

    An amount that the room does not know is returned as it is written.
    """
    text = _IN_FIGURES.sub(_in_words, move)
    words = words_of(text)
    every = {name: words_of(normalized_name(name)) - {"mark"} for name in names.listed}
    amounts = {name: tokens for name, tokens in every.items() if names.is_mark(name)}
    enough = {n: tokens for n, tokens in amounts.items() if tokens <= words}
    longest = [
        name for name, tokens in enough.items() if not any(tokens < other for other in enough.values())
    ]
    if longest:  # a room may say what two marks mean together
        return (
            longest[0]
            if len(longest) == 1
            else names.exactly(" + ".join(sorted(map(normalized_name, longest))))
        )
    for spoken_of, pattern in ((False, _TURNS), (True, _PLACE)):
        units = {w for name, tokens in amounts.items() for w in tokens if ("mark" in name) is spoken_of}
        for match in pattern.finditer(text):
            if (unit := words_of(match["unit"])) and unit <= units - COUNTS:
                written = f"{match['amount']} {match['unit']}"
                return names.named(written) or written
    return ""


def how_far(text: str, names: Names) -> str:
    """Find the thing that a word such as `twice` names, as two turns in some rooms. "" if none."""
    often = HOW_OFTEN.search(text)
    thing = names.exactly(often[0]) if often else ""
    return thing if thing and names.is_mark(thing) else ""
