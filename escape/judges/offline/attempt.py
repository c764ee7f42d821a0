"""Whether an answer is an attempt at its puzzle at all; if not, why. Words only, no marks."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from escape.fields import bare
from escape.judges.offline.clauses import Clause, soup
from escape.judges.offline.speech import riddles
from escape.judges.offline.texts import WEIGHTS, Texts, share
from escape.judges.offline.tokens import KNOWN, kin, stems, words

_REFUSAL = re.compile(
    r"(?i)\b(?:i(?:'m| am) (?:sorry|unable|not able)|sorry|i (?:cannot|can't|can not|won't|will not|must decline)|"
    r"unable to (?:help|assist|comply)|as an ai|cannot (?:assist|help|provide)|can't (?:assist|help|provide)|"
    r"no idea|i don't know|i give up|not comfortable|decline to|rather not)\b"
)
_NONE = re.compile(r"(?i)\W*(?:none|nothing|no (?:items?|tools?|thing))\b")
PARROTED = 0.45  # share of the text's word pairs that the player had been given; real answers stay below 0.3
FOREIGN_TO_PUZZLE = 0.35  # share of words that belong to the puzzle, for a list of items that names none of it
NOTES = 0.3  # share of clauses with formulas from which on terse notes are no string of key words
SOME = 0.1  # the same, where the clauses are no lists
NONSENSE = 0.025  # learned words among all words
STRAY, STRAY_SHARE = 20, 0.25  # words of the thesaurus from other rooms; over 480 labelled answers no attempt has 12
RECITED = 0.6  # share of the reference's steps told in its very words, which no player has seen


def attempted(texts: Texts, plain: str, parts: Sequence[Clause], others: Sequence[Texts]) -> str:
    """The reason why the text is no attempt; empty for an attempt."""
    told = [p for p in parts if p.stems]
    found = [s for p in told for s in p.stems]
    if len(words(plain)) < 4 or not told:
        return "nothing is said that could solve the puzzle"
    if _REFUSAL.search(plain) and len(words(plain)) < 80 and not any(p.section == "steps" for p in parts):
        return "the answer declines"
    theirs = [o for o in others if o.puzzle.problem_id != texts.puzzle.problem_id]
    if _copied(texts, told):
        return ""
    if any(_copied(o, told) for o in theirs):
        return "the text answers another puzzle"
    if _parroted(texts, plain) > PARROTED:
        return "the text repeats the situation"
    if _soup(told, plain):
        return "the text is a string of key words, not a plan"
    if _riddles(told):
        return "the text is learned nonsense, not a plan"
    if not _shows_itself(texts, told):
        return "nothing in it tells anybody to do anything, and nothing is explained"
    if _recital(texts, found):
        return "the text recites what could be said of any room"
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


def _soup(told: Sequence[Clause], plain: str) -> bool:
    """A string of key words. Terse notes in formulas look like one and are none; a list has a comma at every turn."""
    doing = [p for p in told if p.section in ("steps", "prose")]
    formulas = sum(p.formula for p in told)
    commas = sum(p.text.count(",") for p in doing)
    if formulas >= NOTES * len(told) or (formulas >= SOME * len(told) and commas < 1.2 * len(doing)):
        return False
    return soup(" ".join(p.text for p in doing) or plain)


def _riddles(told: Sequence[Clause]) -> bool:
    found = {s for p in told if p.section != "items" for s in riddles(p.stems)}
    said = sum(len(words(p.text)) for p in told if p.section != "items")
    return len(found) >= 4 and len(found) >= NONSENSE * said


def _recital(texts: Texts, found: Sequence[str]) -> bool:
    """Word lists told in sentences: far more words that this judge knows than belong to this puzzle."""
    every = set(found)
    stray = sum(s in KNOWN and not kin(s) & texts.vocabulary for s in every)
    return stray >= STRAY and stray >= STRAY_SHARE * len(every)


def signs(texts: Texts, told: Sequence[Clause]) -> tuple[float, ...]:
    """What shows an attempt, each 0 to 1: orders among the clauses; how near the nearest order comes to a step, and the
    two nearest; how much of the principles is explained; statements about the puzzle; learned words; length; causes.
    """
    said = [p for p in told if p.section != "items" and p.stems]
    n = max(1, len(said))
    orders = [p for p in said if p.tells or (p.section == "steps" and not p.explains)]
    near = sorted(
        max((share(w, p.kin) for p in orders), default=0.0) for w in map(texts.weights, texts.puzzle.solution.steps)
    )
    theory = [p for p in said if p.explains]
    ideas = list(map(texts.idea, texts.puzzle.physical_principles))
    about = sum(len({s for s in p.stems if kin(s) & texts.vocabulary}) >= 2 for p in theory)
    every = [s for p in said for s in p.stems]
    return (
        sum(p.tells and not p.open for p in said) / n,
        near[-1],
        sum(near[-2:]) / len(near[-2:]),
        sum(max((share(w, p.kin) for p in theory), default=0.0) for w in ideas) / len(ideas),
        about / n,
        min(1.0, 10 * len(riddles(every)) / max(10, len(every))),
        min(1.0, n / 15),
        sum(p.explains == 1 for p in said) / n,
    )


def _shows_itself(texts: Texts, told: Sequence[Clause]) -> bool:
    """Enough of it tells somebody to do what leads somewhere here, or explains. Fitted, see weights.toml."""
    bias, *weights = WEIGHTS["attempt"]
    return bias + sum(w * f for w, f in zip(weights, signs(texts, told), strict=True)) > 0


def recited(texts: Texts, told: Sequence[Clause]) -> tuple[int, ...]:
    """Where each of the reference's steps stands in its very words; -1: nowhere."""
    said = {bare(p.text).strip(" ."): p.place for p in reversed(told) if p.section in ("steps", "prose")}
    return tuple(max(said[x] for x in pieces) if pieces <= said.keys() else -1 for pieces in texts.pieces)


def _copied(texts: Texts, told: Sequence[Clause]) -> bool:
    found = recited(texts, told)
    return sum(place >= 0 for place in found) > RECITED * len(found)


def _overlap(texts: Texts, found: Sequence[str]) -> float:
    """The share of meaning words that belong to a puzzle."""
    known = texts.vocabulary
    return sum(not known.isdisjoint(kin(s)) for s in found) / max(1, len(found))


def _parroted(texts: Texts, plain: str) -> float:
    def pairs(found: Sequence[str]) -> list[tuple[str, str]]:
        return list(itertools.pairwise(found))

    given, mine = set(pairs(texts.given)), pairs(stems(plain))
    return sum(p in given for p in mine) / len(mine) if mine else 0.0
