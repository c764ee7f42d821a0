"""The things in one room, found by the names that people give them."""

import re
from collections import defaultdict
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
    """A verb. `symmetric`: its things may swap. `free`: never a move. `takes_word`: a code. `needs_no_thing`."""

    name: str
    also: tuple[str, ...] = ()
    swapped: tuple[str, ...] = ()  # "fill A with B" is "pour B into A": synonyms that swap the things
    symmetric: bool = False
    free: bool = False
    takes_word: bool = False
    needs_no_thing: bool = False


def _verb(name: str, also: str = "", swapped: str = "", **more: bool) -> Verb:
    return Verb(name, tuple(also.split()), tuple(swapped.split()), **more)


VERBS = {
    v.name: v
    for v in (
        _verb("look", "examine inspect observe check see read watch study search find notice listen smell measure compare test identify note count", free=True, needs_no_thing=True),
        _verb("take", "grab pick get collect remove retrieve lift raise fetch extract grasp catch withdraw unhook detach reach scoop unclamp free recover carry fish"),
        _verb("put", "place set insert drop lay attach position lower hang stick load mount add rest lean stack wedge stand dip pack prop slide move bring spread send submerge immerse seat balance dissolve feed drape thread fit guide carry strap install slip run swing slot lead scatter plunge heap heave pass touch", "cover wrap block plug seal surround pad line weigh weight"),
        _verb("pour", "dump empty tip spill drain add drip trickle ladle scatter sprinkle", "fill flood top"),
        _verb("push", "shove jab tamp slide nudge move stuff pack ram drive stab pump extend poke thrust roll lower guide wedge feed lean slip pass heave"),
        _verb("pull", "drag draw tug haul yank reel lift raise hoist tighten retract slide extend stretch pluck jerk move heave fish"),
        _verb("press", "pump work operate squeeze click tap squash stamp pinch compress clamp depress"),
        _verb("turn", "swing run rotate twist spin unscrew screw crank align tilt flip wind swivel invert aim tighten loosen adjust unclamp"),
        _verb("switch", "toggle activate deactivate start stop light plug unplug fire trigger"),
        _verb("open", "unlock uncork uncover unseal unlatch unplug loosen release"),
        _verb("close", "shut lock cork stopper plug clamp tighten pinch"),
        _verb("tie", "knot hitch fasten bind loop lash attach hook thread secure strap hang wind wrap", symmetric=True),
        _verb("join", "connect snap hitch attach link assemble combine fix glue tape clip hook fasten bridge clamp screw plug fit couple", symmetric=True),
        _verb("bend", "kink fold roll curl crumple coil unfold straighten unroll shape wind snap twist unwind unbend"),
        _verb("tear", "rip shred split peel unravel strip snap"),
        _verb("cut", "slice snip saw trim sever slit pierce puncture score file", symmetric=True),
        _verb("heat", "warm melt burn boil ignite thaw", symmetric=True),
        _verb("cool", "chill freeze quench", symmetric=True),
        _verb("hit", "strike knock beat bang hammer tap smash break kick ring pluck snap rap", symmetric=True),
        _verb("blow", "puff breathe inflate exhale fan"),
        _verb("wet", "moisten soak dampen splash dip lick rinse wash sprinkle immerse", symmetric=True),
        _verb("rub", "wipe scrub brush polish sweep scratch stroke scrape charge grease clean smear sand oil lubricate dust dry chalk scour coat", symmetric=True),
        _verb("shine", "point direct beam flash aim", "illuminate scan light"),
        _verb("hold", "keep support steady grip carry balance bring prop position"),
        _verb("throw", "toss fling cast hurl lob drop release swing"),
        _verb("shake", "rattle stir swing rock agitate wobble mix swirl vibrate jiggle bounce bob"),
        _verb("enter", "type dial input", takes_word=True),
        _verb("say", "shout call tell speak sing whisper ask hum signal", free=True, takes_word=True),
        _verb("wait", "pause rest walk step climb go", free=True, needs_no_thing=True),
    )
}  # fmt: skip

GIVE_UP = ("give up", "surrender", "concede", "no way out", "stop trying")


def _meanings() -> dict[str, tuple[tuple[str, bool], ...]]:
    meanings: dict[str, list[tuple[str, bool]]] = defaultdict(list)
    for verb in VERBS.values():
        for word in verb.also:
            meanings[word].append((verb.name, False))
        for word in verb.swapped:
            meanings[word].append((verb.name, True))
    return {word: tuple(means) for word, means in meanings.items()} | {name: ((name, False),) for name in VERBS}


# word -> the verbs it may mean, each with whether it swaps the things; a verb on the list means only itself
MEANINGS = _meanings()
