"""What verb of the list a phrase means, where its first word alone does not say so: `walk out along the plank`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from escape.rooms.reading.names import Names
from escape.rooms.reading.verbs import MEANINGS, verb_forms

Mentions = Sequence[tuple[str, str]]  # what a phrase names, each with the word that leads to it

PLACES = frozenset(
    "into onto in inside on upon to toward towards over under underneath beneath through around round against across "
    "at along behind beside between below above up down off from out near for".split()
)
AIMS = frozenset("to into onto in on toward towards at around round".split())
TOOLS = frozenset("with using by via".split())
ARTICLES = frozenset("the a an its their his her my our your this that these those one of both all each".split())
PERSONS = frozenset("team teams person people partner player players other others somebody someone".split())
LET_GO = re.compile(r"(?i)\blets? go(?: of)?\b")
OTHER_VERBS = frozenset("walk go step climb crawl leave stay remain carry-on".split())  # that no list of verbs has

_LEADS_UP = frozenset({"reach", "lean", "stretch"})  # to the act behind it: `reach in and take it`
_FALLS = frozenset({"fall", "drop", "sink"})
_STAYS = frozenset({"leave", "stay", "remain", "carry-on"})
_WAYS = frozenset("along onto on into in out across over through".split())
_AWAY = frozenset("back away off from aside".split())
_BODY = frozenset("lips mouth hand hands arm arms finger fingers fingertips thumb foot feet weight knee back".split())
_SWITCHES = re.compile(r"\bturns? (?:on|off)\b|\bturns? [^,;.]{1,40} (?:on|off)(?: at\b| with\b|$)")


def stem(word: str) -> str:
    """The form of a word that is a verb here; "" if there is none."""
    return next((form for form in verb_forms(word) if form in MEANINGS or form in OTHER_VERBS), "")


def meant(verb: str, words: Sequence[str], mentions: Mentions, aims: Sequence[str], names: Names) -> str:
    """The verb of the list that a phrase means, from its own verb and the words behind it: `walk out along the plank`
    enters it, `step back from the plank` does nothing, `let the ball fall` drops it, `swing it until it hangs over the
    cup` moves it there.
    """
    own = stem(verb)
    if own == "let" and (how := _how_it_is_let(words, names)):
        return "lower" if how == "down" else "drop"
    if own == "leave" and mentions and mentions[0][0] in _WAYS | {"by"}:
        return "enter"
    if own in _STAYS:
        return "wait"
    if own == "swing" and (aims or any(link in AIMS for link, _ in mentions)):
        return "move"
    if own == "go" and words[:1] == ["over"] and any(link in TOOLS for link, _ in mentions):
        return "rub"
    if own not in OTHER_VERBS:
        return verb
    away = not _AWAY.isdisjoint(words) or not mentions or mentions[0][0] not in _WAYS
    return "wait" if away else "enter"


def _how_it_is_let(words: Sequence[str], names: Names) -> str:
    """`down` or `fall` where it stands right behind what is let: `let the pipe down`, never `let it cool down`."""
    n = next((n for n, word in enumerate(words) if word in _FALLS or word == "down"), 0)
    thing = [word for word in words[:n] if word not in ARTICLES]
    is_whole = thing in (["it"], ["them"]) or (thing and names.spotted(thing)[0] == len(thing))
    return words[n] if is_whole else ""


def leads_up(verb: str) -> bool:
    """Whether an act only leads up to the next one."""
    return stem(verb) in _LEADS_UP


def is_of_body(words: Sequence[str], names: Names) -> bool:
    """Whether what an act is done to is the body alone, as in `put your lips to the pipe`."""
    own = [n for n, word in enumerate(words) if word not in ARTICLES][:1]
    if not own or words[own[0]] not in _BODY or names.spotted(words[own[0] :])[1]:
        return False
    behind = words[own[0] + 1 :]
    return not behind or behind[0] in PLACES or behind[0] in TOOLS or behind[0].endswith("ly")


def switches(text: str) -> bool:
    """Whether to turn something may mean to switch it: `turn the torch on`."""
    return bool(_SWITCHES.search(text))
