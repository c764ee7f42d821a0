"""What a student may see and write: the current round, and only their own entries."""

from dataclasses import dataclass

from escape.classes.classwork import Handed, Reviewed, assigned, gets_out, reviewed, rooms_handed_in
from escape.classes.data import ClassData, round_of
from escape.classes.rounds import (
    MAX_ENTRY_LENGTH,
    BetEntry,
    Played,
    Prediction,
    Remark,
    Review,
    Round,
    member_label,
)
from escape.metrics import marks, validated_scores
from escape.store import MemberRow
from escape.types import ClassError, EscapeError, Puzzle, Run, Trial, Verdict

MAX_ENTRIES = 40  # of one member in one round
MAX_PUZZLES = 5  # of one member


@dataclass(frozen=True)
class Student:
    """A class member, who sees the current round and their own entries, and writes while it is open."""

    data: ClassData
    member: MemberRow

    def round(self) -> Round | None:
        """Load the newest round; None while waiting or before the first.

        Raises ClassError if member or class is gone.
        """
        standing = self.data.rows.standing(self.member.id)
        if standing is None:
            gone = self.data.rows.get(self.member.code) is None
            raise ClassError(
                "this class was deleted" if gone else "your teacher has taken you out of this class"
            )
        row = self.data.rows.last_round(self.member.code) if standing == "in" else None
        return round_of(row) if row else None

    def waits(self) -> bool:
        return self.data.rows.standing(self.member.id) == "waiting"

    def run(self, class_round: Round | None = None) -> Run:
        return self.data.run(self.member.code, class_round.settings.content if class_round else 0)

    def mine(self, class_round: Round) -> dict[str, str]:
        return self.data.rows.mine(class_round.id, self.member.id)

    def mark(self, class_round: Round, trial: Trial, verdict: Verdict) -> None:
        """Mark an answer, or change a mark. The mark is validated here, whichever page it comes from."""
        if class_round.settings.kind != "mark" or trial not in class_round.settings.answers:
            raise ClassError("this answer is not one of those to mark; choose another")
        puzzle = self.run(class_round).puzzle_by_id[trial.problem_id]
        checked = _validated_marks(verdict, puzzle, f"human:{member_label(self.member.number)}")
        self._write(
            class_round, trial.model_dump_json(), checked.model_dump_json(exclude_defaults=True), MAX_ENTRIES
        )

    def play(self, class_round: Round, problem_id: str, played: Played) -> None:
        if class_round.settings.kind != "play" or problem_id not in class_round.settings.puzzles:
            raise ClassError("this room is not one of those to play; choose another")
        self._write(class_round, problem_id, played.model_dump_json(), MAX_ENTRIES)

    def call(self, class_round: Round, number: int, bet: BetEntry) -> None:
        """Bet on a plan, by its place in the round from 0."""
        if class_round.settings.kind != "bet" or not 0 <= number < len(class_round.settings.bets):
            raise ClassError("this plan is not one of those to bet on; choose another")
        self._write(class_round, str(number), bet.model_dump_json(), MAX_ENTRIES)

    def remark(self, class_round: Round, trial: Trial, remark: Remark) -> None:
        if class_round.settings.kind != "note" or trial not in class_round.settings.answers:
            raise ClassError("this answer is not one of those to read; choose another")
        self._write(class_round, trial.model_dump_json(), remark.model_dump_json(), MAX_ENTRIES)

    def to_review(self, class_round: Round) -> dict[str, Puzzle]:
        """List the classmates' rooms that this student reviews, by keys that hide their authors."""
        return {room.key: room.puzzle for room in self._assigned(class_round)}

    def _rooms(self, class_round: Round) -> list[Handed]:
        row = self.data.rows.get(self.member.code)
        return rooms_handed_in(
            row.teacher if row else "", self.data.rows.entries(class_round.settings.written)
        )

    def _assigned(self, class_round: Round) -> list[Handed]:
        return (
            assigned(self._rooms(class_round), self.member.number)
            if class_round.settings.kind == "review"
            else []
        )

    def review(self, class_round: Round, key: str, review: Review) -> None:
        room = next((r for r in self._assigned(class_round) if r.key == key), None)
        if room is None:
            raise ClassError("this room is not one of those to review; choose another")
        from_room = {"room": room.room_id, "out": gets_out(room.puzzle, review)}
        self._write(class_round, key, review.model_copy(update=from_room).model_dump_json(), MAX_ENTRIES)

    def reviews_of_mine(self, class_round: Round) -> list[Reviewed]:
        """Collect the reviews of this student's rooms. Raises ClassError before the round is revealed."""
        now = self.round()
        if now is None or now.id != class_round.id or now.state != "revealed":
            raise ClassError("nobody sees the reviews before they are revealed")
        own_rooms = [room for room in self._rooms(class_round) if room.member == self.member.number]
        return reviewed(own_rooms, self.data.rows.entries(class_round.id))

    def hand_in(self, class_round: Round, puzzle: Puzzle) -> None:
        """Hand in a puzzle, or a later version of it under the same id."""
        if class_round.settings.kind != "write":
            raise ClassError(
                "puzzles are not being collected right now; wait for your teacher to open a round"
            )
        self._write(
            class_round, puzzle.problem_id, puzzle.model_dump_json(exclude_defaults=True), MAX_PUZZLES
        )

    def predict(self, class_round: Round, guess: Prediction) -> None:
        if class_round.settings.kind != "predict" or guess.winner not in class_round.settings.players:
            raise ClassError("choose one of the players")
        self._write(class_round, "guess", guess.model_dump_json(), 1)

    def _write(self, class_round: Round, item: str, body: str, most: int) -> None:
        if len(body) > MAX_ENTRY_LENGTH or len(item) > 300:
            raise ClassError(f"that is too long; {MAX_ENTRY_LENGTH} characters at most")
        if not self.data.rows.write(class_round.id, self.member.id, item, body, most):
            raise ClassError(
                f"this round is closed, or you have already handed in {most}; wait for the next one"
            )


def _validated_marks(verdict: Verdict, puzzle: Puzzle, rater: str) -> Verdict:
    """Validate a person's marks, or compute them from the checklist. Raises ClassError."""
    items = verdict.checklist
    try:
        if items is None:
            s = verdict.scores
            scores = validated_scores(s.pus, s.sps, s.rhh, puzzle)
        else:
            lines = [t.text for t in items.ticks]
            if lines != [*puzzle.physical_principles, *puzzle.solution.steps, *puzzle.red_herrings]:
                raise ClassError("the checklist does not belong to this puzzle; reload the page")
            scores = marks(items, puzzle)
    except EscapeError as error:
        raise ClassError(str(error)) from None
    return Verdict(judge=rater, prompt="class/1", scores=scores, checklist=items,
                   feedback=verdict.feedback[:300])  # fmt: skip
