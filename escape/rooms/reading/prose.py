"""A plain sentence as acts: `Take the bottle and pour its water into the tube, so that the ball floats up.`

Names of the room are found wherever they stand; words that name nothing are passed over. No rules, no meaning.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from escape.rooms.reading import idioms
from escape.rooms.reading.idioms import AIMS, ARTICLES, PERSONS, PLACES, TOOLS
from escape.rooms.reading.names import Names
from escape.rooms.reading.quantities import is_amount
from escape.rooms.reading.verbs import MEANINGS, ONGOING, VERBS
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
_STEP_BY_STEP = re.compile(r"\b(\w+) (?:by|over|after) \1\b,?\s*")
_AIM_DENIES = re.compile(r"\b(?:not|no|never|nothing|clear|away|off|before|free)\b")
_PEOPLE = frozenset(
    "the a an both all we you i they he she it other others east west north south left right team teams person people "
    "player players one two somebody someone everybody then now next first second third finally lastly afterwards also "
    "and meanwhile please carefully slowly gently quickly firmly still again together just only do".split()
)


_OF_NOTHING = frozenset(
    "tight hard well fully right straight close far back once twice half about some more than very quite too full part "
    "turns turn coil loop hook knot bit little first end ends side middle tip top bottom edge rest hand hands "
    "air upright upwards downwards still m cm mm kg g s l ml metre metres centimetres millimetres litres seconds "
    "minutes finger fingers thumb thumbs palm arm arms foot feet and or so here "
    "there".split()
)
_MAKES = frozenset({"tear", "cut"})  # `tear a strip from the sheet` is done to the sheet
_DENIES = frozenset("not never don't nobody no cannot can't won't nothing neither nor".split())
_BEFORE_A_NAME = frozenset({"meanwhile", "then", "now", "and"})  # `meanwhile Ana blows`
_BY_TOOL = frozenset("rub cut hit press bend tear shine heat".split())


@dataclass(frozen=True)
class Act:
    """One act of a sentence. `things`: what it names, in its order, each with the word that leads to it: "", `into`,
    `with`; `stranger`: it names something else as well, which the room does not know; `aims`: what its aim
    names; `of_body`: it is done with the body alone, as `put your lips to the pipe`.
    """

    verb: str
    things: tuple[tuple[str, str], ...]
    stranger: bool = False
    aims: tuple[str, ...] = ()
    of_body: bool = False


def acts(sentence: str, names: Names, last: str = "") -> list[Act]:
    """What a sentence says to do, act by act; empty if it has no verb of the list. `last`: what was spoken of."""
    acts_found: list[Act] = []
    earlier = last
    text = re.sub(r"\bcarry on\b", "carry-on", _STEP_BY_STEP.sub("", sentence.replace("’", "'")))
    before: tuple[tuple[str, str], ...] = ()
    if opening := _FIRST.match(text):
        before = tuple(("with", name) for _, name in _named(_WORD.findall(opening[1]), names))
        text = text[opening.end() :]
    aim_, clauses = _AIM.search(text), list(_clauses(text))
    lead = aim_[1] if aim_ and sum(_verb_at(_WORD.findall(c), names) is not None for c, _ in clauses) == 1 else ""
    for clause, aim in clauses:
        words = _WORD.findall(clause)
        at = _verb_at(words, names)
        mentions = [*_named(words if at is None else words[at + 1 :], names, last), *before]
        if mentions:
            last = mentions[0][1]
        if at is None and acts_found and not mentions and _stands_for_a_thing(words):  # `take the ball and the moon`
            acts_found[-1] = replace(acts_found[-1], stranger=True)
        if at is None and acts_found and words and (words[0] in PLACES or words[0].endswith("ly")):
            # `slip the bolt, head up, into the pipe`, `blow gently and evenly across the rim`
            acts_found[-1] = replace(acts_found[-1], things=(*acts_found[-1].things, *mentions))
        if at is not None:
            aim_text = (aim or lead).partition(" without ")[0]
            aim_text = "" if _AIM_DENIES.search(aim_text) else aim_text
            aims = tuple(name for _, name in _named(_WORD.findall(aim_text), names))
            behind = words[at + 1 :]
            strange = _stranger(behind, names) or _elsewhere(behind, names)
            if not mentions and not strange and words[at - 1 : at] and words[at - 1] in ONGOING and earlier:
                mentions = [("", earlier)]  # `keep turning`, of what was turned
            verb = idioms.meant(words[at], behind, mentions, aims, names)
            of_body = idioms.is_of_body(behind, names)
            acts_found.append(Act(verb, tuple(mentions), strange and verb != "wait" and not of_body, aims, of_body))
            before = ()
    return list(_without_leading_up(acts_found))


def _without_leading_up(acts_found: Sequence[Act]) -> Iterator[Act]:
    """Acts without those that only lead up to the next, whose tool they bring: `reach in with the hook and pull it`."""
    tools: tuple[tuple[str, str], ...] = ()
    for n, act in enumerate(acts_found):
        if n + 1 < len(acts_found) and (act.of_body or idioms.leads_up(act.verb)):
            tools = tuple(pair for pair in act.things if pair[0] in TOOLS)
        else:
            yield replace(act, things=(*act.things, *tools)) if tools else act
            tools = ()


def _clauses(text: str) -> Iterator[tuple[str, str]]:
    """The parts of a sentence that may each hold an act, without what stands beside them, and where each leads to."""
    for part in re.split(
        r"\s*[.;]\s+|,?\s+(?:and|then|but)\s+(?:then\s+)?(?!(?:the|a|an|its|out|up|down|into|onto|over|across|in|on)\b)|,\s+",
        text,
    ):
        if main := _BESIDE.sub("", f" {part}").strip(" ,.;:"):
            aim = _AIM.search(part)
            yield main, aim[1] if aim else ""


def _verb_at(words: Sequence[str], names: Names) -> int | None:
    """Where the verb of a clause stands: its first word, or the first behind whoever acts; None where it is denied."""
    for n, word in enumerate(words[:7]):
        further = words[n + 1 :]
        if word in _DENIES:
            return None
        if word in ONGOING and further and further[0].endswith("ing") and idioms.stem(further[0]):
            return n + 1
        if word == "let" and not PERSONS.isdisjoint(further[:4]):  # `let the west team pull`
            continue
        if word == "close" and further and further[0] in PLACES:  # `close against the wall`
            return None
        if word in MEANINGS or (word.endswith("s") and idioms.stem(word)) or word in idioms.OTHER_VERBS:
            return n
        if (n == 0 or words[n - 1] in _BEFORE_A_NAME) and _does(further) and not names.spotted(words[n:])[1]:
            return n + 1  # `Ana blows`
        if word not in _PEOPLE and not word.endswith("ly"):
            return None
    return None


def _does(words: Sequence[str]) -> bool:
    """Whether some words begin with what somebody does: `blows`, but not `press`."""
    return bool(words) and words[0].endswith("s") and words[0] not in MEANINGS and bool(idioms.stem(words[0]))


def _stands_for_a_thing(words: Sequence[str]) -> bool:
    """Whether some words are no more than a name, though not of a thing in the room."""
    return 0 < len(rest := [w for w in words if w not in ARTICLES]) < 3 and not any(
        w in _OF_NOTHING or w in _PEOPLE or w in PLACES or w.endswith(("ly", "ing")) or w.isdecimal() for w in rest
    )


def _named(words: Sequence[str], names: Names, last: str = "") -> list[tuple[str, str]]:
    """Every thing that some words name, with the word that leads to it. `it` is the last one named before."""
    pairs: list[tuple[str, str]] = []
    link, n, owner, partial = "", 0, False, False  # `partial`: the last thing was not named in full
    joined = False  # whether the word before ended a name
    while n < len(words):
        word = words[n]
        if word in ("it", "them") and last and (not pairs or (link and last not in [name for _, name in pairs])):
            pairs.append((link, last))
            link, n = "", n + 1
            continue
        if word in ARTICLES:
            owner = (word == "of" and bool(pairs)) if word != "the" else owner
            n, joined = n + 1, False
            continue
        size, name = names.spotted(words[n:])
        if word in PLACES and not names.exactly(
            " ".join(words[n : n + size])
        ):  # `near hook`, but not `on the wall hook`
            name = ""
        if name:
            if joined and partial and not link and not owner and not is_amount(name):  # `paper tubes`: the tubes
                pairs[-1] = (pairs[-1][0], name)
            elif not (owner and not link):
                pairs.append((link, name))
            elif pairs[-1][1] not in names.listed or partial:  # `end of the cane`: the cane
                pairs[-1] = (pairs[-1][0], name)
            partial = " ".join(words[n : n + size]) not in map(normalized_name, names.listed)
            link, n, owner, joined = "", n + size, False, True
            continue
        joined = False
        if word in PLACES or word in TOOLS:
            link = word if word in TOOLS or link not in TOOLS else link
        owner = False
        n += 1
    return [(link, name) for link, name in dict.fromkeys(pairs)]


def first(text: str, names: Names) -> str:
    """The first thing that a text names; "" if there is none."""
    pairs = _named(_WORD.findall(text.replace("’", "'")), names)
    return pairs[0][1] if pairs else names.find(text)


def _stranger(words: Sequence[str], names: Names) -> bool:
    """Whether something unknown is named before the word that leads to the first known thing, or alone."""
    unknown = False
    for n, word in enumerate(words):
        if word in ("it", "them") or names.spotted(words[n:])[1]:
            return False
        if word in PLACES or word in TOOLS:
            if unknown:
                return True
        elif word not in ARTICLES and word not in _OF_NOTHING and not word.endswith("ly") and not word.isdecimal():
            unknown = True
    return unknown


def _elsewhere(words: Sequence[str], names: Names) -> bool:
    """Whether an act leads to something that the room does not know: `hit the ball on the moon with the rope`."""
    for n, word in enumerate(words):
        behind = words[n + 1 :]
        place = next((w for w in behind if w not in ARTICLES), "")
        if word in ("on", "onto", "into") and place and place not in _OF_NOTHING | PLACES | {"it", "them"}:
            size = next((k for k, w in enumerate(behind) if w in PLACES or w in TOOLS), len(behind))
            is_named = any(names.spotted(behind[k:])[1] for k in range(size))
            if not is_named and not place.endswith("ing") and not place.isdecimal():
                return True
    return False


def roles(act: Act, verb: str) -> tuple[str, str, tuple[str, ...], bool]:
    """(thing, second thing, others, by a tool) of an act by the verb that it means; "" for what it does not name."""
    if not act.things or (act.stranger and verb not in _MAKES and act.things[0][0] != "off"):
        return "", "", (), False
    (lead, thing), *rest = act.things
    if lead in TOOLS and rest:  # `with the roller press the film`
        rest, (lead, thing) = [(lead, thing), *rest[1:]], rest[0]
    rest = [(link, name) for link, name in rest if name != thing]
    tool = next((x for x in rest if x[0] in TOOLS), None)
    places = [x for x in rest if x[0] and x[0] not in TOOLS]
    near = "beside" if VERBS[verb].symmetric else ""  # `tie it to the rope beside the post`: there, and not elsewhere
    # `across the pit to the other side`
    place = min(places, key=lambda x: (x[0] != near, x[0] not in AIMS), default=None)
    second = (tool if verb in _BY_TOOL and tool else place) or tool or (rest[0] if rest else ("", ""))
    others = tuple(name for _, name in rest if name != second[1])
    return thing, second[1], others, tool is not None
