"""Two readers' marks, blind and by the checklist, of answers by the demo and recorded players.

Each item has words of the answer that concern it, found by code, so that the page can highlight them.
"""

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from statistics import fmean

from escape.metrics import FEASIBILITY, marks
from escape.puzzles import every_written, marks_of_recorded
from escape.types import Checklist, NotJudged, Puzzle, Record, Tick, Verdict, Works

WHO = "two language models, blind, by the checklist"
# line of the reference -> each reader's vote, words of the answer
Votes = Mapping[str, tuple[bool, bool, str]]


class StoredMarks(Record):
    """Two readers' marks of one answer. `setup`: the hash of the puzzle's setup, limits included."""

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
        """Check whether the readers had this puzzle's setup and reference before them."""
        lines = (puzzle.physical_principles, puzzle.solution.steps, puzzle.red_herrings)
        return self.setup == text_hash(puzzle.setup.model_dump_json())[:HASH_DIGITS] and lines == tuple(
            map(tuple, (self.principles, self.steps, self.herrings))
        )


HASH_DIGITS = 16  # hexadecimal, kept of a SHA-256


def text_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@lru_cache(maxsize=1)
def stored_marks() -> dict[tuple[str, str], StoredMarks]:
    by_text = {}
    for problem_id, written in every_written():
        if written.readers:
            sha256 = text_hash(written.answer)
            identity = {"problem_id": problem_id, "player": written.player, "sha256": sha256}
            by_text[problem_id, sha256] = StoredMarks.model_validate(identity | dict(written.readers))
    for line in marks_of_recorded():
        marked = StoredMarks.model_validate_json(line)
        by_text[marked.problem_id, marked.sha256] = marked
    return by_text


class Annotators:
    """The two readers as one judge.

    An item's value is its share of yes. `works` is the lower of the two readers' words on whether the plan
    works; `feasibility` is their mean.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    async def judge(self, puzzle: Puzzle, answer_text: str) -> Verdict:
        return self.verdict(puzzle, answer_text)

    def verdict(self, puzzle: Puzzle, answer_text: str) -> Verdict:
        """Look up the joint verdict. Raises NotJudged for any text but a demo or recorded player's own."""
        marked = stored_marks().get((puzzle.problem_id, text_hash(answer_text)))
        if marked is None or not marked.fits(puzzle):
            raise NotJudged(
                "the readers marked only the demo and the recorded players' own answers to the bundled "
                "puzzles; choose another judge"
            )
        joint = _joint(marked)
        feedback = [f"reader {n}: {text}" for n, text in enumerate(marked.feedback, 1) if text]
        return Verdict(
            judge=self.name,
            prompt=WHO,
            scores=marks(joint, puzzle),
            checklist=joint,
            feedback="\n\n".join(feedback),
        )


_ORDER: tuple[Works, ...] = ("no", "partly", "yes")


def _joint(marked: StoredMarks) -> Checklist:
    words = sorted((w for w in marked.works if w != "undecided"), key=_ORDER.index)
    return Checklist(
        principles=_ticks(marked.principles),
        steps=_ticks(marked.steps),
        herrings=_ticks(marked.herrings),
        works=words[0] if words else "undecided",
        feasibility=fmean(FEASIBILITY[w] for w in words) if words else None,
        invented_items=tuple(dict.fromkeys(item for items in marked.invented_items for item in items)),
        attempted=any(marked.attempted),
    )


def _ticks(votes: Votes) -> tuple[Tick, ...]:
    return tuple(
        Tick(
            text=line,
            met=first or second,
            reason="" if first == second else "1 of 2 says yes.",
            quote=words if first or second else "",
            share=(first + second) / 2,
        )
        for line, (first, second, words) in votes.items()
    )
