"""Whether an answer is an attempt at its puzzle at all; if not, why. Words only, no marks."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from escape.fields import bare
from escape.judges.offline.clauses import Clause, kin, soup, stems, words
from escape.judges.offline.matching import Texts

_REFUSAL = re.compile(
    r"(?i)\b(?:i(?:'m| am) (?:sorry|unable|not able)|sorry|i (?:cannot|can't|can not|won't|will not|must decline)|"
    r"unable to (?:help|assist|comply)|as an ai|cannot (?:assist|help|provide)|can't (?:assist|help|provide)|"
    r"no idea|i don't know|i give up|not comfortable|decline to|rather not)\b"
)
_NONE = re.compile(r"(?i)\W*(?:none|nothing|no (?:items?|tools?|thing))\b")
PARROTED = 0.45  # share of the text's word pairs that the player had been given; real answers stay below 0.3
FOREIGN_TO_PUZZLE = 0.35  # share of words that belong to the puzzle, for a list of items that names none of it
RECITED = 0.6  # share of the reference's steps told in its very words, which no player has seen


def attempted(texts: Texts, cleaned: str, parts: Sequence[Clause], others: Sequence[Texts]) -> str:
    """The reason why the text is no attempt; empty for an attempt."""
    told = [p for p in parts if p.stems]
    found = [s for p in told for s in p.stems]
    if len(words(cleaned)) < 4 or not told:
        return "nothing is said that could solve the puzzle"
    if _REFUSAL.search(cleaned) and len(words(cleaned)) < 80 and not any(p.section == "steps" for p in parts):
        return "the answer declines"
    theirs = [o for o in others if o.puzzle.problem_id != texts.puzzle.problem_id]
    if _recited(texts, told) > RECITED:
        return ""
    if any(_recited(o, told) > RECITED for o in theirs):
        return "the text answers another puzzle"
    if _parroted(texts, cleaned) > PARROTED:
        return "the text repeats the situation"
    if soup(" ".join(p.text for p in parts if p.section in ("steps", "prose")) or cleaned):
        return "the text is a string of key words, not a plan"
    if len({s for s in found if kin(s) & texts.vocabulary}) < 2:
        return "the text is not about this puzzle"
    mine = _overlap(texts, found)
    listed = [p for p in parts if p.section == "items"]
    named = bool(listed) and not any(_NONE.match(p.text) for p in listed)
    if named and mine < FOREIGN_TO_PUZZLE and not texts.items & set(found):
        return "the text is not about this puzzle"
    rivals = [_overlap(o, found) for o in theirs]
    if rivals and max(rivals) > 1.6 * mine + 0.12:
        return "the text answers another puzzle"
    return ""


def _recited(texts: Texts, told: Sequence[Clause]) -> float:
    said = {bare(p.text).strip(" .") for p in told if p.section in ("steps", "prose")}
    steps = [bare(s).strip(" .") for s in texts.puzzle.solution.steps]
    return sum(s in said for s in steps) / len(steps)


def _overlap(texts: Texts, found: Sequence[str]) -> float:
    """The share of meaning words that belong to a puzzle."""
    return sum(bool(kin(s) & texts.vocabulary) for s in found) / max(1, len(found))


def _parroted(texts: Texts, cleaned: str) -> float:
    def pairs(found: Sequence[str]) -> list[tuple[str, str]]:
        return list(itertools.pairwise(found))

    given, mine = set(pairs(texts.given)), pairs(stems(cleaned))
    return sum(p in given for p in mine) / len(mine) if mine else 0.0
