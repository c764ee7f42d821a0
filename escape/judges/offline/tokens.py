"""Words, their stems, and which stems mean the same. Knows no puzzle."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

import snowballstemmer

from escape.judges.offline.lexicon import CONCEPTS, FILLER, FUNCTION, GROUPS, SILENT

_STEMMER = snowballstemmer.stemmer("english")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|[^\W_]=[^\W_]")


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """English (Porter2) stem of a lower-case word."""
    if word == "glasses":  # spectacles, not several drinking glasses
        return word
    made: str = _STEMMER.stemWord(word)
    return made


def words(text: str) -> list[str]:
    """Lower-case words in order; `a=n` is one word."""
    return [w.replace("’", "'") for w in _WORD.findall(text.casefold()) if w not in SILENT]


@lru_cache(maxsize=20_000)
def stems(text: str) -> tuple[str, ...]:
    """Stems of the words that carry meaning, in order."""
    return tuple(stem(w) for w in words(text) if w not in FUNCTION and w not in FILLER)


_GROUPS_OF: dict[str, frozenset[int]] = {}
for _number, _group in enumerate(GROUPS):
    for _word in _group.split():
        _key = stem(_word)
        _GROUPS_OF[_key] = _GROUPS_OF.get(_key, frozenset()) | {_number}


# what the thesaurus and the list of physical ideas know
KNOWN = frozenset(_GROUPS_OF) | {stem(w) for _, told in CONCEPTS for w in re.split(r"[,+\s]+", told) if w}


@lru_cache(maxsize=50_000)
def kin(stem_: str) -> frozenset[str | int]:
    """A stem with the numbers of its thesaurus groups: two stems mean the same where these meet."""
    return _GROUPS_OF.get(stem_, frozenset()) | {stem_}


def kin_all(stems_: Iterable[str]) -> frozenset[str | int]:
    """The union of `kin` over stems."""
    return frozenset().union(*map(kin, stems_))
