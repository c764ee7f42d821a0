"""Hints for a room's author: suspicious, though no fault. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from escape.rooms.play import RoomEpisode
from escape.rooms.reading import VERBS
from escape.rooms.room import Act, Room, move_text
from escape.types import normalized_name

_ENDS = (
    "of|in|on|at|to|into|onto|from|with|by|for|and|or|but|that|which|who|is|are|was|were|has|have|can|will|may|must|"
    "lies|lie|stands|stand|hangs|hang|holds|hold|leads|opens|runs|under|over|above|below|behind|beside|between|through|"
    "as|so|if|when|where|than|there|not|only|out|up|down|goes|comes|rests|fits"
)
_NOUN = re.compile(
    rf"\b(?:the|an?|its|your)\s+((?:[a-z][a-z'-]*\s+){{0,3}}?[a-z][a-z'-]*)(?=[,.;:!?)]|\s+(?:{_ENDS})\b|$)"
)
_MEASURES = frozenset("metre meter centimetre gram kilogram litre second minute hour degree way time side end".split())


def unnamed(room: Room) -> list[str]:
    """Nouns of the room's own text that no thing goes by, such as `shaft`: a plan that uses one would not be read."""
    puzzle = room.puzzle
    story = " ".join((puzzle.setup.scenario, *puzzle.setup.constraints)).casefold()
    words_seen: dict[str, None] = {}
    for match in _NOUN.finditer(story):
        words = match[1].split()
        is_named = any(room.names.spotted(words[n:])[1] for n in range(len(words)))
        if not is_named and words[-1].removesuffix("s") not in _MEASURES:
            words_seen[match[1]] = None
    return list(words_seen)


def at_a_distance(room: Room) -> Iterator[str]:
    """Rules that change what is known of a thing which the move does not name: do they do the player's next step?"""
    lines: dict[str, list[str]] = {}
    for number, rule in enumerate(room.world.rules):
        things = {normalized_name(room.names.find(thing) or thing) for thing in rule.touches}
        for fact, value in rule.then.items():
            thing = normalized_name(room.names.named(fact))
            if thing and thing not in things and rule.when.get(fact) != value:
                lines.setdefault(fact, []).append(str(number + 1))
    for fact, rules in lines.items():
        if len(rules) == 1:
            yield f"rule {rules[0]} changes {fact!r}, which its move does not name"
        else:
            yield f"rules {', '.join(rules)} change {fact!r}, which their moves do not name"


def untried(room: Room, plays: Iterable[RoomEpisode]) -> Iterator[str]:
    """One sentence for each rule that changes something on a thing, or on one thing with another, where no plan does.

    Whoever lets a rule answer one thing more than it should is told so, and whoever adds a rule adds a plan for it.
    With which verb does not matter. Words and codes are left out.
    """
    pairs = {pair for play in plays for act, rule in play.changes for pair in _pairs(room, act, rule)}
    numbers: set[int] = set()
    for edge in (edge for edges in room.graph.edges.values() for edge in edges):
        for act in () if edge.rule in numbers else edge.acts:
            if not VERBS[act[0]].takes_word and not pairs & _pairs(room, act, edge.rule):
                numbers.add(edge.rule)
                yield (
                    f"{room.rule_name(edge.rule)} changes something on {move_text(*act)!r}, but in no plan does "
                    "anything come of that; add a plan, or let the rule not answer it"
                )
                break


def _pairs(room: Room, act: Act, rule: int) -> set[tuple[str, str]]:
    """Yield a thing and its second thing, in either order if the verb allows both."""
    verb, thing, second = act
    if room.world.rules[rule].at is None:
        return {(thing, "")}
    return {(thing, second), (second, thing)} if VERBS[verb].symmetric else {(thing, second)}
