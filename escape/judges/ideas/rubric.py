"""The offline judge: which ideas of the reference an answer mentions. No model; each yes shows the words it rests on.

It detects mentions, not whether they are right or whether a plan works. Do not rank players by it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from escape.environments.rooms.reading import plan_lines
from escape.intake import collapse_whitespace, normalized_with_origin
from escape.judges.ideas.attempt import reason_not_an_attempt, recited
from escape.judges.ideas.clauses import Clause, clauses, cleaned, foreign
from escape.judges.ideas.herrings import used
from escape.judges.ideas.own import PuzzleWords, share
from escape.judges.ideas.words import DENIES, REJECTS, stem, words
from escape.metrics import marks
from escape.puzzles import ELSEWHERE
from escape.types import Checklist, NotJudged, Puzzle, Tick, Verdict, normalized_name

VERSION = "rubric/3"
MAX_READ = 40_000  # characters of an answer that are read; the longest that the page takes
MAX_ON_LOOP = 4_000  # a longer one is read off the event loop
SHORT = 60  # words of a demand that is no plan
MAX_OTHERS = 60  # puzzles that an answer is compared with, to tell one that answers another
A_STEP, AN_IDEA = 0.9, 0.7  # what the signs of a step or a principle must come to; tests/bench/offline_judge.py
REJECTED = 0.6  # how much of a principle a clause must say to set it aside: "buoyancy has nothing to do with it"


class Reading:
    """An answer as it is read: its beginning, without runs of blanks, look-alike letters replaced."""

    def __init__(self, answer_text: str) -> None:
        self.cut = len(answer_text) > MAX_READ
        self.written = collapse_whitespace(answer_text, MAX_READ)
        self.text, self._origin = normalized_with_origin(self.written)

    def as_written(self, quote: str) -> str:
        """A quote from what was read, as it stands in the answer."""
        start = self.text.find(quote) if quote and self._origin else -1
        if start < 0:
            return quote
        return self.written[self._origin[start] : self._origin[start + len(quote) - 1] + 1]


class Rubric:
    """Judges without a model. `others` are the puzzles of the same set, to tell answers to another puzzle."""

    name = "rubric"

    def __init__(self, others: Sequence[Puzzle] = ()) -> None:
        self._others = [PuzzleWords(p) for p in (*others[:MAX_OTHERS], ELSEWHERE)]

    def _own(self, puzzle: Puzzle) -> PuzzleWords:
        return next((o for o in self._others if o.puzzle is puzzle), None) or PuzzleWords(puzzle)

    async def judge(self, puzzle: Puzzle, answer_text: str) -> Verdict:
        """The verdict, at no cost. Raises NotJudged for a text mostly in another language."""
        if len(answer_text) <= MAX_ON_LOOP:
            return self.verdict(puzzle, answer_text)
        return await asyncio.to_thread(self.verdict, puzzle, answer_text)  # others' calls go on meanwhile

    def verdict(self, puzzle: Puzzle, answer_text: str) -> Verdict:
        """The same, at once. Raises NotJudged."""
        seen = Reading(plan_lines.without(answer_text))  # moves are judged by the room, so they are removed here
        if foreign(seen.written):
            raise NotJudged(
                "the answer is mostly not in English, and the offline judge reads English only; "
                "choose an LLM judge or mark it yourself"
            )
        items = self._checklist(self._own(puzzle), seen)
        return Verdict(
            judge=self.name,
            prompt=VERSION,
            model=self.name,
            scores=marks(items, puzzle),
            checklist=items,
            feedback=_feedback(items),
            flags=(f"only its first {MAX_READ} characters were read",) if seen.cut else (),
        )

    def _checklist(self, own: PuzzleWords, seen: Reading) -> Checklist:
        plain, demanding = cleaned(seen.text)
        parts, puzzle = clauses(plain), own.puzzle
        steps = _steps(own, parts)
        why = reason_not_an_attempt(own, plain, parts, self._others)
        if demanding and 2 * sum(map(bool, steps)) < len(steps) and len(words(plain)) < SHORT:
            why = why or "it mostly addresses the judge and contains hardly any plan"

        def ticks(lines: Sequence[str], quotes_: Sequence[str], lacking: str = "not mentioned") -> tuple[Tick, ...]:
            quotes = ["" if why else seen.as_written(q) for q in quotes_]
            reasons = ["no attempt" if why else "" if q else lacking for q in quotes]
            return tuple(
                Tick(text=t, met=bool(q), quote=q, reason=r) for t, q, r in zip(lines, quotes, reasons, strict=True)
            )

        return Checklist(
            principles=ticks(
                puzzle.physical_principles, [_principle(own, p, parts) for p in puzzle.physical_principles]
            ),
            steps=ticks(puzzle.solution.steps, steps),
            herrings=ticks(puzzle.red_herrings, [used(own, h, parts) for h in puzzle.red_herrings], "not used"),
            attempted=not why,
            attempted_reason=why or "it names this puzzle's things and says what to do",
        )


def _said(own: PuzzleWords, line: str, part: Clause) -> bool:
    """The reference's own words repeated, or one of the author's cues."""
    if (
        normalized_name(line) in normalized_name(part.text)
        and (not part.negated or words(line) in DENIES)
        and not part.open
    ):
        return True
    spoken = {stem(w) for w in part.said}
    return not part.negated and not part.open and any(cue <= spoken for cue in own.cues(line))


def _steps(own: PuzzleWords, parts: Sequence[Clause]) -> list[str]:
    """For each reference step the clause that speaks most of it; "" where none does.

    The more a plan tells altogether, the fewer of a step's words must stand in one clause: people say a step in their
    own words, and those who leave one out tell less.
    """
    doing = [p for p in parts if p.section in ("steps", "prose")] or [p for p in parts if p.section != "items"]
    meant = [p for p in doing if not p.negated and not p.open]
    copied, lines = recited(own, parts), own.puzzle.solution.steps
    length = min(len(meant) / len(lines), 1.5) / 1.5
    places = []
    for line, pieces in zip(lines, own.pieces, strict=True):
        weights = own.weights(line)
        rated = [
            (
                9.0
                if _said(own, line, p)
                else share(weights, p.synonyms) * (1.0 if p.tells or p.section == "steps" else 0.7),
                -i,
            )
            for i, p in enumerate(doing)
            if p in meant or _said(own, line, p)
        ]
        near, place = max(rated, default=(0.0, 0))
        if copied:  # of a copy only what stands in it counts
            stands = [i for i, p in enumerate(doing) if normalized_name(p.text).strip(" .") in pieces]
            places.append(max(stands) if len(stands) >= len(pieces) else -1)
        else:
            places.append(-place if near > 0.15 and near + length > A_STEP else -1)
    return [doing[place].text if place >= 0 else "" for place in places]


def _principle(own: PuzzleWords, line: str, parts: Sequence[Clause]) -> str:
    """The clause that speaks most of a principle; "" where too little does: its words, what it sounds like, how much is
    explained at all, and how much of the answer is left open.
    """
    idea, phrases = own.idea(line), own.phrases(line)
    clauses_ = [p for p in parts if p.section != "items" and p.stems]
    if any(p.said in REJECTS and share(idea, p.synonyms) > REJECTED for p in clauses_):
        return ""
    explained = [p for p in clauses_ if p.explains and not p.open]
    heard = sum(any(phrase <= set(p.stems) for p in explained) for phrase in phrases)
    depth = min(sum(len(p.stems) for p in explained) / (3 * len(own.puzzle.physical_principles)), 2) / 2
    wavering = min(1.0, 2 * sum(p.open for p in clauses_) / max(3, len(clauses_)))
    rated = [
        (9.0 if _said(own, line, p) else share(idea, p.synonyms), bool(p.explains), -i)
        for i, p in enumerate(clauses_)
        if p.said not in REJECTS
    ]
    near, _, place = max(rated, default=(0.0, False, 0))
    best = next((p for p in explained if any(phrase <= set(p.stems) for phrase in phrases)), None)
    if near + min(heard, 3) / 6 + depth - wavering <= AN_IDEA or (near == 0 and best is None):
        return ""
    return clauses_[-place].text if near > 0.3 or best is None else best.text


def _feedback(items: Checklist) -> str:
    if not items.attempted:
        return f"No attempt: {items.attempted_reason}."
    missing = [t.text for t in (*items.principles, *items.steps) if not t.met]
    herrings = [t.text for t in items.herrings if t.met]
    sentence = f"Not mentioned: {'; '.join(missing)}." if missing else "Every principle and step was found."
    return sentence + (f" Red herrings used: {', '.join(herrings)}." if herrings else "")
