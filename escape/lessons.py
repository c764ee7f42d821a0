"""A class at one board: who may see and write what in which round. Rules on top of the store; no page, no model.

A teacher is who has the teacher's secret, a member who has the member's word; a nickname opens nothing. Before a round
is revealed nobody is told what others wrote in it, only how many did.
"""

from __future__ import annotations

import secrets
import time
import unicodedata
from dataclasses import dataclass

from escape import runlines, stored
from escape.errors import EscapeError, LessonError
from escape.fields import whole
from escape.intake import folded
from escape.metrics import gate, marks
from escape.records import Run, Trial
from escape.rounds import LONGEST_ENTRY, Guess, Plan, Played, Round, label
from escape.schema import Puzzle, Verdict
from escape.store import Store, hashed
from escape.store.classes import Classes, ClassRow, Entry, MemberRow, RoundRow

# of a code; without those that look alike: I L O 0 1
LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # pragma: allowlist secret
CODE = 6
SYLLABLES = 7  # of a word to come back with: 80 to the 7th possibilities
DAY_S = 86_400.0
LONGEST_S = 30 * DAY_S  # how long a class is kept at most
MOST_CLASSES = 2_000  # on one server
MOST_MEMBERS = 200
MOST_ENTRIES = 40  # of one member in one round
MOST_PUZZLES = 5  # of one member
JOINS, GUESSES, OPENED = (
    240,
    30,
    20,
)  # a minute: joins of a class, wrong codes and words from one address; an hour: classes


@dataclass(frozen=True)
class Opened:
    """A new class: its code for everybody, and the teacher's secret, which is told this once."""

    code: str
    secret: str


@dataclass(frozen=True)
class Joined:
    """A new member and the word to come back with, which is told this once."""

    student: Student
    word: str


class Lessons:
    """The doors of a store's classes. Every method raises LessonError for what is not allowed."""

    def __init__(self, store: Store) -> None:
        self._rows = Classes(store)
        self._store = store
        self._runs: dict[tuple[str, int], Run] = {}  # made ready once for a class's pages

    def open(self, title: str, run: Run, visitor: str) -> Opened:
        """A new class over a run and its puzzles."""
        if not self._store.allow(f"open {visitor}", OPENED, 3600):
            raise LessonError("too many classes were opened from here within an hour; wait a little")
        packed = runlines.packed(run.model_copy(update={"cards": ()}))
        if len(packed) > 8 * 2**20:
            raise LessonError("this run is too large for a class; choose fewer puzzles or players")
        now, secret = time.time(), secrets.token_urlsafe(18)
        for _ in range(20):
            code = "".join(secrets.choice(LETTERS) for _ in range(CODE))
            row = ClassRow(code, hashed(secret), whole(title).strip()[:120], now, now + DAY_S, 1)
            if self._rows.make(row, packed, MOST_CLASSES):
                return Opened(code, secret)
        raise LessonError("there are as many classes here as this server keeps; try again later")

    def teach(self, code: str, secret: str, visitor: str) -> Teacher:
        """Come back as the teacher."""
        row = self._found(code, visitor)
        if not secrets.compare_digest(hashed(secret.strip()), row.teacher):
            raise self._refused(visitor, "that is not this class's teacher link; open the link that was shown to you")
        return Teacher(self, row.code)

    def join(self, code: str, nickname: str, visitor: str) -> Joined:
        """Become a member under a nickname of one's own."""
        row = self._found(code, visitor)
        if time.time() > row.until:
            raise LessonError("this class takes nobody any more; its teacher can prolong it")
        seen = (c for c in whole(nickname) if unicodedata.category(c) != "Cf")  # invisible signs tell nobody apart
        name = " ".join("".join(c if c.isprintable() else " " for c in seen).split())
        if not 1 <= len(name) <= 24:
            raise LessonError("write a nickname of 1 to 24 letters")
        if not self._store.allow(f"join {row.code}", JOINS):
            raise LessonError("too many are joining at this moment; try again in a minute")
        word = "".join(secrets.choice("bdfghklmnprstvwz") + secrets.choice("aeiou") for _ in range(SYLLABLES))
        alike = " ".join(folded(name).casefold().split())[:64]
        member = self._rows.join(row.code, name, alike, hashed(word), MOST_MEMBERS)
        if member is None:
            raise LessonError("that nickname is taken, or the class is full; choose another, or come back by your word")
        return Joined(Student(self, member), word)

    def back(self, code: str, word: str, visitor: str) -> Student:
        """Come back by one's word."""
        row = self._found(code, visitor)
        member = self._rows.member(row.code, hashed("".join(word.split()).casefold()))
        if member is None:
            raise self._refused(visitor, "nobody here has that word; look at it again, or join with a nickname")
        return Student(self, member)

    def _found(self, code: str, visitor: str) -> ClassRow:
        """The class behind a code, however it is written. Guessing is slow."""
        if self._store.tried(f"guess {visitor}") >= GUESSES:
            raise LessonError("too many wrong codes came from here; wait a minute")
        wanted = "".join(c for c in whole(code).upper() if c.isalnum())[:8]
        row = self._rows.get(wanted) if len(wanted) == CODE else None
        if row is None or time.time() > row.made + LONGEST_S:
            raise self._refused(visitor, "there is no class with that code; look at it again: it has six signs")
        return row

    def _refused(self, visitor: str, why: str) -> LessonError:
        self._store.allow(f"guess {visitor}", GUESSES)
        return LessonError(why)

    def run(self, code: str) -> Run:
        """A class's run, with its puzzles."""
        row = self._rows.get(code)
        if row is None:
            raise LessonError("this class was deleted")
        key = (code, row.content)
        if key not in self._runs:
            packed = self._rows.run(code)
            if packed is None:
                raise LessonError("this class was deleted")
            if len(self._runs) > 30:
                self._runs.clear()
            self._runs[key] = stored.loads(packed, "class")
        return self._runs[key]

    @property
    def rows(self) -> Classes:
        """For teacher and student, who hold their own right to them."""
        return self._rows


@dataclass(frozen=True)
class Teacher:
    """Who holds the secret of a class: opens, closes and reveals rounds, and may see all once a round is revealed."""

    lessons: Lessons
    code: str

    def about(self) -> ClassRow:
        """The class. Raises LessonError once it is deleted."""
        row = self.lessons.rows.get(self.code)
        if row is None:
            raise LessonError("this class was deleted")
        return row

    def run(self) -> Run:
        """The run that the class is about, with its puzzles."""
        return self.lessons.run(self.code)

    def set_run(self, run: Run) -> None:
        """Let the class be about another run, such as one over its own puzzles."""
        self.lessons.rows.set_run(self.code, runlines.packed(run.model_copy(update={"cards": ()})))

    def members(self) -> list[MemberRow]:
        """Everybody, in the order in which they joined."""
        return self.lessons.rows.members(self.code)

    def rounds(self) -> list[Round]:
        """All rounds, the newest last."""
        return [_round(r) for r in self.lessons.rows.rounds(self.code)]

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
        return _round(self.lessons.rows.open_round(self.code, plan.model_dump_json(exclude_defaults=True)))

    def counts(self, round_: Round) -> tuple[int, int]:
        """How many have written something, and how many things; told at any time."""
        return self.lessons.rows.counts(round_.id)

    def close(self, round_: Round) -> None:
        """Nobody can change anything any more."""
        self.lessons.rows.set_state(round_.id, "closed")

    def reopen(self, round_: Round) -> None:
        """Let everybody go on; not once it is revealed."""
        if round_.state == "revealed":
            raise LessonError("a round that was revealed stays closed; open a new one")
        self.lessons.rows.set_state(round_.id, "open")

    def reveal(self, round_: Round) -> None:
        """Show what came of it, and close it with that."""
        self.lessons.rows.set_state(round_.id, "revealed")

    def entries(self, round_: Round) -> list[Entry]:
        """What was written. Raises LessonError before the round is revealed."""
        now = next((r for r in self.rounds() if r.id == round_.id), None)
        if now is None or now.state != "revealed":
            raise LessonError("nobody sees what was written before it is revealed")
        return self.lessons.rows.entries(round_.id)

    def prolong(self) -> None:
        """Let people join for another day."""
        self.lessons.rows.prolong(self.code, time.time() + DAY_S)

    def delete(self) -> None:
        """Forget the class and everything in it."""
        self.lessons.rows.delete(self.code)


@dataclass(frozen=True)
class Student:
    """A member: sees the round that is on and only what was written by this one; writes while it is open."""

    lessons: Lessons
    member: MemberRow

    def round(self) -> Round | None:
        """The newest round. Raises LessonError where the class is gone."""
        row = self.lessons.rows.last_round(self.member.code)
        if row is None and self.lessons.rows.get(self.member.code) is None:
            raise LessonError("this class was deleted")
        return _round(row) if row else None

    def run(self) -> Run:
        """What the class is about."""
        return self.lessons.run(self.member.code)

    def mine(self, round_: Round) -> dict[str, str]:
        """What this one wrote, by item."""
        return self.lessons.rows.mine(round_.id, self.member.id)

    def mark(self, round_: Round, trial: Trial, verdict: Verdict) -> None:
        """Mark an answer, or change one's mark. What a mark may be is checked here, whatever page it comes from."""
        if round_.plan.kind != "mark" or trial not in round_.plan.answers:
            raise LessonError("this answer is not among those to mark")
        puzzle = self.run().puzzle_by_id[trial.problem_id]
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
        if not self.lessons.rows.write(round_.id, self.member.id, item, body, most):
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
