"""The judge without a model and without an opinion: what the room says of the moves. Marks no explanation.

Solution Path is whether the moves lead out plus the share of the way they go. Red Herring Handling is whether a move
touched one. Physical Understanding stays empty.
"""

from __future__ import annotations

from escape.metrics import room_marks
from escape.rooms import plans as attempts
from escape.types import NotJudged, Outcome, Puzzle, Verdict

NAME, VERSION = "room", "room/1"
NO_MOVES = "no moves to carry out; choose a model as the judge"


class RoomJudge:
    """Marks an answer by what came of its moves."""

    name = NAME

    async def judge(self, puzzle: Puzzle, answer_text: str) -> Verdict:
        """Return the verdict on an answer's moves. Raises NotJudged without a room or moves."""
        return self.verdict(puzzle, attempts.outcome(puzzle, answer_text))

    def verdict(self, puzzle: Puzzle, outcome: Outcome | None) -> Verdict:
        """The same, of moves that were carried out already. Raises NotJudged where none were."""
        if outcome is None:
            raise NotJudged(NO_MOVES)
        return Verdict(judge=self.name, prompt=VERSION, model=self.name, scores=room_marks(outcome, puzzle))
