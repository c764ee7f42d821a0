"""Words, their stems, and which of them mean the same; phrases. The word lists are in lexicon.toml."""

from __future__ import annotations

import re
import threading
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

import snowballstemmer

_DATA = tomllib.loads(Path(__file__).with_name("lexicon.toml").read_text("utf-8"))


class _Own(threading.local):
    """A stemmer keeps the word that it is at, so that each thread needs one of its own."""

    def __init__(self) -> None:
        self.stemmer = snowballstemmer.stemmer("english")


_OWN = _Own()
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|[^\W_]=[^\W_]")  # `a=n` is one word
GAP = 4  # words that `...` in a phrase may stand for, at most

FUNCTION, FILLER, SILENT = (frozenset(_DATA[name].split()) for name in ("function", "filler", "silent"))
GENERIC, DESCRIBING = (frozenset(map(_OWN.stemmer.stemWord, _DATA[name].split())) for name in ("generic", "describing"))
FOREIGN = {name: frozenset(small.split()) for name, small in _DATA["foreign"].items()}
SPEECH = {name: frozenset(found.split()) for name, found in _DATA["speech"].items()}
GROUPS = tuple(_DATA["thesaurus"]["groups"].split("\n")[1:-1])
CONCEPTS = tuple(line.split(" | ") for line in _DATA["physics"]["concepts"].split("\n")[1:-1])


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """English (Porter2) stem of a lower-case word."""
    if word == "glasses":  # spectacles, not several drinking glasses
        return word
    stem_text: str = _OWN.stemmer.stemWord(word)
    return stem_text


def words(text: str) -> list[str]:
    """Lower-case words in order, without those that only demands use."""
    return [w.replace("’", "'") for w in _WORD.findall(text.casefold()) if w not in SILENT]


@lru_cache(maxsize=20_000)
def stems(text: str) -> tuple[str, ...]:
    """Stems of the words that carry meaning, in order."""
    return tuple(stem(w) for w in words(text) if w not in FUNCTION and w not in FILLER)


_GROUPS_OF: dict[str, set[int]] = defaultdict(set)
for _number, _group in enumerate(GROUPS):
    for _word in _group.split():
        _GROUPS_OF[stem(_word)].add(_number)

Synonyms = frozenset[str | int]


@lru_cache(maxsize=50_000)
def synonyms(stem_: str) -> Synonyms:
    """A stem with the numbers of its thesaurus groups: two stems mean the same where these meet."""
    return frozenset(_GROUPS_OF.get(stem_, ())) | {stem_}


def synonyms_of_all(word_stems: Iterable[str]) -> Synonyms:
    """The union of `synonyms` over stems."""
    return frozenset().union(*map(synonyms, word_stems))


# an idea: stems that name it in a puzzle; what it sounds like in an answer, each phrase as stems that stand together
IDEAS = tuple(
    (
        frozenset(map(stem, names.split())),
        tuple(frozenset(map(stem, p.replace("+", " ").split())) for p in told.split(",")),
    )
    for names, told in CONCEPTS
)
KNOWN = frozenset(_GROUPS_OF).union(*(phrase for _, phrases in IDEAS for phrase in phrases))


class Phrases:
    """Phrases of one kind, found word by word. In the lexicon `a|b` is either word and `...` at most GAP others."""

    def __init__(self, kind: str) -> None:
        self._by: dict[str, list[list[frozenset[str]]]] = defaultdict(list)
        for line in _DATA["phrases"][kind].split(","):
            first, *rest = (frozenset(part.split("|")) for part in line.split())
            for word in first:
                self._by[word].append(rest)

    def __contains__(self, words_: Sequence[str]) -> bool:
        return any(self._end(words_, index) for index in range(len(words_)))

    def without(self, words_: Sequence[str]) -> list[str]:
        """The words without the phrases among them."""
        words_left, index = [], 0
        while index < len(words_):
            end = self._end(words_, index)
            words_left += [] if end else [words_[index]]
            index = end or index + 1
        return words_left

    def _end(self, words_: Sequence[str], start: int) -> int:
        """The place behind the phrase that begins at `start`; 0 for none."""
        for rest in self._by.get(words_[start], ()):
            index, reach = start + 1, 1
            for word in rest:
                if "..." in word:
                    reach = GAP + 1
                    continue
                position = next((i for i, w in enumerate(words_[index : index + reach]) if w in word), len(words_))
                index, reach = index + position + 1, 1
            if index <= len(words_):
                return index
        return 0


CAUSES, WAVERS, DENIES, REJECTS, DEMANDS, REFUSES, DISMISSES, SUPPOSES, IN_PASSING, POINTS = map(
    Phrases, "causes wavers denies rejects demands refuses dismisses supposes in_passing points".split()
)
