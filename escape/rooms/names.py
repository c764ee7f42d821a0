"""The things in one room, found by the names that people give them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property

from escape.fields import normalized_name

_WORD = re.compile(r"[^\W_]+")
_EMPTY = frozenset(
    "the a an some my your our its this that these those of one two both all more left right other".split()
)


class Names:
    """Things and the words they go by."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = [(n, frozenset(_tokens(n))) for n in names]
        self._exact = {normalized_name(n): n for n, _ in reversed(self._names)}

    @cached_property
    def listed(self) -> tuple[str, ...]:
        """Every name, once."""
        return tuple(dict.fromkeys(n for n, _ in self._names))

    def find(self, said: str, *, loose: bool = True) -> str:
        """The one thing meant; "" if nothing matches or several things could. `loose`: other words may surround the
        name.
        """
        said = normalized_name(said)
        if said in self._exact:
            return self._exact[said]
        words = frozenset(_tokens(said))
        if not words:
            return ""
        same = [n for n, tokens in self._names if tokens == words]
        if same:
            return same[0]
        within = [n for n, tokens in self._names if words < tokens]
        if len(within) == 1:
            return within[0]
        if within or not loose:
            return ""
        around = sorted(((len(tokens), n) for n, tokens in self._names if tokens and tokens < words), reverse=True)
        if around and (len(around) == 1 or around[0][0] > around[1][0]):
            return around[0][1]
        return ""


def _tokens(name: str) -> Iterator[str]:
    for word in _WORD.findall(normalized_name(name)):
        if word not in _EMPTY:
            word = "wood" if word == "wooden" else word
            yield word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def spoken(word: str) -> str:
    """A code or word for comparison: letters and digits only."""
    return "".join(_WORD.findall(word.casefold()))
