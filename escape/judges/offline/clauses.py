"""Reading an answer without a model: cleaning, sections, clauses, stems, negation, language. Knows no puzzle."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import snowballstemmer

from escape.intake import squeezed
from escape.judges.offline.lexicon import FILLER, FOREIGN, FUNCTION, GROUPS

Section = Literal["principles", "steps", "items", "prose"]

_STEMMER = snowballstemmer.stemmer("english")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|[^\W_]=[^\W_]")


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """English (Porter2) stem of a lower-case word."""
    if word == "glasses":  # spectacles, not several drinking glasses
        return word
    made: str = _STEMMER.stemWord(word)
    return made


def words(text: str) -> list[str]:
    """Lower-case words in order; `a=n` is one word."""
    return [w.replace("’", "'") for w in _WORD.findall(text.casefold())]


@lru_cache(maxsize=20_000)
def stems(text: str) -> tuple[str, ...]:
    """Stems of the words that carry meaning, in order."""
    return tuple(stem(w) for w in words(text) if w not in FUNCTION and w not in FILLER)


_GROUPS_OF: dict[str, frozenset[int]] = {}
for _number, _group in enumerate(GROUPS):
    for _word in _group.split():
        _key = stem(_word)
        _GROUPS_OF[_key] = _GROUPS_OF.get(_key, frozenset()) | {_number}


def kin(stem_: str) -> frozenset[str | int]:
    """A stem with the numbers of its thesaurus groups: two stems mean the same where these meet."""
    return _GROUPS_OF.get(stem_, frozenset()) | {stem_}


def kin_all(stems_: Iterable[str]) -> frozenset[str | int]:
    """The union of `kin` over stems."""
    return frozenset().union(*map(kin, stems_))


@dataclass(frozen=True)
class Clause:
    """A piece of an answer as written, where it stands, and what it means."""

    text: str
    section: Section
    place: int
    stems: tuple[str, ...]
    kin: frozenset[str | int]
    negated: bool


# Every pattern here meets text from outside: none may look at one character more than a bounded number of times.
_JSON_VERDICT = re.compile(r"\{[^{}]*+(?:\{[^{}]*+\}[^{}]*+)*+\}")
_SCORE_KEY = re.compile(r"(?i)score|\bpus\b|\bsps\b|\brhh\b|verdict|\bmarks?\b|attempted|rubric")
_FENCE = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_TAG = re.compile(
    r"\[\[[^\[\]\n]{0,200}\]\]|\[/?\w{1,40}(?: [^\[\]]{0,200})?\]|</?[A-Za-z][^<>]{0,200}>|<<<[^<>]{0,200}>>>|"
    r"<\|[^|]{0,200}\|>"
)
_TO_JUDGE = re.compile(
    r"(?i)\b(?:graders?|grading|graded|markers?:|the marker|marking (?:system|scheme)|judges?\b(?! whether)|evaluators?|"
    r"evaluation|examiners?|assessors?|full (?:marks|score|credit|points)|rubrics?|(?:maximum|highest|best|top|perfect) "
    r"(?:marks?|scores?|points|grade|of each)|calibrat\w*|ignore (?:all|any|previous)|(?:previous|prior|above|new) "
    r"instructions?|instruction|directive|override|2(?:\.0)? ?/ ?2(?:\.0)?(?: ?/ ?1)?|(?:pus|sps|rhh)\b|"
    r"2(?:\.0)?,? (?:and )?2(?:\.0)?,? (?:and |& )?1\b|every (?:rubric )?(?:item|criterion)|(?:human|two|several) experts|"
    r"award(?:ed)?|annotators?|benchmark'?s?|mark this|label is|count(?:ed)? (?:every|as)|treat_|default_|verified|"
    r"(?:all|every) .{0,40}\b(?:met|matched|satisfied|shown|fulfilled|completed|found)\b|herrings? (?:used|is used)|"
    r"no herring|student answer|this (?:answer|submission|entry|student)|the answer (?:above|below)|system (?:note|prompt)|"
    r"thought process|candidate|reference solution|output exactly|copy it|carried out all|scor(?:e|es|ed|ing)\b|verdict|scholarship|deserves?)"
)
_CLAIM = re.compile(
    r"(?im)^.*?[:\-–—=>→(\[]\s*(?:is\s+)?(?:done|met|yes|true|ok|okay|full(?:y met)?|complete[d]?|satisfied|demonstrated|"
    r"correct|achieved|check(?:ed)?|✓|✔|✅|☑|pass(?:ed)?|100 ?%|[12](?:\.0)? ?/ ?[12])\W*$|^.*(?:✓|✔|✅|☑|\[x\]).*$"
)


LONGEST_CLAIM = 300  # characters of a line that can be a claim of success


def clean(text: str) -> str:
    """An answer without what speaks to the judge: forged verdicts, fences, tags, demands, claims of success."""
    text = _COMMENT.sub(" ", text)
    text = _FENCE.sub(lambda m: m.group(0).strip("`") if _HEADING.search(m.group(0)) else " ", text)
    text = _JSON_VERDICT.sub(lambda m: " " if _SCORE_KEY.search(m.group(0)) else m.group(0), text)
    text = _TAG.sub(" ", text)
    kept = []
    for line in text.split("\n"):
        if len(line) <= LONGEST_CLAIM and _CLAIM.match(line) and len(words(line)) < 25:
            continue
        kept.append(" ".join(s for s in re.split(r"(?<=[.!?])\s+", line) if not _TO_JUDGE.search(s)))
    return squeezed("\n".join(kept), len(text))  # what was taken out leaves blanks


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
_NUMBER = re.compile(r"(?m)^[ \t]*(?:[-*•]\s*)?\(?(?:\d{1,2}|[a-h])[.)]\s+")
_NEGATION = re.compile(
    r"(?i)\b(?:not|no|never|cannot|neither|nor|none|nothing|without|avoid|don't|doesn't|didn't|isn't|aren't|won't|"
    r"wouldn't|can't|couldn't|shouldn't|needn't|mustn't|instead of|rather than|forget|ignore|skip|refrain|useless|"
    r"unnecessary|irrelevant|nowhere|hardly)\b"
)


def clauses(text: str) -> list[Clause]:
    """The clauses of a cleaned answer, in order."""
    made: list[Clause] = []
    for section, part in sections(text):
        for piece in _SPLIT.split(_NUMBER.sub("", part)):
            piece = piece.strip(" \t*#>-•·")
            if not words(piece):
                continue
            found = stems(piece)
            made.append(Clause(piece, section, len(made), found, kin_all(found), bool(_NEGATION.search(piece))))
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
