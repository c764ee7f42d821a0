"""An answer cut at its headings and into clauses, each with what it does and means; its language. Knows no puzzle."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from escape.judges.offline import speech
from escape.judges.offline.lexicon import FOREIGN, FUNCTION
from escape.judges.offline.tokens import kin_all, stems, words

Section = Literal["principles", "steps", "items", "prose"]


@dataclass(frozen=True)
class Clause:
    """A piece of an answer as written, where it stands, what it means, and what it does (see speech).

    `explains`: 0 to 1; `open`: a question, or one of several ways.
    """

    text: str
    section: Section
    place: int
    stems: tuple[str, ...]
    kin: frozenset[str | int]
    negated: bool
    tells: bool
    explains: float
    open: bool
    formula: bool


_HEADINGS: dict[Section, str] = {
    "principles": r"physical principles?|principles?(?: involved)?|physics|theory|why it works",
    "steps": r"solution steps?|steps?(?: to \w{1,40})?|solution|procedure|method|plan|approach",
    "items": r"(?:required |needed |necessary |used )?items?(?: required| needed| used)?|materials?|equipment|"
    r"what (?:you|i) need",
}
_HEADING = re.compile(
    r"(?im)^[ \t#>*_]{0,20}(?:\d{1,3}[.)][ \t]{0,4})?(?:"
    + "|".join(f"(?P<{section}>{names})" for section, names in _HEADINGS.items())
    + r")[ \t*_]{0,8}(?::[\s*_]{0,8}|$)"
)


def sections(text: str) -> list[tuple[Section, str]]:
    """The answer cut at its headings; a text without any is all prose."""
    cuts = list(_HEADING.finditer(text))
    if not cuts:
        return [("prose", text)]
    parts: list[tuple[Section, str]] = [("prose", text[: cuts[0].start()])]
    for cut, following in zip(cuts, [*cuts[1:], None], strict=True):
        section = next(name for name in _HEADINGS if cut[name] is not None)
        parts.append((section, text[cut.end() : following.start() if following else len(text)]))
    return [(s, t) for s, t in parts if t.strip()]


_SPLIT = re.compile(
    r"\n+|(?<=[.!?;])[)\"'”]*\s+|\s+[–—]\s+|\s*[;→]\s*|,\s+(?=(?:but|so|then|and then|while|whereas|because|since|"
    r"until|which|where|not|instead|rather|nor|without|as)\b)|\s+(?=(?:instead of|rather than)\b)|\s+->\s+"
)
_NUMBER = re.compile(r"(?m)^[ \t]*(?:[-*•]\s*)?(?:\[[ xX]?\]\s*)?\(?(?:\d{1,2}|[a-h])[.)]\s+")


def clauses(text: str) -> list[Clause]:
    """The clauses of a cleaned answer, in order."""
    made: list[Clause] = []
    for section, part in sections(text):
        for piece in _SPLIT.split(_NUMBER.sub("", part)):
            piece = piece.strip(" \t*#>-•·")
            if not words(piece):
                continue
            found = stems(piece)
            theory = 0.0 if section == "items" else speech.explains(piece)
            undecided = speech.asks(piece) or speech.wavers(piece)
            made.append(
                Clause(
                    text=piece,
                    section=section,
                    place=len(made),
                    stems=found,
                    kin=kin_all(found),
                    negated=speech.denies(piece),
                    tells=speech.tells(piece),
                    explains=theory,
                    open=undecided,
                    formula=speech.formula(piece),
                )
            )
    return made


def foreign(text: str) -> bool:
    """True for a text mostly in another language, judged by its small words and script."""
    letters = [c for c in text if c.isalpha()]
    if len(letters) >= 12 and sum(ord(c) > 0x24F for c in letters) > len(letters) / 2:
        return True
    tokens = words(text)
    english = sum(t in FUNCTION for t in tokens)
    other = max((sum(t in small for t in tokens) for small in FOREIGN.values()), default=0)
    return len(tokens) >= 6 and other >= 3 and other > 1.5 * english


def soup(text: str) -> bool:
    """True for a string of key words: next to no small words, or mostly fragments without any."""
    tokens = words(text)
    if len(tokens) < 8:
        return False
    small = sum(t in FUNCTION for t in tokens)
    pieces = [words(p) for p in re.split(r"[,;:.→\n]|\s-+>?\s", text)]
    loose = sum(len(p) for p in pieces if len(p) <= 3 and not any(w in FUNCTION for w in p))
    # over 325 labelled answers no plan has fewer than 0.24 small words, and no string of key words has more than 0.21
    return small / len(tokens) < 0.13 or (small / len(tokens) < 0.22 and loose / len(tokens) > 0.2)
