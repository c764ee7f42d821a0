"""What a clause does: tells somebody to do something, explains, wavers, denies, asks, speaks in formulas, or in riddles.

By its first words, its verbs and its signs only. Knows no puzzle.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from escape.judges.offline.lexicon import ABSTRACT, ACTIONS, AUXILIARIES, LAWS, LEADING, MODALS, PAST, PERSONS
from escape.judges.offline.tokens import stem, words

_ACTS = frozenset(map(stem, ACTIONS))
_HOLDS = frozenset(map(stem, LAWS))
_RIDDLES = frozenset(map(stem, ABSTRACT))
_ESS = frozenset("press pass cross toss grass glass compress".split())

_CAUSE = re.compile(
    r"(?i)\b(?:because|since|therefore|thus|hence|so that|so (?:it|the|that|they|we|a|there|only|in|no|with|one)|"
    r"(?:which|that) is why|that's why|due to|owing to|thanks to|means?|causes?|makes? (?:it|the)|as a result|the reason|"
    r"in order to|the (?:more|less|larger|bigger|smaller|higher|deeper|longer|shorter|greater|heavier|lighter)|proportional|"
    r"depends? on|equals?|as (?:much|many|big|large|strong|long|far|high) as|times (?:as|the|more)|"
    r"(?:more|less|\w{3,20}er) than|always|never|law|principle|why|for (?:it|the|they|a) )\b"
)
_FORMULA = re.compile(  # an arrow is none, nor a stroke between words
    r"=(?!>)|(?<![-=])>|<(?!-)|[≈∝≤≥≫≪√²³^]|\b[A-Za-z]{1,2}\d? ?[·×*/] ?[A-Za-z]{1,2}\d?\b|\d ?[·×*/+−-] ?\d|"
    r"(?<!\w)[ρλμωπηθΔσ]"
)
_WAVERS = re.compile(
    r"(?i)\b(?:maybe|perhaps|possibly|either|or else|alternatively|another (?:option|way|possibility|idea)|options?|might|"
    r"could (?:also|try|be|use|perhaps|maybe|possibly|work)|(?:one|you) could|or (?:you|one|we|try|use|perhaps|maybe|possibly|"
    r"simply|just|by)|whichever|whatever works|not sure|somehow|or so|i guess|i think|probably|hopefully|or something|"
    r"if that (?:fails|doesn't)|should that fail|on the other hand|both are possible|instead one)\b"
)
_DENIES = re.compile(
    r"(?i)\b(?:not|no|never|cannot|neither|nor|none|nothing|without|avoid|don't|doesn't|didn't|isn't|aren't|won't|"
    r"wouldn't|can't|couldn't|shouldn't|needn't|mustn't|instead of|rather than|forget|ignore|skip|refrain|useless|"
    r"unnecessary|irrelevant|nowhere|hardly)\b"
)
_REJECTS = re.compile(
    r"(?i)\b(?:nothing to do with|not so\b(?! \w)|not the case|plays? no (?:part|role)|(?:is|are) (?:wrong|false|nonsense|irrelevant)|"
    r"(?:does|do)(?: not|n't) (?:matter|apply|come into))"
)
_AFTER_A_COMMA = re.compile(r"[,:]\s*(?:then |and |you |i |we )?([a-z]{2,20})")


def tells(text: str) -> bool:
    """True where somebody is told to do something, or says that somebody does: an order, or a person who acts."""
    said = words(text)[:9]
    first = 0
    while first < len(said) and (said[first] in LEADING or said[first].isdigit() or said[first].endswith("ly")):
        first += 1
    if first < len(said) and _base(said[first]):
        return True
    for i in range(first, min(len(said), first + 4)):
        if said[i] not in PERSONS:
            continue
        after = i + 1
        while after < len(said) and (said[after] in MODALS or said[after] in LEADING or said[after].endswith("ly")):
            after += 1
        if after < len(said) and (stem(said[after]) in _ACTS or said[after] in PAST):
            return True
    found = _AFTER_A_COMMA.search(text.casefold())  # "with the pole, push ..."
    return found is not None and _base(found[1]) and not found[1].endswith(("ed", "ing"))


def _base(word: str) -> bool:
    return stem(word) in _ACTS and (not word.endswith("s") or word in _ESS)


def holds(text: str) -> bool:
    """True where something is said to be so: a verb that states."""
    said = words(text)
    return any(w in AUXILIARIES for w in said) or any(
        w.endswith("s") and len(w) > 3 and stem(w) in _HOLDS for w in said
    )


def formula(text: str) -> bool:
    """True for symbols, equations and sums."""
    return _FORMULA.search(text) is not None


def explains(text: str) -> float:
    """How much a clause explains, 0 to 1: a cause, a law or a formula in full, a bare statement in part."""
    said = words(text)
    if formula(text) and len(said) >= 2:
        return 1.0
    states = holds(text)
    if _CAUSE.search(text) and (states or len(said) >= 5):
        return 1.0
    return 0.6 if states and not tells(text) else 0.0


def wavers(text: str) -> bool:
    """True where nothing is decided: one of several ways, a guess."""
    return _WAVERS.search(text) is not None


def denies(text: str) -> bool:
    """True for a clause in the negative."""
    return _DENIES.search(text) is not None


def rejects(text: str) -> bool:
    """True where an idea is set aside as not at work."""
    return _REJECTS.search(text) is not None


def asks(text: str) -> bool:
    """True for a question."""
    return text.rstrip(" )\"'*_").endswith("?")


def riddles(stems: Sequence[str]) -> list[str]:
    """Those stems that belong to learned nonsense rather than to things and hands."""
    return [s for s in stems if s in _RIDDLES]
