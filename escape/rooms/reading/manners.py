"""The manner of a move: words of care, which change nothing, and manners, which may be another deed. A closed list."""

from __future__ import annotations

import re

# Words that change nothing about a move: who is meant, in which order, with what care.
CARE = frozenset(
    "then now next first finally lastly i we you please and again also both all together carefully slowly firmly "
    "quickly gradually steadily evenly fully completely tightly securely hard straight back away further just only "
    "directly immediately simply clean taut tight brim".split()
)
MANNERS = re.compile(
    r"\b(?:upside[- ]down|inside[- ]out|back to front|sideways|on (?:its|their) (?:side|head|end|back)s?|head ?first|"
    r"half[- ]?way|(?:together )?as one|partly|partially|lengthwise|lengthways|crosswise|crossways|diagonally|"
    r"backwards|in reverse|mirrored|(?:the )?(?:wrong|other) way (?:round|around|up)|"
    r"(?:a |one |two |some |a few )?(?:capful|drop|sip|splash|pinch|spoonful|thimbleful|teaspoon)s?(?= of\b)|"
    r"(?:a little|a bit|some|half|a third|a quarter)(?= of (?:the|its|it)\b))\b"
)
_WEAKLY = re.compile(r"\b(?:gently|softly|lightly)\b")
_BLOWS = frozenset({"hit", "throw"})  # where a weak one is another deed


def manner(text: str, verb: str) -> str:
    """Return the manner of a move that changes what is done, as it is written. "" if there is none."""
    match = MANNERS.search(text) or (_WEAKLY.search(text) if verb in _BLOWS else None)
    return match[0] if match else ""


def without_manner(text: str) -> str:
    """Return a text without its manners."""
    return " ".join(_WEAKLY.sub(" ", MANNERS.sub(" ", text)).split())
