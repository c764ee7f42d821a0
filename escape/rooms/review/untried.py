"""Acts that change something in a room, and that none of its plans tries. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from escape.rooms.play import Play
from escape.rooms.reading import VERBS
from escape.rooms.room import Act, Room, move_text


def untried(room: Room, plays: Iterable[Play]) -> Iterator[str]:
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
    """Return a thing and its second thing, in either order if the verb allows both. No second thing if it does not
    matter.
    """
    verb, thing, second = act
    if room.world.rules[rule].at is None:
        return {(thing, "")}
    return {(thing, second), (second, thing)} if VERBS[verb].symmetric else {(thing, second)}
