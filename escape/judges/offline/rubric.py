"""The offline judge: decides each checklist item by words, stems, a thesaurus and the puzzle's own cues.

Deterministic, explains every tick by the words that caused it, and is honest about being simple: it cannot tell
whether a plan would work, so players should not be ranked by its Solution Path.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from escape.errors import NotJudged
from escape.intake import folded_with_origin, squeezed
from escape.judges.offline import matching
from escape.judges.offline.attempt import attempted, recited
from escape.judges.offline.clauses import clauses, foreign
from escape.judges.offline.demands import cleaned
from escape.judges.offline.herrings import used
from escape.judges.offline.texts import Texts
from escape.judges.offline.tokens import words
from escape.metrics import marks
from escape.puzzles import ELSEWHERE
from escape.rooms import moves
from escape.schema import Checklist, Puzzle, Tick, Verdict

VERSION = "rubric/2"
LONGEST_READ = 40_000  # characters of an answer that are read; the longest that the page takes
HARDLY, SHORT = 0.5, 60  # a demand with fewer than half the steps in fewer words than this is no attempt
MOST_OTHERS = 60  # puzzles that an answer is compared with, to tell one that answers another
LONGEST_AT_ONCE = 4_000  # a longer one is judged off the event loop


class Reading:
    """An answer as the judge reads it: its beginning, without runs of blanks, disguised letters as what they look like.

    `written`: as it stands; `text`: as it is read; `cut`: there is more of it than is read.
    """

    def __init__(self, answer_text: str) -> None:
        self.cut = len(answer_text) > LONGEST_READ
        self.written = squeezed(answer_text, LONGEST_READ)
        self.text, self._origin = folded_with_origin(self.written)

    def as_written(self, quote: str) -> str:
        """A quote from what was read, as it stands in the answer."""
        start = self.text.find(quote) if quote and self._origin else -1
        if start < 0:
            return quote
        return self.written[self._origin[start] : self._origin[start + len(quote) - 1] + 1]


_TEXTS: dict[int, Texts] = {}  # made ready once for all judges, by the puzzle's identity


class Rubric:
    """Judges without a model. `others` are the puzzles of the same set, to tell answers to another puzzle."""

    name = "rubric"

    def __init__(self, others: Sequence[Puzzle] = ()) -> None:
        self._others = (*others[:MOST_OTHERS], ELSEWHERE)

    def _known(self, puzzle: Puzzle) -> Texts:
        made = _TEXTS.get(id(puzzle))
        if made is None or made.puzzle is not puzzle:
            if len(_TEXTS) > 2 * MOST_OTHERS:  # a large set is gone through puzzle by puzzle
                _TEXTS.clear()
            made = _TEXTS[id(puzzle)] = Texts(puzzle)
        return made

    async def judge(self, puzzle: Puzzle, answer_text: str) -> Verdict:
        """The verdict, at no cost. Raises NotJudged for a text mostly in another language."""
        if len(answer_text) <= LONGEST_AT_ONCE:
            return self.verdict(puzzle, answer_text)
        return await asyncio.to_thread(self.verdict, puzzle, answer_text)  # others' calls go on meanwhile

    def verdict(self, puzzle: Puzzle, answer_text: str) -> Verdict:
        """The same, at once. Raises NotJudged."""
        seen = Reading(moves.without(answer_text))  # the moves speak to the room, which knows what they do
        if foreign(seen.written):
            raise NotJudged(
                "the answer is mostly not in English, and the offline judge reads English only; "
                "choose an LLM judge or mark it yourself"
            )
        checklist = self.checklist(puzzle, seen)
        flags = (f"only its first {LONGEST_READ} characters were read",) if seen.cut else ()
        return Verdict(
            judge=self.name,
            prompt=VERSION,
            model=self.name,
            scores=marks(checklist, puzzle),
            checklist=checklist,
            feedback=_feedback(checklist),
            flags=flags,
        )

    def checklist(self, puzzle: Puzzle, seen: Reading) -> Checklist:
        """The checklist as far as words tell."""
        texts = self._known(puzzle)
        plain, demanding = cleaned(seen.text)
        parts = clauses(plain)
        why_not = attempted(texts, plain, parts, [self._known(o) for o in self._others])
        if why_not:
            return _no_attempt(puzzle, why_not)
        how = matching.manner(texts, parts)
        told = matching.steps(texts, parts, how)
        places = recited(texts, parts)
        quotes = [parts[place].text for place in places]
        if 2 * sum(p >= 0 for p in places) < len(places):  # of a copy only what stands in it counts
            places, quotes = matching.places("steps", told), [s.quote for s in told]
        kept = matching.in_order(places)
        steps = [(text, quotes[i] if i in kept else "") for i, text in enumerate(puzzle.solution.steps)]
        share = len(kept) / len(told)
        if demanding and share < HARDLY and len(words(plain)) < SHORT:
            return _no_attempt(puzzle, "it makes demands on its judge and hardly a plan")
        found = matching.principles(texts, parts, how, share)
        shown = zip(puzzle.physical_principles, found, matching.places("principles", found), strict=True)
        principles = [(text, s.quote if place >= 0 else "") for text, s, place in shown]
        herrings = [(h, used(texts, h, parts)) for h in puzzle.red_herrings]
        return Checklist(
            principles=tuple(_tick(text, seen.as_written(quote)) for text, quote in principles),
            steps=tuple(_tick(text, seen.as_written(quote)) for text, quote in steps),
            herrings=tuple(_tick(text, seen.as_written(quote), "not put to use") for text, quote in herrings),
            attempted_reason="it speaks of this puzzle's things and says what to do",
        )


def _no_attempt(puzzle: Puzzle, why: str) -> Checklist:
    return Checklist(
        principles=_none(puzzle.physical_principles),
        steps=_none(puzzle.solution.steps),
        herrings=_none(puzzle.red_herrings),
        attempted=False,
        attempted_reason=why,
    )


def _tick(text: str, quote: str, lacking: str = "no words for it found") -> Tick:
    return Tick(text=text, met=bool(quote), quote=quote, reason="" if quote else lacking)


def _none(texts: Sequence[str]) -> tuple[Tick, ...]:
    return tuple(Tick(text=t, met=False, reason="no attempt") for t in texts)


def _feedback(checklist: Checklist) -> str:
    if not checklist.attempted:
        return f"No attempt: {checklist.attempted_reason}."
    missing = [t.text for t in (*checklist.principles, *checklist.steps) if not t.met]
    herrings = [t.text for t in checklist.herrings if t.met]
    parts = [f"No words found for: {'; '.join(missing)}." if missing else "Every principle and step was found."]
    if herrings:
        parts.append(f"Red herrings used: {', '.join(herrings)}.")
    return " ".join(parts)
