"""VERBS: the one closed list of what can be done in every room, each verb with its synonyms, and what forms they take.

The list is the same for all puzzles, so it gives no solution away.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass


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
