"""The things in one room, found by the names that people give them."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from escape.types import normalized_name

_WORD = re.compile(r"[^\W_]+")
_EMPTY = frozenset(
    "the a an some my your our its this that these those of one two both all more left right other".split()
)


class Names:
    """Things and the words they go by. `also`: other names that the room's own text gives them."""

    def __init__(self, names: Iterable[str], also: Mapping[str, Sequence[str]] | None = None) -> None:
        every = [*((n, n) for n in names), *((word, n) for n, words in (also or {}).items() for word in words)]
        self._names = [(meant, frozenset(_tokens(spelling))) for spelling, meant in every]
        self._exact = {normalized_name(spelling): meant for spelling, meant in reversed(every)}

    @cached_property
    def listed(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(n for n, _ in self._names))

    def named(self, word: str) -> str:
        """Return the thing that exactly these words name. "" if none does, or several could be meant."""
        return self.find(word, loose=False)

    def exactly(self, word: str) -> str:
        """Return the thing that goes by exactly this name. "" if none does."""
        return self._exact.get(normalized_name(word), "")

    def spotted(self, words: Sequence[str]) -> tuple[int, str]:
        """Return the longest name at the start of some words: how many words, and the thing. (0, "") if none."""
        for size in range(min(6, len(words)), 0, -1):
            if words[size - 1] in _EMPTY and size > 1:  # `near hook of the` ends at the hook
                continue
            phrase = " ".join(words[:size])
            name = self._exact.get(phrase) or self.named(phrase)
            if name and (phrase in self._exact or _head(phrase) in {_head(word) for word in self._exact}):
                return size, name
        return 0, ""

    def find(self, word: str, *, loose: bool = True) -> str:
        """Return the one thing meant, "" if none or several. `loose`: other words may surround the name."""
        word = normalized_name(word)
        if word in self._exact:
            return self._exact[word]
        words = frozenset(_tokens(word))
        if not words:
            return ""
        same = [n for n, tokens in self._names if tokens == words]
        if same:
            return same[0]
        within = dict.fromkeys(n for n, tokens in self._names if words < tokens)
        if len(within) == 1:
            return next(iter(within))
        if within or not loose:
            return ""
        around = sorted(((len(tokens), n) for n, tokens in self._names if tokens and tokens < words), reverse=True)
        best = {n for size, n in around if size == around[0][0]}
        return around[0][1] if len(best) == 1 else ""


def _head(name: str) -> str:
    """Return the last word of a name, before what it is of: `bottle` of a bottle of water."""
    words = list(_tokens(name.partition(" of ")[0]))
    return words[-1] if words else ""


def _tokens(name: str) -> Iterator[str]:
    for word in _WORD.findall(normalized_name(name)):
        if word not in _EMPTY:
            word = "wood" if word == "wooden" else word
            yield word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def spoken(word: str) -> str:
    """Return a code or word for comparison: letters and digits only."""
    return "".join(_WORD.findall(word.casefold()))


@dataclass(frozen=True)
class Verb:
    """A verb. `also`: words for the same deed in any room. `swapped`: those that name its things the other way round, as
    "fill A with B" is "pour B into A". `symmetric`: its things may swap. `free`: never a move. `takes_word`: a code.
    """

    name: str
    also: tuple[str, ...] = ()
    swapped: tuple[str, ...] = ()
    symmetric: bool = False
    free: bool = False
    takes_word: bool = False
    needs_no_thing: bool = False


def _verb(name: str, also: str = "", swapped: str = "", **more: bool) -> Verb:
    return Verb(name, tuple(also.split()), tuple(swapped.split()), **more)


# A word that could mean another deed in any room is no synonym: lifting a drawer is not pulling it, hanging may be tying,
# removing a cork is opening a bottle. Such a line is unread, and whoever wrote it is asked for it once more.
VERBS = {
    v.name: v
    for v in (
        _verb("look", "examine inspect observe check see watch read study compare identify count", free=True, needs_no_thing=True),
        _verb("take", "grab get fetch retrieve collect pick"),
        _verb("put", "place set lay insert position", "cover"),
        _verb("pour", "", "fill"),
        _verb("push", "shove"),
        _verb("pull", "drag draw tug haul"),
        _verb("press", "depress"),
        _verb("turn", "rotate crank"),
        _verb("switch", "toggle"),
        _verb("open"),
        _verb("close", "shut"),
        _verb("tie", "knot bind lash", symmetric=True),
        _verb("join", "connect", symmetric=True),
        _verb("bend", "fold"),
        _verb("tear", "rip"),
        _verb("cut", "slice snip saw sever", symmetric=True),
        _verb("heat", "warm", symmetric=True),
        _verb("cool", "chill", symmetric=True),
        _verb("hit", "strike knock bang", symmetric=True),
        _verb("blow", "puff"),
        _verb("wet", "moisten dampen", symmetric=True),
        _verb("rub", "wipe scrub polish stroke", symmetric=True),
        _verb("shine", "beam", "illuminate"),
        _verb("hold", "grip"),
        _verb("throw", "toss fling hurl"),
        _verb("shake", "rattle jiggle agitate"),
        _verb("enter", "type dial input", takes_word=True),
        _verb("say", "tell speak call ask", free=True, takes_word=True),
        _verb("wait", "pause", free=True, needs_no_thing=True),
    )
}  # fmt: skip

GIVE_UP = ("give up", "surrender", "concede", "no way out", "stop trying")

# word -> the verb that it means, and whether it names the things the other way round
MEANINGS: dict[str, tuple[str, bool]] = {
    word: (verb.name, word in verb.swapped)
    for verb in VERBS.values()
    for word in (verb.name, *verb.also, *verb.swapped)
}
