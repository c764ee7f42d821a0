"""The verbs that are offered for a thing: eight that are natural for it, in an order that gives nothing away."""

from __future__ import annotations

from escape.environments.rooms.reading import VERBS
from escape.environments.rooms.room import Room

MOST = 8
USUAL = ("look", "take", "put", "push", "pull", "turn", "press", "hit")


def fitting(room: Room, thing: str) -> tuple[str, ...]:
    """Verbs for a thing: all that ever change something, then those that the room has an answer to, then the usual
    ones. Eight for every thing, so that their number says nothing; more only where more than seven change something.
    """
    working = room.working.get(thing, frozenset())
    chosen = dict.fromkeys(["look", *working, *room.answered(thing), *USUAL])
    verbs = set(list(chosen)[: max(MOST, len({"look", *working}))])
    return tuple(v for v in VERBS if v in verbs)
