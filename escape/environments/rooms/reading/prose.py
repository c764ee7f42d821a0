"""A plain sentence as acts: `Take the bottle and pour its water into the tube, so that the ball floats up.`

Names of the room are found wherever they stand; words that name nothing are passed over. No rules, no meaning.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from escape.environments.rooms.reading.names import Names
from escape.environments.rooms.reading.verbs import MEANINGS
from escape.types import normalized_name

# What a sentence says its act is for, how long it lasts and what goes with it: no part of the act itself
_BESIDE = re.compile(
    r"[\s,;]+(?:so that|so as to|so (?:it|its|the|you|we|they|there|no)\b|until|till|while|because|since|which|whose|"
    r"where(?:ver)?|when|as (?:this|it|its|the|soon|far|long|if)\b|before|without|unless|instead of|rather than|"
    r"in order|to make|to let|to keep|to get|to find|to see|to hear|to stop|to bring|to give|"
    r"(?:and )?(?:keeping|leaving|letting|making|taking care|being|taking)\b).*$",
    re.S,
)
_AIM = re.compile(r"\b(?:until|till|so that)\s+(.*)$", re.S)
_FIRST = re.compile(r"^(?:with|while|once|when|after|before|using|as|from|for|in|at)\b([^,]{1,120}),\s+")
_WORD = re.compile(r"[^\W_]+(?:[-'’=][^\W_]+)*")
LET_GO = re.compile(r"(?i)\blets? go(?: of)?\b")
_PLACES = frozenset(
    "into onto in inside on upon to toward towards over under underneath beneath through around round against across "
    "at along behind beside between below above up down off from out near for".split()
)
_AIMS = frozenset("to into onto in on toward towards at around round".split())
_TOOLS = frozenset("with using by via".split())
_ABOUT = frozenset("the a an its their his her my our your this that these those one of both all each".split())
_PEOPLE = frozenset(
    "the a an both all we you i they he she it other others east west north south left right team teams person people "
    "player players one two somebody someone everybody then now next first second third finally lastly afterwards also "
    "and please carefully slowly gently quickly firmly still again together just only do".split()
)


_OF_NOTHING = frozenset(
    "tight hard well fully right straight close far back once twice half about some more than very quite too full part "
    "turns turn coil loop hook knot bit little first end ends side middle tip top bottom edge rest hand hands "
    "finger fingers and or so here "
    "there".split()
)
_MAKES = frozenset({"tear", "cut"})  # `tear a strip from the sheet` is done to the sheet
_BY_TOOL = frozenset("rub cut hit press bend tear shine heat".split())


@dataclass(frozen=True)
class Act:
    """One act of a sentence. `things`: what it names, in its order, each with the word that leads to it: "", `into`,
    `with`; `stranger`: it names something else as well, which the room does not know; `aims`: what is named
    of where it is to lead.
    """

    verb: str
    things: tuple[tuple[str, str], ...]
    stranger: bool = False
    aims: tuple[str, ...] = ()


def acts(sentence: str, names: Names) -> list[Act]:
    """What a sentence says to do, act by act; empty if it has no verb of the list."""
    acts_found: list[Act] = []
    last = ""
    text = sentence.replace("’", "'")
    before: tuple[tuple[str, str], ...] = ()
    if opening := _FIRST.match(text):
        before = tuple(("with", name) for _, name in _named(_WORD.findall(opening[1]), names))
        text = text[opening.end() :]
    aim_, clauses = _AIM.search(text), list(_clauses(text))
    lead = aim_[1] if aim_ and sum(_verb_at(_WORD.findall(c)) is not None for c, _ in clauses) == 1 else ""
    for clause, aim in clauses:
        words = _WORD.findall(clause)
        at = _verb_at(words)
        mentions = [*_named(words if at is None else words[at + 1 :], names, last), *before]
        if mentions:
            last = mentions[0][1]
        if at is None and acts_found and not mentions and _stands_for_a_thing(words):  # `take the ball and the moon`
            acts_found[-1] = replace(acts_found[-1], stranger=True)
        if at is not None:
            aims = tuple(name for _, name in _named(_WORD.findall(aim or lead), names))
            behind = words[at + 1 :]
            strange = _stranger(behind, names) or _elsewhere(behind, names)
            acts_found.append(Act(words[at], tuple(mentions), strange, aims))
            before = ()
    return acts_found


def _clauses(text: str) -> Iterator[tuple[str, str]]:
    """The parts of a sentence that may each hold an act, without what stands beside them, and where each leads to."""
    for part in re.split(r"\s*[.;]\s+|,?\s+(?:and|then|but)\s+(?:then\s+)?(?!the\b|a\b|an\b|its\b)|,\s+", text):
        if main := _BESIDE.sub("", f" {part}").strip(" ,.;:"):
            aim = _AIM.search(part)
            yield main, aim[1] if aim else ""


def _verb_at(words: Sequence[str]) -> int | None:
    """Where the verb of a clause stands: its first word, or the first behind whoever acts."""
    for n, word in enumerate(words[:7]):
        if _known(word):
            return n
        if word not in _PEOPLE and not word.endswith("ly"):
            return None
    return None


def _stands_for_a_thing(words: Sequence[str]) -> bool:
    """Whether some words are no more than a name, though not of a thing in the room."""
    return 0 < len(rest := [w for w in words if w not in _ABOUT]) < 3 and not any(
        w in _OF_NOTHING or w in _PEOPLE or w in _PLACES or w.endswith(("ly", "ing")) or w.isdecimal() for w in rest
    )


def _known(word: str) -> bool:
    return word in MEANINGS or (word.endswith("s") and any(w in MEANINGS for w in (word[:-1], word[:-2])))


def _named(words: Sequence[str], names: Names, last: str = "") -> list[tuple[str, str]]:
    """Every thing that some words name, with the word that leads to it. `it` is the last one named before."""
    pairs: list[tuple[str, str]] = []
    link, n, owner, partial = "", 0, False, False  # `partial`: the last thing was not named in full
    while n < len(words):
        word = words[n]
        if word in ("it", "them") and last and not pairs:
            pairs.append((link, last))
            link, n = "", n + 1
            continue
        if word in _ABOUT:
            owner = (word == "of" and bool(pairs)) if word != "the" else owner
            n += 1
            continue
        size, name = names.spotted(words[n:])
        if name:
            if not (owner and not link):
                pairs.append((link, name))
            elif pairs[-1][1] not in names.listed or partial:  # `end of the cane`: the cane
                pairs[-1] = (pairs[-1][0], name)
            partial = " ".join(words[n : n + size]) not in map(normalized_name, names.listed)
            link, n, owner = "", n + size, False
            continue
        if word in _PLACES or word in _TOOLS:
            link = word if word in _TOOLS or link not in _TOOLS else link
        owner = False
        n += 1
    return [(link, name) for link, name in dict.fromkeys(pairs)]


def first(text: str, names: Names) -> str:
    """The first thing that a text names; "" if there is none."""
    pairs = _named(_WORD.findall(text.replace("’", "'")), names)
    return pairs[0][1] if pairs else names.find(text)


def _stranger(words: Sequence[str], names: Names) -> bool:
    """Whether something unknown is named before the word that leads to the first known thing."""
    unknown = False
    for n, word in enumerate(words):
        if word in ("it", "them") or names.spotted(words[n:])[1]:
            return False
        if word in _PLACES or word in _TOOLS:
            if unknown:
                return True
        elif word not in _ABOUT and word not in _OF_NOTHING and not word.endswith("ly") and not word.isdecimal():
            unknown = True
    return False


def _elsewhere(words: Sequence[str], names: Names) -> bool:
    """Whether an act leads to something that the room does not know: `hit the ball on the moon with the rope`."""
    for n, word in enumerate(words):
        behind = words[n + 1 :]
        place = next((w for w in behind if w not in _ABOUT), "")
        if word in ("on", "onto", "into") and place and place not in _OF_NOTHING | _PLACES | {"it", "them"}:
            size = next((k for k, w in enumerate(behind) if w in _PLACES or w in _TOOLS), len(behind))
            is_named = any(names.spotted(behind[k:])[1] for k in range(size))
            if not is_named and not place.endswith("ing") and not place.isdecimal():
                return True
    return False


def roles(act: Act, verb: str) -> tuple[str, str, tuple[str, ...], bool]:
    """(thing, second thing, others, by a tool) of an act by the verb that it means; "" for what it does not name."""
    if not act.things or (act.stranger and verb not in _MAKES and act.things[0][0] != "off"):
        return "", "", (), False
    (lead, thing), *rest = act.things
    if lead in _TOOLS and rest:  # `with the roller press the film`
        rest, (lead, thing) = [(lead, thing), *rest[1:]], rest[0]
    rest = [(link, name) for link, name in rest if name != thing]
    tool = next((x for x in rest if x[0] in _TOOLS), None)
    places = [x for x in rest if x[0] and x[0] not in _TOOLS]
    place = min(places, key=lambda x: x[0] not in _AIMS, default=None)  # `across the pit to the other side`
    second = (tool if verb in _BY_TOOL and tool else place) or tool or (rest[0] if rest else ("", ""))
    others = tuple(name for name in (*(name for _, name in rest), *act.aims) if name not in (second[1], thing))
    return thing, second[1], others, tool is not None
