"""Whether an answer is an attempt at its puzzle at all; if not, why. Words only, no marks."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from escape.judges.ideas.clauses import Clause
from escape.judges.ideas.own import PuzzleWords, share
from escape.judges.ideas.words import FUNCTION, KNOWN, REFUSES, SPEECH, stem, stems, synonyms, words
from escape.types import normalized_name

PARROTED = 0.45  # share of the text's word pairs that the player was given; real answers stay below 0.3
RECITED = 0.6  # share of the reference's steps in its very words, which no player has seen
LONG = 100  # words from which a text counts as telling something, whatever its verbs
NEAR = 0.3  # share of a reference step's words in a clause that tells somebody to act
STRAY = 20  # words of the thesaurus that belong to other rooms; over 480 labelled answers no attempt has 12
NONSENSE = 3  # learned words that mean nothing here, if every sixtieth word is one
_NONSENSE = frozenset(map(stem, SPEECH["abstract"]))


def reason_not_an_attempt(own: PuzzleWords, plain: str, parts: Sequence[Clause], others: Sequence[PuzzleWords]) -> str:
    """The reason why a text is no attempt; empty for an attempt."""
    words_, clauses = words(plain), [p for p in parts if p.stems]
    word_stems = [s for p in clauses for s in p.stems]
    theirs = [o for o in others if o.puzzle.problem_id != own.puzzle.problem_id]
    if len(words_) < 4 or not clauses:
        return "the text contains nothing that could solve the puzzle"
    if words_ in REFUSES and len(words_) < 80 and not any(p.section == "steps" for p in parts):
        return "the answer is a refusal"
    if recited(own, clauses):
        return ""
    if any(recited(o, clauses) for o in theirs):
        return "the text answers another puzzle"
    pairs, all_stems = list(itertools.pairwise(stems(plain))), set(itertools.pairwise(own.given))
    if sum(p in all_stems for p in pairs) > PARROTED * max(1, len(pairs)):
        return "the text repeats the situation"
    if _key_words(clauses, words_):
        return "the text is a list of keywords, not a plan"
    learned = {s for p in clauses if p.section != "items" for s in p.stems if s in _NONSENSE}
    if len(learned) >= NONSENSE and 60 * len(learned) >= len(words_):
        return "the text is academic-sounding nonsense, not a plan"
    if len(words_) < LONG and not _leads_somewhere(own, clauses):
        return "nothing in it tells anybody to do anything, and nothing is explained"
    if (
        stray := sum(s in KNOWN and not synonyms(s) & own.vocabulary for s in set(word_stems))
    ) >= STRAY and 4 * stray >= len(set(word_stems)):
        return "the text is generic and would fit any room"
    if len({s for s in word_stems if synonyms(s) & own.vocabulary}) < 2:
        return "the text is not about this puzzle"
    about = _about(own, word_stems)
    if theirs and max(_about(o, word_stems) for o in theirs) > 1.6 * about + 0.12:
        return "the text answers another puzzle"
    return ""


def recited(own: PuzzleWords, clauses: Sequence[Clause]) -> bool:
    """Whether most of the reference's steps stand there in its very words."""
    sentences = {normalized_name(p.text).strip(" .") for p in clauses if p.section in ("steps", "prose")}
    return sum(pieces <= sentences for pieces in own.pieces) > RECITED * len(own.pieces)


def _about(own: PuzzleWords, word_stems: Sequence[str]) -> float:
    """The share of meaning words that belong to a puzzle."""
    return sum(not own.vocabulary.isdisjoint(synonyms(s)) for s in word_stems) / max(1, len(word_stems))


def _key_words(clauses: Sequence[Clause], words_: Sequence[str]) -> bool:
    """Next to no small words, or mostly fragments without any. Terse notes in formulas look like it and are not."""
    if len(words_) < 8 or 10 * sum(p.formula for p in clauses) >= 3 * len(clauses):
        return False
    small = sum(w in FUNCTION for w in words_) / len(words_)
    pieces = [words(piece) for p in clauses for piece in re.split(r"[,;:.→]", p.text)]
    loose = sum(len(p) for p in pieces if len(p) <= 3 and not any(w in FUNCTION for w in p)) / len(words_)
    # over 325 labelled answers no plan has fewer than 0.24 small words, and no string of key words more than 0.21
    return small < 0.13 or (small < 0.22 and loose > 0.2)


def _leads_somewhere(own: PuzzleWords, clauses: Sequence[Clause]) -> bool:
    """Somebody is told to do what comes near a step, or two clauses explain something of this puzzle."""
    steps = [own.weights(s) for s in own.puzzle.solution.steps]
    orders = [p for p in clauses if (p.tells and not p.open) or p.section == "steps"]
    if any(share(w, p.synonyms) > NEAR for w in steps for p in orders):
        return True
    about = [p for p in clauses if p.explains and len({s for s in p.stems if synonyms(s) & own.vocabulary}) >= 2]
    return len(about) >= 2
