"""Whether an answer is an attempt at its puzzle at all; if not, why. Words only, no marks."""

from __future__ import annotations

import re
from collections.abc import Sequence

from escape.judges.matching import Texts
from escape.judges.reading import Clause, soup, stems, words

_REFUSAL = re.compile(
    r"(?i)\b(?:i(?:'m| am) (?:sorry|unable|not able)|i (?:cannot|can't|can not|won't|will not|must decline|do not feel)|"
    r"unable to (?:help|assist|comply)|as an ai|cannot (?:assist|help|provide)|can't (?:assist|help|provide)|"
    r"no idea|i don't know|i give up|not comfortable|decline to)\b"
)


def attempted(texts: Texts, cleaned: str, parts: Sequence[Clause], others: Sequence[Texts]) -> str:
    """The reason why the text is no attempt; empty for an attempt."""
    said = words(cleaned)
    told = [p for p in parts if p.stems]
    if len(said) < 4 or not told:
        return "nothing is said that could solve the puzzle"
    if _REFUSAL.search(cleaned) and len(said) < 80 and not any(p.section == "steps" for p in parts):
        return "the answer declines"
    if _parroted(texts, cleaned) > 0.7:
        return "the text repeats the situation"
    steps = " ".join(p.text for p in parts if p.section == "steps") or cleaned
    if soup(steps):
        return "the text is a string of key words, not a plan"
    mine = _overlap(texts, told)
    if mine < 0.12:
        return "the text is not about this puzzle"
    for other in others:
        if other.puzzle.problem_id != texts.puzzle.problem_id and _overlap(other, told) > 1.5 * mine + 0.1:
            return "the text answers another puzzle"
    return ""


def _overlap(texts: Texts, parts: Sequence[Clause]) -> float:
    found = [s for p in parts for s in p.stems]
    return sum(s in texts.vocabulary for s in found) / max(1, len(found))


def _parroted(texts: Texts, cleaned: str) -> float:
    """The share of the text's word triples that the player had been given."""

    def triples(text: str) -> list[tuple[str, ...]]:
        found = stems(text)
        return [tuple(found[i : i + 3]) for i in range(len(found) - 2)]

    given, mine = set(triples(texts.given)), triples(cleaned)
    return sum(t in given for t in mine) / len(mine) if mine else 0.0
