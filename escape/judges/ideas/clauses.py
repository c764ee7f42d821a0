"""An answer without what speaks to its judge, cut at its headings and into clauses, each with what it does."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import Literal

from escape.intake import collapse_whitespace
from escape.judges.ideas import words as w
from escape.judges.ideas.words import Synonyms, stem, stems, synonyms_of_all, words

Section = Literal["principles", "steps", "items", "prose"]

# Every pattern here meets text from outside: none may look at one character more than a bounded number of times.
_CODE = re.compile(r"<!--.*?(?:-->|\Z)|```.*?(?:```|\Z)|\{[^{}]*+(?:\{[^{}]*+\}[^{}]*+)*+\}", re.DOTALL)
_TAG = re.compile(
    r"\[\[[^\[\]\n]{0,200}\]\]|\[/?\w{1,40}\]|</?[A-Za-z][^<>]{0,200}>|<<<[^<>]{0,200}>>>|<\|[^|]{0,200}\|>"
)
_CLAIM = re.compile(
    r"(?i)[^=≈<>]{0,300}(?:[✓✔✅☑]|[:–—=>→(\[-]\W*(?:is )?(?:done|met|yes|true|ok|full|present|complete|satisfied|"
    r"correct|achieved|shown|pass(?:ed)?|100 ?%|2(?:\.0)? ?/ ?2))\W*$"
)
_SCORES = re.compile(
    r"\b2(?:\.0)? ?/ ?2\b|\b2(?:\.0)?,? (?:and )?2(?:\.0)?,? (?:and |& )1\b|\b(?:pus|sps|rhh)\b", re.IGNORECASE
)
_SENTENCE = re.compile(r"(?<=[.!?;])\s+")
_HEADING = re.compile(
    r"(?im)^[ \t#>*_]{0,20}(?:\d{1,3}[.)][ \t]{0,4})?(?:(?P<principles>physical principles?|principles?|physics|theory|"
    r"why it works)|(?P<steps>solution steps?|steps?|solution|procedure|method|plan|approach)|(?P<items>(?:required |"
    r"needed )?items?(?: required| needed| used)?|materials?|equipment|what (?:you|i) need))"
    r"[ \t*_]{0,8}(?::[\s*_]{0,8}|$)"
)
_SPLIT = re.compile(
    r"\n+|(?<=[.!?;])[)\"'”]*\s+|\s+[–—]\s+|\s*[;→]\s*|,\s+(?=(?:but|so|then|and then|while|whereas|because|since|"
    r"until|which|where|not|instead|rather|nor|without|as)\b)|\s+(?=(?:instead of|rather than)\b)|\s+->\s+"
)
_NUMBER = re.compile(r"(?m)^[ \t]*(?:[-*•]\s*)?(?:\[[ xX]?\]\s*)?\(?(?:\d{1,2}|[a-h])[.)]\s+")
_FORMULA = re.compile(
    r"=(?!>)|(?<![-=])>|<(?!-)|[≈∝≤≥√²³^]|\b[A-Za-z]{1,2}\d? ?[·×*/] ?[A-Za-z]{1,2}\d?\b|\d ?[·×*/+−-] ?\d|"
    r"(?<!\w)[ρλμωπηθΔσ]"
)


@dataclass(frozen=True)
class Clause:
    """A piece of an answer as written, and what it does: tells somebody to act, explains, speaks in formulas, denies.

    `open`: a question, or one of several ways.
    """

    text: str
    section: Section
    said: tuple[str, ...]
    stems: tuple[str, ...]
    synonyms: Synonyms
    tells: bool
    explains: bool
    formula: bool
    negated: bool
    open: bool


def cleaned(text: str) -> tuple[str, bool]:
    """An answer without demands, forged verdicts and claims of success; and whether there were any."""
    plain = _TAG.sub(" ", _CODE.sub(lambda m: m[0].strip("`") if _HEADING.search(m[0]) else " ", text))
    lines = [[p for p in _SENTENCE.split(line) if not _to_judge(p)] for line in plain.split("\n")]
    text_kept = "\n".join(" ".join(pieces) for pieces in lines)
    return collapse_whitespace(text_kept, len(text)), len(words(text_kept)) < len(words(text))


def _to_judge(piece: str) -> bool:
    return words(piece) in w.DEMANDS or bool(_SCORES.search(piece)) or (len(piece) < 300 and bool(_CLAIM.match(piece)))


def clauses(text: str) -> list[Clause]:
    """The clauses of a cleaned answer, in order; a text without headings is all prose."""
    cuts = [*_HEADING.finditer(text), None]
    parts: list[tuple[str, str]] = [("prose", text[: cuts[0].start() if cuts[0] else None])]
    for cut, after in itertools.pairwise(cuts):
        if cut:
            parts.append((cut.lastgroup or "prose", text[cut.end() : after.start() if after else None]))
    pieces = ((s, p.strip(" \t*#>-•·")) for s, part in parts for p in _SPLIT.split(_NUMBER.sub("", part)))
    return [_clause(piece, section) for section, piece in pieces if words(piece)]  # type: ignore[arg-type]


def _clause(text: str, section: Section) -> Clause:
    all_words, word_stems = words(text), stems(text)
    tells, formula = _tells(all_words, text), bool(_FORMULA.search(text))
    states = any(x in w.SPEECH["auxiliaries"] or (x.endswith("s") and stem(x) in _LAWS) for x in all_words)
    explains = formula or (all_words in w.CAUSES and (states or len(all_words) > 4)) or (states and not tells)
    return Clause(
        text=text,
        section=section,
        said=tuple(all_words),
        stems=word_stems,
        synonyms=synonyms_of_all(word_stems),
        tells=tells,
        explains=explains and section != "items",
        formula=formula,
        negated=all_words in w.DENIES,
        open=text.rstrip(" )\"'*_").endswith("?") or all_words in w.WAVERS,
    )


_ACTIONS, _LAWS = (frozenset(map(stem, w.SPEECH[name])) for name in ("actions", "laws"))
_AFTER_A_COMMA = re.compile(r"[,:]\s*(?:then |and |you |i |we )?([a-z]{2,20})")


def _tells(all_words: list[str], text: str) -> bool:
    """An order, or a person who acts: `Push ...`, `With the pole, push ...`, `I pushed ...`."""
    first = [x for x in all_words[:9] if not (x in w.SPEECH["leading"] or x.isdigit() or x.endswith("ly"))]
    if first and _base(first[0]):
        return True
    for i, word in enumerate(first[:4]):
        after = next((x for x in first[i + 1 :] if x not in w.SPEECH["modals"]), "")
        if word in w.SPEECH["persons"] and (stem(after) in _ACTIONS or after in w.SPEECH["past"]):
            return True
    match = _AFTER_A_COMMA.search(text.casefold())
    return match is not None and _base(match[1]) and not match[1].endswith(("ed", "ing"))


def _base(word: str) -> bool:
    return stem(word) in _ACTIONS and (not word.endswith("s") or word.endswith("ss"))


def foreign(text: str) -> bool:
    """Mostly in another language, judged by its small words and its script."""
    letters = [c for c in text if c.isalpha()]
    if len(letters) >= 12 and sum(ord(c) > 0x24F for c in letters) > len(letters) / 2:
        return True
    all_words = words(text)
    other = max(sum(x in small for x in all_words) for small in w.FOREIGN.values())
    return len(all_words) >= 6 and other >= 3 and other > 1.5 * sum(x in w.FUNCTION for x in all_words)
