"""Teacher and student: what each may see and write, in whatever round. Each holds its own right, and nobody else's."""

from __future__ import annotations

import time
from dataclasses import dataclass

from escape.classes.data import ClassData, packed
from escape.classes.rounds import LONGEST_ENTRY, Guess, Plan, Played, Round, label
from escape.errors import EscapeError, LessonError
from escape.metrics import gate, marks
from escape.records import Run, Trial
from escape.schema import Puzzle, Verdict
from escape.store import ClassRow, Entry, MemberRow, RoundRow

DAY_S = 86_400.0
MOST_ENTRIES = 40  # of one member in one round
MOST_PUZZLES = 5  # of one member


@dataclass(frozen=True)
class Teacher:
    """Who holds the secret of a class: opens, closes and reveals rounds, and may see all once a round is revealed."""

    data: ClassData
    code: str

    def about(self) -> ClassRow:
        """The class. Raises LessonError once it is deleted."""
        row = self.data.rows.get(self.code)
        if row is None:
            raise LessonError("this class was deleted")
        return row

    def run(self, round_: Round | None = None) -> Run:
        """The run that the class is about, with its puzzles; or the one that a round was about."""
        return self.data.run(self.code, round_.plan.content if round_ else 0)

    def set_run(self, run: Run) -> None:
        """Let the class be about another run, such as one over its own puzzles."""
        if any(r.state == "open" for r in self.rounds()):
            raise LessonError("a round is open that is about the run before; close or reveal it first")
        self.data.rows.set_run(self.code, packed(run))

    def members(self) -> list[MemberRow]:
        """Everybody, in the order in which they joined."""
        return self.data.rows.members(self.code)

    def rounds(self) -> list[Round]:
        """All rounds, the newest last."""
        return [_round(r) for r in self.data.rows.rounds(self.code)]

    def start(self, plan: Plan) -> Round:
        """Open a round; what was open is closed. Raises LessonError for a plan that this class's run does not carry."""
        run = self.run()
        there = {r.trial for r in run.results if r.answer}
        if plan.kind == "mark" and (not plan.answers or set(plan.answers) - there):
            raise LessonError("choose answers to mark that this class's run has")
        rooms = {p.problem_id for p in run.puzzles if p.world}
        if plan.kind == "play" and (not plan.puzzles or set(plan.puzzles) - rooms):
            raise LessonError("choose puzzles to play that have a room")
        if plan.kind == "predict" and len(plan.players) < 2:
            raise LessonError("choose two players or more to predict about")
        plan = plan.model_copy(update={"content": self.about().content})
        return _round(self.data.rows.open_round(self.code, plan.model_dump_json(exclude_defaults=True)))

    def counts(self, round_: Round) -> tuple[int, int]:
        """How many have written something, and how many things; told at any time."""
        return self.data.rows.counts(round_.id)

    def close(self, round_: Round) -> None:
        """Nobody can change anything any more."""
        self.data.rows.set_state(round_.id, "closed")

    def reopen(self, round_: Round) -> None:
        """Let everybody go on; not once it is revealed."""
        if round_.state == "revealed":
            raise LessonError("a round that was revealed stays closed; open a new one")
        self.data.rows.set_state(round_.id, "open")

    def reveal(self, round_: Round) -> None:
        """Show what came of it, and close it with that."""
        self.data.rows.set_state(round_.id, "revealed")

    def entries(self, round_: Round) -> list[Entry]:
        """What was written. Raises LessonError before the round is revealed."""
        now = next((r for r in self.rounds() if r.id == round_.id), None)
        if now is None or now.state != "revealed":
            raise LessonError("nobody sees what was written before it is revealed")
        return self.data.rows.entries(round_.id)

    def prolong(self) -> None:
        """Let people join for another day."""
        self.data.rows.prolong(self.code, time.time() + DAY_S)

    def delete(self) -> None:
        """Forget the class and everything in it."""
        self.data.rows.delete(self.code)
        self.data.forget(self.code)


@dataclass(frozen=True)
class Student:
    """A member: sees the round that is on and only what was written by this one; writes while it is open."""

    data: ClassData
    member: MemberRow

    def round(self) -> Round | None:
        """The newest round. Raises LessonError where the class is gone."""
        row = self.data.rows.last_round(self.member.code)
        if row is None and self.data.rows.get(self.member.code) is None:
            raise LessonError("this class was deleted")
        return _round(row) if row else None

    def run(self, round_: Round | None = None) -> Run:
        """What the class, or a round, is about."""
        return self.data.run(self.member.code, round_.plan.content if round_ else 0)

    def mine(self, round_: Round) -> dict[str, str]:
        """What this one wrote, by item."""
        return self.data.rows.mine(round_.id, self.member.id)

    def mark(self, round_: Round, trial: Trial, verdict: Verdict) -> None:
        """Mark an answer, or change one's mark. What a mark may be is checked here, whatever page it comes from."""
        if round_.plan.kind != "mark" or trial not in round_.plan.answers:
            raise LessonError("this answer is not among those to mark")
        puzzle = self.run(round_).puzzle_by_id[trial.problem_id]
        checked = _checked(verdict, puzzle, f"human:{label(self.member.number)}")
        self._write(round_, trial.model_dump_json(), checked.model_dump_json(exclude_defaults=True), MOST_ENTRIES)

    def play(self, round_: Round, problem_id: str, played: Played) -> None:
        """Hand in a way through a room."""
        if round_.plan.kind != "play" or problem_id not in round_.plan.puzzles:
            raise LessonError("this room is not among those to play")
        self._write(round_, problem_id, played.model_dump_json(), MOST_ENTRIES)

    def hand_in(self, round_: Round, puzzle: Puzzle) -> None:
        """Hand in a puzzle, or a later version of it under the same id."""
        if round_.plan.kind != "write":
            raise LessonError("no puzzles are collected at this moment")
        self._write(round_, puzzle.problem_id, puzzle.model_dump_json(exclude_defaults=True), MOST_PUZZLES)

    def predict(self, round_: Round, guess: Guess) -> None:
        """Say who will win."""
        if round_.plan.kind != "predict" or guess.winner not in round_.plan.players:
            raise LessonError("choose one of the players")
        self._write(round_, "guess", guess.model_dump_json(), 1)

    def _write(self, round_: Round, item: str, body: str, most: int) -> None:
        if len(body) > LONGEST_ENTRY or len(item) > 300:
            raise LessonError(f"that is too long; {LONGEST_ENTRY} characters at most")
        if not self.data.rows.write(round_.id, self.member.id, item, body, most):
            raise LessonError(f"this round is closed, or you have handed in {most} already; wait for the next")


def _round(row: RoundRow) -> Round:
    return Round(row.id, row.number, row.state, Plan.model_validate_json(row.plan))  # type: ignore[arg-type]


def _checked(verdict: Verdict, puzzle: Puzzle, rater: str) -> Verdict:
    """A person's verdict with marks that this puzzle allows, worked out anew from a checklist."""
    items = verdict.checklist
    try:
        if items is None:
            s = verdict.scores
            scores = gate(s.pus, s.sps, s.rhh, puzzle)
        else:
            lines = [t.text for t in items.ticks]
            if lines != [*puzzle.physical_principles, *puzzle.solution.steps, *puzzle.red_herrings]:
                raise LessonError("the checklist is not that of this puzzle; load the page anew")
            scores = marks(items, puzzle)
    except EscapeError as error:
        raise LessonError(str(error)) from None
    return Verdict(judge=rater, prompt="class/1", scores=scores, checklist=items,
                   feedback=verdict.feedback[:300])  # fmt: skip
