"""The workshop's fields: their labels and steps, and the labels that error messages use for them."""

import re
from typing import NamedTuple

STORY, WAY, TEMPTATIONS, ANSWERS = "Story", "Way out", "Temptations", "Rules"


class Field(NamedTuple):
    """A field of the draft: its label, whether it takes several lines, and its step."""

    label: str
    lines: bool
    step: str


FIELDS = {
    "title": Field("Title", False, STORY),
    "scenario": Field("What the player is told", True, STORY),
    "items": Field("Items, one per line", True, STORY),
    "things": Field("What else can be acted on (walls, bodies, fixtures), one per line", True, STORY),
    "kinds": Field("What kind of thing each is, one per line: rope = cord", True, STORY),
    "names": Field("Other words for a thing, one thing per line: rope = cord, line", True, STORY),
    "limits": Field("Limits, one per line, with numbers if they matter", True, STORY),
    "principles": Field("Principles, one per line", True, WAY),
    "steps": Field("Steps of the solution, one per line", True, WAY),
    "insights": Field("Why it works, one thought per line", True, WAY),
    "facts": Field(
        "What can change, and how it is at the start, one per line: ball = at the bottom", True, WAY
    ),
    "totals": Field("What amounts add up to, one fact per line: nut: loose = 0; tight = 4", True, WAY),
    "goal": Field("The player is out when, one per line: ball = in hand", True, WAY),
    "moves": Field("The solution as moves, one per line: pour: jug -> basin", True, WAY),
    "alternatives": Field("Other accepted ways, one per line", True, WAY),
}
ABOUT = {
    STORY: "What somebody reads who has never seen the room.",
    WAY: "How one gets out, and why. Facts let the room carry moves out; without them only a judge can "
    "mark it.",
    TEMPTATIONS: "Things that tempt but cannot help. For each, say why it cannot.",
    ANSWERS: "Rules: when someone does something, and something holds, then something changes. The first "
    "that fits applies.",
}
NEEDED = ("title", "scenario", "items", "principles", "steps")
_CALLED = {  # fields as a fault names them, as the form does
    "title": "Title",
    "problem_id": "Id",
    "family": "Kind",
    "setup.scenario": "What the player is told",
    "setup.available_items": "Items",
    "setup.constraints": "Limits",
    "physical_principles": "Principles",
    "solution.steps": "Steps of the solution",
    "solution.key_insights": "Why it works",
    "accepted_alternatives": "Other accepted ways",
    "red_herrings": "Temptations",
    "herring_notes": "Temptations",
    "world.things": "What else can be acted on",
    "world.kinds": "What kind of thing each is",
    "world.totals": "What amounts add up to",
    "world.names": "Other words for a thing",
    "world.moves": "The solution as moves",
    "world.start": "What can change",
    "world.goal": "The player is out when",
    "world.rules": "Rules",
    "world": "The room",
}


def named_after(title: str) -> str:
    """Derive a puzzle's id from its title: THE_TAP of `The tap`, MINE of one without Latin letters."""
    return re.sub(r"[^A-Z0-9]+", "_", title.upper()).strip("_")[:60] or "MINE"


def in_words(remedy: str) -> str:
    for field, label in _CALLED.items():
        if "_" in field or "." in field:  # the others are words as well
            remedy = re.sub(rf"\b{re.escape(field.removeprefix('setup.'))}\b", f'"{label}"', remedy)
    return remedy


def label_of(field: str) -> str:
    return next((label for prefix, label in _CALLED.items() if field.startswith(prefix)), field)
