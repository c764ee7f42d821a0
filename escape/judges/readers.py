"""Answers of the demo and the recorded players as two readers marked them, blind, by the checklist. Their votes are
joined like a panel's.

Beside each line stand the words of the answer that the offline judge found for it, so that the page can point at them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache

from escape.judges.panel import Panel
from escape.metrics import marks
from escape.puzzles import every_written, marks_of_recorded
from escape.types import Checklist, NotJudged, Puzzle, Record, Tick, Verdict, Works

WHO = "two language models, blind, by the checklist"
Votes = Mapping[str, tuple[bool, bool, str]]  # line of the reference -> each reader's vote, words of the answer


class Marked(Record):
    """One answer, known by its text's hash, with what each of the two readers said of it. `setup`: the hash of what
    the player was told, limits included: with other limits another answer is right.
    """

    problem_id: str
    player: str
    sha256: str
    setup: str
    attempted: tuple[bool, bool]
    works: tuple[Works, Works]
    principles: Votes
    steps: Votes
    herrings: Votes
    invented_items: tuple[tuple[str, ...], tuple[str, ...]]
    feedback: tuple[str, str]

    def fits(self, puzzle: Puzzle) -> bool:
        """Whether the readers had this puzzle's reference before them."""
        lines = (puzzle.physical_principles, puzzle.solution.steps, puzzle.red_herrings)
        return self.setup == text_hash(puzzle.setup.model_dump_json())[:SHOWN] and lines == tuple(
            map(tuple, (self.principles, self.steps, self.herrings))
        )


SHOWN = 16  # hexadecimal digits of a setup's hash


def text_hash(text: str) -> str:
    """By which an answer's text is known again."""
    return hashlib.sha256(text.encode()).hexdigest()


@lru_cache(maxsize=1)
def kept() -> dict[tuple[str, str], Marked]:
    """Every answer that was marked, by its puzzle and its text's hash."""
    by_text = {}
    for problem_id, written in every_written():
        if written.readers:
            own = {"problem_id": problem_id, "player": written.player, "sha256": text_hash(written.answer)}
            by_text[problem_id, own["sha256"]] = Marked.model_validate(own | dict(written.readers))
    for line in marks_of_recorded():
        marked = Marked.model_validate_json(line)
        by_text[marked.problem_id, marked.sha256] = marked
    return by_text


class Reader:
    """One of the two, 0 or 1."""

    def __init__(self, which: int) -> None:
        self.name = f"reader {which + 1}"
        self._which = which

    async def judge(self, puzzle: Puzzle, answer_text: str) -> Verdict:
        """What this reader said. Raises NotJudged for any text but a demo or recorded player's own."""
        marked = kept().get((puzzle.problem_id, text_hash(answer_text)))
        if marked is None or not marked.fits(puzzle):
            raise NotJudged(
                "the readers marked only the demo and the recorded players' own answers to the bundled puzzles; choose "
                "another judge"
            )
        items = Checklist(
            principles=self._ticks(marked.principles),
            steps=self._ticks(marked.steps),
            herrings=self._ticks(marked.herrings),
            works=marked.works[self._which],
            invented_items=marked.invented_items[self._which],
            attempted=marked.attempted[self._which],
        )
        return Verdict(
            judge=self.name,
            prompt=WHO,
            scores=marks(items, puzzle),
            checklist=items,
            feedback=marked.feedback[self._which],
        )

    def _ticks(self, votes: Votes) -> tuple[Tick, ...]:
        return tuple(
            Tick(text=line, met=votes_[self._which], quote=votes_[2] if votes_[self._which] else "")
            for line, votes_ in votes.items()
        )


def readers(name: str) -> Panel:
    """Both as one judge."""
    return Panel(name, [Reader(0), Reader(1)])
