"""The names of the things in one room, and the verbs that every room knows."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import get_args

from escape.rooms.reading.amounts import exact_amount, is_amount, read_amount
from escape.types import Amount, Kind, normalized_name

_WORD = re.compile(r"[^\W_]+")
_EMPTY = frozenset(
    "the a an some my your our its this that these those of one two both all more left right other".split()
)


class Names:
    """The things of a room and the words they go by.

    `also`: other names from the room's own text, and words for amounts. `units`: those in which its rules ask
    for amounts. Without any, amounts may be things, as in older worlds.
    """

    def __init__(
        self,
        names: Iterable[str],
        also: Mapping[str, Sequence[str]] | None = None,
        units: frozenset[str] = frozenset(),
    ) -> None:
        listed, also, self.units = [*names], also or {}, units
        self.amounts: dict[str, Amount] = {}
        if units:
            for spelling, words in also.items():
                amount = None if spelling in listed else exact_amount(spelling)
                if amount:
                    self.amounts |= {normalized_name(word): amount for word in words}
        words_for = (
            (word, n)
            for n, words in also.items()
            for word in words
            if normalized_name(word) not in self.amounts
        )
        every = [*((n, n) for n in listed), *words_for]
        self._names = [(meant, frozenset(_tokens(spelling))) for spelling, meant in every]
        self._exact = {normalized_name(spelling): meant for spelling, meant in reversed(every)}

    def amount_at(self, words: Sequence[str]) -> tuple[int, Amount | None]:
        """Read an amount at the start of some words: its length in words, and the amount.

        (0, None) if there is none. Where no rule asks for amounts, only volumes and masses count: a part of a
        liquid must not be taken for all of it.
        """
        # of how much water the room asks nothing, and will not take a part of it for the whole
        if not self.units:
            size, portion = read_amount(words)
            return (size, portion) if portion and portion.kind in PORTIONS else (0, None)
        for size in range(min(5, len(words)), 0, -1):
            if amount := self.amounts.get(" ".join(words[:size])):
                return size, amount
        return read_amount(words, next(iter(self.units)) if len(self.units) == 1 else "")

    def is_mark(self, name: str) -> bool:
        """Check whether a thing is an amount, as in older worlds: `two turns`, `18 cm mark`."""
        return not self.units and is_amount(name)

    @cached_property
    def listed(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(n for n, _ in self._names))

    def named(self, word: str) -> str:
        """Find the thing that a name means, in full or shortened. "" if none or several."""
        return self.find(word, loose=False)

    def exactly(self, word: str) -> str:
        """Look up the thing with exactly this name. "" if there is none."""
        return self._exact.get(normalized_name(word), "")

    def spotted(self, words: Sequence[str]) -> tuple[int, str]:
        """Find the longest name at the start of some words: its length in words, and the thing.

        (0, "") if there is none.
        """
        for size in range(min(6, len(words)), 0, -1):
            if words[size - 1] in _EMPTY and size > 1:  # `near hook of the` ends at the hook
                continue
            phrase = " ".join(words[:size])
            name = self._exact.get(phrase) or self.named(phrase)
            if name and (phrase in self._exact or _head(phrase) in {_head(word) for word in self._exact}):
                return size, name
        return 0, ""

    def find(self, word: str, *, loose: bool = True) -> str:
        """Find the one thing that a name means, in full or shortened. "" if none or several.

        `loose`: other words may surround the name.
        """
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
        around = sorted(
            ((len(tokens), n) for n, tokens in self._names if tokens and tokens < words), reverse=True
        )
        best = {n for size, n in around if size == around[0][0]}
        return around[0][1] if len(best) == 1 else ""


def _head(name: str) -> str:
    """Find the head word of a name: `bottle` in `bottle of water`."""
    words = list(_tokens(name.partition(" of ")[0]))
    return words[-1] if words else ""


def _tokens(name: str) -> Iterator[str]:
    for word in _WORD.findall(normalized_name(name)):
        if word not in _EMPTY:
            word = "wood" if word == "wooden" else word
            yield word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def letters_and_digits(word: str) -> str:
    """Reduce a code or word to its letters and digits, for comparison."""
    return "".join(_WORD.findall(word.casefold()))


PORTIONS = frozenset({"volume", "mass"})  # kinds of amounts that are parts of a liquid or a powder
KINDS: frozenset[Kind] = frozenset(get_args(Kind))


@dataclass(frozen=True)
class Verb:
    """A verb, and what it can be done with.

    `also`: words for the same deed in any room. `swapped`: words that name its things the other way round, as
    "fill A with B" is "pour B into A". `symmetric`: its things may swap. `free`: not counted as a move.
    `takes_word`: takes a code or a word. `kinds`: the kinds of things it can be done with; with any other it
    is unread, in every room.
    """

    name: str
    also: tuple[str, ...] = ()
    swapped: tuple[str, ...] = ()
    symmetric: bool = False
    free: bool = False
    takes_word: bool = False
    needs_no_thing: bool = False
    kinds: frozenset[Kind] = KINDS


def _define_verb(name: str, also: str = "", swapped: str = "", on: str = "", **more: bool) -> Verb:
    kinds = KINDS & set(on.split()) if on else KINDS
    return Verb(name, tuple(also.split()), tuple(swapped.split()), kinds=kinds, **more)


# what can be bent or torn: liquids cannot
_SHAPED = "solid vessel powder cord sheet fixture opening source person"

# A word that could mean another deed in any room is no synonym: lifting a drawer is not pulling it, hanging
# may be tying, removing a cork is opening a bottle. Such a line is unread, and whoever wrote it is asked for
# it once more. So is one whose verb cannot be done with things of that kind (`on`).
VERBS = {
    v.name: v
    for v in (
        _define_verb("look", "examine inspect observe check see watch read study compare identify count", free=True, needs_no_thing=True),
        _define_verb("take", "grab get fetch retrieve collect pick"),
        _define_verb("put", "place set lay insert position", "cover"),
        _define_verb("lift", "raise hoist"),
        _define_verb("pour", "", "fill", on="liquid powder vessel"),
        _define_verb("stir", symmetric=True, on="liquid powder vessel"),
        _define_verb("push", "shove"),
        _define_verb("pull", "drag draw tug haul"),
        _define_verb("press", "depress"),
        _define_verb("climb", on="solid vessel powder cord fixture opening"),
        _define_verb("turn", "rotate crank"),
        _define_verb("switch", "toggle", on="fixture opening source"),
        _define_verb("open"),
        _define_verb("close", "shut"),
        _define_verb("tie", "knot bind lash", symmetric=True),
        _define_verb("join", "connect", symmetric=True),
        _define_verb("bend", "fold", on=_SHAPED),
        _define_verb("tear", "rip", on=_SHAPED),
        _define_verb("cut", "slice snip saw sever", symmetric=True),
        _define_verb("heat", "warm", symmetric=True),
        _define_verb("cool", "chill", symmetric=True),
        _define_verb("hit", "strike knock bang", symmetric=True),
        _define_verb("blow", "puff"),
        _define_verb("wet", "moisten dampen", symmetric=True),
        _define_verb("rub", "wipe scrub polish stroke", symmetric=True),
        _define_verb("shine", "beam", "illuminate"),
        _define_verb("hold", "grip"),
        _define_verb("throw", "toss fling hurl"),
        _define_verb("shake", "rattle jiggle agitate"),
        _define_verb("enter", "type dial input", takes_word=True, on="fixture opening source vessel"),
        _define_verb("say", "tell speak call ask", free=True, takes_word=True),
        _define_verb("wait", "pause", free=True, needs_no_thing=True),
    )
}  # fmt: skip

GIVE_UP = ("give up", "surrender", "concede", "no way out", "stop trying")

# word -> the verb that it means, and whether it names the things the other way round
MEANINGS: dict[str, tuple[str, bool]] = {
    word: (verb.name, word in verb.swapped)
    for verb in VERBS.values()
    for word in (verb.name, *verb.also, *verb.swapped)
}
