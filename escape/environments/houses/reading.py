"""One line of a plan for a house: names there are a word and a number, so that a line says all by what it names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from escape.environments.rooms import MAX_MOVE_LENGTH, cleaned, gives_up, times, without_mark

# a minus belongs to a number that it touches, after a blank: "ring 6a - 43" and "6a-43" have none
_NUMBER = r"(?<![\w.,])(?:(?<=\s)[-−])?\d+(?:,\d{3})*(?:[.,]\d+)?(?!,?\d)"
_UNIT = r"(?:\s*(?:mm|cm|ml|l|m|g|kg|s|ohm|ohms|v|turns?|°c|degrees?|marks?|ω|Ω|%))?\b"
_TIMES = re.compile(r"(?i)\b(?:twice|once|(?:\d{1,3}|[a-z]{3,8}) (?:more )?times)\b")
_DENIED = re.compile(
    r"(?:\w+[:,!] |please )?(?:you )?"
    r"(?:(?:do|must|should|shall|can) ?not|\w+n['’]t|dont|never(?! let go)|not)\b(?! forget)"
)


@dataclass(frozen=True)
class HouseMove:
    """A line, or a part of one that stands for itself. `names`: what it names, in its order; `value`: a number or a
    word beside one name; `fault`: what could not be read.
    """

    text: str
    names: tuple[str, ...] = ()
    value: str = ""
    gives_up: bool = False
    fault: str = ""


class Reader:
    """Reads lines about these names; `words` are those that can say which way, such as `north`."""

    def __init__(self, names: Iterable[str], words: Iterable[str]) -> None:
        longest_first = sorted(names, key=len, reverse=True)
        self._names = frozenset(longest_first)
        nouns = sorted({n.split()[0] for n in longest_first}, key=len, reverse=True)
        pattern = "|".join(re.escape(n) for n in nouns)
        # a name's number may be written with a sign, a dash or the word "number" before it
        self._token = re.compile(
            rf"\b(?P<noun>{pattern})s?(?:\s*(?:#|-|no\.?|number))?\s*(?P<number>\d+\s?[a-z]?)\b"
            rf"|(?P<value>{_NUMBER}){_UNIT}|\b(?P<word>{'|'.join(sorted(words)) or 'north'})(?:wards?)?\b"
        )

    def read(self, line: str) -> tuple[HouseMove, ...]:
        """A line as a move, or as several if it sets several dials or says how often."""
        text_line = without_mark(line.strip()[:MAX_MOVE_LENGTH])
        text = cleaned(text_line)
        if gives_up(text):
            return (HouseMove(text_line, gives_up=True),)
        if _DENIED.match(text):
            return (HouseMove(text_line, fault="it says what not to do"),)
        tokens = list(self._tokens(_TIMES.sub(" ", text)))
        if unknown := next((t for t, name in tokens if name is None), None):
            return (HouseMove(text_line, fault=f"there is no “{unknown}” in this house"),)
        names, values = [t for t, name in tokens if name], [t for t, name in tokens if not name]
        if not names:
            return (HouseMove(text_line, fault="it names nothing that is in this house"),)
        if len(names) == len(values) and all(name for _, name in tokens[::2]):
            moves = tuple(HouseMove(text_line, (n,), v) for n, v in zip(names, values, strict=True))
        elif len(names) <= 2 and (len(names) == 2 or not values):
            moves = (HouseMove(text_line, tuple(names)),)
        else:
            return (HouseMove(text_line, fault="it names more than it can be about"),)
        return moves * times(text_line) if len(moves) == 1 else moves

    def _tokens(self, text: str) -> Iterator[tuple[str, bool | None]]:
        """What a line names (True), the numbers and words beside it (False), and names of nothing (None)."""
        for match in self._token.finditer(text):
            if match["noun"]:
                name = f"{match['noun']} {match['number'].replace(' ', '')}"
                yield name, True if name in self._names else None
            else:
                yield _plain(match["value"] or match["word"]), False


def _plain(value: str) -> str:
    """A number without commas between thousands and with a decimal point: `1,129` is 1129, `4,5` is 4.5."""
    value = re.sub(r",(?=\d{3}(?!\d))", "", value.replace("−", "-"))
    return value.replace(",", ".")
